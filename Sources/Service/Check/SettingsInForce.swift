import Domain
public import Settings

/// What settings say, name by name and with where each comes from, for the log of a start, the page of
/// settings and `carillon config show`: never a secret.
public struct SettingsInForce: Sendable {
  /// A setting.
  public struct Row: Hashable, Sendable {
    /// Its name: `web.port`.
    public var name: String
    /// Its value in words.
    public var value: String
    /// `carillon.yaml:12`, the name of an environment variable, or `default`.
    public var source: String
  }

  /// The settings: those that always have a value, in the order of their reference, then all others that
  /// were given.
  public private(set) var rows: [Row] = []
  private var given: [String: GivenSetting]

  /// What a setting comes from that nobody gave.
  public static let standard = "default"

  /// The settings.
  public init(_ settings: Settings) {
    given = Dictionary(settings.given.map { ($0.name, $0) }) { _, last in last }
    add("mode", settings.modeText)
    add("database.path", settings.database)
    add("database.ship", settings.ship.map { "\($0)" } ?? "not shipped")
    add("web.bind", settings.web.bind)
    add("web.port", "\(settings.web.port)")
    add("web.users-file", settings.web.usersFile ?? "none: no login")
    add("workers", "\(settings.workers)")
    add("storage-grace", "\(settings.storageGrace)")
    add("log.level", settings.log.level.rawValue)
    add("market.venue", settings.market.venue)
    add(
      "market.symbols",
      settings.market.symbols.map { $0.map(\.description).joined(separator: ", ") } ?? "all")
    add("market.timeframe", "\(settings.market.timeframe)")
    for (name, venue) in settings.venues.sorted(by: { $0.key < $1.key }) {
      add("venues.\(name).kind", venue.kind.rawValue)
      if let path = venue.path { add("venues.\(name).path", path) }
      if venue.kind == .binance || venue.kind == .kraken {
        add(
          "venues.\(name).base-url",
          venue.baseURL.contains("@") ? GivenSetting.mask : venue.baseURL)
      }
    }
    for (name, account) in settings.accounts.sorted(by: { $0.key < $1.key }) {
      add("accounts.\(name).quote", account.quote)
      add("accounts.\(name).cash", "\(account.cash)")
    }
    add("health.when-halted", settings.health.whenHalted.rawValue)
    // What has no value unless it is given stands as it was given.
    for setting in settings.given where given[setting.name] != nil && setting.name != "version" {
      add(setting.name, setting.value)
    }
  }

  private mutating func add(_ name: String, _ value: String) {
    let source = given.removeValue(forKey: name)?.source ?? Self.standard
    rows.append(Row(name: name, value: value, source: source))
  }
}
