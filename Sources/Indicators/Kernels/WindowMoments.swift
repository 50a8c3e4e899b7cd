/// Mean and variance of the last n values, in constant time, without drift and without the
/// cancellation of "mean of squares minus square of mean".
///
/// Blocks as in `WindowSum`; sums are of differences from a pivot, the last value of the block
/// before, which lies in the window itself. So a flat window has a variance of exactly zero, and
/// the relative error does not depend on the level of the values nor on what came before.
struct WindowMoments: BitwiseCopyable {
  let period: Int
  private let inverse: Double
  private var filled = 0
  private var pivot = 0.0
  private var sum = 0.0
  private var squares = 0.0

  init(_ period: Int) {
    self.period = period
    inverse = 1 / Double(period)
  }

  var windowCount: Int { 2 * period }

  /// Takes the next value; means something from the n-th value on. The variance is that of a
  /// population (divided by n).
  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> (mean: Double, variance: Double) {
    let (shift, variance) = advance(x, window)
    return (pivot + shift, variance)
  }

  /// As `step`, with how far the value is from the mean: told from the pivot, near to which both lie,
  /// it keeps its digits where the values are large and their differences small.
  @inline(__always)
  mutating func deviation(
    _ x: Double, _ window: Window
  ) -> (deviation: Double, variance: Double) {
    let (shift, variance) = advance(x, window)
    return ((x - pivot) - shift, variance)
  }

  /// Takes the next value; the distance of the mean from the pivot.
  @inline(__always)
  private mutating func advance(
    _ x: Double, _ window: Window
  ) -> (shift: Double, variance: Double) {
    let squaresWindow = window + period
    window[filled] = x
    let y = x - pivot
    sum += y
    squares += y * y
    filled += 1
    let total: Double
    let totalSquares: Double
    if filled < period {
      total = window[filled] + sum
      totalSquares = squaresWindow[filled] + squares
    } else {
      pivot = x
      var suffix = 0.0
      var suffixSquares = 0.0
      var index = period - 1
      while index >= 0 {
        let y = window[index] - x
        suffix += y
        suffixSquares += y * y
        window[index] = suffix
        squaresWindow[index] = suffixSquares
        index -= 1
      }
      total = suffix
      totalSquares = suffixSquares
      filled = 0
      sum = 0
      squares = 0
    }
    let shift = total * inverse
    return (shift, larger(0, (totalSquares - total * shift) * inverse))
  }

  /// Takes many values, block by block.
  @inline(__always)
  mutating func run(
    _ x: Lanes.Column, _ count: Int, _ window: Window,
    _ emit: (_ row: Int, _ mean: Double, _ variance: Double) -> Void
  ) {
    var row = 0
    while row < count {
      let inside = min(period - 1 - filled, count - row)
      let (block, values) = (window + filled, x + row)
      let squaresBlock = block + period
      var (running, runningSquares) = (sum, squares)
      for index in 0..<inside {
        block[index] = values[index]
        let y = values[index] - pivot
        running += y
        runningSquares += y * y
        let total = block[index + 1] + running
        let totalSquares = squaresBlock[index + 1] + runningSquares
        let shift = total * inverse
        emit(
          row + index, pivot + shift, larger(0, (totalSquares - total * shift) * inverse))
      }
      (sum, squares) = (running, runningSquares)
      filled += inside
      row += inside
      if row < count {
        let (mean, variance) = step(x[row], window)
        emit(row, mean, variance)
        row += 1
      }
    }
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&pivot)
    coder.number(&sum)
    coder.number(&squares)
  }
}
