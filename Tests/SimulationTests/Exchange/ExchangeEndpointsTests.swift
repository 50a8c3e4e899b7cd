import Domain
import Testing

@testable import Simulation

@Suite struct ExchangeEndpointsTests {
  /// A clock that stands still until it is set.
  struct StandingTime: TimeSource {
    var now = Instant(milliseconds: 1_700_000_030_500)
    var uptime: TimeSpan { now - .epoch }
    func sleep(for span: TimeSpan) async throws {}
  }

  // 2018-01-10T04:55:00Z, and four candles from there with a gap after the second.
  static let start: Int64 = 1_515_560_100_000
  static let files = [
    "ETH_BTC_5m.csv": """
    time_ms,open,high,low,close,volume
    \(start),0.0984,0.0994766,0.09828605,0.09946999000000001,1820.54447418
    \(start + 300_000),0.00002,0.00003,0.000010000000000000004,0.00002,5e-07
    \(start + 900_000),1.0,2.0,1.0,2.0,35000000000000000000000.0
    \(start + 1_200_000),1,2,1,2,0

    """
  ]

  func answer(
    _ path: String, _ query: String = "", weightPerMinute: Int? = nil
  ) async throws -> ExchangeReply {
    let folder = try ExchangeFolder(Self.files)
    let endpoints = try ExchangeEndpoints(
      candles: folder.path, weightPerMinute: weightPerMinute, time: StandingTime())
    return await endpoints.answer(path: path, query: query)
  }

  @Test(arguments: [
    ("/api/v3/ping", "", 200, "{}"),
    ("/api/v3/time", "", 200, "{\"serverTime\":1700000030500}"),
    ("/api/v3/time", "x=1", 400, "-1104"),
    ("/api/v3/order", "", 404, "no such endpoint"),
    ("/api/v3/exchangeInfo", "symbol=ETHBTC", 200, "\"symbol\":\"ETHBTC\""),
    ("/api/v3/exchangeInfo", "symbols=%5B%22ETHBTC%22%5D", 200, "\"baseAsset\":\"ETH\""),
    ("/api/v3/exchangeInfo", "symbols=[\"ETHBTC\"]", 200, "\"tickSize\":\"0.00000001\""),
    ("/api/v3/exchangeInfo", "symbol=LTCBTC", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"),
    ("/api/v3/exchangeInfo", "symbols=%5B%22ETHBTC%22,%22LTCBTC%22%5D", 400, "-1121"),
    ("/api/v3/exchangeInfo", "symbols=ETHBTC", 400, "-1100"),
    ("/api/v3/exchangeInfo", "symbols=[]", 400, "-1100"),
    ("/api/v3/exchangeInfo", "symbols=%5B%22%5D", 400, "-1100"),
    ("/api/v3/exchangeInfo", "symbol=ETHBTC&symbols=%5B%22ETHBTC%22%5D", 400, "-1128"),
    ("/api/v3/klines", "interval=5m", 400, "-1102"),
    ("/api/v3/klines", "symbol=&interval=5m", 400, "-1102"),
    ("/api/v3/klines", "symbol=ETHBTC", 400, "-1102"),
    ("/api/v3/klines", "symbol=ETH%20BTC&interval=5m", 400, "-1100"),
    ("/api/v3/klines", "symbol=ETH%zzBTC&interval=5m", 400, "-1100"),
    ("/api/v3/klines", "symbol=ETHBTC&symbol=ETHBTC&interval=5m", 400, "-1101"),
    ("/api/v3/klines", "symbol=LTCBTC&interval=5m", 400, "-1121"),
    ("/api/v3/klines", "symbol=ethbtc&interval=5m", 400, "-1121"),
    ("/api/v3/klines", "symbol=ETHBTC&interval=7m", 400, "-1120"),
    ("/api/v3/klines", "symbol=ETHBTC&interval=1h", 400, "-1120"),  // no file of it
    ("/api/v3/klines", "symbol=ETHBTC&interval=5m&limit=0", 400, "-1130"),
    ("/api/v3/klines", "symbol=ETHBTC&interval=5m&limit=-1", 400, "-1100"),
    ("/api/v3/klines", "symbol=ETHBTC&interval=5m&startTime=yesterday", 400, "-1100"),
    ("/api/v3/klines", "symbol=ETHBTC&interval=5m&startTime=99999999999999999999", 400, "-1100"),
    ("/api/v3/klines", "symbol=ETHBTC&interval=5m&startTime=999999999999999999", 200, "[]"),
  ])
  func answersAsBinanceDoes(_ path: String, _ query: String, _ status: Int, _ part: String)
    async throws
  {
    let reply = try await answer(path, query)
    #expect(reply.status == status)
    #expect(reply.body.contains(part), "\(reply.body)")
    #expect((reply.headers["x-mbx-used-weight-1m"] == nil) == (path == "/api/v3/order"))
  }

  @Test(arguments: [
    // query -> which of the four candles, by their minutes after the first
    ("", [0, 5, 15, 20]), ("&limit=2", [15, 20]), ("&limit=5000", [0, 5, 15, 20]),
    ("&startTime=0", [0, 5, 15, 20]), ("&startTime=0&limit=2", [0, 5]),
    ("&startTime=\(start + 1)", [5, 15, 20]),
    ("&startTime=\(start + 300_000)&endTime=\(start + 900_000)", [5, 15]),
    ("&startTime=\(start + 300_000)&endTime=\(start + 899_999)", [5]),
    ("&endTime=\(start + 899_999)", [0, 5]), ("&endTime=\(start + 899_999)&limit=1", [5]),
    ("&endTime=\(start - 1)", []),
    ("&startTime=\(start + 900_000)&endTime=\(start)", []),
  ])
  func choosesRowsAsBinanceDoes(_ query: String, _ minutes: [Int64]) async throws {
    let reply = try await answer("/api/v3/klines", "symbol=ETHBTC&interval=5m\(query)")
    let opens = reply.body.split(separator: "[").compactMap { row in
      row.split(separator: ",").first.flatMap { Int64($0) }
    }
    #expect(opens == minutes.map { Self.start + $0 * 60_000 })
  }

  @Test func writesRowsAsBinanceDoes() async throws {
    let reply = try await answer("/api/v3/klines", "symbol=ETHBTC&interval=5m&limit=3&startTime=0")
    #expect(
      reply.body == """
        [[\(Self.start),"0.0984","0.0994766","0.09828605","0.09946999000000001","1820.54447418",\
        \(Self.start + 299_999),"0",0,"0","0","0"],\
        [\(Self.start + 300_000),"0.00002","0.00003","0.000010000000000000004","0.00002",\
        "0.0000005",\(Self.start + 599_999),"0",0,"0","0","0"],\
        [\(Self.start + 900_000),"1","2","1","2","35000000000000000000000",\
        \(Self.start + 1_199_999),"0",0,"0","0","0"]]
        """)
  }

  @Test func countsTheWeightOfAMinute() async throws {
    let folder = try ExchangeFolder(Self.files)
    let endpoints = try ExchangeEndpoints(
      candles: folder.path, weightPerMinute: 22, time: StandingTime())
    let info = await endpoints.answer(path: "/api/v3/exchangeInfo", query: "")
    #expect(info.headers["x-mbx-used-weight-1m"] == "20")
    let rows = await endpoints.answer(
      path: "/api/v3/klines", query: "symbol=ETHBTC&interval=5m")
    #expect(rows.status == 200)
    #expect(rows.headers["x-mbx-used-weight-1m"] == "22")
    let refused = await endpoints.answer(path: "/api/v3/ping", query: "")
    #expect(refused.status == 429)
    #expect(refused.body.contains("-1003"))
    // 1,700,000,030.5 s is 50.5 s into a minute: 1,700,000,040 is a multiple of 60.
    #expect(refused.headers["Retry-After"] == "10")
  }

  @Test func forgetsTheWeightOfThePreviousMinute() {
    var weights = ExchangeWeights(limit: 10)
    #expect(weights.take(10, at: Instant(seconds: 59)) == nil)
    #expect(weights.take(1, at: Instant(seconds: 59)) == 1)
    #expect(weights.take(10, at: Instant(seconds: 60)) == nil)
    #expect(weights.take(1, at: Instant(seconds: 60)) == 60)
    var unlimited = ExchangeWeights(limit: nil)
    #expect(unlimited.take(1_000_000, at: .epoch) == nil)
  }

  @Test func refusesTwoPairsOfOneName() throws {
    let text = "time_ms,open,high,low,close,volume\n\(Self.start),1,1,1,1,1\n"
    let folder = try ExchangeFolder(["AB_CDE_5m.csv": text, "ABC_DE_5m.csv": text])
    let fault = #expect(throws: Fault.self) {
      try ExchangeEndpoints(candles: folder.path, weightPerMinute: nil, time: StandingTime())
    }
    #expect(fault?.cause == "AB-CDE and ABC-DE would both be called ABCDE")
  }

  @Test(arguments: [
    "0", "1", "0.1", "123.456", "0.00001", "5e-07", "1e-05", "1.5e-10", "9007199254740993",
    "1e16", "1.2345e+20", "1e22", "1.7976931348623157e308", "5e-324", "0.0027300000000000002",
    "35000000000000000000000", "123456789012345680000",
  ])
  func writesNumbersWithoutExponentsThatReadBack(_ text: String) throws {
    let value = try #require(Double(text))
    let plain = plainDecimal(value)
    #expect(!plain.contains("e"))
    #expect(Double(plain)?.bitPattern == value.bitPattern, "\(plain)")
  }
}
