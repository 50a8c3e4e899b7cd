/// MOM: x - x[n ago]. Source: TA-Lib `MOM`.
struct Change: Filter {
  private var delay: Delay

  init(period: Int) { delay = Delay(period) }

  var lookback: Int { delay.period }
  var windowCount: Int { delay.windowCount }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double { x - delay.step(x, window) }

  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    delay.run(x, count, window) { row, new, old in output[row] = new - old }
  }

  mutating func code(_ coder: inout StateCoder) { delay.code(&coder) }
}

/// ROC: 100 * (x / x[n ago] - 1); 0 where the old value is 0. Source: TA-Lib `ROC`.
struct RateOfChange: Filter {
  private var delay: Delay

  init(period: Int) { delay = Delay(period) }

  var lookback: Int { delay.period }
  var windowCount: Int { delay.windowCount }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let old = delay.step(x, window)
    return old == 0 ? 0 : (x - old) / old * 100
  }

  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    delay.run(x, count, window) { row, new, old in
      output[row] = old == 0 ? 0 : (new - old) / old * 100
    }
  }

  mutating func code(_ coder: inout StateCoder) { delay.code(&coder) }
}

/// ROCP: (x - x[n ago]) / x[n ago]; 0 where the old value is 0. Source: TA-Lib `ROCP`.
struct RelativeChange: Filter {
  private var delay: Delay

  init(period: Int) { delay = Delay(period) }

  var lookback: Int { delay.period }
  var windowCount: Int { delay.windowCount }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let old = delay.step(x, window)
    return old == 0 ? 0 : (x - old) / old
  }

  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    delay.run(x, count, window) { row, new, old in
      output[row] = old == 0 ? 0 : (new - old) / old
    }
  }

  mutating func code(_ coder: inout StateCoder) { delay.code(&coder) }
}

/// Gains and losses from one value to the next, each summed up as by Wilder, both times two: only
/// their ratio is asked for, and |d| + d and |d| - d need no branch.
struct GainAndLoss: BitwiseCopyable {
  let period: Int
  private let decay: Double
  private var sums = Pair.zero
  private var last = 0.0
  private var seen = 0

  init(_ period: Int) {
    self.period = period
    decay = Double(period - 1) / Double(period)
  }

  var isWarm: Bool { seen > period }
  var gain: Double { sums.x }
  var loss: Double { sums.y }

  /// Takes the next value; false where nothing changed, so that the ratio of gain and loss, of which
  /// the same share is forgotten, stays what it was to the last bit.
  @inline(__always)
  mutating func step(_ x: Double) -> Bool {
    let change = x - last
    last = x
    let both = Pair(repeating: abs(change)) + Pair(change, -change)
    if seen > period {
      sums = sums * decay + both
      return change != 0
    }
    if seen > 0 { sums += both }
    seen += 1
    return true
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.pair(&sums)
    coder.number(&last)
    coder.count(&seen, through: period + 1)
  }
}

/// RSI: 100 * gain / (gain + loss) of n changes; 0 where neither is. Source: TA-Lib `RSI`;
/// J. W. Wilder, "New Concepts in Technical Trading Systems" (1978).
struct RelativeStrength: WarmFilter {
  private var changes: GainAndLoss
  private var value = 0.0

  init(period: Int) { changes = GainAndLoss(period) }

  var lookback: Int { changes.period }
  var windowCount: Int { 0 }
  var isWarm: Bool { changes.isWarm }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    if changes.step(x) {
      let (gain, loss) = (changes.gain, changes.loss)
      let both = gain + loss
      value = both == 0 ? 0 : 100 * (gain / both)
    }
    return value
  }

  mutating func code(_ coder: inout StateCoder) {
    changes.code(&coder)
    coder.number(&value)
  }
}

/// CMO: 100 * (gain - loss) / (gain + loss), averaged as in RSI; 0 where neither is.
/// Source: TA-Lib `CMO`; T. Chande.
struct ChandeMomentum: WarmFilter {
  private var changes: GainAndLoss
  private var value = 0.0

  init(period: Int) { changes = GainAndLoss(period) }

  var lookback: Int { changes.period }
  var windowCount: Int { 0 }
  var isWarm: Bool { changes.isWarm }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    if changes.step(x) {
      let (gain, loss) = (changes.gain, changes.loss)
      let both = gain + loss
      value = both == 0 ? 0 : 100 * ((gain - loss) / both)
    }
    return value
  }

  mutating func code(_ coder: inout StateCoder) {
    changes.code(&coder)
    coder.number(&value)
  }
}

/// APO and PPO: the difference of a fast and a slow average, and the same in percent of the slow
/// one. Unlike in MACD, both averages begin with the first candle. Source: TA-Lib `APO`, `PPO`.
struct PriceOscillator<Average: TypedAverage, Scale: OscillatorScale>: Kernel {
  static var outputCount: Int { 1 }
  private var fast: Average
  private var slow: Average

  init(_ arguments: Arguments) {
    let periods = (arguments.int(0), arguments.int(1))
    let type = arguments.int(2)
    fast = Average(type: type, period: min(periods.0, periods.1))
    slow = Average(type: type, period: max(periods.0, periods.1))
  }

  var lookback: Int { slow.lookback }
  var windowCount: Int { fast.windowCount + slow.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let slowly = slow.step(a, window)
    return Values(Scale.scale(fast.step(a, window + slow.windowCount), slowly))
  }

  mutating func code(_ coder: inout StateCoder) {
    slow.code(&coder)
    fast.code(&coder)
  }
}

/// How an oscillator tells the difference of its averages.
protocol OscillatorScale: BitwiseCopyable {
  static func scale(_ fast: Double, _ slow: Double) -> Double
}

/// The difference itself.
enum AbsoluteScale: OscillatorScale {
  @inline(__always)
  static func scale(_ fast: Double, _ slow: Double) -> Double { fast - slow }
}

/// Percent of the slow average.
enum PercentScale: OscillatorScale {
  @inline(__always)
  static func scale(_ fast: Double, _ slow: Double) -> Double {
    slow == 0 ? 0 : (fast - slow) / slow * 100
  }
}
