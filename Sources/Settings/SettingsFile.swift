public import Calendars
public import Domain
public import StrictYAML

extension Settings {
  /// Reads settings from the text of a `carillon.yaml` and the environment.
  ///
  /// - Parameters:
  ///   - text: the file's text.
  ///   - file: its path, for messages and for resolving relative paths.
  ///   - environment: the process's environment, of which `CARILLON_...` matters.
  ///   - calendars: finds a calendar by its name or path; those that Carillon brings along unless
  ///     given.
  /// - Returns: the settings, and warnings.
  /// - Throws: all mistakes of file and environment at once.
  public static func read(
    _ text: String, file: String, environment: [String: String],
    calendars: (String) throws(Fault) -> TradingCalendar = TradingCalendar.builtIn
  ) throws(Diagnostics) -> (settings: Settings, warnings: Diagnostics) {
    let document = try YAMLDocument.parse(text, file: file)
    let log = DiagnosticLog()
    if document["jobs"] != nil, document["accounts"] == nil {
      log.error(
        at: document, "this is a schedules file, and settings are wanted",
        mend: "name it with --schedules, and the settings with --config")
      throw log.diagnostics
    }
    let overlaid = EnvironmentOverlay(environment).applied(to: document, log: log)
    let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
    var settings = decode(
      overlaid, folder: folder, source: file, calendars: calendars, log: log)
    settings.given = GivenSetting.all(in: overlaid)
    guard !log.hasErrors else { throw log.diagnostics }
    return (settings, log.diagnostics)
  }

  private static func decode(
    _ node: YAMLNode, folder: String, source: String,
    calendars: (String) throws(Fault) -> TradingCalendar, log: DiagnosticLog
  ) -> Settings {
    let reader = MappingReader(node, log: log)
    if let version = reader.integer("version", in: 1...Int.max, required: true), version != 1 {
      log.error(at: node, "version \(version) is newer than this Carillon, which reads version 1")
    }
    var settings = Settings(
      mode: reader.choice("mode", Mode.self) ?? .paper, database: "carillon.db", venues: [:],
      accounts: [:],
      market: MarketSettings(venue: "", symbols: nil, timeframe: .hour, features: []),
      defaults: [:], web: WebSettings(bind: "127.0.0.1", port: 8787),
      log: LogSettings(format: nil, level: .info), workers: 4,
      storageGrace: standardStorageGrace, folder: folder, source: source)
    if let database = reader.mapping("database") {
      settings.database = database.name("path") ?? settings.database
      settings.ship = database.span("ship", in: .seconds(1) ... .hours(1))
      database.finish()
    }
    settings.database = settings.resolve(settings.database)
    for entry in reader.mapping("venues", required: true)?.entries() ?? [] {
      let name = entry.key.text ?? ""
      settings.venues[name] = venue(
        MappingReader(entry.value, "venue \"\(name)\"", log: log), settings, calendars)
    }
    for entry in reader.mapping("accounts", required: true)?.entries() ?? [] {
      let name = entry.key.text ?? ""
      settings.accounts[name] = account(
        MappingReader(entry.value, "account \"\(name)\"", log: log), entry.key, settings, log)
    }
    settings.market = market(reader, settings, calendars, log)
    for entry in reader.mapping("defaults")?.entries() ?? [] {
      if let kind = log.choice(of: entry.key, named: "defaults", JobKind.self) {
        settings.defaults[kind] = entry.value
      }
    }
    if let web = reader.mapping("web") {
      settings.web.bind = web.name("bind") ?? settings.web.bind
      settings.web.port = web.integer("port", in: 0...65535) ?? settings.web.port
      settings.web.hosts = web.strings("hosts") ?? []
      settings.web.usersFile = web.name("users-file").map(settings.resolve)
      settings.web.isPublishedOnLoopback =
        web.choice("published", WebSettings.Publication.self) == .loopback
      settings.web.tokensFile = web.name("tokens-file").map(settings.resolve)
      for node in web.list("trusted-proxies") ?? [] {
        if let range = log.value(
          of: node, named: "trusted-proxies", expected: "addresses like 10.0.0.5 or 10.0.0.0/8",
          { AddressRange($0) })
        {
          settings.web.trustedProxies.append(range)
        }
      }
      settings.web.actAt = web.name("act-at").map { url in
        if url != "/", !url.hasPrefix("https://"), !url.hasPrefix("http://") {
          web.log.error(
            at: web.value("act-at") ?? web.node,
            "`act-at` must start with https:// or http://, or be / for the same host name")
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
      }
      web.finish()
    }
    if let health = reader.mapping("health") { settings.health = HealthSettings(health) }
    if let network = reader.mapping("network") {
      settings.network = NetworkSettings(network, resolve: settings.resolve)
    }
    if let notify = reader.mapping("notify") {
      settings.notify = NotifySettings(notify, resolve: settings.resolve)
    }
    if let snapshot = reader.mapping("snapshot") {
      settings.snapshot = SnapshotSettings(snapshot, resolve: settings.resolve)
    }
    if let lines = reader.mapping("log") {
      settings.log.format = lines.choice("format")
      settings.log.level = lines.choice("level") ?? .info
      lines.finish()
    }
    settings.workers = reader.integer("workers", in: 1...maximumWorkers) ?? settings.workers
    settings.storageGrace =
      reader.span("storage-grace", in: .seconds(10) ... .hours(24)) ?? settings.storageGrace
    reader.finish()
    return settings
  }

  private static func venue(
    _ reader: MappingReader, _ settings: Settings,
    _ calendars: (String) throws(Fault) -> TradingCalendar
  ) -> VenueSettings {
    let kind = reader.choice("kind", VenueSettings.Kind.self, required: true) ?? .simulated
    var venue = VenueSettings(
      kind: kind, path: nil, seed: VenueSettings.defaultSeed, delay: .zero,
      baseURL: kind == .kraken ? VenueSettings.krakenURL : VenueSettings.binanceURL)
    switch kind {
    case .csv:
      venue.path = reader.name("path", required: true).map(settings.resolve)
      venue.rules = RuleSettings.all(reader)
    case .simulated:
      venue.seed = UInt64(reader.integer("seed", in: 0...Int.max) ?? 1)
      venue.delay = reader.span("delay") ?? .zero
    case .binance, .kraken:
      if let url = reader.name("base-url") {
        venue.baseURL = url.hasSuffix("/") ? String(url.dropLast()) : url
        if !url.hasPrefix("https://"), !url.hasPrefix("http://") {
          reader.log.error(
            at: reader.value("base-url") ?? reader.node,
            "`base-url` must start with https:// (or http:// for an exchange on this machine)")
        }
      }
    }
    venue.calendar = reader.calendar("calendar", calendars)
    venue.volume = reader.choice("volume") ?? .told
    reader.finish()
    return venue
  }

  private static func account(
    _ reader: MappingReader, _ key: YAMLNode, _ settings: Settings, _ log: DiagnosticLog
  ) -> AccountSettings {
    if let name = key.text, JobName(name) == nil {
      log.error(at: key, "the name of an account must be \(JobName.rule)")
    }
    let account = AccountSettings(reader, resolve: settings.resolve)
    if let venue = account.venue, settings.venues[venue] == nil {
      log.error(
        at: reader.value("venue") ?? reader.node, "no venue named `\(venue)`",
        mend: Spelling.nearest(venue, among: settings.venues.keys).map { "did you mean `\($0)`?" })
    }
    return account
  }

  private static func market(
    _ reader: MappingReader, _ settings: Settings,
    _ calendars: (String) throws(Fault) -> TradingCalendar, _ log: DiagnosticLog
  ) -> MarketSettings {
    var market = settings.market
    guard let section = reader.mapping("market", required: true) else { return market }
    if let node = section.value("venue", required: true), let name = node.text {
      market.venue = name
      if settings.venues[name] == nil {
        let mend = Spelling.nearest(name, among: settings.venues.keys).map {
          "did you mean `\($0)`?"
        }
        log.error(at: node, "no venue named `\(name)`", mend: mend)
      }
    }
    market.symbols = section.symbols("symbols")
    for node in section.list("symbols") ?? [] {
      if let symbol = node.text.flatMap({ Symbol($0) }) { market.places[symbol] = node.location }
    }
    market.timeframe = section.timeframe("timeframe") ?? .hour
    market.calendar = section.calendar("calendar", calendars)
    market.features = section.features("features") ?? []
    section.finish()
    return market
  }
}

extension MappingReader {
  /// A calendar by its name, or a file of one by its path.
  fileprivate func calendar(
    _ key: String, _ calendars: (String) throws(Fault) -> TradingCalendar
  ) -> TradingCalendar? {
    guard let node = value(key), let name = name(key) else { return nil }
    do { return try calendars(name) } catch {
      log.error(
        at: node, "calendar \(error.subject): \(error.cause)", mend: error.remedy)
      return nil
    }
  }

  /// A list of symbols; nil where the key is absent or says `all`.
  public func symbols(_ key: String) -> [Symbol]? {
    guard let nodes = list(key) else { return nil }
    if nodes.count == 1, nodes[0].text == "all" { return nil }
    var first: [Symbol: YAMLNode] = [:]
    return nodes.compactMap { node in
      if let text = node.text, Symbol(text) == nil, let near = Self.symbol(meantBy: text) {
        log.error(
          at: node, "`\(key)` must be symbols like BTC-USDT, or all, not `\(text)`",
          mend: "did you mean `\(near)`?")
        return nil
      }
      let symbol = log.value(of: node, named: key, expected: "symbols like BTC-USDT, or all") {
        Symbol($0)
      }
      if let symbol, let before = first[symbol] {
        log.error(
          at: node, "`\(symbol)` is given twice",
          mend: "the first is at \(before.location.line):\(before.location.column): remove one")
      }
      if let symbol, first[symbol] == nil { first[symbol] = node }
      return symbol
    }
  }

  /// The symbol that was meant by one in small letters, with another divider, or with none.
  private static func symbol(meantBy text: String) -> Symbol? {
    let capital = text.uppercased().replacing("/", with: "-").replacing("_", with: "-")
    if let symbol = Symbol(capital) { return symbol }
    let quotes = ["USDT", "USDC", "USD", "EUR", "BTC", "ETH", "BNB"]
    guard let quote = quotes.first(where: { capital.hasSuffix($0) && capital.count > $0.count })
    else { return nil }
    return Symbol(base: capital.dropLast(quote.count), quote: quote)
  }

  /// The length of candles.
  public func timeframe(_ key: String) -> Timeframe? {
    value(key, expected: "a timeframe like 5m, 1h or 1d") { Timeframe($0) }
  }

  /// Named expressions, in order.
  public func features(_ key: String) -> [MarketSettings.Feature]? {
    mapping(key)?.entries().compactMap { entry in
      guard let name = entry.key.text,
        let expression = log.value(of: entry.value, named: name, expected: "an expression", { $0 })
      else { return nil }
      return MarketSettings.Feature(
        name: name, expression: expression, location: entry.value.location(ofCharacter: 0))
    }
  }
}
