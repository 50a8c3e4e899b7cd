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

/// What a command works with: settings, schedule, database, jobs; each read when it is asked for.
struct Workspace {
  /// The settings.
  let settings: Settings
  /// The settings file and its text as it was read; nil for the built-in settings.
  let settingsFile: (path: String, text: String)?
  private let options: SetupOptions
  private let environment: [String: String]

  /// The settings file that is read where none is named.
  static let standardSettingsFile = "carillon.yaml"
  /// The schedules file that is read where none is named.
  static let schedulesFile = "schedules/carillon.yaml"

  /// Reads the settings: `--config`, else CARILLON_CONFIG, else `carillon.yaml`, else the built-in
  /// ones.
  init(_ options: SetupOptions) throws {
    self.options = options
    environment = Self.environment()
    let source = try Self.settingsSource(options.settings, environment)
    settingsFile = source.isFile ? (source.file, source.text) : nil
    let (settings, warnings) = try Self.settings(of: source, environment)
    if !warnings.items.isEmpty { Console.report(warnings) }
    try Self.refuseLive(settings, source.file)
    self.settings = settings
  }

  /// What a command works with that shows times.
  init(_ options: GlobalOptions) throws { try self.init(options.setup) }

  /// What a command works with that reads no schedule.
  init(_ options: SettingsOptions) throws {
    var setup = SetupOptions()
    setup.settings = options
    try self.init(setup)
  }

  /// The text of the settings, and what messages call it.
  static func settingsSource(
    _ options: SettingsOptions, _ environment: [String: String]
  ) throws -> (text: String, file: String, isFile: Bool) {
    let named = options.config ?? environment["CARILLON_CONFIG"]
    guard
      let path = named
        ?? (TextFile.exists(Self.standardSettingsFile) ? Self.standardSettingsFile : nil)
    else { return (BuiltInSettings.text, BuiltInSettings.name, false) }
    return (try TextFile.read(path, remedy: "carillon init DIR writes one"), path, true)
  }

  /// What a text of settings says, with calendars beside it.
  static func settings(
    of source: (text: String, file: String, isFile: Bool), _ environment: [String: String]
  ) throws(Diagnostics) -> (settings: Settings, warnings: Diagnostics) {
    let folder = CalendarFolder(beside: source.file)
    return try Settings.read(source.text, file: source.file, environment: environment) {
      (name: String) throws(Fault) in try folder.calendar(name)
    }
  }

  /// Refuses what this version does not do.
  static func refuseLive(_ settings: Settings, _ file: String) throws(Fault) {
    guard settings.mode == .paper else {
      throw Fault(
        "trade", "live", cause: "`mode: live` belongs to an account",
        remedy: "leave it out at the top of \(file): accounts: { NAME: { mode: live } }",
        exit: .refused)
    }
  }

  /// The path of the schedules file.
  var schedulesPath: String {
    options.schedules ?? environment["CARILLON_SCHEDULES"] ?? settings.resolve(Self.schedulesFile)
  }

  /// The text of the schedules file.
  func schedulesText() throws -> String {
    try TextFile.read(
      schedulesPath, remedy: "name one with --schedules, or write one: carillon init DIR")
  }

  /// The schedule, with the parameters of its jobs checked.
  func schedule() throws -> Schedule {
    try schedule(try schedulesText(), at: schedulesPath)
  }

  /// The schedule of a text, as if it stood at a path, with the parameters of its jobs checked.
  func schedule(_ text: String, at path: String) throws -> Schedule {
    let schedule = try Schedule.parse(text, at: path)
    _ = try Daemon.jobs(of: schedule, try catalog())
    return schedule
  }

  /// Makes the jobs.
  func catalog(trace: Bool = false, meter: ExchangeMeter? = nil) throws -> JobCatalog {
    try Self.catalog(settings, trace: trace, meter: meter)
  }

  /// Makes jobs under settings; with `trace` every request is told on standard error, and a meter
  /// counts what goes to exchanges.
  static func catalog(
    _ settings: Settings, trace: Bool = false, meter: ExchangeMeter? = nil
  ) throws -> JobCatalog {
    let curl = try transport(settings)
    var transport: any HTTPTransport =
      trace ? TracingTransport(curl, time: SystemTime()) { Console.say($0) } : curl
    if let meter { transport = MeteredTransport(transport, meter: meter, time: SystemTime()) }
    return JobCatalog(
      settings, sources: MarketSources(settings, transport: transport, time: SystemTime()),
      reports: ReportDesk(settings, version: Version.text))
  }

  /// Reaches addresses as the settings say.
  func transport() throws -> CurlTransport { try Self.transport(settings) }

  /// Reaches addresses as settings say.
  static func transport(_ settings: Settings) throws -> CurlTransport {
    try CurlTransport(
      userAgent: "carillon/\(Version.text)", proxy: settings.network.proxy?.reveal { $0 },
      caFile: settings.network.caFile)
  }

  /// The database, which must exist, to be read.
  func existingStore() throws -> Store {
    try requireDatabase()
    do { return try Store.open(settings.database, mode: .readOnly) } catch {
      throw Self.asked(of: settings.database, error)
    }
  }

  private func requireDatabase() throws(Fault) {
    guard !TextFile.exists(settings.database) else { return }
    throw Fault(
      "open the database", settings.database, cause: "there is none yet",
      remedy: "carillon run makes it, and so does carillon job run fetch", exit: .noInput)
  }

  /// Writes to the database, under the lock that everything takes that writes.
  ///
  /// - Throws: exit 66 when there is no database, 75 while a restore is under way.
  func writing<T>(_ purpose: String, _ body: (Store, ProcessLock) throws -> T) throws -> T {
    let (store, lock) = try openForWriting(purpose)
    let result: T
    do {
      result = try body(store, lock)
    } catch {
      try store.close()
      throw error
    }
    try store.close()
    withExtendedLifetime(lock) {}
    return result
  }

  /// The database to be written to, with the lock to be held meanwhile.
  ///
  /// - Throws: exit 66 when there is no database, 75 while a restore is under way.
  func openForWriting(_ purpose: String) throws -> (store: Store, lock: ProcessLock) {
    // What changes something does so to the end, whoever reads what it says.
    StandardOutput.outliveReaders()
    try requireDatabase()
    let lock = try ProcessLock.acquire(
      beside: settings.database, purpose: purpose, now: SystemTime().now)
    return (try Store.open(settings.database, mode: .readWrite), lock)
  }

  /// The accounts whose real money may be traded.
  ///
  /// - Throws: exit 78 when the environment arms what is no live account.
  func armed() throws(Fault) -> Set<String> { try LiveArming.accounts(in: environment, settings) }

  /// What holds for a process from its start: a halt, and which accounts are armed.
  func conditions() throws(Fault) -> Conditions {
    Conditions(halt: standingHalt, armed: try armed())
  }

  /// Why nothing may be sent, where the environment says so: `CARILLON_HALT=1`, or a reason.
  var standingHalt: String? { Self.standingHalt(in: environment) }

  /// Why nothing may be sent, where an environment says so.
  static func standingHalt(in environment: [String: String]) -> String? {
    guard let text = environment["CARILLON_HALT"], !text.isEmpty, text != "0", text != "false"
    else { return nil }
    return "CARILLON_HALT=\(text) in the environment"
  }

  /// Who may not read another user's database asks as that user: to take it away from a running service
  /// is no remedy.
  private static func asked(of path: String, _ fault: Fault) -> Fault {
    var status = stat()
    guard fault.exit == .io || fault.exit == .cannotCreate, stat(path, &status) == 0,
      status.st_uid != geteuid()
    else { return fault }
    var fault = fault
    let owner = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) }
    fault.remedy = "ask as its owner: sudo -u \(owner ?? "#\(status.st_uid)") carillon ..."
    return fault
  }

  /// How long the newest runs of the jobs took, as far as there is a database that knows.
  func learnedDurations(of schedule: Schedule) throws -> LearnedDurations {
    guard TextFile.exists(settings.database) else { return LearnedDurations([:]) }
    return try existingStore().read { try LearnedDurations(of: schedule, in: $0) }
  }

  /// How long the supervisor waits after SIGTERM (CARILLON_STOP_GRACE), if it says.
  func stopGrace() throws -> TimeSpan? {
    guard let text = environment["CARILLON_STOP_GRACE"] else { return nil }
    guard let span = TimeSpan(text) else {
      throw Fault(
        "read", "CARILLON_STOP_GRACE", cause: "`\(text)` is no span",
        remedy: "write it with a unit: CARILLON_STOP_GRACE=6m", exit: .configuration)
    }
    return span
  }

  /// What must answer before the service begins (CARILLON_WAIT_FOR); nil: nothing.
  func awaited() throws(Fault) -> Awaited? {
    guard let text = environment["CARILLON_WAIT_FOR"], !text.isEmpty else { return nil }
    return try Awaited(text, limit: environment["CARILLON_WAIT_LIMIT"])
  }

  /// A log on standard error, for commands by hand, which tell of their runs themselves: only what went
  /// wrong is worth a line beside that.
  func logger() -> Logger {
    let level = max(settings.log.level, .warning)
    let format = format(of: .error)
    return Logger(label: "carillon") { _ in
      LineLog(format: format, level: level, stream: .error, time: SystemTime())
    }
  }

  /// The log of `run`, on standard output, through a pump: whoever reads it, or does not, holds up
  /// neither the loop nor the watchdog.
  ///
  /// - Throws: exit 69 when the system has no room for a thread.
  func serviceLogger() throws(Fault) -> (log: Logger, pump: LogPump) {
    let (level, format) = (settings.log.level, format(of: .output))
    let pump = try LogPump(to: .output) {
      LineLog.dropped($0, format, now: SystemTime().now)
    }
    let log = Logger(label: "carillon") { _ in
      LineLog(format: format, level: level, pump: pump, time: SystemTime())
    }
    return (log, pump)
  }

  private func format(of stream: StandardStream) -> LogSettings.Format {
    settings.log.format ?? (stream.isTerminal ? .text : .json)
  }

  /// What is wrong with a text of the settings file, in one line; nil when nothing is.
  var settingsMistakes: @Sendable (String) -> String? {
    { [environment, file = settings.source] text in
      do throws(Diagnostics) {
        _ = try Workspace.settings(of: (text: text, file: file, isFile: true), environment)
        return nil
      } catch {
        return error.items.first.map { "\($0)" } ?? "\(error)"
      }
    }
  }

  /// The process's environment.
  static func environment() -> [String: String] {
    var values: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text)
      if let equals = pair.firstIndex(of: "=") {
        values[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
      }
      entry += 1
    }
    return values
  }
}
