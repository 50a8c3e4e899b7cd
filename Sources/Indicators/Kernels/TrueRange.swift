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
    let range = larger(high - low, larger(abs(high - lastClose), abs(low - lastClose)))
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
  private let inverse: Double
  private var range = TrueRange()
  private var sum: WilderSum
  private var isFirst = true

  init(_ arguments: Arguments) { self.init(period: arguments.int(0)) }

  init(period: Int) {
    self.period = period
    inverse = 1 / Double(period)
    sum = WilderSum(period)
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
    return sum.step(value) * inverse
  }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(step(high: a, low: b, close: c)) }

  mutating func code(_ coder: inout StateCoder) {
    range.code(&coder)
    sum.code(&coder)
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
  private var sums: (WindowPairSum, WindowPairSum, WindowPairSum)
  private var lastClose = 0.0
  private var isFirst = true

  init(_ arguments: Arguments) {
    let periods = (0...2).map { arguments.int($0) }.sorted()
    sums = (WindowPairSum(periods[0]), WindowPairSum(periods[1]), WindowPairSum(periods[2]))
  }

  var lookback: Int { sums.2.period }
  var windowCount: Int { sums.0.windowCount + sums.1.windowCount + sums.2.windowCount }

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
    let pair = Pair(buying, span)
    let short = sums.0.step(pair, window)
    let middle = sums.1.step(pair, window + sums.0.windowCount)
    let long = sums.2.step(pair, window + sums.0.windowCount + sums.1.windowCount)
    // A range of zero has a pressure of zero: any divisor gives the zero that is wanted.
    let ratios = Pair(short.x, middle.x) / Pair(Self.divisor(short.y), Self.divisor(middle.y))
    let last = long.x / Self.divisor(long.y)
    return Values((4 * ratios.x + 2 * ratios.y + last) * (100.0 / 7))
  }

  @inline(__always)
  private static func divisor(_ sum: Double) -> Double {
    larger(sum, .leastNormalMagnitude)
  }

  mutating func code(_ coder: inout StateCoder) {
    sums.0.code(&coder)
    sums.1.code(&coder)
    sums.2.code(&coder)
    coder.number(&lastClose)
    coder.flag(&isFirst)
  }
}
