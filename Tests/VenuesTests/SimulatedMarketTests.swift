import Domain
import Glibc
import Testing

@testable import Venues

@Suite struct SimulatedMarketTests {
  let market = SimulatedMarket(seed: 42)
  let symbol = Symbol("SOL-USDT")!
  let begin = Instant(rfc3339: "2026-03-02T00:00:00Z")!  // a Monday

  func candles(
    _ timeframe: String, of market: SimulatedMarket? = nil, from: Instant? = nil, span: TimeSpan
  ) async throws -> [Candle] {
    let begin = from ?? self.begin
    var candles: [Candle] = []
    var next: Instant? = begin
    while let from = next {
      let batch = try await (market ?? self.market).candles(
        symbol, #require(Timeframe(timeframe)), from: from, closedBy: begin + span, limit: 10_000)
      candles += batch.candles
      next = batch.resumeFrom
    }
    return candles
  }

  @Test func isTheSameForTheSameSeed() async throws {
    let again = SimulatedMarket(seed: 42, symbols: [symbol])
    let other = SimulatedMarket(seed: 43)
    let candles = try await candles("1h", span: .days(30))
    #expect(candles.count == 720)
    #expect(try await self.candles("1h", of: again, span: .days(30)) == candles)
    #expect(try await self.candles("1h", of: other, span: .days(30)) != candles)
  }

  @Test func givesTheSameCandleWhereverOneStarts() async throws {
    let all = try await candles("5m", span: .days(2))
    for index in stride(from: 0, to: all.count, by: 37) {
      let one = try await candles("5m", from: all[index].time, span: .minutes(5))
      #expect(one == [all[index]])
    }
  }

  @Test(arguments: [("1m", "5m"), ("5m", "1h"), ("15m", "4h"), ("1h", "1d"), ("1d", "1w")])
  func agreesBetweenTimeframes(_ short: String, _ long: String) async throws {
    let parts = try await candles(short, span: .days(7))
    let wholes = try await candles(long, span: .days(7))
    let each = parts.count / wholes.count
    for (index, whole) in wholes.enumerated() {
      let slice = parts[index * each..<(index + 1) * each]
      #expect(whole.open == slice.first?.open)
      #expect(whole.close == slice.last?.close)
      #expect(whole.high == slice.map(\.high).max())
      #expect(whole.low == slice.map(\.low).min())
      let volume = slice.map(\.volume).reduce(0, +)
      #expect((whole.volume - volume).magnitude <= volume * 1e-12)
    }
    for (one, next) in zip(parts, parts.dropFirst()) { #expect(one.close == next.open) }
  }

  @Test func hasSoundCandlesOnTheTick() async throws {
    for symbol in SimulatedMarket.defaultSymbols {
      let rules = try await market.instruments([symbol])[0]
      let batch = try await market.candles(
        symbol, .hour, from: begin, closedBy: begin + .days(10), limit: 240)
      #expect(batch.candles.count == 240)
      for candle in batch.candles {
        #expect(candle.defect(in: .hour) == nil)
        #expect(candle.volume > 0)
        for price in [candle.open, candle.high, candle.low, candle.close] {
          let amount = try #require(Amount(price.description))
          #expect(try amount.rounded(toMultipleOf: rules.tick, .down) == amount)
        }
      }
    }
  }

  /// Hourly moves of a crypto pair: between a twentieth of a percent and three percent in the root
  /// mean square; and the price neither vanishes nor explodes in six years.
  @Test func movesLikeAMarket() async throws {
    let hours = try await candles("1h", span: .days(60))
    let squares = hours.map { ($0.close / $0.open - 1) * ($0.close / $0.open - 1) }
    let spread = (squares.reduce(0, +) / Double(hours.count)).squareRoot()
    #expect(spread > 0.0005 && spread < 0.03)
    let days = try await candles(
      "1d", from: SimulatedMarket.defaultBegin, span: .days(6 * 365))
    #expect(days.allSatisfy { $0.low > 150 / 8 && $0.high < 150 * 8 })
  }

  @Test func beginsAtItsBeginning() async throws {
    let begins = SimulatedMarket.defaultBegin
    let early = try await market.candles(
      symbol, .day, from: nil, closedBy: begins + .days(2), limit: 9)
    #expect(early.candles.map(\.time) == [begins, begins + .days(1)])
    let before = try await market.candles(
      symbol, .day, from: begins - .days(9), closedBy: begins, limit: 9)
    #expect(before == CandleBatch(candles: []))
  }

  /// The first outputs of SplitMix64 for the seed 1234567, as on its page at Rosetta Code.
  @Test(
    arguments: [
      (0, 6_457_827_717_110_365_317), (1, 3_203_168_211_198_807_973),
      (2, 9_817_491_932_198_370_423),
      (3, 4_593_380_528_125_082_431), (4, 16_408_922_859_458_223_821),
    ] as [(UInt64, UInt64)])
  func hashesAsSplitMix(_ index: UInt64, _ expected: UInt64) {
    #expect(hash(1_234_567, index) == expected)
  }

  @Test func exponentiatesAsTheSystemsLibrary() {
    for step in -4000...4000 {
      let x = Double(step) / 200
      #expect((exponential(x) / exp(x) - 1).magnitude < 1e-14)
    }
  }
}
