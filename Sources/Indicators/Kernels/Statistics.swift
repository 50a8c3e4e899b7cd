import Glibc

/// STDDEV: so many standard deviations (of the population) of n values. Source: TA-Lib `STDDEV`.
struct Deviation: Kernel {
  static var outputCount: Int { 1 }
  private var moments: WindowMoments
  private let factor: Double

  init(_ arguments: Arguments) {
    moments = WindowMoments(arguments.int(0))
    factor = arguments[1]
  }

  var lookback: Int { moments.period - 1 }
  var windowCount: Int { moments.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(moments.step(a, window).variance.squareRoot() * factor) }

  @inline(__always)
  mutating func run(_ lanes: Lanes) {
    let (output, factor) = (lanes.outputs.0, factor)
    moments.run(lanes.inputs.0, lanes.count, lanes.window) { row, _, variance in
      output[row] = variance.squareRoot() * factor
    }
  }

  mutating func code(_ coder: inout StateCoder) { moments.code(&coder) }
}

/// VAR: the variance (of the population) of n values; `nbdev` is there for TA-Lib's sake and means
/// nothing. Source: TA-Lib `VAR`.
struct Variance: Kernel {
  static var outputCount: Int { 1 }
  private var moments: WindowMoments

  init(_ arguments: Arguments) { moments = WindowMoments(arguments.int(0)) }

  var lookback: Int { moments.period - 1 }
  var windowCount: Int { moments.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(moments.step(a, window).variance) }

  mutating func code(_ coder: inout StateCoder) { moments.code(&coder) }
}

/// ZSCORE: how many standard deviations (of the population) the newest of n values is away from
/// their mean; 0 where all are equal.
struct StandardScore: Kernel {
  static var outputCount: Int { 1 }
  private var moments: WindowMoments

  init(_ arguments: Arguments) { moments = WindowMoments(arguments.int(0)) }

  var lookback: Int { moments.period - 1 }
  var windowCount: Int { moments.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (deviation, variance) = moments.deviation(a, window)
    return Values(variance > 0 ? deviation / variance.squareRoot() : 0)
  }

  mutating func code(_ coder: inout StateCoder) { moments.code(&coder) }
}

/// RANK: the rank of the newest among n values, ties averaged, divided by n: in (0, 1], as pandas'
/// `rolling(n).rank(pct=True)`. Takes n comparisons per candle.
struct RollingRank: Kernel {
  static var outputCount: Int { 1 }
  private var delay: Delay

  init(_ arguments: Arguments) { delay = Delay(arguments.int(0)) }

  var lookback: Int { delay.period - 1 }
  var windowCount: Int { delay.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    _ = delay.step(a, window)
    var below = 0
    var equal = 0
    for index in 0..<delay.period {
      below += window[index] < a ? 1 : 0
      equal += window[index] == a ? 1 : 0
    }
    return Values(Double(2 * below + equal + 1) / Double(2 * delay.period))
  }

  mutating func code(_ coder: inout StateCoder) { delay.code(&coder) }
}

/// LOGRET: the natural logarithm of x / x[n ago].
struct LogReturn: Filter {
  private var delay: Delay

  init(period: Int) { delay = Delay(period) }

  var lookback: Int { delay.period }
  var windowCount: Int { delay.windowCount }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let old = delay.step(x, window)
    return old > 0 && x > 0 ? log(x / old) : 0
  }

  mutating func code(_ coder: inout StateCoder) { delay.code(&coder) }
}

/// REALVOL: realised volatility, the square root of the sum of n squared log returns, not
/// annualised. Source: T. Andersen, T. Bollerslev, F. Diebold and P. Labys, "Modeling and
/// Forecasting Realized Volatility", Econometrica 71 (2003).
struct RealisedVolatility: Filter {
  private var squares: WindowSum
  private var last = 0.0

  init(period: Int) { squares = WindowSum(period) }

  var lookback: Int { squares.period }
  var windowCount: Int { squares.windowCount }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let change = last > 0 && x > 0 ? log(x / last) : 0
    last = x
    return squares.step(change * change, window).squareRoot()
  }

  mutating func code(_ coder: inout StateCoder) {
    squares.code(&coder)
    coder.number(&last)
  }
}

/// HOUR: the hour of the opening time in UTC, 0 to 23.
struct Hour: Kernel {
  static var outputCount: Int { 1 }

  init(_ arguments: Arguments) {}

  var lookback: Int { 0 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let day = (a / 86_400_000).rounded(.down)
    return Values(((a - day * 86_400_000) / 3_600_000).rounded(.down))
  }

  mutating func code(_ coder: inout StateCoder) {}
}

/// WEEKDAY: the day of the week of the opening time in UTC, 0 for Monday to 6 for Sunday, as
/// Python's `datetime.weekday()`.
struct Weekday: Kernel {
  static var outputCount: Int { 1 }

  init(_ arguments: Arguments) {}

  var lookback: Int { 0 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    // 1970-01-01 was a Thursday.
    let day = (a / 86_400_000).rounded(.down) + 3
    return Values(day - 7 * (day / 7).rounded(.down))
  }

  mutating func code(_ coder: inout StateCoder) {}
}
