/// SAR: Wilder's parabolic stop and reverse, over high and low. Source: TA-Lib `SAR`; J. W. Wilder
/// (1978). The first direction is that of the first movement: down where it was downward only.
struct ParabolicStop: Kernel {
  static var outputCount: Int { 1 }
  private let acceleration: Double
  private let maximum: Double
  private var seen = 0
  private var isLong = true
  private var factor: Double
  private var extreme = 0.0
  private var stop = 0.0
  private var last = (high: 0.0, low: 0.0)

  init(_ arguments: Arguments) {
    maximum = arguments[1]
    acceleration = min(arguments[0], maximum)
    factor = acceleration
  }

  var lookback: Int { 1 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    if seen < 2 { self = started(a, b) }
    guard seen == 2 else { return Values(0) }
    let (high, low) = (a, b)
    let before = last
    last = (high, low)
    if isLong, low <= stop {
      turn(isLong: false)
      stop = larger(stop, larger(before.high, high))
      let now = stop
      extreme = low
      stop = larger(stop + factor * (extreme - stop), larger(before.high, high))
      return Values(now)
    }
    if !isLong, high >= stop {
      turn(isLong: true)
      stop = smaller(stop, smaller(before.low, low))
      let now = stop
      extreme = high
      stop = smaller(stop + factor * (extreme - stop), smaller(before.low, low))
      return Values(now)
    }
    let now = stop
    if isLong {
      if high > extreme { advance(to: high) }
      stop = smaller(stop + factor * (extreme - stop), smaller(before.low, low))
    } else {
      if low < extreme { advance(to: low) }
      stop = larger(stop + factor * (extreme - stop), larger(before.high, high))
    }
    return Values(now)
  }

  /// By value, so that the hot path above can keep everything in registers.
  @inline(never)
  private func started(_ high: Double, _ low: Double) -> ParabolicStop {
    var stop = self
    stop.start(high, low)
    return stop
  }

  /// The first candle gives the first stop, the second the direction; the second also stands in for
  /// the candle before itself.
  private mutating func start(_ high: Double, _ low: Double) {
    seen += 1
    guard seen == 2 else {
      last = (high, low)
      return
    }
    let (up, down) = (high - last.high, last.low - low)
    isLong = !(down > 0 && up < down)
    (extreme, stop) = isLong ? (high, last.low) : (low, last.high)
    last = (high, low)
  }

  /// Turns at the extreme, which becomes the stop.
  @inline(__always)
  private mutating func turn(isLong: Bool) {
    self.isLong = isLong
    stop = extreme
    factor = acceleration
  }

  @inline(__always)
  private mutating func advance(to price: Double) {
    extreme = price
    factor = smaller(factor + acceleration, maximum)
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&seen, through: 2)
    coder.flag(&isLong)
    coder.number(&factor)
    coder.number(&extreme)
    coder.number(&stop)
    coder.number(&last.high)
    coder.number(&last.low)
  }
}

/// SUPERTREND: a band of so many average true ranges around the middle of high and low that only
/// tightens until a close breaks through it; and 1 or -1 for the trend, which starts upwards. Over
/// high, low and close. Source: TA-Lib `SUPERTREND`; O. Seban.
struct SuperTrend: Kernel {
  static var outputCount: Int { 2 }
  private let factor: Double
  private let period: Int
  private var range: AverageTrueRange
  private var seen = 0
  private var isUp = true
  private var upper = 0.0
  private var lower = 0.0
  private var lastClose = 0.0

  init(_ arguments: Arguments) {
    period = arguments.int(0)
    factor = arguments[1]
    range = AverageTrueRange(period: period)
  }

  var lookback: Int { range.lookback }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let width = factor * range.step(high: a, low: b, close: c)
    let middle = (a + b) / 2
    let (top, bottom) = (middle + width, middle - width)
    if seen <= period {
      // The first band is as wide as it comes.
      seen += 1
      (upper, lower) = (top, bottom)
    } else {
      if top < upper || lastClose > upper { upper = top }
      if bottom > lower || lastClose < lower { lower = bottom }
      isUp = isUp ? c >= lower : c > upper
    }
    lastClose = c
    return Values(isUp ? lower : upper, isUp ? 1 : -1)
  }

  mutating func code(_ coder: inout StateCoder) {
    range.code(&coder)
    coder.count(&seen, through: period + 1)
    coder.flag(&isUp)
    coder.number(&upper)
    coder.number(&lower)
    coder.number(&lastClose)
  }
}
