import ArgumentParser
import Disk
import Domain
import Glibc
import Logging
import Scheduler
import Service
import Settings
import Store
import StrictYAML

/// `carillon run`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the scheduler, until SIGTERM or Ctrl-C.",
    discussion: """
      Wakes when a job is due, runs it, and sleeps. SIGTERM and Ctrl-C let the job in flight finish; \
      a second one interrupts it (exit 75). SIGHUP reads the schedules file again; an edited file is \
      noticed by itself. A database that refuses writes for longer than `storage-grace` ends it \
      (exit 74; 75 when another process holds the lock).
      """)

  @OptionGroup var global: SetupOptions

  @Flag(name: .customLong("no-web"), help: "Do not serve HTTP.")
  var noWeb = false

  /// At the end, the log and what is said of a fault wait so long for who reads.
  private static let lastWordsSeconds: Int64 = 1

  func run() throws {
    let workspace = try Workspace(global)
    let (log, pump) = try workspace.serviceLogger()
    defer {
      pump.flush(for: .seconds(Self.lastWordsSeconds))
      // Whoever does not read by now must not hold up the end.
      StandardStream.limitWaits(toMilliseconds: Int32(Self.lastWordsSeconds * 1000))
    }
    let settings = workspace.settings
    let text = try workspace.schedulesText()
    let schedule = try workspace.schedule()
    let now = SystemTime().now
    tellOfSetup(workspace, text, log)
    if let halt = workspace.standingHalt { log.warning("no order is sent: \(halt)") }
    let set = try ChannelSet(settings)
    let lock = try ProcessLock.acquire(
      beside: settings.database, purpose: "carillon run", now: now)
    let daemonLock = try DaemonLock.acquire(settings.database, now: now)
    // Before the first connection is opened: each is told whether it may fold the log.
    try LogSpool(database: settings.database).turn(on: settings.ship != nil)
    let store = try Store.open(settings.database, mode: .create)
    let shipping = try ship(store, settings, log)
    let process = try ServiceProcess(
      ServiceProcess.Options(
        schedulesPath: workspace.schedulesPath, schedulesText: text, schedule: schedule,
        settings: workspace.settingsFile, settingsMistakes: workspace.settingsMistakes,
        workers: settings.workers, storageGrace: settings.storageGrace,
        stopGrace: try workspace.stopGrace(), halt: workspace.standingHalt,
        version: Version.text),
      store: store, lock: lock, catalog: try workspace.catalog(), log: log,
      flushLog: { pump.flush(for: .seconds(Self.lastWordsSeconds)) })
    let web = noWeb ? nil : try serve(process, store, workspace, log)
    let transport = try workspace.transport()
    let notifier = Notifier(
      store, survey: survey(workspace), vitals: process.vitals, settings: settings.notify,
      channels: set.channels, words: set.words, transport: transport, time: SystemTime(), log: log)
    try notifier.start()
    let pings = PingSender(
      set.pings, store, transport: transport, secrets: set.secrets, time: SystemTime())
    pings.start()
    process.pings = pings
    process.onEvents = { notifier.ring() }
    let end: Domain.ExitCode
    do {
      defer {
        web?.stop()
        shipping?.stop()
      }
      end = try process.run()
    } catch {
      try Blocking.wait {
        await pings.stop()
        await notifier.stop()
      }
      throw error
    }
    try Blocking.wait {
      await pings.stop()
      await notifier.stop()
    }
    do {
      try store.close()
    } catch {
      // A database that refused the service to its end has been told of by then.
      guard end == .done else { throw leave(end) }
      throw error
    }
    withExtendedLifetime((lock, daemonLock)) {}
    if end != .done { throw leave(end) }
  }

  /// Ships the database's log, where the settings say how often.
  private func ship(_ store: Store, _ settings: Settings, _ log: Logger) throws -> LogShipping? {
    guard let interval = settings.ship else { return nil }
    return try LogShipping(store, every: interval, time: SystemTime(), log: log)
  }

  /// Tells, before anything is due, of what a run would stumble over: a model that is not there, a
  /// program, a disk that is full. The service starts all the same: what is missing may come.
  private func tellOfSetup(_ workspace: Workspace, _ text: String, _ log: Logger) {
    var check = SetupCheck()
    do {
      let catalog = try workspace.catalog()
      check.schedules(text, at: workspace.schedulesPath, catalog, now: SystemTime().now)
      check.database(workspace.settings)
      check.surroundings(catalog)
    } catch {
      check.schedules(refused: error)
    }
    for finding in check.report.findings where finding.status != .pass {
      let place = finding.place.map { "\($0.location): " } ?? ""
      let mend = finding.mend.map { "; \($0)" } ?? ""
      log.log(
        level: finding.status == .fail ? .error : .warning,
        "\(finding.area.rawValue): \(place)\(finding.text)\(mend)")
    }
  }

  /// Serves probes and metrics of the process.
  private func serve(
    _ process: ServiceProcess, _ store: Store, _ workspace: Workspace, _ log: Logger
  ) throws -> WebServer {
    let settings = workspace.settings
    let access = try access(settings.web)
    if case .nobody = access {
      log.warning(
        "the pages are closed: others can reach \(settings.web.bind), and nobody can log in",
        metadata: ["mend": "carillon web password NAME > users, and web: { users-file: users }"])
    }
    let readings = ServiceReadings(
      store, survey: survey(workspace), vitals: process.vitals, version: Version.text,
      mode: settings.modeText, settings: settings, time: SystemTime())
    return try WebServer.start(
      bind: settings.web.bind, port: settings.web.port, hosts: settings.web.hosts,
      access: access, readings: readings, log: log)
  }

  private func survey(_ workspace: Workspace) -> HealthSurvey {
    HealthSurvey(
      database: workspace.settings.database, schedulesPath: workspace.schedulesPath)
  }

  /// Who sees the pages: whom the file of users names; without one, everybody at this machine.
  private func access(_ web: WebSettings) throws -> WebAccess {
    guard let file = web.usersFile else { return web.isLocal ? .everybody : .nobody }
    let text = try TextFile.read(file, remedy: "make it: carillon web password NAME > \(file)")
    return .users(try WebUsers(text, file: file))
  }
}
