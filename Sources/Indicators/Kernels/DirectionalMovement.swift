/// Wilder's sums of directional movement and true range, over high, low and close.
/// Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978), as in TA-Lib: the first
/// n - 1 movements are added up, and from then on each sum loses an n-th of itself before the next.
struct DirectionalMovement: BitwiseCopyable {
  let period: Int
  private let decay: Double
  /// What TA-Lib tells indicators in.
  let unit: Double
  private var seen = 0
  private var last = Pair.zero
  private var trueRange = TrueRange()
  /// Upwards and downwards.
  private(set) var sums = Pair.zero
  private(set) var range = 0.0

  init(_ period: Int) {
    self.period = period
    decay = 1 - 1 / Double(period)
    unit = period == 1 ? 1 : 100
  }

  @inline(__always)
  mutating func step(_ high: Double, _ low: Double, _ close: Double) {
    let here = Pair(high, -low)
    let moves = here - last
    last = here
    let span = trueRange.step(high: high, low: low, close: close)
    if seen < period {
      seen += 1
      guard seen > 1 else { return }
      sums += Self.movement(moves)
      range += span
    } else {
      sums = sums * decay + Self.movement(moves)
      range = range * decay + span
    }
  }

  /// The larger of the two, where it is above zero.
  @inline(__always)
  private static func movement(_ moves: Pair) -> Pair {
    gated(gated(moves, where: moves, isAbove: moves.swapped), where: moves, isAbove: .zero)
  }

  var plus: Double { sums.x }
  var minus: Double { sums.y }

  /// 100 * |+DI - -DI| / (+DI + -DI), where the true range cancels; nil where nothing moved.
  @inline(__always)
  var index: Double? {
    let sum = plus + minus
    return range == 0 || sum == 0 ? nil : 100 * (abs(minus - plus) / sum)
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&seen, through: period)
    coder.pair(&last)
    trueRange.code(&coder)
    coder.pair(&sums)
    coder.number(&range)
  }
}

/// What of the movement a kernel tells.
protocol MovementReading: BitwiseCopyable {
  static func lookback(_ period: Int) -> Int
  static func read(_ movement: DirectionalMovement) -> Double
}

/// PLUS_DM: the sum of upward movements. Source: TA-Lib `PLUS_DM`.
enum PlusMovement: MovementReading {
  static func lookback(_ period: Int) -> Int { max(1, period - 1) }
  @inline(__always)
  static func read(_ movement: DirectionalMovement) -> Double { movement.plus }
}

/// MINUS_DM: the sum of downward movements. Source: TA-Lib `MINUS_DM`.
enum MinusMovement: MovementReading {
  static func lookback(_ period: Int) -> Int { max(1, period - 1) }
  @inline(__always)
  static func read(_ movement: DirectionalMovement) -> Double { movement.minus }
}

/// PLUS_DI: upward movement in percent of the true range, but as a fraction of it where n is 1.
/// Source: TA-Lib `PLUS_DI`.
enum PlusIndicator: MovementReading {
  static func lookback(_ period: Int) -> Int { period }
  @inline(__always)
  static func read(_ movement: DirectionalMovement) -> Double {
    movement.range == 0 ? 0 : movement.unit * (movement.plus / movement.range)
  }
}

/// MINUS_DI: downward movement in percent of the true range, but as a fraction of it where n is 1.
/// Source: TA-Lib `MINUS_DI`.
enum MinusIndicator: MovementReading {
  static func lookback(_ period: Int) -> Int { period }
  @inline(__always)
  static func read(_ movement: DirectionalMovement) -> Double {
    movement.range == 0 ? 0 : movement.unit * (movement.minus / movement.range)
  }
}

/// A kernel that reads the movement. PLUS_DM and MINUS_DM have no close; the true range, which they do
/// not read, is computed of whatever stands in its place.
struct Movement<Reading: MovementReading>: Kernel {
  static var outputCount: Int { 1 }
  private var movement: DirectionalMovement

  init(_ arguments: Arguments) { movement = DirectionalMovement(arguments.int(0)) }

  var lookback: Int { Reading.lookback(movement.period) }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    movement.step(a, b, c)
    return Values(Reading.read(movement))
  }

  mutating func code(_ coder: inout StateCoder) { movement.code(&coder) }
}

/// DX: how one-sided the movement is, in percent; where nothing moved, as before.
/// Source: TA-Lib `DX`.
struct DirectionalIndex: Kernel {
  static var outputCount: Int { 1 }
  private var movement: DirectionalMovement
  private var value = 0.0

  init(_ arguments: Arguments) { movement = DirectionalMovement(arguments.int(0)) }

  var lookback: Int { movement.period }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    movement.step(a, b, c)
    if let index = movement.index { value = index }
    return Values(value)
  }

  mutating func code(_ coder: inout StateCoder) {
    movement.code(&coder)
    coder.number(&value)
  }
}

/// ADX: Wilder's average of DX, seeded with the mean of n. Source: TA-Lib `ADX`.
struct AverageDirectionalIndex: Kernel {
  static var outputCount: Int { 1 }
  let period: Int
  private let weight: Double
  private let decay: Double
  private var movement: DirectionalMovement
  private var seen = 0
  private var value = 0.0

  init(_ arguments: Arguments) {
    period = arguments.int(0)
    weight = 1 / Double(period)
    decay = Double(period - 1) / Double(period)
    movement = DirectionalMovement(period)
  }

  var lookback: Int { 2 * period - 1 }
  var windowCount: Int { 0 }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(step(a, b, c)) }

  @inline(__always)
  mutating func step(_ high: Double, _ low: Double, _ close: Double) -> Double {
    movement.step(high, low, close)
    if seen == 2 * period {
      if let index = movement.index { value = value * decay + index * weight }
      return value
    }
    seen += 1
    if seen > period, let index = movement.index { value += index }
    if seen == 2 * period { value *= weight }
    return value
  }

  mutating func code(_ coder: inout StateCoder) {
    movement.code(&coder)
    coder.count(&seen, through: 2 * period)
    coder.number(&value)
  }
}

/// ADXR: the mean of ADX now and n - 1 candles ago. Source: TA-Lib `ADXR`.
struct AverageDirectionalRating: Kernel {
  static var outputCount: Int { 1 }
  private var average: AverageDirectionalIndex
  private var delay: Delay

  init(_ arguments: Arguments) {
    average = AverageDirectionalIndex(arguments)
    delay = Delay(max(1, arguments.int(0) - 1))
  }

  var lookback: Int { average.lookback + average.period - 1 }
  var windowCount: Int { delay.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let now = average.step(a, b, c)
    return Values((now + delay.step(now, window)) / 2)
  }

  mutating func code(_ coder: inout StateCoder) {
    average.code(&coder)
    delay.code(&coder)
  }
}
