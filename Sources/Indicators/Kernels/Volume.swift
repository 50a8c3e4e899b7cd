/// OBV: volume, added where the close rose and taken away where it fell; over close and volume.
/// Source: TA-Lib `OBV`; J. Granville (1963).
struct OnBalanceVolume: Kernel {
  static var outputCount: Int { 1 }
  private var value = 0.0
  private var last = -Double.infinity

  init(_ arguments: Arguments) {}

  var lookback: Int { 0 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (now, before) = (Pair(a, last), Pair(last, a))
    let moves = gated(Pair(repeating: b), where: now, isAbove: before)
    value += moves.x - moves.y
    last = a
    return Values(value)
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.number(&value)
    coder.number(&last)
  }
}

/// The running sum of volume times the place of the close between low and high, from -1 to 1; over
/// high, low, close and volume.
struct AccumulationLine: BitwiseCopyable {
  private var value = 0.0

  @inline(__always)
  mutating func step(_ high: Double, _ low: Double, _ close: Double, _ volume: Double) -> Double {
    let span = high - low
    value += span > 0 ? ((close - low) - (high - close)) / span * volume : 0
    return value
  }

  mutating func code(_ coder: inout StateCoder) { coder.number(&value) }
}

/// AD: the accumulation/distribution line. Source: TA-Lib `AD`; M. Chaikin.
struct Accumulation: Kernel {
  static var outputCount: Int { 1 }
  private var line = AccumulationLine()

  init(_ arguments: Arguments) {}

  var lookback: Int { 0 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(line.step(a, b, c, d)) }

  mutating func code(_ coder: inout StateCoder) { line.code(&coder) }
}

/// ADOSC: a fast less a slow EMA of the accumulation line, both seeded with its first value.
/// Source: TA-Lib `ADOSC`; M. Chaikin.
struct AccumulationOscillator: Kernel {
  static var outputCount: Int { 1 }
  private let slowest: Int
  private let weights: (Double, Double)
  private var line = AccumulationLine()
  private var averages = (0.0, 0.0)
  private var isFirst = true

  init(_ arguments: Arguments) {
    slowest = max(arguments.int(0), arguments.int(1))
    weights = (2 / (arguments[0] + 1), 2 / (arguments[1] + 1))
  }

  var lookback: Int { slowest - 1 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let value = line.step(a, b, c, d)
    if isFirst {
      isFirst = false
      averages = (value, value)
    } else {
      averages.0 += (value - averages.0) * weights.0
      averages.1 += (value - averages.1) * weights.1
    }
    return Values(averages.0 - averages.1)
  }

  mutating func code(_ coder: inout StateCoder) {
    line.code(&coder)
    coder.number(&averages.0)
    coder.number(&averages.1)
    coder.flag(&isFirst)
  }
}

/// MFI: typical price times volume, that of n rising candles in percent of that of rising and
/// falling ones; 0 where there is none. Over high, low, close and volume. Typical prices that differ
/// by rounding alone are equal, or a whole candle's flow would count by the last bit of a sum.
/// Source: TA-Lib `MFI`; G. Quong and A. Soudack (1989).
struct MoneyFlow: Kernel {
  static var outputCount: Int { 1 }
  /// How far two typical prices may differ by rounding, as TA-Lib has it since 0.8.
  private static let rounding = 1e-14
  private var flows: WindowPairSum
  private var last = 0.0
  private var isFirst = true

  init(_ arguments: Arguments) {
    flows = WindowPairSum(arguments.int(0))
  }

  var lookback: Int { flows.period }
  var windowCount: Int { flows.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let typical = (a + b + c) / 3
    let flow = typical * d
    let rise = typical - last
    let rounding = Self.rounding * (typical.magnitude + last.magnitude)
    let move = gated(
      Pair(repeating: flow), where: Pair(rise, -rise), isAbove: Pair(repeating: rounding))
    last = typical
    if isFirst {
      isFirst = false
      return Values(0)
    }
    let sums = flows.step(move, window)
    let both = sums.x + sums.y
    return Values(both == 0 ? 0 : 100 * (sums.x / both))
  }

  mutating func code(_ coder: inout StateCoder) {
    flows.code(&coder)
    coder.number(&last)
    coder.flag(&isFirst)
  }
}

/// VWAP: the mean typical price weighted with volume, from the first candle on; 0 before any volume.
/// Over high, low, close and volume. Source: TA-Lib `VWAP`.
struct VolumeWeightedPrice: Kernel {
  static var outputCount: Int { 1 }
  private var paid = 0.0
  private var volume = 0.0

  init(_ arguments: Arguments) {}

  var lookback: Int { 0 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    paid += (a + b + c) / 3 * d
    volume += d
    return Values(volume > 0 ? paid / volume : 0)
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.number(&paid)
    coder.number(&volume)
  }
}

/// VWAP_DAILY: the same from each day's first candle in UTC on, as charts within a day show it; the
/// typical price before any volume. Over the typical price, volume and time.
struct DailyVolumeWeightedPrice: Kernel {
  static var outputCount: Int { 1 }
  private var day = -Double.infinity
  private var paid = 0.0
  private var volume = 0.0

  init(_ arguments: Arguments) {}

  var lookback: Int { 0 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let today = (c / 86_400_000).rounded(.down)
    if today != day { (day, paid, volume) = (today, 0, 0) }
    paid += a * b
    volume += b
    return Values(volume > 0 ? paid / volume : a)
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.number(&day)
    coder.number(&paid)
    coder.number(&volume)
  }
}
