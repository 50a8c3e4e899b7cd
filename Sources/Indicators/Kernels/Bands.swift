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

  mutating func code(_ coder: inout StateCoder) { moments.code(&coder) }
}
