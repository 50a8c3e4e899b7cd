/// One indicator's arithmetic: a value type that takes one candle at a time in constant memory.
///
/// The same `step` runs in place for a streamed candle and in a loop over columns, which is why the
/// two give the same bits. A kernel does not mask its warm-up: whoever runs it writes NaN for the
/// first `lookback` candles. Its scalars are in the value itself, its windows in memory given to
/// each step, so that a kernel can live in one flat piece of memory together with its neighbours.
protocol Kernel: BitwiseCopyable {
  /// How many outputs a step yields, 1 to 4.
  static var outputCount: Int { get }

  /// A kernel that has seen nothing, for parameters within the ranges of the catalogue.
  init(_ arguments: Arguments)

  /// Candles before the first value.
  var lookback: Int { get }

  /// How many numbers of window memory a step needs, all zero at the start.
  var windowCount: Int { get }

  /// Takes the next candle: up to four columns, in the order of the catalogue.
  mutating func step(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window) -> Values

  /// Takes many candles: the same as so many steps, bit for bit.
  mutating func run(_ lanes: Lanes)

  /// Reads or writes all that changes in `step`, window apart.
  mutating func code(_ coder: inout StateCoder)
}

/// Columns of candles and of outputs, for many steps of one kernel.
struct Lanes {
  var inputs: (Column, Column, Column, Column)
  var outputs: (Window, Window, Window, Window)
  var count: Int
  var window: Window

  typealias Column = UnsafePointer<Double>
}

extension Kernel {
  /// Takes the first candle of the lanes and moves them on by one.
  @inline(__always)
  mutating func one(_ lanes: inout Lanes) {
    let (inputs, outputs) = (lanes.inputs, lanes.outputs)
    let values = step(
      inputs.0[0], inputs.1[0], inputs.2[0], inputs.3[0], lanes.window)
    outputs.0[0] = values.a
    if Self.outputCount > 1 { outputs.1[0] = values.b }
    if Self.outputCount > 2 { outputs.2[0] = values.c }
    if Self.outputCount > 3 { outputs.3[0] = values.d }
    lanes.inputs = (inputs.0 + 1, inputs.1 + 1, inputs.2 + 1, inputs.3 + 1)
    lanes.outputs = (outputs.0 + 1, outputs.1 + 1, outputs.2 + 1, outputs.3 + 1)
    lanes.count -= 1
  }

  @inline(__always)
  mutating func run(_ lanes: Lanes) {
    let (inputs, outputs) = (lanes.inputs, lanes.outputs)
    for row in 0..<lanes.count {
      let values = step(
        inputs.0[row], inputs.1[row], inputs.2[row], inputs.3[row], lanes.window)
      outputs.0[row] = values.a
      if Self.outputCount > 1 { outputs.1[row] = values.b }
      if Self.outputCount > 2 { outputs.2[row] = values.c }
      if Self.outputCount > 3 { outputs.3[row] = values.d }
    }
  }
}

/// Window memory of one kernel or of a part of one.
typealias Window = UnsafeMutablePointer<Double>

/// The outputs of one step; those beyond the kernel's count mean nothing.
struct Values: BitwiseCopyable {
  var a: Double
  var b: Double
  var c: Double
  var d: Double

  @inline(__always)
  init(_ a: Double, _ b: Double = 0, _ c: Double = 0, _ d: Double = 0) {
    (self.a, self.b, self.c, self.d) = (a, b, c, d)
  }
}

/// The parameters of one call in the order of the catalogue, already checked against its ranges.
struct Arguments: Hashable, Sendable {
  var values: [Double]

  /// A whole number.
  func int(_ index: Int) -> Int { Int(values[index]) }

  subscript(index: Int) -> Double { values[index] }
}

/// A part of a kernel that turns one number into one number.
protocol Filter: BitwiseCopyable {
  /// A filter over so many values.
  init(period: Int)
  /// Values before the first result.
  var lookback: Int { get }
  /// How many numbers of window memory a step needs.
  var windowCount: Int { get }
  /// Takes the next value.
  mutating func step(_ x: Double, _ window: Window) -> Double
  /// Takes many values: the same as so many steps, bit for bit.
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window)
  /// Reads or writes all that changes in `step`, window apart.
  mutating func code(_ coder: inout StateCoder)
}

/// A filter that others are built on, which must know when it begins to give results. What is built on
/// no other has its mask instead, the look-back.
protocol WarmFilter: Filter {
  /// Whether the latest step gave a result.
  var isWarm: Bool { get }
}

extension Filter {
  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    for row in 0..<count { output[row] = step(x[row], window) }
  }
}

/// A kernel that is one filter over one column.
struct Filtered<F: Filter>: Kernel {
  static var outputCount: Int { 1 }
  private var filter: F

  init(_ arguments: Arguments) { filter = F(period: arguments.int(0)) }

  var lookback: Int { filter.lookback }
  var windowCount: Int { filter.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values { Values(filter.step(a, window)) }

  @inline(__always)
  mutating func run(_ lanes: Lanes) {
    filter.run(lanes.inputs.0, lanes.count, lanes.window, lanes.outputs.0)
  }

  mutating func code(_ coder: inout StateCoder) { filter.code(&coder) }
}
