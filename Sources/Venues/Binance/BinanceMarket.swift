public import Domain
public import Net
import Synchronization

/// Binance Spot's public market data over its REST interface; no key is needed.
///
/// The same code reads from Binance, from its mirror for market data, and from the exchange in the
/// box. A candle is asked for only when the venue's own clock has passed its close, so that a
/// clock of ours that is ahead does not make an unfinished candle final.
///
/// Source: github.com/binance/binance-spot-api-docs, `rest-api.md` and `errors.md`.
public final class BinanceMarket: ListingMarket {
  /// Binance's address for market data alone, which serves more places than the exchange itself.
  public static let defaultBaseURL = "https://data-api.binance.vision"
  /// The largest list of symbols: all trading rules of all symbols are some 20 MB. It is read one
  /// symbol at a time.
  public static let maximumBodyBytes = 64 << 20
  /// The largest other answer, `klines` apart.
  static let maximumSmallBodyBytes = 64 << 10
  /// The most symbols of a list.
  static let maximumSymbols = 50_000

  /// The name of this source in the configuration.
  public let name: String

  private let transport: any HTTPTransport
  private let baseURL: String
  private let state = Mutex(State())
  private let clock = SingleFlight<Instant>()

  private struct State {
    /// The latest answer of the venue's clock, which does not run backwards.
    var serverTime: Instant?
    var usedWeight: Int?
  }

  /// A client of the interface at an address, over a transport that retries.
  public init(
    transport: any HTTPTransport, baseURL: String = defaultBaseURL, name: String = "binance"
  ) {
    self.transport = transport
    self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    self.name = name
  }

  /// What the venue last said of the request weight that this address used in the current minute.
  public var usedWeight: Int? { state.withLock { $0.usedWeight } }

  /// Every symbol that trades: a large answer, for suggestions and lists.
  public func symbols() async throws -> [Symbol] {
    var trading: [Symbol] = []
    let refusal = try await eachListing("/api/v3/exchangeInfo") { listing in
      if listing.isTrading { trading.append(listing.instrument.symbol) }
    }
    if let refusal { throw refusal.fault }
    return trading.sorted()
  }

  /// What `exchangeInfo` says of each symbol. Where one is unknown the answer does not say which, and
  /// all symbols are asked for.
  public func listings(_ symbols: [Symbol]) async throws -> [Symbol: Listing] {
    if symbols.isEmpty { return [:] }
    let wanted = Set(symbols)
    var found: [Symbol: Listing] = [:]
    var known: [Symbol] = []
    let take = { (listing: BinanceListing) in
      known.append(listing.instrument.symbol)
      guard wanted.contains(listing.instrument.symbol) else { return }
      found[listing.instrument.symbol] =
        listing.isTrading
        ? .listed(listing.instrument) : .halted(listing.instrument, status: listing.status)
    }
    let names = Set(symbols.map(Self.venueName)).sorted().map { "%22\($0)%22" }
    let list = "%5B\(names.joined(separator: ","))%5D"
    if let refusal = try await eachListing("/api/v3/exchangeInfo?symbols=\(list)", take) {
      guard refusal.code == BinanceError.badSymbol else { throw refusal.fault }
      if let refusal = try await eachListing("/api/v3/exchangeInfo", take) { throw refusal.fault }
    }
    for symbol in wanted where found[symbol] == nil {
      found[symbol] = .absent(unknownSymbol(symbol, at: name, known: known))
    }
    return found
  }

  /// Candles of `klines`, at most 1,000 at a time; a row that is not a candle is set apart.
  ///
  /// - Throws: also `Fault` 78 for a timeframe that Binance does not have.
  public func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    let series = "\(Self.venueName(symbol)) \(timeframe)"
    guard BinanceInterval.has(timeframe) else {
      throw Fault(
        "read candles", series, cause: "\(name) has no candles of \(timeframe)",
        remedy: "use one of \(BinanceInterval.names.joined(separator: ", "))",
        exit: .configuration)
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
    let most = min(max(limit, 1), BinanceInterval.maximumCandles)
    let query =
      "symbol=\(Self.venueName(symbol))&interval=\(timeframe)"
      + "&startTime=\(start.milliseconds)&endTime=\(end.milliseconds)&limit=\(most)"
    var rows = CandleRows(
      .init(series: series, timeframe: timeframe, start: start, end: end, limit: most),
      in: BinanceKlines.dialect)
    let (response, request) = try await answer(
      "/api/v3/klines?\(query)", weight: 2, maximumBodyBytes: CandleRows.maximumBodyBytes)
    guard response.status == 200 else { throw BinanceError(response, to: request).fault }
    let isList = try reading(response, to: request) {
      try JSONValue.forEachElement(
        in: response.body, maximumElementBytes: CandleRows.maximumRowBytes,
        fields: { try rows.takePlain(&$0) }, { try rows.take($0) })
    }
    guard isList else {
      throw Fault(
        "read candles", series, cause: "the answer is not a list of candles",
        remedy: "check that the address is that of a Binance Spot interface", exit: .unavailable)
    }
    return try rows.batch()
  }

  /// The venue's clock; who asks at the same time shares one question.
  public func serverTime() async throws -> Instant? {
    try await clock.value { [self] in
      let (response, request) = try await answer("/api/v3/time")
      guard response.status == 200 else { throw BinanceError(response, to: request).fault }
      let reply = try reading(response, to: request) { try JSONValue.parse(response.body) }
      guard let told = reply["serverTime"] else {
        throw timeFault("the answer has no serverTime")
      }
      guard let time = told.int64.flatMap({ Instant(told: $0) }) else {
        throw timeFault("its serverTime is no time in milliseconds")
      }
      state.withLock { $0.serverTime = max($0.serverTime ?? time, time) }
      return time
    }
  }

  private func timeFault(_ cause: String) -> Fault {
    Fault(
      "read time", HTTPAddress.told(baseURL), cause: cause, exit: .unavailable, isTransient: true)
  }

  /// The venue's time, asked for only while the last answer was before `time`.
  private func venueTime(reaching time: Instant) async throws -> Instant {
    if let known = state.withLock({ $0.serverTime }), known >= time { return known }
    return try await serverTime() ?? time
  }

  static func venueName(_ symbol: Symbol) -> String { symbol.base + symbol.quote }

  /// Hands over the symbols of an `exchangeInfo` one at a time; what is returned is the venue's
  /// refusal, if it refused.
  private func eachListing(
    _ path: String, _ body: (BinanceListing) -> Void
  ) async throws -> BinanceError? {
    let (response, request) = try await answer(
      path, weight: 20, maximumBodyBytes: Self.maximumBodyBytes)
    guard response.status == 200 else { return BinanceError(response, to: request) }
    var count = 0
    let isFound = try reading(response, to: request) {
      try JSONValue.forEachElement(
        at: ["symbols"], in: response.body, maximumElementBytes: BinanceListing.maximumBytes
      ) { row in
        count += 1
        guard count <= Self.maximumSymbols else {
          throw Fault(
            "read trading rules", request.place,
            cause: "the answer has more than \(Self.maximumSymbols) symbols", exit: .unavailable)
        }
        if let listing = try BinanceListing(row, venue: name) { body(listing) }
      }
    }
    guard isFound else {
      throw Fault(
        "read trading rules", request.place, cause: "the answer has no list of symbols",
        remedy: "check that the address is that of a Binance Spot interface", exit: .unavailable)
    }
    return nil
  }

  func answer(
    _ path: String, weight: Int = 1, maximumBodyBytes: Int = maximumSmallBodyBytes,
    urgency: RateBudget.Urgency? = nil
  ) async throws -> (HTTPResponse, HTTPRequest) {
    var request = HTTPRequest(baseURL + path, maximumBodyBytes: maximumBodyBytes)
    request.weight = weight
    if let urgency { request.urgency = urgency }
    let response = try await transport.send(request)
    if let weight = response.header("x-mbx-used-weight-1m").flatMap({ Int($0) }) {
      state.withLock { $0.usedWeight = weight }
    }
    return (response, request)
  }

  /// What a body makes of an answer, with words for one that is no JSON.
  func reading<T>(
    _ response: HTTPResponse, to request: HTTPRequest, _ body: () throws -> T
  ) throws -> T {
    do {
      return try body()
    } catch let error as JSONSyntaxError {
      throw Fault(
        "read the answer of", request.place,
        cause: "it is not JSON: \(error)",
        remedy: "check that the address is that of a Binance Spot interface", exit: .unavailable)
    }
  }
}
