public import Calendars
public import Domain
public import StrictYAML

/// What `carillon.yaml` says: mode, accounts, venues, and the default parameters of the jobs.
///
/// A flag wins over an environment variable, that over the file, that over the default written here.
/// Unlike schedules, settings are read once: a changed file needs a restart.
public struct Settings: Sendable {
  /// How orders are executed.
  public enum Mode: String, CaseIterable, Sendable {
    /// By the paper venue, from candles.
    case paper
    /// By the exchange, with real money.
    case live
  }

  /// How orders are executed.
  public var mode: Mode
  /// The path of the SQLite file.
  public var database: String
  /// The venues by name.
  public var venues: [String: VenueSettings]
  /// The accounts by name.
  public var accounts: [String: AccountSettings]
  /// What health says of what a person may have meant.
  public var health = HealthSettings()
  /// What the jobs look at, unless their own parameters say otherwise.
  public var market: MarketSettings
  /// The default parameters of each kind of job; `with:` in the schedules file overrides them key
  /// by key.
  public var defaults: [JobKind: YAMLNode]
  /// The HTTP server.
  public var web: WebSettings
  /// How exchanges are reached.
  public var network = NetworkSettings()
  /// Who is told what is wrong.
  public var notify = NotifySettings()
  /// Whose the snapshots are, and where copies of them go.
  public var snapshot = SnapshotSettings()
  /// The log.
  public var log: LogSettings
  /// How many jobs may run at once.
  public var workers: Int
  /// How long the service lives with a database that refuses writes (a full disk, a lock that is not
  /// let go of) before it ends and leaves the rest to its supervisor.
  public var storageGrace: TimeSpan
  /// How often the database's log is shipped to the folder beside it; nil: it is not.
  public var ship: TimeSpan?
  /// How orders are executed, for people: `live` where an account's orders cost real money, `test` where
  /// they leave for an exchange.
  public var modeText: String {
    let modes = Set(accounts.values.map(\.modeText))
    return ["live", "test"].first(where: modes.contains) ?? mode.rawValue
  }

  /// The accounts whose orders are worth money, by name: what is done there asks for the name.
  public var liveAccounts: [String] {
    mode == .live ? accounts.filter { $0.value.execution != .paper }.keys.sorted() : []
  }

  /// The calendar of the market that a venue's candles are of; nil: it never closes.
  public func calendar(ofVenue name: String) -> TradingCalendar? {
    (name == market.venue ? market.calendar : nil) ?? venues[name]?.calendar
  }

  /// What was given, each with its place.
  public var given: [GivenSetting] = []
  /// The folder that relative paths in the file refer to.
  public var folder: String
  /// Where the settings came from: the path of the file, or `the built-in default`.
  public var source: String

  /// The most jobs that may run at once.
  public static let maximumWorkers = 64
  /// The grace unless another is given.
  public static let standardStorageGrace = TimeSpan.minutes(5)

  /// A path of the file made absolute, or relative to the working directory as the file's own.
  public func resolve(_ path: String) -> String {
    path.hasPrefix("/") || folder.isEmpty || folder == "." ? path : "\(folder)/\(path)"
  }
}

/// A source of candles, and of instruments.
public struct VenueSettings: Hashable, Sendable {
  /// What kinds of source there are.
  public enum Kind: String, CaseIterable, Sendable {
    /// A folder of candle files.
    case csv
    /// A seeded random market.
    case simulated
    /// Binance Spot.
    case binance
    /// Kraken Spot.
    case kraken
  }

  /// What kind of source it is.
  public var kind: Kind
  /// `csv`: the folder, resolved.
  public var path: String?
  /// `simulated`: the seed.
  public var seed: UInt64
  /// `simulated`: how long each question takes, to rehearse a slow source.
  public var delay: TimeSpan
  /// `csv`: trading rules of symbols, where they are known better than its candles tell them.
  public var rules: [Symbol: RuleSettings] = [:]
  /// `binance`, `kraken`: the address, without a path.
  public var baseURL: String
  /// The calendar of the market that its candles are of; nil: it never closes.
  public var calendar: TradingCalendar?
  /// Whether its candles tell what was traded.
  public var volume = Volume.told

  /// What a source says of volumes.
  public enum Volume: String, CaseIterable, Sendable {
    /// Each candle has its volume, and 0 means that nothing was traded.
    case told
    /// The source knows none: whatever stands there means nothing.
    case none
  }

  /// The address of Binance Spot's public market data.
  public static let binanceURL = "https://data-api.binance.vision"
  /// The address of Kraken Spot, for market data and orders.
  public static let krakenURL = "https://api.kraken.com"
  /// The seed of the simulated market unless another is given.
  public static let defaultSeed: UInt64 = 1
}

/// The series and features that the jobs share.
public struct MarketSettings: Hashable, Sendable {
  /// The venue's name in `venues`.
  public var venue: String
  /// The symbols; nil: all that the venue has in the timeframe.
  public var symbols: [Symbol]?
  /// The length of the candles.
  public var timeframe: Timeframe
  /// The calendar of the market; nil: that of the venue.
  public var calendar: TradingCalendar?
  /// The features by name, as expressions, in order.
  public var features: [Feature]
  /// Where each symbol stands in the file.
  public var places: [Symbol: SourceLocation] = [:]

  /// A named expression over candles.
  public struct Feature: Hashable, Sendable {
    /// The name that models refer to.
    public var name: String
    /// The expression: `rsi(14)`.
    public var expression: String
    /// Where the expression stands.
    public var location: SourceLocation
  }
}

/// The HTTP server's settings.
public struct WebSettings: Hashable, Sendable {
  /// The address to listen on.
  public var bind: String
  /// The port; 0 takes a free one.
  public var port: Int
  /// Names that requests may ask for (`Host`), beside addresses and names without a dot.
  public var hosts: [String] = []
  /// `published: loopback`: whatever the address in here, others reach it by loopback only, as a
  /// container's port that is published there.
  public var isPublishedOnLoopback = false

  /// The file of machines' tokens, resolved; nil: there are none.
  public var tokensFile: String?
  /// Proxies whose word counts of where a request came from.
  public var trustedProxies: [AddressRange] = []
  /// The address of the service, for the pages of a process that only shows; without a slash at its end.
  ///
  /// Empty: under the same host name.
  public var actAt: String?
  /// The file of who may log in, resolved; nil: there is no login.
  public var usersFile: String?

  /// Where a port can be published.
  public enum Publication: String, CaseIterable, Sendable {
    /// On the loopback address of the host.
    case loopback
  }

  /// Whether only this machine can ask.
  public var isLocal: Bool {
    isPublishedOnLoopback || bind == "localhost" || bind == "::1"
      || (bind.hasPrefix("127.") && bind.split(separator: ".").count == 4
        && bind.split(separator: ".").allSatisfy { UInt8($0) != nil })
  }
}

/// The log's settings.
public struct LogSettings: Hashable, Sendable {
  /// How a line looks.
  public enum Format: String, CaseIterable, Sendable {
    /// For people.
    case text
    /// One JSON object a line.
    case json
  }

  /// What is worth a line.
  public enum Level: String, CaseIterable, Comparable, Sendable {
    /// Everything.
    case debug
    /// Starts, ends, and what changed.
    case info
    /// What a person should look at.
    case warning
    /// What went wrong.
    case error

    /// Orders by weight.
    public static func < (a: Level, b: Level) -> Bool {
      allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
    }
  }

  /// How a line looks; nil: text on a terminal, JSON otherwise.
  public var format: Format?
  /// The least that is worth a line.
  public var level: Level
}
