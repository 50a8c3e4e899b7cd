import Disk
public import Domain
public import Jobs
public import Net
public import Scheduler
public import Settings
import Store

/// A set-up as `carillon doctor` looks at it: whatever of it could be read.
public struct ExaminedSetup: Sendable {
  /// The version of the program.
  public var version: String
  /// What `carillon check` found of it.
  public var check: SetupReport
  /// The settings; nil where they are wrong.
  public var settings: Settings?
  /// The files of the set-up that are there: settings, schedules, users.
  public var files: [String] = []
  /// The schedule; nil where it is wrong.
  public var schedule: Schedule?
  /// The jobs that could be made.
  public var jobs: [(listing: JobListing, job: any Job)]
  /// Where the schedules file stands.
  public var schedulesPath: String
  /// Only this account; nil: all.
  public var account: String?
  /// Why nothing may be sent, whatever the database says; nil when it may.
  public var halt: String?
  /// The accounts whose real money may be traded.
  public var armed: Set<String> = []
  /// What makes the jobs, and asks their venues; nil where the settings are wrong.
  public var catalog: JobCatalog?
  /// What takes a test message to each channel; nil: none is sent.
  public var messenger: (any HTTPTransport)?
  /// Whether no venue is asked.
  public var isOffline = false
  /// Where the time comes from.
  public var time: any TimeSource

  /// A set-up of these parts.
  public init(
    version: String, check: SetupReport, settings: Settings?, schedule: Schedule?,
    jobs: [(listing: JobListing, job: any Job)], schedulesPath: String, account: String? = nil,
    halt: String? = nil, time: any TimeSource
  ) {
    (self.version, self.check, self.settings, self.schedule) = (version, check, settings, schedule)
    (self.jobs, self.schedulesPath, self.account) = (jobs, schedulesPath, account)
    (self.halt, self.time) = (halt, time)
  }

  /// Reads the database; nil where there is none yet.
  ///
  /// - Throws: a `Fault` when it cannot be read.
  func read<T>(_ body: (ReadTransaction) throws -> T) throws -> T? {
    guard let path = settings?.database, TextFile.exists(path) else { return nil }
    let store = try Store.open(path, mode: .readOnly)
    let value = try store.read(body)
    try store.close()
    return value
  }
}
