import Domain
import Glibc
import Logging
import Net
import Simulation
import Testing
import Venues

/// The exchange on a real port, read by the real client over libcurl.
@Suite struct ExchangeServerTests {
  static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  static let sharedCandles = getenv("CARILLON_SHARED").map { String(cString: $0) + "/candles" }

  /// Runs an exchange for as long as the body does, and sees it end.
  static func withExchange(
    of candles: String, weightPerMinute: Int? = nil,
    _ body: @Sendable @escaping (_ url: String, _ transport: CurlTransport) async throws -> Void
  ) async throws {
    let server = try ExchangeServer(
      .init(candles: candles, weightPerMinute: weightPerMinute), time: SystemTime(), logger: quiet)
    let (ports, listening) = AsyncStream<Int>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await server.run { listening.yield($0) }
      }
      let port = try #require(await ports.first { _ in true })
      #expect(port > 0)
      let transport = try CurlTransport()
      do {
        try await body("http://127.0.0.1:\(port)", transport)
      } catch {
        Issue.record(error)
      }
      transport.shutdown()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// Everything that a source has of a series, in pages.
  static func everything(
    of series: Series, in market: any MarketData, limit: Int
  ) async throws -> [Candle] {
    var candles: [Candle] = []
    var from: Instant?
    repeat {
      let batch = try await market.candles(
        series.symbol, series.timeframe, from: from,
        closedBy: Instant(rfc3339: "2026-01-01T00:00:00Z")!, limit: limit)
      candles += batch.candles
      from = batch.resumeFrom
    } while from != nil
    return candles
  }

  static func sameByBothRoutes(_ folder: String) async throws {
    let files = CSVMarket(directory: folder)
    let available = try files.available()
    try await withExchange(of: folder) { url, transport in
      let exchange = BinanceMarket(transport: transport, baseURL: url, name: "csv")
      #expect(
        try await ExchangeCatalog.series(at: url, over: transport, venue: "csv") == available)
      let symbols = try await files.symbols()
      #expect(try await exchange.symbols() == symbols)
      let rules = try await files.instruments(symbols)
      let served = try await exchange.instruments(symbols)
      // An exchange tells bounds that files know nothing of: what both know is compared.
      for (one, rule) in zip(served, rules) {
        var known = one
        known.filters = rule.filters
        #expect(known == rule)
      }
      #expect(served.count == rules.count)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for one in available {
          group.addTask {
            let expected = try await everything(of: one.series, in: files, limit: 10_000)
            #expect(expected.count == one.candles)
            let candles = try await everything(of: one.series, in: exchange, limit: 1000)
            // Equal numbers, which for finite ones above zero means equal bits.
            #expect(candles == expected, "\(one.series)")
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func givesTheSameCandlesAsTheFiles() async throws {
    let folder = try await ExchangeFolder.sample()
    try await Self.sameByBothRoutes(folder.path)
  }

  @Test(.enabled(if: sharedCandles != nil))
  func givesTheSameRealCandlesAsTheFiles() async throws {
    try await Self.sameByBothRoutes(#require(Self.sharedCandles))
  }

  @Test func refusesAClientThatAsksTooMuch() async throws {
    let folder = try await ExchangeFolder.sample()
    try await Self.withExchange(of: folder.path, weightPerMinute: 1) { url, transport in
      let exchange = BinanceMarket(transport: transport, baseURL: url)
      let fault = await #expect(throws: Fault.self) {
        // The second one at the latest: a minute may begin between them, but not twice.
        for _ in 0..<3 { _ = try await exchange.instruments([#require(Symbol("ETH-BTC"))]) }
      }
      #expect(fault?.exit == .tryAgain)
      #expect(fault?.isTransient == true)
      #expect(fault.flatMap(\.retryAfter).map { $0 > .zero && $0 <= .seconds(60) } == true)
    }
  }

  @Test func saysWhichSymbolWasMeant() async throws {
    let folder = try await ExchangeFolder.sample()
    try await Self.withExchange(of: folder.path) { url, transport in
      let exchange = BinanceMarket(transport: transport, baseURL: url)
      let fault = await #expect(throws: Fault.self) {
        try await exchange.instruments([#require(Symbol("ETH-BTC")), #require(Symbol("LTX-BTC"))])
      }
      #expect(fault?.remedy == "did you mean LTC-BTC?")
      let gone = await #expect(throws: Fault.self) {
        try await exchange.candles(
          #require(Symbol("ETH-BTC")), .hour, from: nil, closedBy: SystemTime().now, limit: 1)
      }
      #expect(gone?.exit == .configuration)
    }
  }

  @Test func saysThatThePortIsTaken() async throws {
    let folder = try await ExchangeFolder.sample()
    let path = folder.path
    try await Self.withExchange(of: path) { url, _ in
      let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
      let second = try ExchangeServer(
        .init(candles: path, port: port), time: SystemTime(), logger: Self.quiet)
      let fault = await #expect(throws: Fault.self) { try await second.run() }
      #expect(fault?.exit == .unavailable)
      #expect(fault?.subject == "127.0.0.1:\(port)")
    }
  }

  @Test func refusesAFolderWithoutCandles() throws {
    let fault = #expect(throws: Fault.self) {
      try ExchangeServer(.init(candles: "/nowhere"), time: SystemTime(), logger: Self.quiet)
    }
    #expect(fault?.exit == .noInput)
  }
}
