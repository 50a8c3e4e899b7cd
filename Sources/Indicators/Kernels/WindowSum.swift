/// The sum of the last n values, in constant time and without drift.
///
/// A running sum that adds the newest and subtracts the oldest keeps every rounding error for ever.
/// Here nothing is subtracted: time is cut into blocks of n values, and the window is the end of the
/// last block, whose suffix sums are ready, plus the beginning of the current one. The error is that
/// of one plain summation of n values, and a window of zeros sums to zero.
/// Source of the scheme: M. van Herk, "A fast algorithm for local minimum and maximum filters on
/// rectangular and octagonal kernels", Pattern Recognition Letters 13 (1992), with + in place of max.
struct WindowSum: BitwiseCopyable {
  let period: Int
  /// Values in the current block.
  private var filled = 0
  private var prefix = 0.0

  init(_ period: Int) { self.period = period }

  var windowCount: Int { period }

  /// Takes the next value; the sum means something from the n-th value on.
  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    // Below `filled` the window holds values of the current block, from there on suffix sums of the
    // block before.
    window[filled] = x
    prefix += x
    filled += 1
    if filled < period { return window[filled] + prefix }
    let sum = prefix
    var suffix = 0.0
    var index = period - 1
    while index > 0 {
      suffix += window[index]
      window[index] = suffix
      index -= 1
    }
    filled = 0
    prefix = 0
    return sum
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&prefix)
  }
}

/// The value n candles ago.
struct Delay: BitwiseCopyable {
  let period: Int
  private var index = 0

  init(_ period: Int) { self.period = period }

  var windowCount: Int { period }

  /// Takes the next value and gives the one that came n values before it.
  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let old = window[index]
    window[index] = x
    index += 1
    if index == period { index = 0 }
    return old
  }

  /// Takes many values; gives each with the one that came n values before it.
  @inline(__always)
  mutating func run(
    _ x: Lanes.Column, _ count: Int, _ window: Window,
    _ emit: (_ row: Int, _ new: Double, _ old: Double) -> Void
  ) {
    let head = min(count, period)
    var place = index
    for row in 0..<head {
      emit(row, x[row], window[place])
      place += 1
      if place == period { place = 0 }
    }
    for row in head..<count { emit(row, x[row], x[row - period]) }
    place = (index + count - head) % period
    for row in count - head..<count {
      window[place] = x[row]
      place += 1
      if place == period { place = 0 }
    }
    index = place
  }

  mutating func code(_ coder: inout StateCoder) { coder.count(&index, through: period - 1) }
}
