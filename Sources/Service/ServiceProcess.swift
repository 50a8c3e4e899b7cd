public import Domain
import Glibc
public import Jobs
public import Logging
import Scheduler
public import Store
import StrictYAML

/// `carillon run`: the service on the clocks, threads and signals of the machine, until it is told to
/// stop. What it does is decided by `ServiceLoop`.
public final class ServiceProcess {
  private let store: Store
  private let runner: Runner
  private let time: SystemTime
  private let log: Logger
  private let pool: WorkerPool
  private let alarm: Alarm
  private let mailbox: Mailbox
  private let watchdog = Watchdog()
  /// What the process knows of itself, for who serves it.
  public let vitals: Vitals
  private let heartbeat: Heartbeat
  private let presence: DatabasePresence?
  /// Is told of each turn of the loop in which something happened.
  public var onEvents: @Sendable () -> Void = {}
  /// Is told of the starts and ends of runs.
  public var pings: PingSender?
  private let flushLog: @Sendable () -> Void
  private let venueClocks: (@Sendable () async -> [TimeSpan?])?
  private var loop: ServiceLoop
  private var schedules: FollowedSchedule
  private var settings: FollowedFile?

  /// Prepares the service; nothing runs yet, but for the watchdog.
  ///
  /// - Parameters:
  ///   - store: the database.
  ///   - lock: this process's proof of life, whose name claims bear.
  ///   - catalog: makes the jobs.
  ///   - flushLog: waits a moment for the log to be written, before the process is ended.
  /// - Throws: `Diagnostics` of the jobs' parameters, a `Fault` of the database or the system.
  public init(
    _ options: Options, store: Store, lock: ProcessLock, catalog: any JobMaker, log: Logger,
    flushLog: @escaping @Sendable () -> Void
  ) throws {
    (self.store, self.log, self.flushLog) = (store, log, flushLog)
    venueClocks = options.venueClocks
    time = SystemTime()
    let now = time.now
    let conditions = Conditions(halt: options.halt, armed: options.armed)
    pool = WorkerPool(size: options.workers)
    runner = Runner(
      store: store, holder: lock.holder, time: time, conditions: conditions, log: log,
      patience: options.storageGrace)
    presence = DatabasePresence(path: store.path)
    alarm = Alarm(
      signals: Signals.install(),
      files: [options.schedulesPath, RequestBell(database: store.path).path])
    mailbox = Mailbox(alarm: alarm)
    heartbeat = Heartbeat(database: store.path)
    let before = EarlierEnd(heartbeat: heartbeat, time: time)
    heartbeat.tell(nil)
    vitals = Vitals(now: now, uptime: time.uptime)
    vitals.watch(conditions)
    let daemon = try Daemon(
      schedule: options.schedule, catalog: catalog, store: store, runner: runner,
      conditions: conditions, workers: options.workers,
      asksForClockProof: options.venueClocks != nil, now: now, uptime: time.uptime, log: log)
    settings = options.settings.map {
      FollowedFile(path: $0.path, remedy: "put the file back; what was read of it stays in force")
    }
    schedules = FollowedSchedule(path: options.schedulesPath)
    loop = ServiceLoop(
      ServiceLoop.Start(
        daemon: daemon,
        shutdown: ShutdownState(
          drainTimeout: ShutdownState.drainTimeout(
            of: options.schedule, stopGrace: options.stopGrace, log: log)),
        schedulesPath: options.schedulesPath,
        schedules: try Self.contents(of: options, &schedules),
        settings: options.settings.map {
          SettingsFollower(path: $0.path, text: $0.text, mistakes: options.settingsMistakes)
        },
        storageGrace: options.storageGrace, stopGrace: options.stopGrace),
      runner: runner, conditions: conditions, log: log)
    let facts = StartFacts(
      version: options.version, schedulesPath: options.schedulesPath,
      schedulesText: options.schedulesText, settings: options.settings,
      clockSuspicion: conditions.clockSuspicion,
      before: before)
    try store.write(at: now) { try facts.tell($0) }
    try loop.warn(of: options.schedule, now: now)
  }

  /// What is followed from the start: the text that was read, and the calendars as they are now.
  private static func contents(
    of options: Options, _ files: inout FollowedSchedule
  ) throws -> ScheduleFollower.Contents {
    var calendars: Set<String> = []
    _ = try Schedule.parse(
      options.schedulesText, at: options.schedulesPath, calendars: &calendars)
    var contents = ScheduleFollower.Contents(text: options.schedulesText)
    if case .contents(let seen)? = files.look(isForced: true, calendars: calendars) {
      contents.calendars = seen.calendars
      // An edit since then is seen by the first turn.
      if seen.text != options.schedulesText {
        files = FollowedSchedule(path: options.schedulesPath)
      }
    } else {
      contents.calendars = Dictionary(uniqueKeysWithValues: calendars.map { ($0, String?.none) })
    }
    return contents
  }

  /// Runs until it is told to stop and what was in flight has ended. Blocks the calling thread.
  ///
  /// - Returns: 0 after an orderly stop; 75 when jobs were interrupted.
  /// - Throws: a `Fault` of the database: the ledger cannot be kept, so the process must end.
  public func run() throws -> ExitCode {
    try watchdog.start(
      activity: { [runner] in runner.activity }, uptime: { [time] in time.uptime },
      bite: { [log, flushLog] reason in
        log.critical("watchdog: \(reason)")
        flushLog()
        Glibc._exit(ExitCode.internal.rawValue)
      })
    defer {
      watchdog.stop()
      pool.stop()
    }
    log.notice(
      "running",
      metadata: ["jobs": "\(loop.daemon.schedule.jobs.count)", "database": "\(store.path)"])
    if let next = loop.daemon.schedule.upcoming(from: time.now, count: 1).first {
      log.notice("next", metadata: ["job": "\(next.job)", "slot": "\(next.at)"])
    }
    var wake = ServiceLoop.Wake()
    while true {
      watchdog.beat()
      let (now, uptime) = (time.now, time.uptime)
      vitals.beat(now: now, uptime: uptime)
      let letters = mailbox.take()
      for letter in letters {
        vitals.ended(letter.run, uptime: uptime, scoring: letter.scoring)
        if let end = letter.news {
          pings?.tell(letter.run.firing.slot.job, end, run: letter.run.run)
        }
      }
      let effects = try loop.turn(
        now: now, uptime: uptime, letters: letters, readings: mailbox.takeReadings(), wake: wake,
        look: { [self] in look(isForced: $0, calendars: $1) })
      heartbeat.beat()
      // As process 1 of a container, it is the parent of every orphan there.
      OwnChildren.reapOrphans()
      if !letters.isEmpty || !effects.isEmpty || wake.isRung || !wake.signals.isEmpty { onEvents() }
      for effect in effects {
        if let end = try perform(effect) { return end }
      }
      wake = answer(
        alarm.sleep(
          until: loop.nextWake,
          limit: loop.sleepLimit(
            at: time.uptime, longest: .seconds(Alarm.longestSleepSeconds))))
    }
  }

  private func look(isForced: Bool, calendars: Set<String>) -> ServiceLoop.Surroundings {
    ServiceLoop.Surroundings(
      schedule: schedules.look(isForced: isForced, calendars: calendars),
      settings: settings?.look(isForced: false), databaseFault: presence?.fault())
  }

  /// What ended a sleep, as the loop is told of it.
  private func answer(_ wake: Alarm.Wake) -> ServiceLoop.Wake {
    var told = ServiceLoop.Wake(isRung: wake.fileChanged)
    for signal in wake.signals {
      log.notice(signal == SIGHUP ? "SIGHUP" : signal == SIGTERM ? "SIGTERM" : "SIGINT")
      told.signals.append(signal == SIGHUP ? .reload : .stop)
    }
    return told
  }

  /// Does what the loop wants. Returns the exit code when that is to leave.
  private func perform(_ effect: ServiceLoop.Effect) throws -> ExitCode? {
    switch effect {
    case .start(let run, let job): start(run, job)
    case .drain:
      vitals.isDraining = true
      runner.drain()
    case .interrupt: runner.interrupt()
    case .readClock: readClock()
    case .tellStorage(let storage): tell(storage)
    case .end(let code, nil): return try finish(code)
    case .end(let code, .some(let fault)):
      log.critical(
        "leaving, since nothing can be recorded: \(fault)", metadata: ["exit": "\(code.rawValue)"])
      return code
    }
    return nil
  }

  /// Asks the kernel and the venues for the time. The reading counts from when it was asked for.
  private func readClock() {
    guard let venueClocks else { return }
    let (uptime, kernel) = (time.uptime, KernelClock.read())
    Task { [mailbox, log] in
      let reading = ClockReading(
        uptime: uptime, isSynchronised: kernel.isSynchronised, venues: await venueClocks())
      log.info(
        "clock",
        metadata: [
          "kernel": "\(kernel)",
          "venues_ahead_by": "\(reading.venues.map { $0?.description ?? "untold" })",
        ])
      mailbox.leave(reading)
    }
  }

  /// Hands a claimed run to a worker.
  private func start(_ run: ClaimedRun, _ job: any Job) {
    guard let worker = pool.take() else {
      preconditionFailure("the planner starts no more than there are workers")
    }
    vitals.started(run, now: time.now, uptime: time.uptime)
    pings?.tell(run.firing.slot.job, .started, run: run.run)
    log.info(
      "started",
      metadata: [
        "job": "\(run.firing.slot.job)", "slot": "\(run.firing.slot.time)",
        "attempt": "\(run.attempt)", "trigger": "\(run.firing.trigger)",
      ])
    Task(executorPreference: worker) { [runner, mailbox, pool] in
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

  private func tell(_ storage: Conditions.Storage?) {
    vitals.storage = storage.map {
      StorageNote(
        trouble: $0.trouble, since: time.now - (time.uptime - $0.since), words: "\($0.fault)",
        remedy: $0.fault.remedy)
    }
    heartbeat.tell(vitals.storage)
    if let note = vitals.storage, note.trouble.haltsTrading {
      log.critical("no order is sent while the storage refuses: \(note.words)")
    } else if storage == nil {
      log.notice("the storage holds again")
    }
  }

  private func finish(_ code: ExitCode) throws -> ExitCode {
    try store.write(at: time.now) {
      try $0.audit.append("stop", code == .done ? "drained" : "interrupted")
      try $0.alerts.raise(try ServiceAlerts.stopped(code, $0))
    }
    try checkpoint()
    log.notice("stopped", metadata: ["clean": "\(code == .done)"])
    return code
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
