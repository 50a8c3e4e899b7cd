public import Domain

/// The ledger of slots in memory, with the rules of the real one: what a planner's actions do to it,
/// and what it tells a planner at the start. Simulations and tests keep it instead of a database.
///
/// What a planner must never ask for is noted in `violations`.
public struct MemoryLedger: Sendable {
  /// What became of a slot.
  public struct Row: Hashable, Sendable {
    /// Where it stands.
    public var state: RunState
    /// What first made it due.
    public var trigger: Trigger
    /// Why it is in this state, when the state alone does not say so.
    public var reason: String?
    /// Attempts made.
    public var attempts = 0
    /// When it was last claimed, on the clock of then; nil when no attempt was made.
    public var started: Instant?
    /// The group that it was last claimed under.
    var group: String?
  }

  /// The answer to a claim.
  public enum Claim: Hashable, Sendable {
    /// The slot is running now.
    case claimed
    /// It is not to be had.
    case refused(StartObstacle)
  }

  /// What became of each slot that fell due.
  public private(set) var rows: [Slot: Row] = [:]
  /// The mark of each job.
  public private(set) var marks: [JobName: JobMark] = [:]
  /// What was asked for that must never be: empty, or a defect of the planner.
  public private(set) var violations: [String] = []
  /// What was done, in order, if `keepsLog`.
  public private(set) var log: [String] = []
  private let keepsLog: Bool
  private var running: Set<Slot> = []

  /// An empty ledger.
  ///
  /// - Parameter keepsLog: whether every change is written down too.
  public init(keepsLog: Bool = false) { self.keepsLog = keepsLog }

  private mutating func violate(_ text: String) { violations.append(text) }

  /// What a claim of the firing gives.
  public mutating func claim(_ firing: Firing, now: Instant) -> Claim {
    let slot = firing.slot
    let row = rows[slot]
    if row?.state == .running { violate("\(slot) started while it runs") }
    if let row, row.state.isFinal {
      violate("\(slot) started after it ended \(row.state)")
      return .refused(.settled(row.state))
    }
    if let latest = firing.latestStart, now > latest {
      violate("\(slot) started at \(now), later than \(latest)")
    }
    if running.contains(where: { $0.job == slot.job }) { return .refused(.otherRun) }
    if let group = firing.policy.group, running.contains(where: { rows[$0]?.group == group }) {
      return .refused(.groupBusy)
    }
    if row == nil, let mark = marks[slot.job]?.slot, slot.time <= mark {
      violate("\(slot) fired anew at or below the mark \(mark)")
    }
    if let row, row.attempts >= 6 {
      write(slot, .failed, firing.trigger, "crashed too often")
      return .refused(.settled(.failed))
    }
    write(slot, .running, row?.trigger ?? firing.trigger, nil)
    rows[slot]?.attempts += 1
    rows[slot]?.started = now
    rows[slot]?.group = firing.policy.group
    if firing.trigger != .manual { advance(slot) }
    return .claimed
  }

  /// Records the state of a slot that is not run.
  public mutating func record(
    _ slot: Slot, _ trigger: Trigger, _ state: RunState, _ reason: String
  ) {
    if let row = rows[slot] {
      if state == .deferred { return }  // owed already, or ended
      if row.state.isFinal { violate("\(slot) recorded \(state) after it ended \(row.state)") }
      if row.state == .running { violate("\(slot) recorded \(state) while it runs") }
    } else if let mark = marks[slot.job]?.slot, slot.time <= mark, trigger != .after {
      violate("\(slot) recorded \(state) at or below the mark \(mark)")
    }
    write(slot, state, rows[slot]?.trigger ?? trigger, reason)
    if trigger != .manual { advance(slot) }
  }

  /// Ends a running row.
  ///
  /// - Returns: the followers that fall due by it, now recorded as `deferred`.
  public mutating func finish(
    _ slot: Slot, _ state: RunState, reason: String? = nil, followers: [Follower], now: Instant
  ) -> [Slot] {
    guard rows[slot]?.state == .running else {
      violate("\(slot) ended without running")
      return []
    }
    write(slot, state, rows[slot]?.trigger ?? .manual, reason)
    guard state == .succeeded else { return [] }
    succeed(slot, now)
    return followers.compactMap { follower in
      let child = Slot(job: follower.job, time: slot.time)
      guard rows[child] == nil,
        follower.parents.allSatisfy({ rows[Slot(job: $0, time: slot.time)]?.state == .succeeded })
      else { return nil }
      write(child, .deferred, .after, "due after \(slot.job)")
      return child
    }
  }

  /// Saves what the planner changed of a mark; the slot only moves forward, and the last success is
  /// the ledger's own.
  public mutating func save(_ mark: JobMark) {
    var mark = mark
    if let old = marks[mark.job] {
      mark.slot = [mark.slot, old.slot].compactMap { $0 }.max()
      mark.lastSuccess = old.lastSuccess
    }
    marks[mark.job] = mark
  }

  /// A run by hand, by another process.
  public mutating func startManual(_ slot: Slot, group: String?) {
    guard !running.contains(where: { $0.job == slot.job }),
      group == nil || !running.contains(where: { rows[$0]?.group == group })
    else { return }
    write(slot, .running, .manual, nil)
    rows[slot]?.group = group
  }

  /// The end of a run by hand.
  public mutating func endManual(_ slot: Slot) {
    if rows[slot]?.state == .running { write(slot, .succeeded, .manual, nil) }
  }

  /// All processes die: what ran is owed.
  public mutating func crash() {
    for slot in running.sorted() {
      guard let row = rows[slot] else { continue }
      write(slot, .interrupted, row.trigger, "its process ended")
    }
  }

  /// The slots that are owed another attempt, in slot order.
  public var debts: [Debt] {
    rows.filter { $0.value.state.isDebt }.map { slot, row in
      Debt(
        slot: slot, trigger: row.trigger, state: row.state, reason: row.reason,
        attempts: row.attempts, crashes: row.attempts)
    }.sorted { $0.slot < $1.slot }
  }

  /// A planner as a process makes it at its start.
  public func planner(for schedule: Schedule, workers: Int, now: Instant) -> Planner {
    let debts = debts
    var ended: [Slot: RunState] = [:]
    for slot in Planner.parents(of: debts, in: schedule) { ended[slot] = rows[slot]?.state }
    return Planner(
      schedule: schedule, marks: marks.values.sorted { $0.job < $1.job }, debts: debts,
      ended: ended, workers: workers, now: now)
  }

  private mutating func write(
    _ slot: Slot, _ state: RunState, _ trigger: Trigger, _ reason: String?
  ) {
    rows[slot, default: Row(state: state, trigger: trigger)].state = state
    rows[slot]?.reason = reason
    if state == .running { running.insert(slot) } else { running.remove(slot) }
    guard keepsLog else { return }
    log.append("\(slot) \(state) \(trigger)" + (reason.map { ": \($0)" } ?? ""))
  }

  private mutating func advance(_ slot: Slot) {
    var mark = marks[slot.job] ?? JobMark(job: slot.job, since: slot.time, timing: "")
    mark.slot = max(mark.slot ?? slot.time, slot.time)
    marks[slot.job] = mark
  }
  private mutating func succeed(_ slot: Slot, _ now: Instant) {
    var mark = marks[slot.job] ?? JobMark(job: slot.job, since: slot.time, timing: "")
    if let last = mark.lastSuccess, last.slot > slot.time { return }
    mark.lastSuccess = (slot.time, now)
    marks[slot.job] = mark
  }
}
