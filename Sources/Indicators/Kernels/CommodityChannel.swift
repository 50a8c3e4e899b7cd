/// CCI: the typical price's distance from its mean, in units of 0.015 times the mean absolute
/// distance of n of them; 0 where all are equal. Takes n steps per candle. Over high, low and close.
/// Source: TA-Lib `CCI`; D. Lambert, Commodities (1980).
struct CommodityChannel: Kernel {
  static var outputCount: Int { 1 }
  private let period: Int
  private var mean: WindowMean
  private let inverse: Double
  private var index = 0

  init(_ arguments: Arguments) {
    period = arguments.int(0)
    mean = WindowMean(period)
    inverse = 1 / Double(period)
  }

  var lookback: Int { period - 1 }
  /// The mean's window, and the last values twice, so that they always lie in one row.
  var windowCount: Int { mean.windowCount + 2 * period }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let typical = Column.hlc3(a, b, c)
    let values = window + mean.windowCount
    keep(typical, values)
    let centre = mean.step(typical, window)
    return Values(value(values + index, centre))
  }

  /// The same with all typical prices written before the first is read: a loop that reads in pairs
  /// what it has just written one by one must wait for its own memory.
  @inline(__always)
  mutating func run(_ lanes: Lanes) {
    let (high, low, close) = (lanes.inputs.0, lanes.inputs.1, lanes.inputs.2)
    let values = lanes.window + mean.windowCount
    let (count, output) = (lanes.count, lanes.outputs.0)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: period + count) { memory in
      guard let row = memory.baseAddress else { return }
      row.update(from: values + index, count: period)
      let typical = row + period
      for place in 0..<count {
        typical[place] = Column.hlc3(high[place], low[place], close[place])
      }
      mean.run(typical, count, lanes.window, output)
      for place in 0..<count { output[place] = value(row + place + 1, output[place]) }
      // The values that are overwritten within these candles need not be kept.
      let passed = max(0, count - period)
      index = (index + passed) % period
      for place in passed..<count { keep(typical[place], values) }
    }
  }

  /// Adds a value to the row of the last n, which then begins at `index`.
  @inline(__always)
  private mutating func keep(_ x: Double, _ values: Window) {
    values[index] = x
    values[index + period] = x
    index += 1
    if index == period { index = 0 }
  }

  /// The indicator for n typical prices from the oldest on, and their mean.
  @inline(__always)
  private func value(_ values: Window, _ mean: Double) -> Double {
    let memory = UnsafeRawPointer(values)
    let centre = Pair(repeating: mean)
    // Sums of two, so that additions need not wait for each other.
    var even = Pair.zero
    var odd = Pair.zero
    var index = 0
    while index + 4 <= period {
      even += (memory.loadUnaligned(fromByteOffset: 8 * index, as: Pair.self) - centre).magnitudes
      odd +=
        (memory.loadUnaligned(fromByteOffset: 8 * index + 16, as: Pair.self) - centre).magnitudes
      index += 4
    }
    even += odd
    var total = even.x + even.y
    while index < period {
      total += abs(values[index] - mean)
      index += 1
    }
    let distance = values[period - 1] - mean
    let unit = 0.015 * (total * inverse)
    return distance == 0 || unit == 0 ? 0 : distance / unit
  }

  mutating func code(_ coder: inout StateCoder) {
    mean.code(&coder)
    coder.count(&index, through: period - 1)
  }
}
