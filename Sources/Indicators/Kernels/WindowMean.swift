/// The mean of the last n values, in constant time and without drift: blocks as in `WindowSum`, of
/// differences from a pivot inside of the window as in `WindowMoments`, so that the mean of equal
/// values is that value.
struct WindowMean: BitwiseCopyable {
  let period: Int
  private let inverse: Double
  private var filled = 0
  private var pivot = 0.0
  private var sum = 0.0

  init(_ period: Int) {
    self.period = period
    inverse = 1 / Double(period)
  }

  var windowCount: Int { period }

  /// Takes the next value; the mean means something from the n-th value on.
  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    window[filled] = x
    sum += x - pivot
    filled += 1
    if filled < period { return pivot + (window[filled] + sum) * inverse }
    pivot = x
    var suffix = 0.0
    var index = period - 1
    while index >= 0 {
      suffix += window[index] - x
      window[index] = suffix
      index -= 1
    }
    filled = 0
    sum = 0
    return x + suffix * inverse
  }

  /// Takes many values, block by block.
  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    var row = 0
    while row < count {
      let inside = min(period - 1 - filled, count - row)
      let (block, values, results) = (window + filled, x + row, output + row)
      var running = sum
      for index in 0..<inside {
        let value = values[index]
        block[index] = value
        running += value - pivot
        results[index] = pivot + (block[index + 1] + running) * inverse
      }
      sum = running
      filled += inside
      row += inside
      if row < count {
        output[row] = step(x[row], window)
        row += 1
      }
    }
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&pivot)
    coder.number(&sum)
  }
}
