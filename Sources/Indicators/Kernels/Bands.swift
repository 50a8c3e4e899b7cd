/// BBANDS over the simple average: the mean of n values, and so many standard deviations (of the
/// population) above and below. Source: TA-Lib `BBANDS`; J. Bollinger.
struct BollingerBands: Kernel {
  static var outputCount: Int { 3 }
  private var moments: WindowMoments
  private let up: Double
  private let down: Double

  init(_ arguments: Arguments) {
    moments = WindowMoments(arguments.int(0))
    (up, down) = (arguments[1], arguments[2])
  }

  var lookback: Int { moments.period - 1 }
  var windowCount: Int { moments.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (mean, variance) = moments.step(a, window)
    let deviation = variance.squareRoot()
    return Values(mean + up * deviation, mean, mean - down * deviation)
  }

  @inline(__always)
  mutating func run(_ lanes: Lanes) {
    let (upper, middle, lower, _) = lanes.outputs
    let (up, down) = (up, down)
    moments.run(lanes.inputs.0, lanes.count, lanes.window) { row, mean, variance in
      let deviation = variance.squareRoot()
      upper[row] = mean + up * deviation
      middle[row] = mean
      lower[row] = mean - down * deviation
    }
  }

  mutating func code(_ coder: inout StateCoder) { moments.code(&coder) }
}

/// BBANDS over another average; the deviation is still that from the mean.
struct BollingerBandsOfAny: Kernel {
  static var outputCount: Int { 3 }
  private var moments: WindowMoments
  private var average: AnyAverage
  private let up: Double
  private let down: Double

  init(_ arguments: Arguments) {
    moments = WindowMoments(arguments.int(0))
    (up, down) = (arguments[1], arguments[2])
    average = AnyAverage(type: arguments.int(3), period: arguments.int(0))
  }

  var lookback: Int { max(moments.period - 1, average.lookback) }
  var windowCount: Int { moments.windowCount + average.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let deviation = moments.step(a, window).variance.squareRoot()
    let middle = average.step(a, window + moments.windowCount)
    return Values(middle + up * deviation, middle, middle - down * deviation)
  }

  mutating func code(_ coder: inout StateCoder) {
    moments.code(&coder)
    average.code(&coder)
  }
}

/// KELTNER: an EMA of the typical price, and so many average true ranges above and below. Of the two,
/// the one that warms up faster starts late, so that both have their first value at the same candle.
/// Source: TA-Lib `KC`; C. Keltner (1960), as revised by L. B. Raschke.
struct KeltnerChannel: Kernel {
  static var outputCount: Int { 3 }
  private var middle: ExponentialAverage
  private var range: AverageTrueRange
  private let factor: Double
  private var seen = 0

  init(_ arguments: Arguments) {
    middle = ExponentialAverage(period: arguments.int(0))
    range = AverageTrueRange(period: arguments.int(1))
    factor = arguments[2]
  }

  var lookback: Int { max(middle.lookback, range.lookback) }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let isWarm = seen == lookback
    var centre = 0.0
    var width = 0.0
    if isWarm || seen >= lookback - middle.lookback {
      centre = middle.step((a + b + c) / 3, window)
    }
    if isWarm || seen >= lookback - range.lookback {
      width = range.step(high: a, low: b, close: c) * factor
    }
    if !isWarm { seen += 1 }
    return Values(centre + width, centre, centre - width)
  }

  mutating func code(_ coder: inout StateCoder) {
    middle.code(&coder)
    range.code(&coder)
    coder.count(&seen, through: lookback)
  }
}
