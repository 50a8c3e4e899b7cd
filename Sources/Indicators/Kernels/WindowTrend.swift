/// The sum of the last n values, each times its place from 1 for the oldest to n for the newest, in
/// constant time and without drift: blocks as in `WindowSum`.
struct WindowWeightedSum: BitwiseCopyable {
  let period: Int
  private var filled = 0
  private var place = 0.0
  private var rest: Double
  private var sum = 0.0
  private var weighted = 0.0

  init(_ period: Int) {
    self.period = period
    rest = Double(period)
  }

  var windowCount: Int { period }

  /// Takes the next value; means something from the n-th on.
  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    window[filled] = x
    filled += 1
    place += 1
    rest -= 1
    sum += x
    weighted += x * place
    // What is left of the last block takes the places up to `rest`, and moves this block up.
    if filled < period { return window[filled] + (weighted + rest * sum) }
    let result = weighted
    var suffix = 0.0
    var suffixWeighted = 0.0
    var index = period - 1
    while index > 0 {
      suffix += window[index]
      suffixWeighted += suffix
      window[index] = suffixWeighted
      index -= 1
    }
    start()
    return result
  }

  /// Takes many values, block by block, and gives each sum times a factor.
  @inline(__always)
  mutating func run(
    _ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window, times factor: Double
  ) {
    var row = 0
    while row < count {
      let inside = min(period - 1 - filled, count - row)
      let (block, values, results) = (window + filled, x + row, output + row)
      var (running, runningWeighted) = (sum, weighted)
      var (here, left) = (place, rest)
      for index in 0..<inside {
        let value = values[index]
        block[index] = value
        here += 1
        left -= 1
        running += value
        runningWeighted += value * here
        results[index] = (block[index + 1] + (runningWeighted + left * running)) * factor
      }
      (sum, weighted, place, rest) = (running, runningWeighted, here, left)
      filled += inside
      row += inside
      if row < count {
        output[row] = step(x[row], window) * factor
        row += 1
      }
    }
  }

  private mutating func start() {
    filled = 0
    place = 0
    rest = Double(period)
    sum = 0
    weighted = 0
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&sum)
    coder.number(&weighted)
    place = Double(filled)
    rest = Double(period - filled)
  }
}

/// Mean and slope of the line of least squares through the last n values, in constant time and
/// without drift; values are taken from a pivot inside of the window, as in `WindowMoments`.
struct WindowTrend: BitwiseCopyable {
  let period: Int
  private let inverse: Double
  private let middle: Double
  private let scale: Double
  private var filled = 0
  private var place = 0.0
  private var rest: Double
  private var pivot = 0.0
  private var sum = 0.0
  private var weighted = 0.0

  init(_ period: Int) {
    self.period = period
    let n = Double(period)
    inverse = 1 / n
    middle = (n + 1) / 2
    scale = 12 / (n * (n * n - 1))
    rest = n
  }

  var windowCount: Int { 2 * period }

  /// Takes the next value; means something from the n-th on.
  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> (mean: Double, slope: Double) {
    let weights = window + period
    let y = x - pivot
    window[filled] = x
    filled += 1
    place += 1
    rest -= 1
    sum += y
    weighted += y * place
    let total: Double
    let totalWeighted: Double
    if filled < period {
      total = window[filled] + sum
      totalWeighted = weights[filled] + (weighted + rest * sum)
    } else {
      pivot = x
      var suffix = 0.0
      var suffixWeighted = 0.0
      var index = period - 1
      while index >= 0 {
        suffix += window[index] - x
        suffixWeighted += suffix
        window[index] = suffix
        weights[index] = suffixWeighted
        index -= 1
      }
      total = suffix
      totalWeighted = suffixWeighted
      filled = 0
      place = 0
      rest = Double(period)
      sum = 0
      weighted = 0
    }
    return (pivot + total * inverse, (totalWeighted - middle * total) * scale)
  }

  /// Takes many values, block by block.
  @inline(__always)
  mutating func run(
    _ x: Lanes.Column, _ count: Int, _ window: Window,
    _ emit: (_ row: Int, _ mean: Double, _ slope: Double) -> Void
  ) {
    var row = 0
    while row < count {
      let inside = min(period - 1 - filled, count - row)
      let (block, values) = (window + filled, x + row)
      let weights = block + period
      var (running, runningWeighted) = (sum, weighted)
      var (here, left) = (place, rest)
      for index in 0..<inside {
        let value = values[index]
        block[index] = value
        let y = value - pivot
        here += 1
        left -= 1
        running += y
        runningWeighted += y * here
        let total = block[index + 1] + running
        let totalWeighted = weights[index + 1] + (runningWeighted + left * running)
        emit(row + index, pivot + total * inverse, (totalWeighted - middle * total) * scale)
      }
      (sum, weighted, place, rest) = (running, runningWeighted, here, left)
      filled += inside
      row += inside
      if row < count {
        let (mean, slope) = step(x[row], window)
        emit(row, mean, slope)
        row += 1
      }
    }
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&pivot)
    coder.number(&sum)
    coder.number(&weighted)
    place = Double(filled)
    rest = Double(period - filled)
  }
}
