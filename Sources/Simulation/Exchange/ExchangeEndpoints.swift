public import Domain
import Synchronization
public import Venues

/// What the exchange answers to each request, apart from the network: Binance Spot's `ping`,
/// `time`, `exchangeInfo` and `klines`, and a list of its series of our own.
public final class ExchangeEndpoints: Sendable {
  /// The request weight that Binance allows in a minute.
  public static let binanceWeightPerMinute = 6000
  /// Where the list of series is, which Binance does not have.
  static let seriesPath = "/carillon/series"

  /// The series that are served.
  public let available: [AvailableSeries]

  private let market: CSVMarket
  private let time: any TimeSource
  private let symbols: [String: Symbol]
  private let rules: [Symbol: Instrument]
  private let weights: Mutex<ExchangeWeights>

  /// The endpoints over a folder of candle files, all of which are read.
  ///
  /// - Throws: `Fault` when there are none, when one is not a candle file, or when two pairs would
  ///   have the same name here.
  public init(candles: String, weightPerMinute: Int?, time: any TimeSource) throws {
    market = CSVMarket(directory: candles, name: "exchange")
    self.time = time
    available = try market.available()
    weights = Mutex(ExchangeWeights(limit: weightPerMinute))
    var symbols: [String: Symbol] = [:]
    for symbol in available.map(\.series.symbol) {
      let name = symbol.base + symbol.quote
      if let other = symbols[name], other != symbol {
        throw Fault(
          "serve", candles, cause: "\(other) and \(symbol) would both be called \(name)",
          remedy: "remove one of them from the folder", exit: .data)
      }
      symbols[name] = symbol
    }
    self.symbols = symbols
    rules = Dictionary(
      uniqueKeysWithValues: try market.rules(of: symbols.values.sorted()).map { ($0.symbol, $0) })
  }

  /// The answer to a GET request.
  func answer(path: String, query: String) async -> ExchangeReply {
    let now = time.now
    // Weights as Binance documents them; the list of series is free.
    let weight = [
      "/api/v3/ping": 1, "/api/v3/time": 1, "/api/v3/exchangeInfo": 20, "/api/v3/klines": 2,
    ][path]
    let (wait, used) = weights.withLock { ($0.take(weight ?? 0, at: now), $0.used) }
    var reply: ExchangeReply
    if let wait, weight != nil {
      reply = ExchangeReply(
        error: -1003, "Too much request weight used; please wait \(wait) seconds.", status: 429)
      reply.headers["Retry-After"] = "\(wait)"
    } else {
      reply = await answer(path: path, query: query, now: now)
    }
    if weight != nil {
      reply.headers["x-mbx-used-weight"] = "\(used)"
      reply.headers["x-mbx-used-weight-1m"] = "\(used)"
    }
    return reply
  }

  private func answer(path: String, query: String, now: Instant) async -> ExchangeReply {
    do {
      switch path {
      case "/api/v3/ping":
        _ = try ExchangeQuery(query, allowed: [])
        return ExchangeReply("{}")
      case "/api/v3/time":
        _ = try ExchangeQuery(query, allowed: [])
        return ExchangeReply("{\"serverTime\":\(now.milliseconds)}")
      case "/api/v3/exchangeInfo":
        return try info(query, now: now)
      case "/api/v3/klines":
        return try await klines(query)
      case Self.seriesPath:
        return ExchangeReply("[\(available.map(Self.row).joined(separator: ","))]")
      default:
        return ExchangeReply("{\"msg\":\"no such endpoint\"}", status: 404)
      }
    } catch let refusal as ExchangeQuery.Refusal {
      return refusal.reply
    } catch {
      // The files were readable when the exchange began: something happened to them since.
      return ExchangeReply(
        error: -1000, "An unknown error occurred while processing the request.", status: 500)
    }
  }

  private func info(_ text: String, now: Instant) throws -> ExchangeReply {
    let query = try ExchangeQuery(
      text, allowed: ["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"])
    guard query["symbol"] == nil || query["symbols"] == nil else {
      throw ExchangeQuery.Refusal(-1128, "Combination of optional parameters invalid.")
    }
    var names = try query.list("symbols")
    if query["symbol"] != nil { names = [try query.name("symbol")] }
    let asked = try (names ?? symbols.keys.sorted()).map { name in
      guard let symbol = symbols[name] else {
        throw ExchangeQuery.Refusal(-1121, "Invalid symbol.")
      }
      return symbol
    }
    let limit = weights.withLock { $0.limit } ?? Self.binanceWeightPerMinute
    return ExchangeReply(
      """
      {"timezone":"UTC","serverTime":\(now.milliseconds),"rateLimits":[{"rateLimitType":\
      "REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":\(limit)}],\
      "exchangeFilters":[],"symbols":[\(asked.map(row).joined(separator: ","))]}
      """)
  }

  private func klines(_ text: String) async throws -> ExchangeReply {
    let query = try ExchangeQuery(
      text, allowed: ["symbol", "interval", "startTime", "endTime", "timeZone", "limit"])
    let name = try query.name("symbol")
    let interval = try query.name("interval")
    let (start, end) = (try query.number("startTime"), try query.number("endTime"))
    let asked = try query.number("limit") ?? 500
    guard let symbol = symbols[name] else {
      throw ExchangeQuery.Refusal(-1121, "Invalid symbol.")
    }
    // Binance has every interval of every symbol; here there are those of the files.
    guard BinanceInterval.names.contains(interval), let timeframe = Timeframe(interval),
      available.contains(where: { $0.series.symbol == symbol && $0.series.timeframe == timeframe })
    else { throw ExchangeQuery.Refusal(-1120, "Invalid interval.") }
    guard asked > 0 else {
      throw ExchangeQuery.Refusal(-1130, "Data sent for parameter 'limit' is not valid.")
    }
    let limit = Int(min(asked, Int64(BinanceInterval.maximumCandles)))
    let last = Instant(milliseconds: min(end ?? Self.latest, Self.latest))
    let candles: [Candle]
    if let start {
      candles = try await market.candles(
        symbol, timeframe, from: Instant(milliseconds: start), closedBy: last + timeframe.span,
        limit: limit
      ).candles
    } else {
      candles = try market.newest(symbol, timeframe, openingBy: last, limit: limit)
    }
    let span = timeframe.span.milliseconds
    return ExchangeReply("[\(candles.map { Self.row($0, span: span) }.joined(separator: ","))]")
  }

  /// The end of the year 9999, after every candle.
  private static let latest: Int64 = 253_402_300_799_999

  /// A candle in twelve fields. What a candle file does not tell (trades, and what takers bought)
  /// is zero.
  private static func row(_ candle: Candle, span: Int64) -> String {
    let open = candle.time.milliseconds
    let numbers = [candle.open, candle.high, candle.low, candle.close, candle.volume]
      .map { "\"\(plainDecimal($0))\"" }.joined(separator: ",")
    return "[\(open),\(numbers),\(open + span - 1),\"0\",0,\"0\",\"0\",\"0\"]"
  }

  private func row(_ symbol: Symbol) -> String {
    let rules = self.rules[symbol] ?? InstrumentRules.defaults(for: symbol)
    return """
      {"symbol":"\(symbol.base)\(symbol.quote)","status":"TRADING","baseAsset":"\(symbol.base)",\
      "baseAssetPrecision":8,"quoteAsset":"\(symbol.quote)","quotePrecision":8,\
      "quoteAssetPrecision":8,"orderTypes":["LIMIT","MARKET"],"isSpotTradingAllowed":true,\
      "isMarginTradingAllowed":false,"filters":[{"filterType":"PRICE_FILTER","minPrice":\
      "\(rules.tick)","maxPrice":"1000000","tickSize":"\(rules.tick)"},{"filterType":"LOT_SIZE",\
      "minQty":"\(rules.lot)","maxQty":"100000000","stepSize":"\(rules.lot)"},{"filterType":\
      "NOTIONAL","minNotional":"\(rules.minimumNotional)","applyMinToMarket":true,"maxNotional":\
      "100000000","applyMaxToMarket":false,"avgPriceMins":5}],"permissions":[],\
      "permissionSets":[["SPOT"]]}
      """
  }

  private static func row(_ series: AvailableSeries) -> String {
    """
    {"base":"\(series.series.symbol.base)","quote":"\(series.series.symbol.quote)",\
    "timeframe":"\(series.series.timeframe)","firstOpen":\(series.firstOpen.milliseconds),\
    "lastOpen":\(series.lastOpen.milliseconds),"candles":\(series.candles),\
    "rejected":\(series.rejected)}
    """
  }
}
