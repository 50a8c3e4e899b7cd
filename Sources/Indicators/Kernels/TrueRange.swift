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

/// NATR: ATR in percent of the close; 0 where the close is 0. Source: TA-Lib `NATR`.
struct NormalisedTrueRange: Kernel {
  static var outputCount: Int { 1 }
  private var range: AverageTrueRange

  init(_ arguments: Arguments) { range = AverageTrueRange(arguments) }

  var lookback: Int { range.lookback }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let value = range.step(high: a, low: b, close: c)
    return Values(c == 0 ? 0 : value / c * 100)
  }

  mutating func code(_ coder: inout StateCoder) { range.code(&coder) }
}

/// BOP: (close - open) / (high - low), over all four; 0 where the candle has no height.
/// Source: TA-Lib `BOP`; I. Livshin (2001).
struct BalanceOfPower: Kernel {
  static var outputCount: Int { 1 }

  init(_ arguments: Arguments) {}

  var lookback: Int { 0 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let span = b - c
    return Values(span > 0 ? (d - a) / span : 0)
  }

  mutating func code(_ coder: inout StateCoder) {}
}

/// ULTOSC: buying pressure over true range in three periods, weighted 4, 2 and 1 from the shortest
/// to the longest, in percent; over high, low and close. Source: TA-Lib `ULTOSC`; L. Williams (1976).
struct UltimateOscillator: Kernel {
  static var outputCount: Int { 1 }
  private var pressure: (WindowSum, WindowSum, WindowSum)
  private var range: (WindowSum, WindowSum, WindowSum)
  private var lastClose = 0.0
  private var isFirst = true

  init(_ arguments: Arguments) {
    let periods = (0...2).map { arguments.int($0) }.sorted()
    pressure = (WindowSum(periods[0]), WindowSum(periods[1]), WindowSum(periods[2]))
    range = pressure
  }

  var lookback: Int { pressure.2.period }
  var windowCount: Int {
    2 * (pressure.0.windowCount + pressure.1.windowCount + pressure.2.windowCount)
  }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let floor = smaller(b, lastClose)
    let buying = c - floor
    let span = larger(a, lastClose) - floor
    lastClose = c
    if isFirst {
      isFirst = false
      return Values(0)
    }
    var window = window
    @inline(__always)
    func ratio(_ pressure: inout WindowSum, _ range: inout WindowSum) -> Double {
      let up = pressure.step(buying, window)
      let all = range.step(span, window + pressure.windowCount)
      window += 2 * pressure.windowCount
      return all == 0 ? 0 : up / all
    }
    let short = ratio(&pressure.0, &range.0)
    let middle = ratio(&pressure.1, &range.1)
    let long = ratio(&pressure.2, &range.2)
    return Values(100 * ((4 * short + 2 * middle + long) / 7))
  }

  mutating func code(_ coder: inout StateCoder) {
    pressure.0.code(&coder)
    range.0.code(&coder)
    pressure.1.code(&coder)
    range.1.code(&coder)
    pressure.2.code(&coder)
    range.2.code(&coder)
    coder.number(&lastClose)
    coder.flag(&isFirst)
  }
}
