/// ROC: 100 * (x / x[n ago] - 1); 0 where the old value is 0. Source: TA-Lib `ROC`.
struct RateOfChange: Filter {
  private var delay: Delay
  private var seen = 0

  init(period: Int) { delay = Delay(period) }

  var lookback: Int { delay.period }
  var windowCount: Int { delay.windowCount }
  var isWarm: Bool { seen > delay.period }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    if seen <= delay.period { seen += 1 }
    let old = delay.step(x, window)
    return old == 0 ? 0 : (x / old - 1) * 100
  }

  mutating func code(_ coder: inout StateCoder) {
    delay.code(&coder)
    coder.count(&seen, through: delay.period + 1)
  }
}

/// RSI: 100 * gain / (gain + loss), both averaged as by Wilder over n changes; 0 where neither is.
/// Source: TA-Lib `RSI`; J. W. Wilder (1978).
struct RelativeStrength: Filter {
  private let period: Int
  private var gain: WilderAverage
  private var loss: WilderAverage
  private var last = 0.0
  private var seen = 0

  init(period: Int) {
    self.period = period
    gain = WilderAverage(period)
    loss = WilderAverage(period)
  }

  var lookback: Int { period }
  var windowCount: Int { 0 }
  var isWarm: Bool { seen > period }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    if seen <= period {
      seen += 1
      if seen == 1 {
        last = x
        return 0
      }
    }
    let change = x - last
    last = x
    let up = gain.step(max(change, 0))
    let down = loss.step(max(-change, 0))
    let both = up + down
    return both == 0 ? 0 : 100 * (up / both)
  }

  mutating func code(_ coder: inout StateCoder) {
    gain.code(&coder)
    loss.code(&coder)
    coder.number(&last)
    coder.count(&seen, through: period + 1)
  }
}
