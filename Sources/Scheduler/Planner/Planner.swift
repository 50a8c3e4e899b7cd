public import Domain
internal import HeapModule

/// Decides what runs and when, and what becomes of every slot that does not run: the one decider of
/// what fires.
///
/// A value without I/O and without a clock: it is told the time and what happened, and returns
/// actions. The same calls give the same actions, so production, simulation and tests share it.
///
/// The contract with the loop around it:
///
/// 1. Make it from the schedule, and from the marks and debts of the ledger.
/// 2. Call `tick(now:)` at once, and again when `nextWake` has come, when the clock was set, and at
///    least every `punctuality`. Call `handle(_:now:)` for each event.
/// 3. Perform the actions in their order (see `PlannerAction`).
/// 4. At the end call `drain(now:)`, and go on handling the events of runs in flight.
///
/// What it guarantees, whatever the clock does and wherever the process dies:
///
/// - A head's slot that fell due ends in exactly one state or is a debt. The next slot is computed
///   from the last one. A slot at or below the mark never fires anew.
/// - The slots of a job start in order, one at a time.
/// - A job that follows others starts only at slots that the ledger told to be due, and its debts
///   only after those of its parents.
///
/// The one bound: of slots missed in one gap, at most `maximumRecordedSlots` (the newest) are recorded
/// one by one; the reason of the oldest of them says that it stands for those before it too.
public struct Planner: Sendable {
  /// A slot that the planner sees later than this after its time fell due while nothing ran, and is
  /// a matter of `catchup`. The loop wakes at least twice in this time.
  public static let punctuality = TimeSpan.seconds(60)
  /// The most slots that wait under `catchup: all`; older ones end `coalesced`.
  public static let maximumCatchupRuns = 1000
  /// The most slots of one gap that are recorded one by one.
  public static let maximumRecordedSlots = 10_000
  /// After so long a slot that could not be claimed is offered again.
  public static let retryPause = TimeSpan.seconds(1)

  /// The schedule that it follows.
  public internal(set) var schedule: Schedule
  /// Whether the clock is not to be trusted, so that jobs that place orders wait.
  public internal(set) var isClockSuspect = false
  /// Whether `drain(now:)` was called, so that nothing starts any more.
  public internal(set) var isDraining = false

  /// The state of each job, in the order of the schedule.
  var states: [JobState]
  var timers: Heap<PlannerTimer> = []
  /// The jobs whose first slot may start, by slot.
  var ready: Heap<Turn> = []
  /// Jobs that were placed since the last dispatch, whose deadlines need a timer if they still wait.
  var placed: [Int] = []
  var groups: [String: GroupState] = [:]
  /// Jobs that wait for the clock to be trusted.
  var held: Set<Int> = []
  /// Slots in flight whose job is no longer in the schedule, with the group that each holds.
  var departed: [Slot: String?] = [:]
  var inFlightCount = 0
  let workers: Int
  /// Until when no worker is expected to be free.
  var saturatedUntil: Instant?
  var lastNow: Instant
  /// When this planner was made: slots from before fell due while nothing ran.
  var born: Instant
  /// The states of jobs that have left the schedule, in case that they return.
  var gone: [JobName: JobState] = [:]
  /// Actions of the beginning, which the first call returns.
  var backlog: [PlannerAction] = []

  /// A planner at the start of a process.
  ///
  /// - Parameters:
  ///   - schedule: What to follow.
  ///   - marks: The ledger's marks. A job without one, or with a mark of another timing, begins now
  ///     and catches up nothing.
  ///   - debts: The ledger's debts. Each is paid if still within its deadline.
  ///   - ended: The final states of the slots that `parents(of:in:)` names, where they have one.
  ///   - workers: The most slots in flight at once.
  ///   - now: The time.
  public init(
    schedule: Schedule, marks: [JobMark], debts: [Debt], ended: [Slot: RunState] = [:],
    workers: Int = .max, now: Instant
  ) {
    precondition(workers > 0, "a planner needs a worker")
    (self.schedule, self.workers, self.lastNow, self.born) = (schedule, workers, now, now)
    let known = Dictionary(marks.map { ($0.job, $0) }, uniquingKeysWith: { first, _ in first })
    states = []
    states.reserveCapacity(schedule.jobs.count)
    for job in schedule.jobs {
      states.append(JobState(mark: Self.mark(of: job, known[job.name], now: now, &backlog)))
    }
    for index in states.indices { begin(index, next: firstSlot(index, now: now)) }
    var actions: [PlannerAction] = []
    for debt in debts.sorted(by: { $0.slot < $1.slot }) { add(debt, &actions) }
    for debt in debts { skipAfterFailedParent(debt.slot, ended: ended, &actions) }
    backlog += actions
    for index in states.indices { place(index) }
  }

  /// The slots whose final states a planner must know before it can pay these debts: a follower's
  /// debt is not paid where a parent did not succeed.
  public static func parents(of debts: [Debt], in schedule: Schedule) -> [Slot] {
    let all = debts.flatMap { debt in
      (schedule[debt.slot.job]?.parents ?? []).map { Slot(job: $0, time: debt.slot.time) }
    }
    return Set(all).sorted()
  }

  /// The earliest instant at which `tick(now:)` has something to do; nil when only an event can
  /// change anything.
  public var nextWake: Instant? {
    if !backlog.isEmpty { return lastNow }
    guard !isDraining else { return nil }
    let saturated = ready.isEmpty ? nil : saturatedUntil
    return [timers.min?.at, saturated].compactMap { $0 }.min()
  }

  /// Lets fall due what is due at an instant, and starts what can start.
  public mutating func tick(now: Instant) -> [PlannerAction] {
    var actions = takeBacklog()
    if now < lastNow { replanAfterStepBack(now) }
    lastNow = now
    guard !isDraining else { return actions }
    while let timer = timers.min, timer.at <= now {
      timers.removeMin()
      expire(timer, now, &actions)
    }
    dispatch(now, &actions)
    return actions
  }

  /// Takes note of an event, and starts what can start by it.
  public mutating func handle(_ event: PlannerEvent, now: Instant) -> [PlannerAction] {
    var actions = takeBacklog()
    switch event {
    case .finished(let slot, let state, let due): finish(slot, state, due: due, now, &actions)
    case .couldNotStart(let slot, let obstacle): putBack(slot, obstacle, now, &actions)
    case .owed(let debt):
      add(debt, &actions)
      schedule.index(of: debt.slot.job).map { place($0) }
    case .asked(let slot, let latestStart): ask(slot, latestStart: latestStart)
    case .clockSuspect(let isSuspect):
      isClockSuspect = isSuspect
      if !isSuspect { releaseHeld() }
    }
    dispatch(now, &actions)
    return actions
  }

  /// The slots in flight, in slot order.
  public var inFlight: [Slot] {
    let own = states.indices.compactMap { index in
      states[index].running.map { Slot(job: schedule.jobs[index].name, time: $0.time) }
    }
    return (own + departed.keys).sorted()
  }

  /// The slots that are due but not started, in slot order, each with what it waits for.
  public var waiting: [(slot: Slot, reason: String)] {
    states.indices.flatMap { index in
      states[index].queue.enumerated().map { position, due in
        (
          Slot(job: schedule.jobs[index].name, time: due.time),
          position == 0 ? waitingReason(index) : "the slots before it"
        )
      }
    }.sorted { $0.slot < $1.slot }
  }

  /// The next slot of a job of its own cadence; nil for followers and where there is none.
  public func nextSlot(of name: JobName) -> Instant? {
    schedule.index(of: name).flatMap { states[$0].next }
  }

  mutating func takeBacklog() -> [PlannerAction] {
    defer { backlog = [] }
    return backlog
  }
}
