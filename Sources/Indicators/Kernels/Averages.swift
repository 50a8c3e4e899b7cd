/// SMA: the mean of the last n values. Source: TA-Lib `SMA`.
struct SimpleAverage: WarmFilter {
  private var mean: WindowMean
  private var seen = 0

  init(period: Int) { mean = WindowMean(period) }

  var lookback: Int { mean.period - 1 }
  var windowCount: Int { mean.windowCount }
  var isWarm: Bool { seen == mean.period }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    if seen < mean.period { seen += 1 }
    return mean.step(x, window)
  }

  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    seen = min(seen + count, mean.period)
    mean.run(x, count, window, output)
  }

  mutating func code(_ coder: inout StateCoder) {
    mean.code(&coder)
    coder.count(&seen, through: mean.period)
  }
}

/// EMA: e += (x - e) * 2 / (n + 1), seeded with the mean of the first n values.
/// Source: TA-Lib `EMA`, unstable period 0, classic compatibility.
struct ExponentialAverage: WarmFilter {
  private let period: Int
  private let weight: Double
  private var seen = 0
  private(set) var value = 0.0

  init(period: Int) {
    self.period = period
    weight = 2 / Double(period + 1)
  }

  var lookback: Int { period - 1 }
  var windowCount: Int { 0 }
  var isWarm: Bool { seen == period }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    if seen == period {
      value += (x - value) * weight
    } else {
      // The mean so far: that of equal values is that value.
      seen += 1
      value += (x - value) / Double(seen)
    }
    return value
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&seen, through: period)
    coder.number(&value)
  }
}

/// Wilder's average, times n: the sum of the first n values, and from then on an n-th less of it and
/// the next value. Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978).
///
/// Values must not be negative: what is added never cancels.
struct WilderSum: BitwiseCopyable {
  let period: Int
  private let decay: Double
  private var seen = 0
  private(set) var value = 0.0

  init(_ period: Int) {
    self.period = period
    decay = Double(period - 1) / Double(period)
  }

  /// Takes the next value.
  @inline(__always)
  mutating func step(_ x: Double) -> Double {
    if seen == period {
      value = value * decay + x
    } else {
      seen += 1
      value += x
    }
    return value
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&seen, through: period)
    coder.number(&value)
  }
}
