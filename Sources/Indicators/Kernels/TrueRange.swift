/// TRANGE: the largest of high - low, |high - last close| and |low - last close|, over high, low and
/// close. Source: TA-Lib `TRANGE`; J. W. Wilder (1978).
struct TrueRange: Kernel {
  static var outputCount: Int { 1 }
  private var lastClose = 0.0

  init(_ arguments: Arguments) {}
  init() {}

  var lookback: Int { 1 }
  var windowCount: Int { 0 }

  /// The true range; the first one, without a close before it, means nothing.
  @inline(__always)
  mutating func step(high: Double, low: Double, close: Double) -> Double {
    let range = max(high - low, max(abs(high - lastClose), abs(low - lastClose)))
    lastClose = close
    return range
  }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(step(high: a, low: b, close: c)) }

  mutating func code(_ coder: inout StateCoder) { coder.number(&lastClose) }
}

/// ATR: Wilder's average of the true range, over high, low and close. Source: TA-Lib `ATR`;
/// J. W. Wilder (1978).
struct AverageTrueRange: Kernel {
  static var outputCount: Int { 1 }
  private let period: Int
  private var range = TrueRange()
  private var average: WilderAverage
  private var isFirst = true

  init(_ arguments: Arguments) { self.init(period: arguments.int(0)) }

  init(period: Int) {
    self.period = period
    average = WilderAverage(period)
  }

  var lookback: Int { period }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(high: Double, low: Double, close: Double) -> Double {
    let value = range.step(high: high, low: low, close: close)
    if isFirst {
      isFirst = false
      return 0
    }
    return average.step(value)
  }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(step(high: a, low: b, close: c)) }

  mutating func code(_ coder: inout StateCoder) {
    range.code(&coder)
    average.code(&coder)
    coder.flag(&isFirst)
  }
}
