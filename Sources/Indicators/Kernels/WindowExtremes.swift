/// The larger of two numbers, as one instruction; neither is NaN.
@inline(__always)
func larger(_ a: Double, _ b: Double) -> Double { a > b ? a : b }

/// The smaller of two numbers, as one instruction; neither is NaN.
@inline(__always)
func smaller(_ a: Double, _ b: Double) -> Double { a < b ? a : b }

/// The largest of the last n values of one column and the smallest of another, in constant time and
/// without branches on the values. Source: M. van Herk (1992), as in `WindowSum`.
struct WindowExtremes: BitwiseCopyable {
  let period: Int
  fileprivate var filled = 0
  fileprivate var top = -Double.infinity
  fileprivate var bottom = Double.infinity

  init(_ period: Int) { self.period = period }

  var windowCount: Int { 2 * period }

  /// Takes the next values; means something from the n-th on.
  @inline(__always)
  mutating func step(
    _ high: Double, _ low: Double, _ window: Window
  ) -> (highest: Double, lowest: Double) {
    let lows = window + period
    window[filled] = high
    lows[filled] = low
    top = larger(high, top)
    bottom = smaller(low, bottom)
    filled += 1
    if filled < period { return (larger(window[filled], top), smaller(lows[filled], bottom)) }
    let result = (top, bottom)
    top = -.infinity
    bottom = .infinity
    var index = period - 1
    while index > 0 {
      top = larger(window[index], top)
      bottom = smaller(lows[index], bottom)
      window[index] = top
      lows[index] = bottom
      index -= 1
    }
    filled = 0
    top = -.infinity
    bottom = .infinity
    return result
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&top)
    coder.number(&bottom)
  }
}

extension WindowExtremes {
  /// Takes many values, block by block.
  @inline(__always)
  mutating func run(
    _ high: Lanes.Column, _ low: Lanes.Column, _ count: Int, _ window: Window,
    _ emit: (_ row: Int, _ highest: Double, _ lowest: Double) -> Void
  ) {
    var row = 0
    while row < count {
      let inside = min(period - 1 - filled, count - row)
      let block = window + filled
      let lows = block + period
      var (highest, lowest) = (top, bottom)
      for index in 0..<inside {
        let (h, l) = (high[row + index], low[row + index])
        block[index] = h
        lows[index] = l
        highest = larger(h, highest)
        lowest = smaller(l, lowest)
        emit(row + index, larger(block[index + 1], highest), smaller(lows[index + 1], lowest))
      }
      (top, bottom) = (highest, lowest)
      filled += inside
      row += inside
      if row < count {
        let (highest, lowest) = step(high[row], low[row], window)
        emit(row, highest, lowest)
        row += 1
      }
    }
  }
}

/// One of the two extremes alone.
struct WindowExtreme: BitwiseCopyable {
  let period: Int
  private var filled = 0
  private var best = -Double.infinity

  init(_ period: Int) { self.period = period }

  var windowCount: Int { period }

  /// Takes the next value and gives the largest of the last n.
  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    window[filled] = x
    best = larger(x, best)
    filled += 1
    if filled < period { return larger(window[filled], best) }
    let result = best
    var suffix = -Double.infinity
    var index = period - 1
    while index > 0 {
      suffix = larger(window[index], suffix)
      window[index] = suffix
      index -= 1
    }
    filled = 0
    best = -.infinity
    return result
  }

  /// Takes many values times a sign, block by block, and gives the results times the same.
  @inline(__always)
  mutating func run(
    _ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window, sign: Double
  ) {
    var row = 0
    while row < count {
      let inside = min(period - 1 - filled, count - row)
      let (block, values, results) = (window + filled, x + row, output + row)
      var top = best
      for index in 0..<inside {
        let value = values[index] * sign
        block[index] = value
        top = larger(value, top)
        results[index] = larger(block[index + 1], top) * sign
      }
      best = top
      filled += inside
      row += inside
      if row < count {
        output[row] = step(x[row] * sign, window) * sign
        row += 1
      }
    }
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&best)
  }
}

/// How many values ago the largest of the last n came, the latest of equals; as `WindowExtreme`.
struct WindowExtremeAge: BitwiseCopyable {
  let period: Int
  private var filled = 0
  private var best = -Double.infinity
  private var place = 0.0

  init(_ period: Int) { self.period = period }

  var windowCount: Int { 2 * period }

  /// Takes the next value; means something from the n-th on.
  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    let places = window + period
    let here = Double(filled)
    window[filled] = x
    place = x >= best ? here : place
    best = larger(x, best)
    filled += 1
    if filled < period {
      // Places of the block before lie one period back.
      return window[filled] > best
        ? here - (places[filled] - Double(period)) : here - place
    }
    let result = here - place
    var suffix = -Double.infinity
    var at = 0.0
    var index = period - 1
    while index > 0 {
      at = window[index] > suffix ? Double(index) : at
      suffix = larger(window[index], suffix)
      window[index] = suffix
      places[index] = at
      index -= 1
    }
    filled = 0
    best = -.infinity
    place = 0
    return result
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&best)
    coder.number(&place)
  }
}
