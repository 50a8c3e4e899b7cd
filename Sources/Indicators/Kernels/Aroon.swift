/// AROON: how recent the lowest low and the highest high of n + 1 candles are, 100 for now and 0 for
/// n candles ago. Source: TA-Lib `AROON`; T. Chande (1995).
struct Aroon: Kernel {
  static var outputCount: Int { 2 }
  private var ages: AroonAges

  init(_ arguments: Arguments) { ages = AroonAges(arguments.int(0)) }

  var lookback: Int { ages.period }
  var windowCount: Int { ages.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (high, low) = ages.step(a, b, window)
    let n = Double(ages.period)
    return Values(ages.scale * (n - low), ages.scale * (n - high))
  }

  mutating func code(_ coder: inout StateCoder) { ages.code(&coder) }
}

/// AROONOSC: Aroon up less Aroon down. Source: TA-Lib `AROONOSC`.
struct AroonOscillator: Kernel {
  static var outputCount: Int { 1 }
  private var ages: AroonAges

  init(_ arguments: Arguments) { ages = AroonAges(arguments.int(0)) }

  var lookback: Int { ages.period }
  var windowCount: Int { ages.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (high, low) = ages.step(a, b, window)
    return Values(ages.scale * (low - high))
  }

  mutating func code(_ coder: inout StateCoder) { ages.code(&coder) }
}

/// How many candles ago the extremes of n + 1 candles were.
struct AroonAges: BitwiseCopyable {
  let period: Int
  let scale: Double
  private var highs: WindowExtremeAge
  private var lows: WindowExtremeAge

  init(_ period: Int) {
    self.period = period
    scale = 100 / Double(period)
    highs = WindowExtremeAge(period + 1)
    lows = WindowExtremeAge(period + 1)
  }

  var windowCount: Int { highs.windowCount + lows.windowCount }

  @inline(__always)
  mutating func step(
    _ high: Double, _ low: Double, _ window: Window
  ) -> (high: Double, low: Double) {
    (highs.step(high, window), lows.step(-low, window + highs.windowCount))
  }

  mutating func code(_ coder: inout StateCoder) {
    highs.code(&coder)
    lows.code(&coder)
  }
}
