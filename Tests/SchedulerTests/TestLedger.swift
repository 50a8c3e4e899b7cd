import Domain
import Scheduler

/// The ledger of slots in memory, with the rules of the real one: what a planner's actions do to it,
/// and what it tells a planner at the start. What must never happen is noted in `violations`.
struct TestLedger {
  struct Row: Equatable {
    var state: RunState
    var trigger: Trigger
    var reason: String?
    var attempts = 0
    var group: String?
  }

  enum Claim: Equatable {
    case claimed
    case refused(StartObstacle)
  }

  private(set) var rows: [Slot: Row] = [:]
  private var running: Set<Slot> = []
  private(set) var marks: [JobName: JobMark] = [:]
  private(set) var violations: [String] = []
  /// What was done, in order.
  private(set) var log: [String] = []

  mutating func violate(_ text: String) { violations.append(text) }

  /// What a claim of the firing gives.
  mutating func claim(_ firing: Firing, now: Instant) -> Claim {
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
    rows[slot]?.group = firing.policy.group
    if firing.trigger != .manual { advance(slot) }
    return .claimed
  }

  mutating func record(_ slot: Slot, _ trigger: Trigger, _ state: RunState, _ reason: String) {
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

  /// Ends a running row; the followers that fall due, as the ledger finds them.
  mutating func finish(_ slot: Slot, _ state: RunState, followers: [Follower]) -> [Slot] {
    guard rows[slot]?.state == .running else {
      violate("\(slot) ended without running")
      return []
    }
    write(slot, state, rows[slot]?.trigger ?? .manual, nil)
    guard state == .succeeded else { return [] }
    return followers.compactMap { follower in
      let child = Slot(job: follower.job, time: slot.time)
      guard rows[child] == nil,
        follower.parents.allSatisfy({ rows[Slot(job: $0, time: slot.time)]?.state == .succeeded })
      else { return nil }
      write(child, .deferred, .after, "due")
      return child
    }
  }

  mutating func save(_ mark: JobMark) {
    var mark = mark
    if let old = marks[mark.job] {
      mark.slot = [mark.slot, old.slot].compactMap { $0 }.max()
    }
    marks[mark.job] = mark
  }

  /// A run by hand, by another process.
  mutating func startManual(_ slot: Slot, group: String?) {
    guard !running.contains(where: { $0.job == slot.job }),
      group == nil || !running.contains(where: { rows[$0]?.group == group })
    else { return }
    write(slot, .running, .manual, nil)
    rows[slot]?.group = group
  }

  mutating func endManual(_ slot: Slot) {
    if rows[slot]?.state == .running { write(slot, .succeeded, .manual, nil) }
  }

  /// All processes die: what ran is owed.
  mutating func crash() {
    for slot in running.sorted() {
      guard let row = rows[slot] else { continue }
      write(slot, .interrupted, row.trigger, "its process ended")
    }
  }

  var debts: [Debt] {
    rows.filter { $0.value.state.isDebt }.map { slot, row in
      Debt(
        slot: slot, trigger: row.trigger, state: row.state, reason: row.reason,
        attempts: row.attempts, crashes: row.attempts)
    }.sorted { $0.slot < $1.slot }
  }

  /// A planner as a process makes it at its start.
  func planner(for schedule: Schedule, workers: Int, now: Instant) -> Planner {
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
    log.append("\(slot) \(state) \(trigger)" + (reason.map { ": \($0)" } ?? ""))
  }

  private mutating func advance(_ slot: Slot) {
    var mark = marks[slot.job] ?? JobMark(job: slot.job, since: slot.time, timing: "")
    mark.slot = max(mark.slot ?? slot.time, slot.time)
    marks[slot.job] = mark
  }
}
