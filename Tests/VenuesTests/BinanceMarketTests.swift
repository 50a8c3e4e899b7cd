import Domain
import Net
import Testing
import Venues

@Suite struct BinanceMarketTests {
  let ethbtc = Symbol("ETH-BTC")!
  let fiveMinutes = Timeframe("5m")!
  static let start: Int64 = 1_515_560_100_000
  static let now: Int64 = 1_700_000_000_000

  /// Rows of `klines` for candles so many five minutes after the start, with twelve fields as the
  /// documentation of Binance shows them.
  static func rows(_ numbers: some Sequence<Int64>) -> String {
    let rows = numbers.map { n in
      let open = start + n * 300_000
      return """
        [\(open),"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",\
        \(open + 299_999),"2434.19055334",308,"1756.87402397","28.46694368","0"]
        """
    }
    return "[\(rows.joined(separator: ","))]"
  }

  /// An exchange with 40 candles of ETHBTC, which answers as Binance does.
  static let exchange = { @Sendable (path: String, query: [String: String]) -> HTTPResponse in
    switch path {
    case "/api/v3/time":
      return ScriptedExchange.ok("{\"serverTime\":\(now)}")
    case "/api/v3/exchangeInfo":
      if let asked = query["symbols"], asked != "%5B%22ETHBTC%22%5D" {
        return ScriptedExchange.error(400, -1121, "Invalid symbol.")
      }
      return ScriptedExchange.ok(
        """
        {"timezone":"UTC","serverTime":\(now),"rateLimits":[],"symbols":[
          {"symbol":"ETHBTC","status":"TRADING","baseAsset":"ETH","baseAssetPrecision":8,
           "quoteAsset":"BTC","filters":[
            {"filterType":"PRICE_FILTER","minPrice":"0.00000100","maxPrice":"100000.00000000",
             "tickSize":"0.00001000"},
            {"filterType":"LOT_SIZE","minQty":"0.00010000","stepSize":"0.00010000"},
            {"filterType":"NOTIONAL","minNotional":"0.00010000","applyMinToMarket":true}]}]}
        """)
    case "/api/v3/klines":
      let (from, to) = (Int64(query["startTime"] ?? "")!, Int64(query["endTime"] ?? "")!)
      let wanted = (Int64(0)..<40).filter { (from...to).contains(start + $0 * 300_000) }
      return ScriptedExchange.ok(
        rows(wanted.prefix(Int(query["limit"] ?? "500")!)),
        headers: [HTTPField("X-MBX-USED-WEIGHT-1M", "42")])
    default:
      return HTTPResponse(status: 404)
    }
  }

  func market(_ transport: ScriptedExchange) -> BinanceMarket {
    BinanceMarket(transport: transport, baseURL: "http://exchange.test/")
  }

  func batch(
    of body: String, limit: Int = 10, serverTime: Int64 = now
  ) async throws -> CandleBatch {
    let transport = ScriptedExchange { path, _ in
      ScriptedExchange.ok(path == "/api/v3/time" ? "{\"serverTime\":\(serverTime)}" : body)
    }
    return try await market(transport).candles(
      ethbtc, fiveMinutes, from: Instant(milliseconds: Self.start),
      closedBy: Instant(milliseconds: Self.start + 3_000_000), limit: limit)
  }

  @Test func conforms() async throws {
    try await MarketDataConformance.check(
      .init(
        market: market(ScriptedExchange(Self.exchange)), symbol: ethbtc, timeframe: fiveMinutes,
        end: Instant(milliseconds: Self.start) + .minutes(190)))
  }

  @Test func readsNumbersAsTheyAreWritten() async throws {
    let transport = ScriptedExchange(Self.exchange)
    let market = market(transport)
    let batch = try await market.candles(
      ethbtc, fiveMinutes, from: Instant(milliseconds: Self.start),
      closedBy: Instant(milliseconds: Self.start + 300_000), limit: 10)
    #expect(
      batch
        == CandleBatch(candles: [
          Candle(
            time: Instant(milliseconds: Self.start), open: 0.0163479, high: 0.8, low: 0.015758,
            close: 0.015771, volume: 148976.11427815)
        ]))
    #expect(
      transport.requests == [
        "/api/v3/time",
        "/api/v3/klines?symbol=ETHBTC&interval=5m&startTime=1515560100000"
          + "&endTime=1515560100000&limit=10",
      ])
    #expect(market.usedWeight == 42)
    let time = try await market.serverTime()
    #expect(time == Instant(milliseconds: Self.now))
  }

  @Test func readsTheFilters() async throws {
    let rules = try await market(ScriptedExchange(Self.exchange)).instruments([ethbtc])
    #expect(rules.map(\.symbol) == [ethbtc])
    #expect(rules[0].tick == Amount("0.00001"))
    #expect(rules[0].lot == Amount("0.0001"))
    #expect(rules[0].minimumNotional == Amount("0.0001"))
    #expect(rules[0].filters.minimumPrice == Amount("0.000001"))
    #expect(rules[0].filters.maximumPrice == Amount(100_000))
    #expect(rules[0].filters.minimumQuantity == Amount("0.0001"))
    #expect(rules[0].filters.haltedStatus == nil)
  }

  /// Before 2023 the filter was called MIN_NOTIONAL; a zero switches a filter off.
  @Test func readsOlderFilters() async throws {
    let transport = ScriptedExchange { _, _ in
      ScriptedExchange.ok(
        """
        {"symbols":[{"symbol":"ETHBTC","status":"BREAK","baseAsset":"ETH","quoteAsset":"BTC",
          "filters":[{"filterType":"PRICE_FILTER","tickSize":"0.00000000"},
            {"filterType":"MIN_NOTIONAL","minNotional":"0.00050000","applyToMarket":true}]}]}
        """)
    }
    let rules = try await market(transport).instruments([ethbtc])
    #expect(rules[0].tick == Amount("0.00000001"))
    #expect(rules[0].lot == Amount("0.00000001"))
    #expect(rules[0].minimumNotional == Amount("0.0005"))
    let trading = try await market(transport).symbols()
    #expect(trading == [])
  }

  static func pick(_ numbers: [Int64]) -> String {
    "[" + numbers.map { String(rows([$0]).dropFirst().dropLast()) }.joined(separator: ",") + "]"
  }

  @Test(arguments: ["-9223372036854775808", "9223372036854775807", "1e300", "1.5", "\"1\"", "null"])
  func noTimeOfAVenueTraps(_ text: String) async throws {
    let transport = ScriptedExchange { _, _ in ScriptedExchange.ok("{\"serverTime\":\(text)}") }
    let fault = await #expect(throws: Fault.self) {
      try await market(transport).candles(
        ethbtc, fiveMinutes, from: nil, closedBy: Instant(milliseconds: Self.now), limit: 9)
    }
    #expect(fault?.cause == "its serverTime is no time in milliseconds")
  }

  @Test func aVenueWhoseClockIsFarBehindHasNoCandles() async throws {
    let fault = await #expect(throws: Fault.self) {
      try await batch(of: "[]", serverTime: 0)
    }
    #expect(fault?.isTransient == true)
    #expect(fault?.cause.contains("1970-01-01") == true)
  }

  /// Thirty series at once, and one question for the time.
  @Test func asksForTheTimeOnceAlsoAtTheSameTime() async throws {
    let transport = ScriptedExchange(Self.exchange)
    let market = market(transport)
    try await withThrowingTaskGroup { group in
      for _ in 0..<30 {
        group.addTask {
          _ = try await market.candles(
            ethbtc, fiveMinutes, from: nil, closedBy: Instant(milliseconds: Self.start), limit: 10)
        }
      }
      try await group.waitForAll()
    }
    #expect(transport.requests.filter { $0 == "/api/v3/time" }.count == 1)
    #expect(transport.requests.filter { $0.hasPrefix("/api/v3/klines") }.count == 30)
  }

  @Test func oneUnknownSymbolSpoilsNoOther() async throws {
    let transport = ScriptedExchange { path, query in
      query["symbols"] == nil || query["symbols"] == "%5B%22ETHBTC%22%5D"
        ? Self.exchange(path, ["symbols": "%5B%22ETHBTC%22%5D"])
        : ScriptedExchange.error(400, -1121, "Invalid symbol.")
    }
    let wrong = try #require(Symbol("ETC-BTC"))
    let found = try await market(transport).listings([wrong, ethbtc])
    #expect(found[ethbtc]?.instrument?.symbol == ethbtc)
    guard case .absent(let fault) = found[wrong] else {
      Issue.record("\(wrong) was found")
      return
    }
    #expect(fault.remedy == "did you mean ETH-BTC?")
  }

  /// A venue that answers with more than was asked for must not bring candles from the future.
  @Test func takesNoMoreThanItAskedFor() async throws {
    let batch = try await batch(of: Self.rows(0..<40), limit: 100)
    #expect(batch.candles.count == 10)
    #expect(batch.resumeFrom == nil)
  }

  @Test(
    arguments: [
      // status, body, exit, transient, part of the cause, part of the remedy
      (400, #"{"code":-1121,"msg":"Invalid symbol."}"#, .data, false, "-1121", "BTC-USDT"),
      (400, #"{"code":-1120,"msg":"Invalid interval."}"#, .configuration, false, "-1120", "15m"),
      (
        429, #"{"code":-1003,"msg":"Too much"}"#, .tryAgain, true, "HTTP 429: Too much",
        "less often"
      ),
      (418, "", .tryAgain, true, "HTTP 418", "less often"),
      (451, "<html>", .unavailable, false, "HTTP 451", "data-api.binance.vision"),
      (403, "", .unavailable, false, "HTTP 403", "firewall"),
      (503, #"{"code":-1008,"msg":"busy"}"#, .unavailable, true, "busy (-1008)", "other side"),
      (404, "not found", .unavailable, false, "HTTP 404", "address"),
    ] as [(Int, String, ExitCode, Bool, String, String)])
  func saysWhatAnErrorMeans(
    _ status: Int, _ body: String, _ exit: ExitCode, _ isTransient: Bool, _ cause: String,
    _ remedy: String
  ) async throws {
    let transport = ScriptedExchange { path, query in
      path == "/api/v3/klines"
        ? HTTPResponse(status: status, body: Array(body.utf8)) : Self.exchange(path, query)
    }
    let fault = await #expect(throws: Fault.self) {
      try await market(transport).candles(
        ethbtc, fiveMinutes, from: nil, closedBy: Instant(milliseconds: Self.now), limit: 10)
    }
    #expect(fault?.exit == exit)
    #expect(fault?.isTransient == isTransient)
    #expect(fault?.cause.contains(cause) == true, "\(String(describing: fault?.cause))")
    #expect(fault?.remedy?.contains(remedy) == true, "\(String(describing: fault?.remedy))")
    #expect(fault?.subject == "http://exchange.test/api/v3/klines")
  }

  @Test(arguments: ["10m", "20m", "3h"])
  func refusesATimeframeThatBinanceDoesNotHave(_ text: String) async throws {
    let transport = ScriptedExchange(Self.exchange)
    let timeframe = try #require(Timeframe(text))
    let fault = await #expect(throws: Fault.self) {
      try await market(transport).candles(
        ethbtc, timeframe, from: nil, closedBy: Instant(milliseconds: Self.now), limit: 10)
    }
    #expect(fault?.exit == .configuration)
    #expect(transport.requests == [])
  }

  @Test(arguments: [
    ("{\"serverTime\":", "it is not JSON: 1:15: expected a value, found the end of the text"),
    ("<html>", "it is not JSON: 1:1: expected a value"),
    ("{}", "the answer has no serverTime"),
  ])
  func refusesAnAnswerOfAnotherKind(_ body: String, _ cause: String) async throws {
    let transport = ScriptedExchange { _, _ in ScriptedExchange.ok(body) }
    let fault = await #expect(throws: Fault.self) { try await market(transport).serverTime() }
    #expect(fault?.cause == cause)
  }
}
