import Calendars
import Domain
import Indicators
import Testing

/// `gaps: session`: nothing is missing while the market is closed.
@Suite struct SessionGapTests {
  /// New York, January 2026: Monday the 19th is a holiday. Closes by day of the month.
  private static func candles(_ closes: [(day: Int, close: Double)]) throws -> CandleColumns {
    var columns = CandleColumns()
    for (day, close) in closes {
      let time = try #require(Instant(rfc3339: "2026-01-\(day < 10 ? "0" : "")\(day)T00:00:00Z"))
      columns.append(
        Candle(time: time, open: close, high: close, low: close, close: close, volume: 1))
    }
    return columns
  }

  private static func sums(
    _ closes: [(day: Int, close: Double)], gapRule: GapRule? = nil, isNewYork: Bool = true
  ) throws -> [Double?] {
    let specification = try FeatureSpecification(
      [("total", "sum(3)")], gapRule: gapRule,
      calendar: isNewYork ? TradingCalendar.builtIn("XNYS") : nil)
    let candles = try candles(closes)
    let batch = FeatureBatch.compute(specification, timeframe: .day, columns: candles)[0]
    // Candle by candle, the same.
    var pipeline = FeaturePipeline(specification, timeframe: .day)
    for row in 0..<candles.count {
      var value = [Double.nan]
      value.withUnsafeMutableBufferPointer { pipeline.push(candles[row], into: $0) }
      #expect(value[0] == batch[row] || (value[0].isNaN && batch[row].isNaN))
    }
    return batch.map { $0.isNaN ? nil : $0 }
  }

  @Test func aWeekendAndAHolidayAreNoGap() throws {
    // Thursday, Friday, Tuesday. Of the last three candles: 1 + 3 + 6. On the grid Saturday to Monday
    // are missing, and Friday's close stands for them: 3 + 3 + 6.
    let closes: [(day: Int, close: Double)] = [(15, 1), (16, 3), (20, 6)]
    #expect(try Self.sums(closes) == [nil, nil, 10])
    #expect(try Self.sums(closes, gapRule: .bridge) == [nil, nil, 10])
    #expect(try Self.sums(closes, gapRule: .carry) == [nil, nil, 12])
    #expect(try Self.sums(closes, gapRule: .reset) == [nil, nil, nil])
    #expect(try Self.sums(closes, isNewYork: false) == [nil, nil, 12])
  }

  @Test func aSessionWithoutACandleIsCarried() throws {
    // Friday 2, Wednesday 6, and of Tuesday nothing, as if it had closed at 2.
    let closes: [(day: Int, close: Double)] = [(15, 1), (16, 2), (21, 6)]
    #expect(try Self.sums(closes) == [nil, nil, 2 + 2 + 6])
    #expect(try Self.sums(closes, gapRule: .bridge) == [nil, nil, 1 + 2 + 6])
  }

  /// The rule is part of what the features are, and with it the calendar by its name.
  @Test func isPartOfTheIdentity() throws {
    let calendar = try TradingCalendar.builtIn("XNYS")
    let plain = try FeatureSpecification([("a", "close")])
    let shares = try FeatureSpecification([("a", "close")], calendar: calendar)
    #expect(plain.gapRule == .carry && shares.gapRule == .session)
    #expect(shares.canonicalText.contains("\ngap session XNYS\n"))
    #expect(try FeatureSpecification([("a", "close")], gapRule: .session) == plain)
    #expect(
      try FeatureSpecification([("a", "close")], gapRule: .carry, calendar: calendar) == plain)
  }
}
