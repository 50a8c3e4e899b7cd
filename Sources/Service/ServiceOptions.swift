public import Domain
public import Scheduler

extension ServiceProcess {
  /// What a service follows and how patient it is.
  public struct Options {
    /// The path of the schedules file.
    public var schedulesPath: String
    /// Its text as it was read.
    public var schedulesText: String
    /// What the text says.
    public var schedule: Schedule
    /// The settings file and its text as it was read; nil for the built-in ones.
    public var settings: (path: String, text: String)?
    /// What is wrong with a text of the settings file; nil when nothing is.
    public var settingsMistakes: @Sendable (String) -> String?
    /// How many jobs may run at once.
    public var workers: Int
    /// How long it lives with a storage that refuses.
    public var storageGrace: TimeSpan
    /// How long the supervisor waits after SIGTERM before it kills.
    public var stopGrace: TimeSpan?
    /// Why nothing may be sent as long as the process lives; nil when it may.
    public var halt: String?
    /// By how much the clock of each venue where orders cost real money is ahead of ours; nil for one
    /// that does not answer. Where it is given, a clock that was set is to be proven before orders are sent.
    public var venueClocks: (@Sendable () async -> [TimeSpan?])?
    /// The version of the program.
    public var version: String

    /// Options of these parts.
    public init(
      schedulesPath: String, schedulesText: String, schedule: Schedule,
      settings: (path: String, text: String)?,
      settingsMistakes: @escaping @Sendable (String) -> String?, workers: Int,
      storageGrace: TimeSpan, stopGrace: TimeSpan?, halt: String? = nil,
      venueClocks: (@Sendable () async -> [TimeSpan?])? = nil, version: String
    ) {
      (self.schedulesPath, self.schedulesText) = (schedulesPath, schedulesText)
      (self.schedule, self.settings, self.workers) = (schedule, settings, workers)
      self.settingsMistakes = settingsMistakes
      (self.storageGrace, self.stopGrace) = (storageGrace, stopGrace)
      (self.halt, self.venueClocks, self.version) = (halt, venueClocks, version)
    }
  }
}
