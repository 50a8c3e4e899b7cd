import Domain
import Testing
import Venues

/// What every source of candles must do, whatever is behind it.
enum MarketDataConformance {
  /// A source, and a series of it that has at least 20 candles closed by `end`.
  struct Subject {
    let market: any MarketData
    let symbol: Symbol
    let timeframe: Timeframe
    let end: Instant
  }

  static func check(_ subject: Subject) async throws {
    let all = try await everything(of: subject, limit: CandleBatch.maximumCandles)
    try #require(all.count >= 20)
    try await givesSoundCandlesInOrder(subject, all)
    try await pagesWithoutGapOrOverlap(subject, all)
    try await givesNothingFromTheFuture(subject, all)
    try await namesTheNearestSymbol(subject)
  }

  static func givesSoundCandlesInOrder(_ subject: Subject, _ all: [Candle]) async throws {
    for candle in all {
      #expect(candle.defect(in: subject.timeframe) == nil)
      #expect(candle.time + subject.timeframe.span <= subject.end)
    }
    for (one, next) in zip(all, all.dropFirst()) { #expect(one.time < next.time) }
    let again = try await everything(of: subject, limit: CandleBatch.maximumCandles)
    #expect(again == all)
  }

  static func pagesWithoutGapOrOverlap(_ subject: Subject, _ all: [Candle]) async throws {
    #expect(try await everything(of: subject, limit: 7) == all)
    let middle = all[all.count / 2].time
    let rest = try await everything(of: subject, from: middle, limit: 7)
    #expect(rest == Array(all[(all.count / 2)...]))
    let after = try await everything(of: subject, from: middle + .milliseconds(1), limit: 7)
    #expect(after == Array(all[(all.count / 2 + 1)...]))
  }

  static func givesNothingFromTheFuture(_ subject: Subject, _ all: [Candle]) async throws {
    let last = all[10]
    let closes = last.time + subject.timeframe.span
    for (closedBy, count) in [(closes, 11), (closes - .milliseconds(1), 10)] {
      let batch = try await subject.market.candles(
        subject.symbol, subject.timeframe, from: all[0].time, closedBy: closedBy, limit: 100)
      #expect(batch.candles == Array(all[..<count]))
      #expect(batch.resumeFrom == nil)
    }
    let none = try await subject.market.candles(
      subject.symbol, subject.timeframe, from: last.time, closedBy: last.time, limit: 100)
    #expect(none == CandleBatch(candles: []))
  }

  static func namesTheNearestSymbol(_ subject: Subject) async throws {
    let symbols = try await subject.market.symbols()
    #expect(symbols == symbols.sorted())
    #expect(symbols.contains(subject.symbol))
    let rules = try await subject.market.instruments([subject.symbol])
    #expect(rules.map(\.symbol) == [subject.symbol])
    let wrong = try #require(Symbol(base: subject.symbol.base + "X", quote: subject.symbol.quote))
    do {
      _ = try await subject.market.instruments([wrong])
      Issue.record("\(wrong) was found")
    } catch let fault as Fault {
      #expect(fault.remedy == "did you mean \(subject.symbol)?")
      #expect(!fault.isTransient)
    }
  }

  static func everything(
    of subject: Subject, from: Instant? = nil, limit: Int
  ) async throws -> [Candle] {
    var candles: [Candle] = []
    var next = from
    var isFirst = true
    while isFirst || next != nil {
      isFirst = false
      let batch = try await subject.market.candles(
        subject.symbol, subject.timeframe, from: next, closedBy: subject.end, limit: limit)
      #expect(batch.candles.count <= limit)
      candles += batch.candles
      if let resume = batch.resumeFrom { #expect(resume > candles.last?.time ?? resume) }
      next = batch.resumeFrom
    }
    return candles
  }
}

@Suite struct MarketDataConformanceTests {
  @Test func simulatedMarket() async throws {
    let begins = SimulatedMarket.defaultBegin
    try await MarketDataConformance.check(
      .init(
        market: SimulatedMarket(seed: 7), symbol: #require(Symbol("ETH-USDT")), timeframe: .hour,
        end: begins + .hours(40) + .minutes(20)))
  }

  @Test func candleFiles() async throws {
    let rows = (0..<30).filter { $0 != 12 }  // with a gap
      .map { CSVMarketTests.row($0) }.joined()
    let folder = try CandleFolder(["ETH_BTC_5m.csv": CSVMarketTests.header + rows])
    try await MarketDataConformance.check(
      .init(
        market: CSVMarket(directory: folder.path), symbol: #require(Symbol("ETH-BTC")),
        timeframe: #require(Timeframe("5m")),
        end: Instant(milliseconds: CSVMarketTests.start) + .minutes(140)))
  }
}
