public import Domain
public import Net
import Synchronization

/// Kraken Spot's public market data over its REST interface; no key is needed.
///
/// Kraken has the newest 720 candles of a series and no older ones, whatever is asked. A candle is asked
/// for only when the venue's own clock has passed its close.
///
/// Source: github.com/krakenfx/api-specs, spot-rest; docs.kraken.com, "Get OHLC Data".
public final class KrakenMarket: ListingMarket {
  /// The most pairs that one question names; more are found among all.
  static let maximumPairsAsked = 100

  /// The name of this source in the configuration.
  public let name: String
  private let transport: any HTTPTransport
  private let baseURL: String
  private let clock = SingleFlight<Instant>()
  /// The latest answer of the venue's clock, which does not run backwards.
  private let latest = Mutex<Instant?>(nil)

  /// A client of the interface at an address, over a transport that retries.
  public init(
    transport: any HTTPTransport, baseURL: String = KrakenSpot.liveURL, name: String = "kraken"
  ) {
    self.transport = transport
    self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    self.name = name
  }

  /// Every symbol that trades.
  public func symbols() async throws -> [Symbol] {
    try await pairs([]).filter(\.isTrading).map(\.instrument.symbol).sorted()
  }

  /// What `AssetPairs` says of each symbol. Where one is unknown the answer does not say which, and all
  /// pairs are asked for.
  public func listings(_ symbols: [Symbol]) async throws -> [Symbol: Listing] {
    if symbols.isEmpty { return [:] }
    let wanted = Set(symbols)
    var listings: [KrakenListing]
    do {
      listings = try await pairs(
        wanted.count > Self.maximumPairsAsked ? [] : wanted.sorted().map(KrakenAsset.pairName))
    } catch let fault as Fault where fault.cause.hasPrefix("EQuery:Unknown asset pair") {
      listings = try await pairs([])
    }
    var found: [Symbol: Listing] = [:]
    for listing in listings where wanted.contains(listing.instrument.symbol) {
      found[listing.instrument.symbol] =
        listing.isTrading
        ? .listed(listing.instrument) : .halted(listing.instrument, status: listing.status)
    }
    for symbol in wanted where found[symbol] == nil {
      found[symbol] = .absent(
        unknownSymbol(symbol, at: name, known: listings.map(\.instrument.symbol)))
    }
    return found
  }

  private func pairs(_ names: [String]) async throws -> [KrakenListing] {
    try KrakenListing.all(
      try await ask("AssetPairs", names.isEmpty ? [] : [("pair", names.joined(separator: ","))]),
      venue: name)
  }

  /// Candles of `OHLC`; a row that is not a candle is set apart.
  ///
  /// - Throws: also `Fault` 78 for a timeframe that Kraken does not have.
  public func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    let series = "\(KrakenAsset.pairName(symbol)) \(timeframe)"
    guard KrakenInterval.has(timeframe) else {
      throw Fault(
        "read candles", series, cause: "\(name) has no candles of \(timeframe)",
        remedy: "use one of \(KrakenInterval.names.joined(separator: ", "))", exit: .configuration)
    }
    let start = max(from ?? .epoch, .epoch)
    var end = closedBy - timeframe.span
    guard start <= end else { return CandleBatch(candles: []) }
    let venueTime = try await venueTime(reaching: closedBy)
    guard venueTime > closedBy - timeframe.span else {
      throw Fault(
        "read candles", series,
        cause:
          "\(name)'s clock shows \(venueTime), more than \(timeframe) before the slot's \(closedBy)",
        remedy: "compare the clock of this machine with another; the exchange may be at fault too",
        exit: .unavailable, isTransient: true)
    }
    end = min(end, venueTime - timeframe.span)
    guard start <= end else { return CandleBatch(candles: []) }
    // What is newer than `since` is told: a second earlier whatever that means.
    let result = try await ask(
      "OHLC",
      [
        ("pair", KrakenAsset.pairName(symbol)),
        ("interval", "\(timeframe.span.milliseconds / 60_000)"),
        ("since", "\(max(start.seconds - 1, 0))"),
      ])
    let rows = result.object?.first { $0.key != "last" }?.value.array
    guard let rows, rows.count <= KrakenInterval.maximumCandles + 1 else {
      throw Fault(
        "read candles", series, cause: "the answer is not a list of at most 720 candles",
        remedy: "check that the address is that of a Kraken Spot interface", exit: .unavailable)
    }
    let most = max(limit, 1)
    var page = CandleRows(
      .init(series: series, timeframe: timeframe, start: start, end: end, limit: most),
      in: KrakenCandles.dialect)
    var taken = 0
    for row in rows where taken < most {
      // Whatever was not asked for comes along: the last one is never closed.
      if let time = KrakenCandles.time(of: row), time < start || time > end { continue }
      taken += 1
      try page.take(row)
    }
    return try page.batch()
  }

  /// The best bid and ask of each symbol now, by two questions for all.
  public func quotes(
    _ symbols: [Symbol], time: any TimeSource
  ) async throws -> [Symbol: MarketQuote] {
    guard !symbols.isEmpty else { return [:] }
    let names = Set(symbols).sorted().map(KrakenAsset.pairName)
    let listings = try await pairs(names)
    let read = time.now
    let result = try await ask("Ticker", [("pair", names.joined(separator: ","))])
    var quotes: [Symbol: MarketQuote] = [:]
    for listing in listings {
      let row = result[listing.id]
      func best(_ key: String) -> Amount? {
        row?[key]?.array?.first?.string.flatMap { Amount($0) }
      }
      guard let bid = best("b"), let offer = best("a"), bid > .zero, offer >= bid else { continue }
      quotes[listing.instrument.symbol] = MarketQuote(bid: bid, ask: offer, read: read)
    }
    return quotes
  }

  /// How far back candles reach: 719 that are closed.
  public func depth(of timeframe: Timeframe) -> TimeSpan? { KrakenInterval.depth(of: timeframe) }

  /// The venue's clock, cut to whole seconds; who asks at the same time shares one question.
  public func serverTime() async throws -> Instant? {
    try await clock.value { [self] in
      let result = try await ask("Time", [])
      let told = result["unixtime"]?.int64.flatMap { $0.magnitude < 1 << 40 ? $0 * 1000 : nil }
      guard let time = told.flatMap({ Instant(told: $0) }) else {
        throw Fault(
          "read time", HTTPAddress.told(baseURL), cause: "its unixtime is no time in seconds",
          exit: .unavailable, isTransient: true)
      }
      latest.withLock { $0 = max($0 ?? time, time) }
      return time
    }
  }

  /// The venue's time, asked for only while the last answer was before `time`.
  private func venueTime(reaching time: Instant) async throws -> Instant {
    if let known = latest.withLock({ $0 }), known >= time { return known }
    return try await serverTime() ?? time
  }

  private func ask(_ method: String, _ parameters: [(String, String)]) async throws -> JSONValue {
    let query = parameters.isEmpty ? "" : "?\(QueryText.text(parameters))"
    let request = HTTPRequest(
      "\(baseURL)/0/public/\(method)\(query)", maximumBodyBytes: KrakenReply.maximumBytes)
    return try Self.result(try await transport.send(request), to: request)
  }

  /// What an answer to a public question brought. - Throws: `Fault` for errors, and for what is no answer.
  static func result(_ response: HTTPResponse, to request: HTTPRequest) throws -> JSONValue {
    do {
      guard response.status == 200 else {
        throw Fault(
          "ask", request.place, cause: "HTTP \(response.status)",
          remedy: "wait; the fault is on the other side", exit: .unavailable,
          isTransient: response.status >= 500 || response.status == 429)
      }
      let reply = try KrakenReply(response.body)
      if let error = reply.errors.first { throw KrakenError(error, to: request).fault }
      guard let result = reply.result else { throw KrakenReply.Defect("it has no result") }
      return result
    } catch let defect as KrakenReply.Defect {
      throw Fault(
        "read the answer of", request.place, cause: defect.cause,
        remedy: "check that the address is that of a Kraken Spot interface", exit: .unavailable)
    }
  }
}
