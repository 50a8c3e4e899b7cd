import Domain
public import Settings

/// What settings say, name by name, for the log of a start and the page of settings: never a secret.
public struct SettingsInForce: Sendable {
  /// Each setting with its value in words.
  public private(set) var rows: [(name: String, value: String)] = []

  /// What stands for a value that must not be shown.
  public static let mask = "••••"

  /// The settings, in the order of their reference.
  public init(_ settings: Settings) {
    add("mode", settings.modeText)
    add("database.path", settings.database)
    add("web", "\(settings.web.bind) port \(settings.web.port)")
    add("web.users-file", settings.web.usersFile ?? "none: no login")
    add("workers", "\(settings.workers)")
    add("storage-grace", "\(settings.storageGrace)")
    add("log.level", settings.log.level.rawValue)
    add("market.venue", settings.market.venue)
    add(
      "market.symbols",
      settings.market.symbols.map { $0.map(\.description).joined(separator: ", ") } ?? "all")
    add("market.timeframe", "\(settings.market.timeframe)")
    for feature in settings.market.features {
      add("market.features.\(feature.name)", feature.expression)
    }
    for (name, venue) in settings.venues.sorted(by: { $0.key < $1.key }) {
      add("venues.\(name).kind", venue.kind.rawValue)
      if let path = venue.path { add("venues.\(name).path", path) }
      if venue.kind == .binance {
        add("venues.\(name).base-url", venue.baseURL.contains("@") ? Self.mask : venue.baseURL)
      }
    }
    for (name, account) in settings.accounts.sorted(by: { $0.key < $1.key }) {
      add("accounts.\(name).quote", account.quote)
      add("accounts.\(name).cash", "\(account.cash)")
      add("accounts.\(name).risk", "\(account.risk.limits.count) limits, see Risk")
    }
    for channel in settings.notify.channels {
      add("notify.channels.\(channel.name)", channel.kind.rawValue)
    }
    if settings.network.proxy != nil { add("network.proxy", Self.mask) }
  }

  private mutating func add(_ name: String, _ value: String) { rows.append((name, value)) }
}
