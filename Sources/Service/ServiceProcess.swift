public import Domain
import Glibc
public import Jobs
public import Logging
public import Scheduler
public import Store
import StrictYAML

/// `carillon run`: the daemon on the clocks and signals of the machine, until it is told to stop.
///
/// Its loop blocks a thread of its own, and does nothing but look at the clock, claim what is due,
/// hand it to a worker, and record how it ended.
public final class ServiceProcess {
  private let store: Store
  private let runner: Runner
  private let conditions: Conditions
  private let time: SystemTime
  private let log: Logger
  private let pool: WorkerPool
  private let alarm: Alarm
  private let mailbox: Mailbox
  private let watchdog = Watchdog()
  /// What the process knows of itself, for who serves it.
  public let vitals: Vitals
  private let holder: HolderID
  private let stopGrace: TimeSpan?
  private var daemon: Daemon
  private var follower: FileFollower
  private var settings: (follower: FileFollower, text: String)?
  private var shutdown: ShutdownState
  private var heartbeat: Heartbeat
  private var othersSought: TimeSpan?

  /// What other processes asked or left behind is looked for so often at most, unless they rang: a
  /// busy loop turns a thousand times a second.
  private static let lookPause = TimeSpan.seconds(1)

  /// Prepares the daemon; nothing runs yet.
  ///
  /// - Parameters:
  ///   - store: the database.
  ///   - lock: this process's proof of life, whose name claims bear.
  ///   - schedulesPath: the path of the schedules file.
  ///   - schedulesText: its text as it was read.
  ///   - schedule: what the text says.
  ///   - settings: the settings file and its text as it was read; nil for the built-in ones.
  ///   - catalog: makes the jobs.
  ///   - workers: how many jobs may run at once.
  ///   - stopGrace: how long the supervisor waits after SIGTERM before it kills.
  ///   - halt: why nothing may be sent as long as the process lives; nil when it may.
  /// - Throws: `Diagnostics` of the jobs' parameters, a `Fault` of the database.
  public init(
    store: Store, lock: ProcessLock, schedulesPath: String, schedulesText: String,
    schedule: Schedule, settings: (path: String, text: String)?, catalog: any JobMaker,
    workers: Int, stopGrace: TimeSpan?, halt: String? = nil, version: String, log: Logger
  ) throws {
    self.store = store
    self.log = log
    time = SystemTime()
    holder = lock.holder
    self.stopGrace = stopGrace
    conditions = Conditions(halt: halt)
    pool = WorkerPool(size: workers)
    runner = Runner(
      store: store, holder: lock.holder, time: time, conditions: conditions, log: log)
    follower = FileFollower(path: schedulesPath, text: schedulesText)
    self.settings = settings.map { (FileFollower(path: $0.path, text: $0.text), $0.text) }
    alarm = Alarm(
      signals: Signals.install(),
      files: [schedulesPath, RequestBell(database: store.path).path])
    mailbox = Mailbox(alarm: alarm)
    heartbeat = Heartbeat(database: store.path)
    shutdown = ShutdownState(
      drainTimeout: ShutdownState.drainTimeout(of: schedule, stopGrace: stopGrace, log: log))
    let now = time.now
    vitals = Vitals(now: now, uptime: time.uptime)
    daemon = try Daemon(
      schedule: schedule, catalog: catalog, store: store, runner: runner, conditions: conditions,
      workers: workers, now: now, uptime: time.uptime, log: log)
    try store.write(at: now) { transaction in
      try transaction.service.tell(.started, version)
      try transaction.service.tell(.schedulesFile, schedulesPath)
      try transaction.service.tell(.schedule, schedulesText)
      try transaction.service.tell(.reloadError, nil)
      try transaction.service.tell(.settingsChanged, nil)
      try transaction.service.tell(.clockSuspicion, conditions.clockSuspicion)
      try transaction.audit.append("start", version)
    }
    try warn(of: schedule)
  }

  /// Runs until it is told to stop and what was in flight has ended. Blocks the calling thread.
  ///
  /// - Returns: 0 after an orderly stop; 75 when jobs were interrupted.
  /// - Throws: a `Fault` of the database: the ledger cannot be kept, so the process must end.
  public func run() throws -> ExitCode {
    watchdog.start(
      activity: { [runner] in runner.activity }, uptime: { [time] in time.uptime },
      bite: { [log] reason in
        log.critical("watchdog: \(reason)")
        Glibc._exit(ExitCode.internal.rawValue)
      })
    defer {
      watchdog.stop()
      pool.stop()
    }
    log.notice(
      "running", metadata: ["jobs": "\(daemon.schedule.jobs.count)", "database": "\(store.path)"])
    while true {
      watchdog.beat()
      vitals.beat(now: time.now, uptime: time.uptime)
      try turn()
      heartbeat.beat()
      // As process 1 of a container, it is the parent of every orphan there.
      OwnChildren.reapOrphans()
      if shutdown.isDraining, try isQuiet() { break }
      if case .abandon? = act(on: shutdown.tick(at: time.uptime)) { break }
      try answer(alarm.sleep(until: daemon.nextWake, limit: sleepLimit))
    }
    return try finish()
  }

  /// One turn of the loop: what ended, what is due, what people ask.
  private func turn() throws {
    let letters = mailbox.take()
    for letter in letters { vitals.ended(letter.run, uptime: time.uptime) }
    start(try daemon.finished(letters.map { ($0.run, try $0.end.get()) }, now: time.now))
    let uptime = time.uptime
    let isLooking = othersSought.map { uptime - $0 >= Self.lookPause } ?? true
    // What was asked while nothing ran comes before what fell due meanwhile; later, work comes first.
    if othersSought == nil { start(try daemon.answerRequests(now: time.now)) }
    if !shutdown.isDraining { start(try daemon.turn(now: time.now, uptime: uptime)) }
    guard isLooking else { return }
    if othersSought != nil { start(try daemon.answerRequests(now: time.now)) }
    othersSought = uptime
    if !shutdown.isDraining { start(try daemon.adoptOrphans(now: time.now)) }
  }

  /// Hands claimed runs to workers.
  private func start(_ claimed: [ClaimedRun]) {
    for run in claimed {
      guard let job = daemon.job(run.firing.slot.job), let worker = pool.take() else {
        preconditionFailure("the planner starts known jobs, and no more than there are workers")
      }
      vitals.started(run, now: time.now, uptime: time.uptime)
      log.info(
        "started",
        metadata: [
          "job": "\(run.firing.slot.job)", "slot": "\(run.firing.slot.time)",
          "attempt": "\(run.attempt)", "trigger": "\(run.firing.trigger)",
        ])
      Task.detached { [runner, mailbox, pool] in
        let end: Result<RunEnd, any Error>
        do {
          end = .success(try await runner.run(run, job: job, on: worker))
        } catch {
          end = .failure(error)
        }
        pool.give(worker)
        mailbox.leave(Mailbox.Letter(run: run, end: end))
      }
    }
  }

  /// Answers what ended a sleep.
  private func answer(_ wake: Alarm.Wake) throws {
    if wake.fileChanged { othersSought = nil }
    for signal in wake.signals {
      if signal == SIGHUP {
        try reload(force: true)
      } else {
        log.notice(signal == SIGTERM ? "SIGTERM" : "SIGINT")
        _ = act(on: shutdown.signal(at: time.uptime))
      }
    }
    if !shutdown.isDraining {
      try reload(force: false)
      try compareSettings()
    }
  }

  @discardableResult
  private func act(on action: ShutdownState.Action?) -> ShutdownState.Action? {
    switch action {
    case .drain:
      log.notice("draining", metadata: ["in_flight": "\(daemon.inFlight.count)"])
      vitals.isDraining = true
      runner.drain()
      do { try daemon.drain(now: time.now) } catch {
        // The rows that could not be written are made anew by the next start.
        log.error("cannot record what is deferred: \(error)")
      }
    case .interrupt:
      log.warning("interrupting what still runs", metadata: ["in_flight": "\(daemon.inFlight)"])
      runner.interrupt()
    case .abandon:
      log.error("giving up on what does not stop", metadata: ["in_flight": "\(daemon.inFlight)"])
    case nil: break
    }
    return action
  }

  /// Follows the schedules file, if it has changed.
  private func reload(force: Bool) throws {
    guard let finding = follower.look(force: force) else { return }
    do {
      switch finding {
      case .changed(let text):
        let schedule = try Schedule.parse(text, at: follower.path)
        let difference = ScheduleDifference(
          from: daemon.schedule, to: schedule, now: time.now)
        start(try daemon.reload(schedule, now: time.now))
        try store.write(at: time.now) { transaction in
          try transaction.service.tell(.schedule, text)
          try transaction.service.tell(.reloadError, nil)
          try transaction.audit.append("reload", "\(follower.path)")
        }
        log.notice("schedule reloaded", metadata: ["file": "\(follower.path)"])
        for line in difference.lines { log.notice("\(line)") }
        try warn(of: schedule)
      case .unreadable(let fault):
        throw fault
      }
    } catch let diagnostics as Diagnostics {
      try refuse(diagnostics.description)
    } catch let fault as Fault where fault.operation == "read" {
      try refuse(fault.description)
    }
  }

  /// Settings are read once: an edit of their file is reported, and taken back when it is undone.
  private func compareSettings() throws {
    guard let finding = settings?.follower.look(force: false), case .changed(let text) = finding,
      let settings
    else { return }
    let isSame = text == settings.text
    if isSame {
      log.notice("the settings file is again as it was read")
    } else {
      log.warning("the settings file has changed: restart needed")
    }
    try store.write(at: time.now) {
      try $0.service.tell(.settingsChanged, isSame ? nil : settings.follower.path)
    }
  }

  private func refuse(_ reason: String) throws {
    log.error("the schedules file is invalid, the previous schedule stays active: \(reason)")
    try store.write(at: time.now) { transaction in
      try transaction.service.tell(.reloadError, reason)
      try transaction.audit.append("reload_failed", reason)
    }
  }

  private func warn(of schedule: Schedule) throws {
    let now = time.now
    let durations = try store.read { try LearnedDurations(of: schedule, in: $0) }
    let warnings =
      schedule.warnings + schedule.warnings(now: now)
      + durations.warnings(of: schedule, now: now, stopGrace: stopGrace)
    for warning in warnings { log.warning("\(warning)") }
  }

  /// Whether nothing runs any more on this database, runs by hand included.
  private func isQuiet() throws -> Bool {
    guard daemon.inFlight.isEmpty, runner.activity.isEmpty else { return false }
    let others = try store.read { try $0.runs.running() }
    return try others.allSatisfy { run in
      guard let holder = run.holder, holder != self.holder else { return true }
      return try !ProcessLock.isAlive(holder, beside: store.path)
    }
  }

  /// While draining, runs by hand of other processes are looked at every second.
  private var sleepLimit: TimeSpan {
    guard shutdown.isDraining else { return .seconds(Alarm.longestSleepSeconds) }
    let deadline = shutdown.nextDeadline.map { $0 - time.uptime } ?? .seconds(1)
    return min(.seconds(1), max(deadline, .milliseconds(10)))
  }

  private func finish() throws -> ExitCode {
    let isClean = !shutdown.isInterrupted
    try store.write(at: time.now) {
      try $0.audit.append("stop", isClean ? "drained" : "interrupted")
    }
    try checkpoint()
    log.notice("stopped", metadata: ["clean": "\(isClean)"])
    return isClean ? .done : .tryAgain
  }

  private func checkpoint() throws {
    do {
      try store.checkpoint()
    } catch {
      // A reader is at work: the log stays, and the next start folds it in.
      guard error.isTransient else { throw error }
      log.info("the log stays as it is: \(error.cause)")
    }
  }
}
