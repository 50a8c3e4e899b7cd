/// WMA: the mean of n values with weights from 1 for the oldest to n. Source: TA-Lib `WMA`.
struct WeightedAverage: WarmFilter {
  private var sum: WindowWeightedSum
  private let inverse: Double
  private var seen = 0

  init(period: Int) {
    sum = WindowWeightedSum(period)
    inverse = 2 / (Double(period) * Double(period + 1))
  }

  var lookback: Int { sum.period - 1 }
  var windowCount: Int { sum.windowCount }
  var isWarm: Bool { seen == sum.period }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    if seen < sum.period { seen += 1 }
    return sum.step(x, window) * inverse
  }

  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    seen = min(seen + count, sum.period)
    sum.run(x, count, window, output, times: inverse)
  }

  mutating func code(_ coder: inout StateCoder) {
    sum.code(&coder)
    coder.count(&seen, through: sum.period)
  }
}

/// HMA: the WMA over sqrt(n) of 2 * WMA over n / 2 - WMA over n, both periods rounded down.
/// Source: TA-Lib `HMA`; A. Hull (2005).
struct HullAverage: WarmFilter {
  private var half: WeightedAverage
  private var full: WeightedAverage
  private var root: WeightedAverage

  init(period: Int) {
    half = WeightedAverage(period: max(1, period / 2))
    full = WeightedAverage(period: period)
    root = WeightedAverage(period: max(1, Int(Double(period).squareRoot())))
  }

  var lookback: Int { full.lookback + root.lookback }
  var windowCount: Int { half.windowCount + full.windowCount + root.windowCount }
  var isWarm: Bool { root.isWarm }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let fast = half.step(x, window)
    let slow = full.step(x, window + half.windowCount)
    guard full.isWarm else { return 0 }
    return root.step(2 * fast - slow, window + half.windowCount + full.windowCount)
  }

  mutating func code(_ coder: inout StateCoder) {
    half.code(&coder)
    full.code(&coder)
    root.code(&coder)
  }
}

/// TRIMA: the mean of means, whose weights rise to the middle of n values and fall again.
/// Source: TA-Lib `TRIMA`.
struct TriangularAverage: WarmFilter {
  private var inner: SimpleAverage
  private var outer: SimpleAverage

  init(period: Int) {
    inner = SimpleAverage(period: (period + 1) / 2)
    outer = SimpleAverage(period: period / 2 + 1)
  }

  var lookback: Int { inner.lookback + outer.lookback }
  var windowCount: Int { inner.windowCount + outer.windowCount }
  var isWarm: Bool { outer.isWarm }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let mean = inner.step(x, window)
    guard inner.isWarm else { return 0 }
    return outer.step(mean, window + inner.windowCount)
  }

  mutating func code(_ coder: inout StateCoder) {
    inner.code(&coder)
    outer.code(&coder)
  }
}

/// KAMA: an average whose weight follows the efficiency of the last n changes, between those of
/// EMAs of 2 and 30. Source: TA-Lib `KAMA`; P. Kaufman, "Trading Systems and Methods".
struct AdaptiveAverage: WarmFilter {
  private var changes: WindowSum
  private var delay: Delay
  private var seen = 0
  private var last = 0.0
  private var value = 0.0

  init(period: Int) {
    changes = WindowSum(period)
    delay = Delay(period)
  }

  var lookback: Int { delay.period }
  var windowCount: Int { changes.windowCount + delay.windowCount }
  var isWarm: Bool { seen > delay.period }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let old = delay.step(x, window + changes.windowCount)
    if seen <= delay.period {
      seen += 1
      value = last
      if seen == 1 {
        last = x
        return 0
      }
    }
    let way = changes.step(abs(x - last), window)
    last = x
    let distance = x - old
    let efficiency = way <= distance || way == 0 ? 1 : abs(distance / way)
    let (fast, slow) = (2.0 / 3, 2.0 / 31)
    let weight = efficiency * (fast - slow) + slow
    value += (x - value) * (weight * weight)
    return value
  }

  mutating func code(_ coder: inout StateCoder) {
    changes.code(&coder)
    delay.code(&coder)
    coder.count(&seen, through: delay.period + 1)
    coder.number(&last)
    coder.number(&value)
  }
}
