import ArgumentParser
import Disk
import Domain
import Glibc
import Jobs
import Logging
import Net
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
    let workspace: Workspace
    let schedule: Schedule
    let set: ChannelSet
    do {
      workspace = try Workspace(global)
      schedule = try workspace.schedule()
      set = try ChannelSet(workspace.settings)
    } catch {
      throw try everyMistake(behind: error)
    }
    let awaited = try workspace.awaited()
    let (log, pump) = try workspace.serviceLogger()
    defer {
      pump.flush(for: .seconds(Self.lastWordsSeconds))
      // Whoever does not read by now must not hold up the end.
      StandardStream.limitWaits(toMilliseconds: Int32(Self.lastWordsSeconds * 1000))
    }
    let settings = workspace.settings
    let text = try workspace.schedulesText()
    let inForce = SettingsInForce(settings).rows.map { row in
      (row.name, Logger.MetadataValue.string("\(row.value) (\(row.source))"))
    }
    log.info("settings", metadata: Dictionary(inForce, uniquingKeysWith: { first, _ in first }))
    if let awaited { try WaitingRoom(awaited: awaited, log: log).wait() }
    let now = SystemTime().now
    tellOfSetup(workspace, text, log)
    if let halt = workspace.standingHalt { log.warning("no order is sent: \(halt)") }
    let armed = try workspace.armed()
    for (name, account) in settings.accounts.sorted(by: { $0.key < $1.key }) where account.isLive {
      if let reason = account.disarmed(name, armed: armed) {
        log.warning("account \(name) sends nothing: \(reason)")
      } else {
        log.notice("account \(name) is armed: its orders cost real money")
      }
    }
    let lock = try ProcessLock.acquire(
      beside: settings.database, purpose: "carillon run", now: now)
    let daemonLock = try DaemonLock.acquire(settings.database, now: now)
    // Before the first connection is opened: each is told whether it may fold the log.
    try LogSpool(database: settings.database).turn(on: settings.ship != nil)
    let store = try Store.open(settings.database, mode: .create)
    let shipping = try ship(store, settings, log)
    let sending = try shipping.flatMap { try sender(after: $0, workspace, log) }
    sending?.start()
    let exchanges = settings.venues.filter { $0.value.kind != .csv && $0.value.kind != .simulated }
    let meter = ExchangeMeter(venues: exchanges.mapValues(\.baseURL))
    let catalog = try workspace.catalog(meter: meter)
    let process = try ServiceProcess(
      ServiceProcess.Options(
        schedulesPath: workspace.schedulesPath, schedulesText: text, schedule: schedule,
        settings: workspace.settingsFile, settingsMistakes: workspace.settingsMistakes,
        workers: settings.workers, storageGrace: settings.storageGrace,
        stopGrace: try workspace.stopGrace(), halt: workspace.standingHalt, armed: armed,
        venueClocks: Self.clocks(settings, catalog), version: Version.text),
      store: store, lock: lock, catalog: catalog, log: log,
      flushLog: { pump.flush(for: .seconds(Self.lastWordsSeconds)) })
    let readings = ServiceReadings(
      store, survey: survey(workspace), vitals: process.vitals, version: Version.text,
      mode: settings.modeText, settings: settings, meter: meter, time: SystemTime())
    let web = noWeb ? nil : try serve(readings, settings, log)
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
    let chats = set.channels.compactMap { channel in
      ChatListener(
        channel, readings: readings, store, transport: transport, words: set.words,
        time: SystemTime(), log: log, ring: { notifier.ring() })
    }
    for chat in chats { chat.start() }
    let end: Domain.ExitCode
    do {
      defer {
        web?.stop()
        if web == nil { readings.stop() }
        shipping?.stop()
      }
      end = try process.run()
    } catch {
      try Blocking.wait {
        await sending?.stop()
        for chat in chats { await chat.stop() }
        await pings.stop()
        await notifier.stop()
      }
      throw error
    }
    try Blocking.wait {
      await sending?.stop()
      for chat in chats { await chat.stop() }
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

  /// A start is refused for one mistake, and tells of every other that a second try would find.
  ///
  /// - Returns: the mistake itself where it is the only one, else the exit code, when all are told.
  private func everyMistake(behind error: any Error) throws -> any Error {
    let report = try Blocking.wait { [global] in
      await SetupLook(global, offline: true, time: SystemTime()).check.report
    }
    let failed = report.findings.filter { $0.status == .fail }
    guard failed.count > 1 else { return error }
    if !report.diagnostics.items.isEmpty { Console.report(report.diagnostics) }
    for finding in failed where finding.place == nil {
      Console.say("\(finding.area.rawValue): \(finding.text)")
      if let mend = finding.mend { Console.say("  \(mend)") }
    }
    return leave(report.exit)
  }

  /// Ships the database's log, where the settings say how often.
  private func ship(_ store: Store, _ settings: Settings, _ log: Logger) throws -> LogShipping? {
    guard let interval = settings.ship else { return nil }
    return try LogShipping(store, every: interval, time: SystemTime(), log: log)
  }

  /// Sends the shipped log away, where the settings name a remote.
  private func sender(
    after shipping: LogShipping, _ workspace: Workspace, _ log: Logger
  ) throws -> LogSending? {
    let settings = workspace.settings
    guard settings.snapshot.remote != nil, let interval = settings.ship else { return nil }
    let folder = SnapshotFolder(SnapshotLocation.folder(of: settings))
    let desk = try RemoteOptions.desk(workspace, folder)
    return LogSending(after: shipping, every: interval, time: SystemTime(), log: log) {
      try await desk.sendLog { try Task.checkCancellation() }
    }
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

  /// What asks the exchanges of real money for the time; nil where there are none.
  private static func clocks(
    _ settings: Settings, _ catalog: JobCatalog
  ) -> (@Sendable () async -> [TimeSpan?])? {
    guard settings.accounts.values.contains(where: { $0.isLive }) else { return nil }
    return { @Sendable () async -> [TimeSpan?] in
      await catalog.liveClocks(time: SystemTime())
    }
  }

  /// Serves probes and metrics of the process.
  private func serve(
    _ readings: ServiceReadings, _ settings: Settings, _ log: Logger
  ) throws -> WebServer {
    let door = try WebUsersFile.door(settings.web)
    if case .nobody = door.access {
      log.warning(
        "the pages are closed: others can reach \(settings.web.bind), and nobody can log in",
        metadata: ["mend": "carillon web password NAME > users, and web: { users-file: users }"])
    }
    return try WebServer.start(
      bind: settings.web.bind, port: settings.web.port, hosts: settings.web.hosts,
      door: door, readings: readings, log: log)
  }

  private func survey(_ workspace: Workspace) -> HealthSurvey {
    HealthSurvey(
      database: workspace.settings.database, schedulesPath: workspace.schedulesPath,
      settings: workspace.settings.health)
  }
}
