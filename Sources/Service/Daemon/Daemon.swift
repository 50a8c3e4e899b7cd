public import Domain
public import Jobs
public import Logging
public import Scheduler
public import Store
public import StrictYAML

/// The one place where scheduler and ledger meet: performs what the planner decides, and tells it
/// what happened.
///
/// A value driven from outside by `turn` and `finished`: the service's loop drives it with the
/// clocks of the machine, a rehearsal with simulated ones. It is for one thread, which it may block.
public struct Daemon {
  /// What the daemon follows now.
  public var schedule: Schedule { planner.schedule }
  var planner: Planner
  private var jobs: [JobName: any Job]
  var clock: ClockWatch
  var doubt: ClockDoubt
  private let catalog: any JobMaker
  /// Never waits for long, so that no writer holds the loop up.
  let store: Store
  let runner: Runner
  let conditions: Conditions
  let log: Logger
  /// What the ledger has not been told yet.
  var outbox = LedgerOutbox()
  /// Whether the wall clock was set back or is taken for right, and what is from the future is still to
  /// be taken back: all of it, or what no proof of the clock is asked for.
  var owesSetBack = false
  var owesTrustedSetBack = false
  /// The uptime of the present turn.
  var uptime: TimeSpan
  /// When the ledger may be asked again, should it refuse.
  var retry = LedgerRetry()

  /// Slots that have ended, and that a person asked to be run again.
  var retried: Set<Slot> = []

  /// What a halt demands of accounts, and who was sent to do it.
  var errands = HaltErrands()

  /// Debts that a person cancelled before the process that ran them died.
  var cancelledDebts: [Slot: RunReason]

  /// Starts: turns the runs of dead processes into debts, reads marks and debts, and plans.
  ///
  /// Startup is recovery: there is no other repair.
  ///
  /// - Parameters:
  ///   - schedule: what to follow.
  ///   - catalog: makes the jobs.
  ///   - workers: the most jobs that run at once.
  ///   - asksForClockProof: whether jobs that place orders wait until a clock that was set is proven.
  /// - Throws: `Diagnostics` when a job's parameters are wrong; a `Fault` of the database.
  public init(
    schedule: Schedule, catalog: any JobMaker, store: Store, runner: Runner, conditions: Conditions,
    workers: Int, asksForClockProof: Bool = false, now: Instant, uptime: TimeSpan, log: Logger
  ) throws {
    self.catalog = catalog
    // From the first turn on; the start itself waits as every command does.
    self.store = try store.promptly()
    self.runner = runner
    self.conditions = conditions
    self.log = log
    self.uptime = uptime
    jobs = try Self.jobs(of: schedule, catalog)
    let interrupted = try store.write(at: now) { try $0.runs.reap() }
    for run in interrupted {
      log.warning(
        "interrupted: its process ended",
        metadata: ["job": "\(run.slot.job)", "slot": "\(run.slot.time)"])
    }
    // What a clock that was ahead has left bars no job: whatever the clock does, startup is recovery.
    clock = ClockWatch(now: now, uptime: uptime)
    doubt = ClockDoubt(asksForProof: asksForClockProof)
    try Self.setBack(store, schedule, &doubt, now: now, log)
    let (marks, debts) = try store.read { (try $0.marks.all(), try $0.runs.debts()) }
    let parents = Planner.parents(of: debts, in: schedule)
    let ended = try store.read { transaction in
      try parents.reduce(into: [Slot: RunState]()) { states, slot in
        states[slot] = try transaction.runs.run(slot).flatMap { $0.state.isFinal ? $0.state : nil }
      }
    }
    planner = Planner(
      schedule: schedule, marks: marks, debts: debts, ended: ended, workers: workers, now: now)
    cancelledDebts = try Self.cancelled(debts, store)
    // The first look tells planner and ledger of a suspicion, before anything starts.
    conditions.clockSuspicion = nil
  }

  /// The jobs of a schedule.
  ///
  /// - Throws: `Diagnostics` with every mistake in the parameters of all jobs, and in what they are to
  ///   each other.
  public static func jobs(
    of schedule: Schedule, _ catalog: any JobMaker
  ) throws(Diagnostics) -> [JobName: any Job] {
    let made = JobSet(of: schedule, catalog)
    guard !made.diagnostics.hasErrors else { throw made.diagnostics }
    return made.jobs
  }

  /// When `turn` has something to do; nil when only an event can change anything.
  public var nextWake: Instant? { planner.nextWake }

  /// The slots under way, of this process.
  public var inFlight: [Slot] { planner.inFlight }

  /// The job of a name.
  public func job(_ name: JobName) -> (any Job)? { jobs[name] }

  /// How much the ledger still has to be told, since the storage refuses.
  var unrecorded: Int { outbox.count }

  /// The uptime at which the storage is tried again; nil while it refuses nothing.
  var nextAttempt: TimeSpan? { retry.next }

  /// Whether the ledger may be asked anything in this turn.
  var mayAsk: Bool { retry.allows(at: uptime) }

  /// Begins a turn: what the storage refused is offered again, if it is time.
  ///
  /// - Returns: the runs that were claimed: start each.
  public mutating func begin(now: Instant, uptime: TimeSpan) throws -> [ClaimedRun] {
    self.uptime = uptime
    let claimed = try flush(now: now)
    if retry.next != nil, mayAsk, conditions.storage?.trouble != .gone {
      // Nothing waits to be written: whether writes work again is asked by one that changes nothing.
      try store.write(at: now) { try $0.service.touch() }
      worked()
    }
    return claimed
  }

  /// Looks at the clocks, lets fall due what is due, and claims what can start.
  ///
  /// - Returns: the runs that were claimed: start each.
  public mutating func turn(now: Instant, uptime: TimeSpan) throws -> [ClaimedRun] {
    self.uptime = uptime
    return try look(now: now, uptime: uptime) + perform(planner.tick(now: now), now: now)
  }

  /// Takes note of the end of a run, and claims what it made due.
  public mutating func finished(
    _ run: ClaimedRun, _ end: RunEnd, now: Instant
  ) throws -> [ClaimedRun] {
    try finished([(run, end)], now: now)
  }

  /// Takes note of the ends of runs, and claims what they made due in one transaction.
  public mutating func finished(
    _ ends: [(run: ClaimedRun, end: RunEnd)], now: Instant
  ) throws -> [ClaimedRun] {
    var actions: [PlannerAction] = []
    for (run, end) in ends {
      errands.end(run.firing.slot)
      actions += planner.handle(.finished(run.firing.slot, end.state, due: end.due), now: now)
    }
    return try perform(actions, now: now)
  }

  /// Follows another schedule from now on; nothing changes when it is wrong.
  ///
  /// - Throws: `Diagnostics` when a job's parameters are wrong; a `Fault` of the database.
  public mutating func reload(_ schedule: Schedule, now: Instant) throws -> [ClaimedRun] {
    let jobs = try Self.jobs(of: schedule, catalog)
    // What is due by now starts under the old schedule, also a job that the new one does not have.
    let actions = planner.reload(schedule, now: now)
    let running = planner.inFlight.reduce(into: [:]) { kept, slot in
      kept[slot.job] = self.jobs[slot.job]
    }
    self.jobs = jobs.merging(running) { new, _ in new }
    return try perform(actions, now: now)
  }

  /// Stops starting anything, and records what follows the runs in flight as `deferred`.
  public mutating func drain(now: Instant) throws {
    outbox.add(planner.drain(now: now))
    for slot in outbox.deferStarts() {
      outbox.add(planner.handle(.finished(slot, .deferred, due: []), now: now))
    }
    let started = try flush(now: now)
    precondition(started.isEmpty, "a draining planner starts nothing")
  }

  /// Looks for runs by hand whose process died, and takes over what they owe, whoever noticed their
  /// death: a claim of this process or another, or a command.
  public mutating func adoptOrphans(now: Instant) throws -> [ClaimedRun] {
    let running = try store.read { try $0.runs.running() }
    if running.contains(where: { $0.holder != runner.holder }) {
      try store.write(at: now) { _ = try $0.runs.reap() }
    }
    let debts = try store.read { try $0.runs.debts() }.filter { $0.state == .interrupted }
    guard !debts.isEmpty else { return [] }
    let known = Set(planner.inFlight + planner.waiting.map(\.slot))
    var claimed: [ClaimedRun] = []
    for debt in debts where !known.contains(debt.slot) {
      log.warning("a run by hand was interrupted", metadata: ["slot": "\(debt.slot)"])
      claimed += try perform(planner.handle(.owed(debt), now: now), now: now)
    }
    return claimed
  }
}
