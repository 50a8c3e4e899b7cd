import Domain
import Indicators
import Testing

/// What running sums get wrong: flat stretches, large values that left the window, long series.
@Suite struct ExactnessTests {
  static func column(_ expression: String, _ closes: [Double]) throws -> [Double] {
    let candles = closes.enumerated().map { index, close in
      Candle(
        time: Instant(milliseconds: Int64(index) * 3_600_000), open: close, high: close, low: close,
        close: close, volume: 1)
    }
    return FeatureBatch.compute(
      try FeatureSpecification([("f", expression)]), timeframe: .hour,
      columns: CandleColumns(candles))[0]
  }

  @Test(arguments: [
    // Nothing moves: no deviation, no momentum, no strength, as TA-Lib has it.
    ("stddev(20)", 0), ("var(20)", 0), ("zscore(20)", 0), ("cci(14)", 0), ("rsi(14)", 0),
    ("cmo(14)", 0), ("macd().macdhist", 0), ("ppo(12,26)", 0), ("adx(14)", 0), ("bop()", 0),
    ("willr(14)", 0), ("stoch().slowk", 0), ("stochrsi().fastk", 0), ("correl(30)", 0),
    ("beta(5)", 0), ("linearreg_slope(14)", 0), ("roc(10)", 0), ("realvol(20)", 0), ("mfi(14)", 0),
    ("ultosc()", 0), ("atr(14)", 0), ("linearreg(14)", 0.1), ("ema(20)", 0.1), ("max(20)", 0.1),
    ("rank(20)", 0.525), ("aroon(14).aroonup", 100), ("bbands(20).upperband", 0.1),
  ])
  func isExactWhereNothingMoves(expression: String, expected: Double) throws {
    let column = try Self.column(expression, Array(repeating: 0.1, count: 200))
    let value = try #require(column.last)
    #expect(value == expected, "\(expression): \(value)")
  }

  @Test(arguments: ["stddev(20)", "var(20)", "zscore(20)", "linearreg_slope(14)", "mom(10)"])
  func forgetsWhatLeftTheWindow(expression: String) throws {
    let closes = [1e9, 3, 1e12, 7e-9] + Array(repeating: 0.1, count: 60)
    #expect(try Self.column(expression, closes).last == 0, "\(expression)")
  }

  #if arch(x86_64)
    /// 20,000 candles at a level a million times their movement, against the definitions in extended
    /// precision.
    @Test func doesNotDrift() throws {
      var random = SeededGenerator(seed: 11)
      var price = 1e6
      let closes = (0..<20_000).map { _ in
        price += Double.random(in: -1...1, using: &random)
        return price
      }
      let (mean, deviation) = (
        try Self.column("sma(20)", closes), try Self.column("stddev(20)", closes)
      )
      let (slope, weighted) = (
        try Self.column("linearreg_slope(20)", closes), try Self.column("wma(20)", closes)
      )
      for row in stride(from: 19, to: closes.count, by: 97) {
        let window = closes[(row - 19)...row].map { Float80($0) }
        let exactMean = window.reduce(0, +) / 20
        let variance = window.map { ($0 - exactMean) * ($0 - exactMean) }.reduce(0, +) / 20
        let exactSlope =
          window.enumerated().map { (Float80($0) - 9.5) * $1 }.reduce(0, +) / 665
        let exactWeighted =
          window.enumerated().map { Float80($0 + 1) * $1 }.reduce(0, +) / 210
        #expect(abs(Float80(mean[row]) / exactMean - 1) < 1e-14)
        #expect(abs(Float80(deviation[row]) / variance.squareRoot() - 1) < 1e-13)
        #expect(abs(Float80(slope[row]) - exactSlope) < 1e-13 * max(1, abs(exactSlope)))
        #expect(abs(Float80(weighted[row]) / exactWeighted - 1) < 1e-14)
      }
    }
  #endif
}
