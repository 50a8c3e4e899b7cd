import Domain
import Jobs
import Logging
import Scheduler
import Store

/// What a turn of the service means: what ended, what is due, what people ask, what was edited, whether
/// the storage holds, whether to stop.
///
/// A value that is told the time and what happened, writes to the ledger, and returns what to do. The
/// process around it owns clocks, threads and signals; tests and simulations drive the same loop.
struct ServiceLoop {
  /// What the process must do, in this order.
  enum Effect {
    /// Hand a claimed run to a worker.
    case start(ClaimedRun, any Job)
    /// Tell probes and jobs that nothing new starts, and cut the pauses between attempts.
    case drain
    /// Ask all attempts to stop at their next safe point.
    case interrupt
    /// Ask the kernel and the venues what the time is, and leave word of it.
    case readClock
    /// Tell others what is wrong with the storage; nil that it holds.
    case tellStorage(Conditions.Storage?)
    /// Leave with this code; the ledger cannot be told when a fault is why.
    case end(ExitCode, Fault?)
  }

  /// What ended a sleep.
  struct Wake {
    /// A signal that the service answers.
    enum Signal {
      /// SIGTERM or SIGINT.
      case stop
      /// SIGHUP.
      case reload
    }

    var signals: [Signal] = []
    /// Whether somebody wants the requests to be looked at.
    var isRung = false
  }

  /// What is outside of the database.
  struct Surroundings {
    /// The schedules file and its calendars; nil when they are as they were.
    var schedule: ScheduleFollower.Sight?
    /// The settings file; nil when it is as it was.
    var settings: Result<String, Fault>?
    /// Why the database is not where it was; nil when it is.
    var databaseFault: Fault?
  }

  /// Looks around. Told whether files are to be read even when they seem unchanged, and the paths of the
  /// calendars to look at.
  typealias Look = (_ isForced: Bool, _ calendars: Set<String>) -> Surroundings

  /// What other processes asked or left behind is looked for so often at most, unless they rang: a
  /// busy loop turns a thousand times a second.
  static let lookPause = TimeSpan.seconds(1)

  var daemon: Daemon
  private(set) var shutdown: ShutdownState
  var schedules: ScheduleFollower
  let schedulesPath: String
  var calendars: Set<String>
  var settings: SettingsFollower?
  private var storage: StorageWatch
  let store: Store
  private let runner: Runner
  let conditions: Conditions
  private let holder: HolderID
  let stopGrace: TimeSpan?
  let log: Logger
  private var lastLook: TimeSpan?
  /// When the clock was last asked after, by uptime.
  private var lastReading: TimeSpan?
  private var isRung = false

  /// What a loop follows from its start.
  struct Start {
    var daemon: Daemon
    var shutdown: ShutdownState
    var schedulesPath: String
    var schedules: ScheduleFollower.Contents
    var settings: SettingsFollower?
    var storageGrace: TimeSpan
    var stopGrace: TimeSpan?
  }

  /// A loop that has not turned yet.
  init(_ start: Start, runner: Runner, conditions: Conditions, log: Logger) {
    (daemon, shutdown, settings) = (start.daemon, start.shutdown, start.settings)
    (schedulesPath, stopGrace) = (start.schedulesPath, start.stopGrace)
    schedules = ScheduleFollower(start.schedules)
    calendars = Set(start.schedules.calendars.keys)
    storage = StorageWatch(grace: start.storageGrace)
    store = start.daemon.store
    (self.runner, self.conditions, self.log) = (runner, conditions, log)
    holder = runner.holder
  }

  /// When there is something to do; nil when only an event can change anything.
  var nextWake: Instant? { daemon.nextWake }

  /// The longest sleep from now on.
  func sleepLimit(at uptime: TimeSpan, longest: TimeSpan) -> TimeSpan {
    var limit = shutdown.sleepLimit(at: uptime, longest: longest)
    if let retry = daemon.nextAttempt { limit = min(limit, max(retry - uptime, .milliseconds(10))) }
    // A storage that a run found wanting is looked after, not slept over.
    return conditions.storage == nil ? limit : min(limit, Self.lookPause)
  }

  /// One turn.
  ///
  /// - Parameters:
  ///   - letters: the runs that have ended since the last turn.
  ///   - readings: what is known of the wall clock from elsewhere since then.
  ///   - wake: what ended the sleep before it.
  ///   - look: looks at what is outside of the database.
  /// - Throws: a `Fault` that no waiting mends: the ledger cannot be kept, so the process must end.
  mutating func turn(
    now: Instant, uptime: TimeSpan, letters: [Mailbox.Letter] = [],
    readings: [ClockReading] = [], wake: Wake = Wake(),
    look: Look = { _, _ in Surroundings() }
  ) throws -> [Effect] {
    var effects: [Effect] = []
    if wake.isRung { isRung = true }
    if !shutdown.isDraining { try follow(wake, look, now: now, uptime: uptime, &effects) }
    try withStorage { try $0.start($0.daemon.begin(now: now, uptime: uptime), &effects) }
    try stop(wake, now: now, uptime: uptime, &effects)
    try take(letters, now: now, &effects)
    // Into a file that nobody sees nothing is written.
    if conditions.storage?.trouble != .gone {
      try work(now: now, uptime: uptime, look, &effects)
      try proveClock(readings, now: now, uptime: uptime, &effects)
    }
    act(on: shutdown.tick(at: uptime), now: now, &effects)
    try end(uptime: uptime, &effects)
    return effects
  }
}

// The parts of a turn.
extension ServiceLoop {
  /// What is due, and what people ask. What was asked while nothing ran comes before what fell due
  /// meanwhile; later, work comes first.
  private mutating func work(
    now: Instant, uptime: TimeSpan, _ look: Look, _ effects: inout [Effect]
  ) throws {
    let isFirst = lastLook == nil
    let isLooking = isRung || (lastLook.map { uptime - $0 >= Self.lookPause } ?? true)
    if isFirst, daemon.mayAsk { _ = try answer(look, now: now, &effects) }
    if !shutdown.isDraining {
      try withStorage { try $0.start($0.daemon.turn(now: now, uptime: uptime), &effects) }
    }
    // While the ledger refuses, turns ask it nothing: each question would wait once more.
    guard isLooking, daemon.mayAsk else { return }
    // What was asked may let start what waited for it.
    if !isFirst, try answer(look, now: now, &effects), !shutdown.isDraining {
      try withStorage { try $0.start($0.daemon.turn(now: now, uptime: uptime), &effects) }
    }
    // What could not be answered is looked at again, as if rung for.
    if daemon.mayAsk { (lastLook, isRung) = (uptime, false) }
    if !shutdown.isDraining, daemon.mayAsk {
      try withStorage { try $0.start($0.daemon.adoptOrphans(now: now), &effects) }
      try withStorage { try $0.start($0.daemon.obeyHalt(now: now), &effects) }
    }
  }

  /// Takes what is known of a doubted clock from elsewhere, and asks again while the doubt lasts.
  private mutating func proveClock(
    _ readings: [ClockReading], now: Instant, uptime: TimeSpan, _ effects: inout [Effect]
  ) throws {
    for reading in readings where daemon.mayAsk {
      try withStorage { try $0.start($0.daemon.take(reading, now: now), &effects) }
    }
    guard !shutdown.isDraining, daemon.wantsClockProof(now: now),
      lastReading.map({ uptime - $0 >= ClockProof.pause }) ?? true
    else { return }
    lastReading = uptime
    effects.append(.readClock)
  }

  /// Answers what people asked. Returns whether somebody had.
  private mutating func answer(
    _ look: Look, now: Instant, _ effects: inout [Effect]
  ) throws -> Bool {
    var wereAsked = false
    try withStorage {
      let open = try $0.store.read { try $0.requests.open() }
      wereAsked = !open.isEmpty
      try $0.answerReloads(
        open.filter { $0.verb == OperatorRequest.reloadVerb }, look, now: now, &effects)
      try $0.start($0.daemon.answerRequests(now: now), &effects)
    }
    return wereAsked
  }

  /// Does what only the storage can refuse, which is then tried again in a later turn.
  mutating func withStorage(_ body: (inout ServiceLoop) throws -> Void) throws {
    do { try body(&self) } catch let fault as Fault where fault.storage != nil {
      daemon.refused(fault)
    }
  }

  func start(_ claimed: [ClaimedRun], _ effects: inout [Effect]) throws {
    for run in claimed {
      guard let job = daemon.job(of: run) else {
        preconditionFailure("the planner starts known jobs")
      }
      effects.append(.start(run, job))
    }
  }

  /// Runs have ended. One whose end could not be recorded with all patience ends the process, whose
  /// next start takes it for interrupted; in a stop, which it cuts short, it is as if interrupted.
  private mutating func take(
    _ letters: [Mailbox.Letter], now: Instant, _ effects: inout [Effect]
  ) throws {
    var ends: [(run: ClaimedRun, end: RunEnd)] = []
    var defect: (any Error)?
    for letter in letters {
      switch letter.end {
      case .success(let end):
        ends.append((letter.run, end))
        // A limit that it passed may halt all accounts: that is looked for in this turn.
        if letter.run.firing.policy.kind == .rebalance { isRung = true }
      case .failure(let fault as Fault) where fault.storage != nil:
        ends.append((letter.run, RunEnd(state: .interrupted, reason: "\(fault)")))
        if let trouble = fault.storage, !shutdown.isInterrupted {
          effects.append(.end(StorageWatch.exit(of: trouble), fault))
        }
      case .failure(let error): defect = error
      }
    }
    if !ends.isEmpty { try start(daemon.finished(ends, now: now), &effects) }
    if let defect { throw defect }
  }

  private mutating func stop(
    _ wake: Wake, now: Instant, uptime: TimeSpan, _ effects: inout [Effect]
  ) throws {
    for case .stop in wake.signals { act(on: shutdown.signal(at: uptime), now: now, &effects) }
  }

  private mutating func act(
    on action: ShutdownState.Action?, now: Instant, _ effects: inout [Effect]
  ) {
    switch action {
    case .drain:
      log.notice("draining", metadata: ["in_flight": "\(daemon.inFlight.count)"])
      effects.append(.drain)
      do {
        try daemon.drain(now: now)
        _ = try daemon.note([.alert(ServiceAlerts.stopping(daemon.inFlight))], now: now)
      } catch {
        // The rows that could not be written are made anew by the next start.
        log.error("cannot record what is deferred: \(error)")
      }
    case .interrupt:
      log.warning("interrupting what still runs", metadata: ["in_flight": "\(daemon.inFlight)"])
      effects.append(.interrupt)
    case .abandon:
      log.error("giving up on what does not stop", metadata: ["in_flight": "\(daemon.inFlight)"])
      effects.append(.end(.tryAgain, nil))
    case nil: break
    }
  }

  /// Leaves once nothing is left to wait for, or the storage has refused for too long.
  private mutating func end(uptime: TimeSpan, _ effects: inout [Effect]) throws {
    for answer in storage.look(conditions.storage, at: uptime) {
      switch answer {
      case .tell(let state): effects.append(.tellStorage(state))
      case .end(let code, let fault): effects.append(.end(code, fault))
      }
    }
    guard shutdown.isDraining else { return }
    let isGone = conditions.storage?.trouble == .gone
    var left = ShutdownState.Unfinished(
      own: max(daemon.inFlight.count, runner.activity.count), others: 0,
      // What a file that nobody sees was to be told is told to nobody.
      records: daemon.nextAttempt == nil && !isGone ? daemon.unrecorded : 0)
    if left.own == 0 { try withStorage { left.others = try $0.runsOfOthers() } }
    if shutdown.isOver(left) {
      effects.append(.end(isGone ? .io : shutdown.isInterrupted ? .tryAgain : .done, nil))
    }
  }

  /// Runs by hand of other processes that live.
  private func runsOfOthers() throws -> Int {
    try store.read { try $0.runs.running() }.count { run in
      guard let holder = run.holder, holder != self.holder else { return false }
      return try ProcessLock.isAlive(holder, beside: store.path)
    }
  }
}
