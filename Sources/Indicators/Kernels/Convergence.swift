/// MACD: the difference of a fast and a slow EMA, its own EMA, and the difference of the two.
///
/// The fast average starts late, so that both have their first value at the same candle. A fast
/// period above the slow one is exchanged with it. Source: TA-Lib `MACD`; G. Appel (1979).
struct Convergence: Kernel {
  static var outputCount: Int { 3 }
  private let late: Int
  private var seen = 0
  private var fast: ExponentialAverage
  private var slow: ExponentialAverage
  private var signal: ExponentialAverage

  init(_ arguments: Arguments) {
    let periods = (arguments.int(0), arguments.int(1))
    fast = ExponentialAverage(period: min(periods.0, periods.1))
    slow = ExponentialAverage(period: max(periods.0, periods.1))
    signal = ExponentialAverage(period: arguments.int(2))
    late = slow.lookback - fast.lookback
  }

  var lookback: Int { slow.lookback + signal.lookback }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    if seen == late { _ = fast.step(a, window) } else { seen += 1 }
    _ = slow.step(a, window)
    guard slow.isWarm else { return Values(0) }
    let difference = fast.value - slow.value
    let average = signal.step(difference, window)
    return Values(difference, average, difference - average)
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&seen, through: late)
    fast.code(&coder)
    slow.code(&coder)
    signal.code(&coder)
  }
}
