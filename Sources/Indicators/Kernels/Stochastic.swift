/// Where a close lies between the lowest low and the highest high of n candles, in percent; 0 where
/// the two are equal.
struct FastStochastic: BitwiseCopyable {
  private var range: WindowExtremes
  private var seen = 0

  init(_ period: Int) { range = WindowExtremes(period) }

  var lookback: Int { range.period - 1 }
  var windowCount: Int { range.windowCount }
  var isWarm: Bool { seen == range.period }

  @inline(__always)
  mutating func step(_ high: Double, _ low: Double, _ close: Double, _ window: Window) -> Double {
    if seen < range.period { seen += 1 }
    let (highest, lowest) = range.step(high, low, window)
    let span = highest - lowest
    return span == 0 ? 0 : (close - lowest) / span * 100
  }

  /// Takes many candles.
  @inline(__always)
  mutating func run(
    _ high: Lanes.Column, _ low: Lanes.Column, _ close: Lanes.Column, _ count: Int,
    _ window: Window, _ output: Window
  ) {
    seen = min(seen + count, range.period)
    range.run(high, low, count, window) { row, highest, lowest in
      let span = highest - lowest
      output[row] = span == 0 ? 0 : (close[row] - lowest) / span * 100
    }
  }

  mutating func code(_ coder: inout StateCoder) {
    range.code(&coder)
    coder.count(&seen, through: range.period)
  }
}

/// STOCH: the fast %K, averaged twice. Source: TA-Lib `STOCH`; G. Lane.
struct Stochastic<Average: TypedAverage>: Kernel {
  static var outputCount: Int { 2 }
  private var fast: FastStochastic
  private var slowK: Average
  private var slowD: Average

  init(_ arguments: Arguments) {
    fast = FastStochastic(arguments.int(0))
    slowK = Average(type: arguments.int(2), period: arguments.int(1))
    slowD = Average(type: arguments.int(4), period: arguments.int(3))
  }

  var lookback: Int { fast.lookback + slowK.lookback + slowD.lookback }
  var windowCount: Int { fast.windowCount + slowK.windowCount + slowD.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let value = fast.step(a, b, c, window)
    guard fast.isWarm else { return Values(0) }
    let k = slowK.step(value, window + fast.windowCount)
    guard slowK.isWarm else { return Values(0) }
    return Values(k, slowD.step(k, window + fast.windowCount + slowK.windowCount))
  }

  /// One stage after the other once all are warm; the warm-up goes step by step.
  @inline(__always)
  mutating func run(_ lanes: Lanes) {
    var lanes = lanes
    while lanes.count > 0, !slowD.isWarm { one(&lanes) }
    let (k, d) = (lanes.outputs.0, lanes.outputs.1)
    let inputs = lanes.inputs
    fast.run(inputs.0, inputs.1, inputs.2, lanes.count, lanes.window, d)
    slowK.run(d, lanes.count, lanes.window + fast.windowCount, k)
    slowD.run(k, lanes.count, lanes.window + fast.windowCount + slowK.windowCount, d)
  }

  mutating func code(_ coder: inout StateCoder) {
    fast.code(&coder)
    slowK.code(&coder)
    slowD.code(&coder)
  }
}

/// STOCHF: the fast %K, and its average. Source: TA-Lib `STOCHF`.
struct StochasticFast<Average: TypedAverage>: Kernel {
  static var outputCount: Int { 2 }
  private var fast: FastStochastic
  private var fastD: Average

  init(_ arguments: Arguments) {
    fast = FastStochastic(arguments.int(0))
    fastD = Average(type: arguments.int(2), period: arguments.int(1))
  }

  var lookback: Int { fast.lookback + fastD.lookback }
  var windowCount: Int { fast.windowCount + fastD.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let k = fast.step(a, b, c, window)
    guard fast.isWarm else { return Values(0) }
    return Values(k, fastD.step(k, window + fast.windowCount))
  }

  mutating func code(_ coder: inout StateCoder) {
    fast.code(&coder)
    fastD.code(&coder)
  }
}

/// STOCHRSI: the fast stochastic of the RSI. Source: TA-Lib `STOCHRSI`; T. Chande and S. Kroll,
/// "The New Technical Trader" (1994).
struct StochasticStrength<Average: TypedAverage>: Kernel {
  static var outputCount: Int { 2 }
  private var strength: RelativeStrength
  private var fast: FastStochastic
  private var fastD: Average

  init(_ arguments: Arguments) {
    strength = RelativeStrength(period: arguments.int(0))
    fast = FastStochastic(arguments.int(1))
    fastD = Average(type: arguments.int(3), period: arguments.int(2))
  }

  var lookback: Int { strength.lookback + fast.lookback + fastD.lookback }
  var windowCount: Int { fast.windowCount + fastD.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let value = strength.step(a, window)
    guard strength.isWarm else { return Values(0) }
    let k = fast.step(value, value, value, window)
    guard fast.isWarm else { return Values(0) }
    return Values(k, fastD.step(k, window + fast.windowCount))
  }

  mutating func code(_ coder: inout StateCoder) {
    strength.code(&coder)
    fast.code(&coder)
    fastD.code(&coder)
  }
}
