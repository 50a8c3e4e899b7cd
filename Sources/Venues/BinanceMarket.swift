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
public final class BinanceMarket: MarketData {
  /// Binance's address for market data alone, which serves more places than the exchange itself.
  public static let defaultBaseURL = "https://data-api.binance.vision"
  /// The largest answer: all trading rules of all symbols are some 20 MB.
  public static let maximumBodyBytes = 64 << 20

  /// The name of this source in the configuration.
  public let name: String

  private let transport: any HTTPTransport
  private let baseURL: String
  private let state = Mutex(State())

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
    let listed = try listings(in: try await get("/api/v3/exchangeInfo"))
    return listed.filter { $0.status == "TRADING" }.map(\.instrument.symbol).sorted()
  }

  /// The venue's filters: tick size, step size and the minimum notional.
  public func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    if symbols.isEmpty { return [] }
    let names = Set(symbols.map(Self.venueName)).sorted().map { "%22\($0)%22" }
    let list = "%5B\(names.joined(separator: ","))%5D"
    let listed: [BinanceListing]
    switch try await ask("/api/v3/exchangeInfo?symbols=\(list)") {
    case .success(let reply):
      listed = try listings(in: reply)
    case .failure(let error):
      guard error.code == BinanceError.badSymbol else { throw error.fault }
      // One of them is unknown, and the answer does not say which.
      let known = try await self.symbols()
      guard let wrong = symbols.first(where: { !known.contains($0) }) else { throw error.fault }
      throw unknownSymbol(wrong, at: name, known: known)
    }
    return try symbols.map { symbol in
      guard let found = listed.first(where: { $0.instrument.symbol == symbol }) else {
        throw unknownSymbol(symbol, at: name, known: listed.map(\.instrument.symbol))
      }
      return found.instrument
    }
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
    let start = from ?? .epoch
    var end = closedBy - timeframe.span
    guard start <= end else { return CandleBatch(candles: []) }
    end = min(end, try await venueTime(reaching: closedBy) - timeframe.span)
    guard start <= end else { return CandleBatch(candles: []) }
    let most = min(max(limit, 1), BinanceInterval.maximumCandles)
    let query =
      "symbol=\(Self.venueName(symbol))&interval=\(timeframe)"
      + "&startTime=\(start.milliseconds)&endTime=\(end.milliseconds)&limit=\(most)"
    let rows = try BinanceKlines(
      try await get("/api/v3/klines?\(query)"), series: series, timeframe: timeframe)
    return rows.batch(from: start, through: end, limit: most)
  }

  /// The venue's clock.
  public func serverTime() async throws -> Instant? {
    guard let milliseconds = try await get("/api/v3/time")["serverTime"]?.int64 else {
      throw Fault(
        "read time", baseURL, cause: "the answer has no serverTime", exit: .unavailable,
        isTransient: true)
    }
    let time = Instant(milliseconds: milliseconds)
    state.withLock { $0.serverTime = max($0.serverTime ?? time, time) }
    return time
  }

  /// The venue's time, asked for only while the last answer was before `time`.
  private func venueTime(reaching time: Instant) async throws -> Instant {
    if let known = state.withLock({ $0.serverTime }), known >= time { return known }
    return try await serverTime() ?? time
  }

  private static func venueName(_ symbol: Symbol) -> String { symbol.base + symbol.quote }

  private func listings(in reply: JSONValue) throws -> [BinanceListing] {
    guard let rows = reply["symbols"]?.array else {
      throw Fault(
        "read trading rules", baseURL, cause: "the answer has no list of symbols",
        remedy: "check that the address is that of a Binance Spot interface", exit: .unavailable)
    }
    return try rows.compactMap { try BinanceListing($0, venue: name) }
  }

  private func get(_ path: String) async throws -> JSONValue {
    switch try await ask(path) {
    case .success(let reply): return reply
    case .failure(let error): throw error.fault
    }
  }

  private func ask(_ path: String) async throws -> Result<JSONValue, BinanceError> {
    let request = HTTPRequest(baseURL + path, maximumBodyBytes: Self.maximumBodyBytes)
    let response = try await transport.send(request)
    if let weight = response.header("x-mbx-used-weight-1m").flatMap({ Int($0) }) {
      state.withLock { $0.usedWeight = weight }
    }
    guard response.status == 200 else { return .failure(BinanceError(response, to: request)) }
    do {
      return .success(try JSONValue.parse(response.body))
    } catch {
      throw Fault(
        "read the answer of", request.place,
        cause: "it is not JSON: \(error)",
        remedy: "check that the address is that of a Binance Spot interface", exit: .unavailable)
    }
  }
}
