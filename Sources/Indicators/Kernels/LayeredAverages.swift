/// Up to six EMAs, each over the values of the one before; each begins, with its own seed, at the
/// first value of the one before.
struct ExponentialCascade: BitwiseCopyable {
  private let period: Int
  private let weight: Double
  /// Values that the first has seen, up to the warm-up of all.
  private(set) var seen = 0
  private(set) var first = 0.0
  private(set) var second = 0.0
  private(set) var third = 0.0
  private(set) var fourth = 0.0
  private(set) var fifth = 0.0
  private(set) var sixth = 0.0

  init(_ period: Int) {
    self.period = period
    weight = 2 / Double(period + 1)
  }

  /// Values before the k-th has one.
  func lookback(_ layers: Int) -> Int { layers * (period - 1) }

  /// Whether the k-th has a value.
  @inline(__always)
  func isWarm(_ layers: Int) -> Bool { seen > lookback(layers) }

  /// Takes the next value through so many layers.
  @inline(__always)
  mutating func step(_ x: Double, layers: Int) {
    if seen > lookback(layers) {
      first += (x - first) * weight
      second += (first - second) * weight
      if layers > 2 { third += (second - third) * weight }
      if layers > 3 {
        fourth += (third - fourth) * weight
        fifth += (fourth - fifth) * weight
        sixth += (fifth - sixth) * weight
      }
    } else {
      self = warmed(x, layers)
    }
  }

  /// By value, so that the hot path above can keep everything in registers.
  @inline(never)
  private func warmed(_ x: Double, _ layers: Int) -> ExponentialCascade {
    var cascade = self
    cascade.warm(x, layers)
    return cascade
  }

  private mutating func warm(_ x: Double, _ layers: Int) {
    let span = period - 1
    seen += 1
    guard seed(&first, x, 0) else { return }
    guard seed(&second, first, span) else { return }
    guard layers > 2, seed(&third, second, 2 * span) else { return }
    guard layers > 3, seed(&fourth, third, 3 * span) else { return }
    guard seed(&fifth, fourth, 4 * span) else { return }
    _ = seed(&sixth, fifth, 5 * span)
  }

  /// Adds to the seed of a layer that begins after so many values, or smooths when it has one.
  private func seed(_ value: inout Double, _ x: Double, _ start: Int) -> Bool {
    let count = seen - start
    value += count > period ? (x - value) * weight : (x - value) / Double(count)
    return count >= period
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&seen, through: lookback(6) + 1)
    coder.number(&first)
    coder.number(&second)
    coder.number(&third)
    coder.number(&fourth)
    coder.number(&fifth)
    coder.number(&sixth)
  }
}

/// DEMA: 2 * EMA - EMA of EMA. Source: TA-Lib `DEMA`; P. Mulloy, Stocks & Commodities 12 (1994).
struct DoubleExponentialAverage: WarmFilter {
  private var cascade: ExponentialCascade

  init(period: Int) { cascade = ExponentialCascade(period) }

  var lookback: Int { cascade.lookback(2) }
  var windowCount: Int { 0 }
  var isWarm: Bool { cascade.isWarm(2) }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    cascade.step(x, layers: 2)
    return 2 * cascade.first - cascade.second
  }

  mutating func code(_ coder: inout StateCoder) { cascade.code(&coder) }
}

/// TEMA: 3 * EMA - 3 * EMA of EMA + EMA of EMA of EMA. Source: TA-Lib `TEMA`; P. Mulloy (1994).
struct TripleExponentialAverage: WarmFilter {
  private var cascade: ExponentialCascade

  init(period: Int) { cascade = ExponentialCascade(period) }

  var lookback: Int { cascade.lookback(3) }
  var windowCount: Int { 0 }
  var isWarm: Bool { cascade.isWarm(3) }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    cascade.step(x, layers: 3)
    return cascade.third + (3 * cascade.first - 3 * cascade.second)
  }

  mutating func code(_ coder: inout StateCoder) { cascade.code(&coder) }
}

/// TRIX: the change of the third EMA from one candle to the next, in percent.
/// Source: TA-Lib `TRIX`; J. Hutson, Stocks & Commodities 1 (1983).
struct TripleExponentialChange: WarmFilter {
  private var cascade: ExponentialCascade

  init(period: Int) { cascade = ExponentialCascade(period) }

  var lookback: Int { cascade.lookback(3) + 1 }
  var windowCount: Int { 0 }
  /// One candle late on purpose: nothing is built on this filter's warm-up but its mask.
  var isWarm: Bool { cascade.isWarm(3) }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let old = cascade.third
    cascade.step(x, layers: 3)
    return old == 0 ? 0 : (cascade.third - old) / old * 100
  }

  mutating func code(_ coder: inout StateCoder) { cascade.code(&coder) }
}

/// T3 with a volume factor. Source: TA-Lib `T3`; T. Tillson, Stocks & Commodities 16 (1998).
struct TillsonAverage: BitwiseCopyable {
  private var cascade: ExponentialCascade
  private let c1: Double
  private let c2: Double
  private let c3: Double
  private let c4: Double

  init(period: Int, factor v: Double = 0.7) {
    cascade = ExponentialCascade(period)
    let square = v * v
    c1 = -square * v
    c2 = 3 * (square - c1)
    c3 = -6 * square - 3 * (v - c1)
    c4 = 1 + 3 * v - c1 + 3 * square
  }

  var lookback: Int { cascade.lookback(6) }
  var isWarm: Bool { cascade.isWarm(6) }

  @inline(__always)
  mutating func step(_ x: Double) -> Double {
    cascade.step(x, layers: 6)
    return c1 * cascade.sixth + c2 * cascade.fifth + c3 * cascade.fourth + c4 * cascade.third
  }

  mutating func code(_ coder: inout StateCoder) { cascade.code(&coder) }
}

/// T3 as a kernel.
struct Tillson: Kernel {
  static var outputCount: Int { 1 }
  private var average: TillsonAverage

  init(_ arguments: Arguments) {
    average = TillsonAverage(period: arguments.int(0), factor: arguments[1])
  }

  var lookback: Int { average.lookback }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(average.step(a)) }

  mutating func code(_ coder: inout StateCoder) { average.code(&coder) }
}
