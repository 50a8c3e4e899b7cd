import Domain
import Indicators
import Testing

/// What each rule makes of candles that are missing.
@Suite struct GapTests {
  /// Closes 1, 2, 3, then two candles missing, then 4, 5, 6.
  static let candles: [Candle] = [0, 1, 2, 5, 6, 7].enumerated().map { index, hour in
    let close = Double(index + 1)
    return Candle(
      time: Instant(milliseconds: 3_600_000 * Int64(hour)), open: close, high: close, low: close,
      close: close, volume: 1)
  }

  @Test(
    arguments: [
      // Sums of 3 closes. Carried: 3 stands in twice, so 3+3+4, 3+4+5, 4+5+6.
      (GapRule.carry, [nil, nil, 6, 10, 12, 15]),
      (.missing, [nil, nil, 6, nil, nil, 15]),
      (.reset, [nil, nil, 6, nil, nil, 15]),
      (.bridge, [nil, nil, 6, 9, 12, 15]),
    ] as [(GapRule, [Double?])])
  func sums(rule: GapRule, expected: [Double?]) throws {
    let specification = try FeatureSpecification([("mean", "sma(3)")], gapRule: rule)
    let column = FeatureBatch.compute(
      specification, timeframe: .hour, columns: CandleColumns(Self.candles))[0]
    for (value, sum) in zip(column, expected) {
      if let sum { #expect(abs(value - sum / 3) < 1e-12) } else { #expect(value.isNaN) }
    }
  }

  @Test(
    arguments: [
      // An EMA of 2 has weight 2/3 and the seed (1+2)/2.
      // Carried: 1.5, 2.5, then 3 twice: 2.8333.., 2.9444..; then 4: 3.648148..
      (GapRule.carry, [nil, 1.5, 2.5, 3 + 35.0 / 54, nil, nil]),
      // Known before the gap: 2.5 + 2/3 * 1.5 = 3.5 (not shown), then 4.5, 5.5.
      (.missing, [nil, 1.5, 2.5, .nan, 4.5, 5.5]),
      // Seeded anew: (4+5)/2, then 4.5 + 2/3 * 1.5 = 5.5.
      (.reset, [nil, 1.5, 2.5, .nan, 4.5, 5.5]),
      (.bridge, [nil, 1.5, 2.5, 3.5, 4.5, 5.5]),
    ] as [(GapRule, [Double?])])
  func averages(rule: GapRule, expected: [Double?]) throws {
    let specification = try FeatureSpecification([("mean", "ema(2)")], gapRule: rule)
    let column = FeatureBatch.compute(
      specification, timeframe: .hour, columns: CandleColumns(Self.candles))[0]
    for (index, (value, mean)) in zip(column, expected).enumerated() {
      guard let mean else { continue }
      if mean.isNaN {
        #expect(value.isNaN, "row \(index)")
      } else {
        #expect(abs(value - mean) < 1e-12, "row \(index): \(value)")
      }
    }
  }

  @Test func aGapTooLongToCarryIsAReset() throws {
    var candles = Self.candles
    for index in 3..<6 {
      candles[index].time = Instant(
        milliseconds: 3_600_000 * Int64(GapRule.maximumCarriedCandles + index + 1))
    }
    let specification = try FeatureSpecification([("mean", "sma(3)")], gapRule: .carry)
    let column = FeatureBatch.compute(
      specification, timeframe: .hour, columns: CandleColumns(candles))[0]
    #expect(column[3].isNaN && column[4].isNaN)
    #expect(abs(column[5] - 5) < 1e-12)
  }
}
