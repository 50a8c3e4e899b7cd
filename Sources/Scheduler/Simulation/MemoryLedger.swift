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
    /// Attempts during which the process ended.
    public var crashes = 0
    /// When it was last claimed, on the clock of then; nil when no attempt was made.
    public var started: Instant?
    /// When its last attempt ended.
    public var ended: Instant?
    /// When the clock was set back before the slot had come, though it had been tried.
    public var ahead: Instant?
    /// The group that it was last claimed under.
    var group: String?
    /// Whether the mark was set back to before the slot, so that it may fall due once more and is
    /// passed.
    var isPassed = false
  }

  /// The answer to a claim.
  public enum Claim: Hashable, Sendable {
    /// The slot is running now.
    case claimed
    /// It is not to be had.
    case refused(StartObstacle)
  }

  /// What became of each slot that fell due.
  public internal(set) var rows: [Slot: Row] = [:]
  /// The mark of each job.
  public internal(set) var marks: [JobName: JobMark] = [:]
  /// What was asked for that must never be: empty, or a defect of the planner.
  public private(set) var violations: [String] = []
  /// What was done, in order, if `keepsLog`.
  public private(set) var log: [String] = []
  private let keepsLog: Bool
  private var running: Set<Slot> = []
  /// The newest slot of each job whose row was pruned.
  var floors: [JobName: Instant] = [:]
  /// When the pauses by hand began.
  var pausedSince: [JobName: Instant] = [:]

  /// An empty ledger.
  ///
  /// - Parameter keepsLog: whether every change is written down too.
  public init(keepsLog: Bool = false) { self.keepsLog = keepsLog }

  private mutating func violate(_ text: String) { violations.append(text) }

  /// What a claim of the firing gives.
  ///
  /// - Parameter force: whether a run that has ended is tried once more.
  public mutating func claim(_ firing: Firing, force: Bool = false, now: Instant) -> Claim {
    let slot = firing.slot
    let row = rows[slot]
    let isManual = firing.trigger == .manual
    if let row, row.state == .running {
      if !isManual { violate("\(slot) started while it runs") }
      return .refused(.otherRun)
    }
    if let row, row.state.isFinal, !force {
      if !isManual, !row.isPassed { violate("\(slot) started after it ended \(row.state)") }
      advance(slot, firing.trigger, now)
      return .refused(.settled(row.state))
    }
    if row?.state.isDebt != true, slot.time.isFromTheFuture(at: now) { return .refused(.early) }
    if let latest = firing.latestStart, now > latest {
      violate("\(slot) started at \(now), later than \(latest)")
    }
    if running.contains(where: { $0.job == slot.job }) { return .refused(.otherRun) }
    if let group = firing.policy.group, running.contains(where: { rows[$0]?.group == group }) {
      return .refused(.groupBusy)
    }
    if !isManual, row == nil, let mark = marks[slot.job]?.slot, slot.time <= mark {
      violate("\(slot) fired anew at or below the mark \(mark)")
    }
    if let row, !force,
      row.crashes >= max(firing.policy.retry.max, RetryPolicy.minimumCrashAttempts)
    {
      end(
        slot, .failed, "the process ended during each of \(row.crashes) attempts", firing.trigger,
        now)
      return .refused(.settled(.failed))
    }
    write(slot, .running, row?.trigger ?? firing.trigger, nil)
    rows[slot]?.attempts += 1
    rows[slot]?.started = now
    rows[slot]?.ahead = nil
    rows[slot]?.group = firing.policy.group
    advance(slot, firing.trigger, now)
    return .claimed
  }

  /// Records the state of a slot that is not run.
  ///
  /// - Returns: whether it was recorded: what has ended, or runs, is left as it is.
  @discardableResult
  public mutating func record(
    _ slot: Slot, _ trigger: Trigger, _ state: RunState, _ reason: RunReason, now: Instant
  ) -> Bool {
    if let row = rows[slot] {
      if state == .deferred {
        advance(slot, trigger, now)
        return false  // owed already, or ended
      }
      if !row.state.isDebt {
        if !row.isPassed { violate("\(slot) recorded \(state) though it is \(row.state)") }
        advance(slot, trigger, now)
        return false
      }
    } else if let mark = marks[slot.job]?.slot, slot.time <= mark, trigger != .after {
      violate("\(slot) recorded \(state) at or below the mark \(mark)")
    }
    end(slot, state, reason.words, trigger, now)
    return true
  }

  private mutating func end(
    _ slot: Slot, _ state: RunState, _ reason: String, _ trigger: Trigger, _ now: Instant
  ) {
    write(slot, state, rows[slot]?.trigger ?? trigger, reason)
    advance(slot, trigger, now)
  }

  /// Ends a running row.
  ///
  /// - Returns: the followers that fall due by it, now recorded as `deferred`.
  public mutating func finish(
    _ slot: Slot, _ state: RunState, reason: String? = nil, followers: [Follower], now: Instant
  ) -> [Slot] {
    guard let row = rows[slot], row.state == .running else {
      violate("\(slot) ended without running")
      return []
    }
    write(slot, state, row.trigger, reason)
    rows[slot]?.ended = now
    if slot.time.isFromTheFuture(at: now) {
      rows[slot]?.ahead = now
      return []
    }
    guard state == .succeeded else { return [] }
    succeed(slot, now)
    return followers.compactMap { follower in
      let child = Slot(job: follower.job, time: slot.time)
      guard rows[child] == nil,
        follower.parents.allSatisfy({ rows[Slot(job: $0, time: slot.time)]?.state == .succeeded })
      else { return nil }
      write(
        child, .deferred, row.trigger == .manual ? .manual : .after, "due after \(slot.job)")
      return child
    }
  }

  /// Saves what the planner changed of a mark; the slot only moves forward, and the last success is
  /// the ledger's own.
  public mutating func save(_ mark: JobMark, now: Instant) {
    var mark = mark
    if marks[mark.job]?.pausedUntil != mark.pausedUntil {
      pausedSince[mark.job] = mark.pausedUntil.map { _ in now }
    }
    if let old = marks[mark.job] {
      mark.slot = [mark.slot, old.slot].compactMap { $0 }.max()
      mark.lastSuccess = old.lastSuccess
    }
    marks[mark.job] = mark
  }

  /// All processes die: what ran is owed.
  public mutating func reap() {
    for slot in running.sorted() {
      guard let row = rows[slot] else { continue }
      rows[slot]?.crashes += 1
      write(slot, .interrupted, row.trigger, "its process ended")
    }
  }

  /// The slots that are owed another attempt, in slot order.
  public var debts: [Debt] {
    rows.filter { $0.value.state.isDebt }.map { slot, row in
      Debt(
        slot: slot, trigger: row.trigger, state: row.state, reason: row.reason,
        attempts: row.attempts, crashes: row.crashes)
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

  mutating func write(
    _ slot: Slot, _ state: RunState, _ trigger: Trigger, _ reason: String?
  ) {
    rows[slot, default: Row(state: state, trigger: trigger)].state = state
    rows[slot]?.reason = reason
    if state == .running { running.insert(slot) } else { running.remove(slot) }
    guard keepsLog else { return }
    log.append("\(slot) \(state) \(trigger)" + (reason.map { ": \($0)" } ?? ""))
  }

  private mutating func advance(_ slot: Slot, _ trigger: Trigger, _ now: Instant) {
    guard trigger != .manual, !slot.time.isFromTheFuture(at: now) else { return }
    var mark = marks[slot.job] ?? JobMark(job: slot.job, since: slot.time, timing: "")
    mark.slot = max(mark.slot ?? slot.time, slot.time)
    marks[slot.job] = mark
  }

  private mutating func succeed(_ slot: Slot, _ now: Instant) {
    var mark = marks[slot.job] ?? JobMark(job: slot.job, since: now, timing: "")
    if let last = mark.lastSuccess, (last.slot, last.ended) >= (slot.time, now) { return }
    mark.lastSuccess = (slot.time, now)
    marks[slot.job] = mark
  }
}
