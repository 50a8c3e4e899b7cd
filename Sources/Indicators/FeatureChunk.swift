/// A stretch of candles without a gap, worked one operation at a time, so that a kernel's state
/// stays in registers while its columns pass through the nearest cache.
final class FeatureChunk {
  /// The most candles of one stretch: five columns and an output fit into 48 kB.
  static let length = 1024

  private let program: FeatureProgram
  private let buffer: UnsafeMutablePointer<Double>
  private let stack: UnsafeMutablePointer<Double>
  /// Where each slot's column is.
  private var slots: [UnsafeMutablePointer<Double>]

  init(_ program: FeatureProgram) {
    self.program = program
    buffer = .allocate(capacity: Self.length * program.slotCount)
    stack = .allocate(capacity: program.stackDepth)
    slots = (0..<program.slotCount).map { [buffer] in buffer + $0 * Self.length }
    stack.initialize(repeating: 0, count: program.stackDepth)
  }

  deinit {
    buffer.deallocate()
    stack.deallocate()
  }

  /// Computes the features of the candles in `range` and writes them to the destinations.
  func run(
    _ memory: FeatureMemory, _ candles: CandlePointers, _ range: Range<Int>, age: Int,
    to destinations: [UnsafeMutablePointer<Double>]
  ) {
    let count = range.count
    for (index, column) in candles.values.enumerated() {
      slots[index] = UnsafeMutablePointer(mutating: column + range.lowerBound)
    }
    derive(candles, range)
    // An output that is a feature by itself goes where it belongs at once.
    for (slot, feature) in program.directOutputs {
      slots[slot] = destinations[feature] + range.lowerBound
    }
    slots.withUnsafeBufferPointer { slots in
      for operation in program.operations {
        operation.kind.accept(
          KernelRun(
            operation: operation, kernels: memory.kernels, slots: slots.baseAddress!,
            count: count, age: age))
      }
    }
    for (index, formula) in program.formulas.enumerated() {
      let destination = destinations[index] + range.lowerBound
      switch formula {
      case .slot(let slot):
        if slots[slot] != destination { destination.update(from: slots[slot], count: count) }
      case .steps(let steps):
        for row in 0..<count {
          destination[row] = Formula.value(of: steps, stack) { slots[$0][row] }
        }
      }
    }
  }

  private func derive(_ candles: CandlePointers, _ range: Range<Int>) {
    let (open, high, low, close) = (slots[0], slots[1], slots[2], slots[3])
    if program.usesTime {
      let column = slots[Int(Column.time.rawValue)]
      for row in 0..<range.count { column[row] = Double(candles.times[range.lowerBound + row]) }
    }
    for column in program.derivedColumns {
      let slot = slots[Int(column.rawValue)]
      for row in 0..<range.count {
        slot[row] =
          switch column {
          case .hl2: Column.hl2(high[row], low[row])
          case .hlc3: Column.hlc3(high[row], low[row], close[row])
          default: Column.ohlc4(open[row], high[row], low[row], close[row])
          }
      }
    }
  }
}

/// Many steps of one kernel, whose state is local meanwhile.
private struct KernelRun: KernelVisitor {
  var operation: FeatureProgram.Operation
  var kernels: UnsafeMutableRawPointer
  var slots: UnsafePointer<UnsafeMutablePointer<Double>>
  var count: Int
  var age: Int

  @inline(never)
  func visit<K: Kernel>(_: K.Type) {
    let state = (kernels + operation.kernel).assumingMemoryBound(to: K.self)
    let window = (kernels + operation.window).assumingMemoryBound(to: Double.self)
    let inputs = operation.inputs
    let first = Int(operation.output)
    var kernel = state.pointee
    kernel.run(
      Lanes(
        inputs: (
          UnsafePointer(slots[Int(inputs.0)]), UnsafePointer(slots[Int(inputs.1)]),
          UnsafePointer(slots[Int(inputs.2)]), UnsafePointer(slots[Int(inputs.3)])
        ),
        outputs: (
          slots[first], slots[first + min(1, K.outputCount - 1)],
          slots[first + min(2, K.outputCount - 1)], slots[first + min(3, K.outputCount - 1)]
        ), count: count, window: window))
    state.pointee = kernel
    for row in 0..<min(count, max(0, Int(operation.lookback) - age)) {
      for index in 0..<K.outputCount { slots[first + index][row] = .nan }
    }
  }
}
