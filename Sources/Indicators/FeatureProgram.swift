/// A specification made ready to run: each distinct call once, with its place in the flat memory of
/// a pipeline, and the formulas over their outputs.
final class FeatureProgram: @unchecked Sendable {
  // Unchecked because of the two pointers, to memory that is written in `init` only: walking over
  // an array takes and gives back a reference, at every candle.

  /// The calls in the order of their first use.
  let operations: UnsafeMutableBufferPointer<Operation>
  /// The slot of each feature that is an output or a column by itself, otherwise -1.
  let featureSlots: UnsafeMutableBufferPointer<Int>
  /// Whether there are other features.
  let hasFormulas: Bool
  /// How each feature is got from the slots.
  let formulas: [Formula]
  /// Outputs that are features by themselves: the slot, and the first such feature.
  let directOutputs: [(slot: Int, feature: Int)]
  /// Slots in all: the columns, then the outputs.
  let slotCount: Int
  /// The columns that are derived and used.
  let derivedColumns: [Column]
  let usesTime: Bool
  /// Bytes of memory that kernels and windows need.
  let memoryByteCount: Int
  let warmup: Int
  /// The deepest stack that a formula needs.
  let stackDepth: Int

  /// One call.
  struct Operation: BitwiseCopyable, Sendable {
    var kind: KernelKind
    /// The slots of up to four inputs.
    var inputs: (UInt8, UInt8, UInt8, UInt8)
    var outputCount: UInt8
    /// The slot of the first output.
    var output: Int32
    var lookback: Int32
    /// Where its kernel lies in the memory, in bytes.
    var kernel: Int
    /// Where its window lies in the memory, in bytes.
    var window: Int
    var windowCount: Int
  }

  /// How a feature is got from the slots of a row.
  enum Formula: Sendable {
    case slot(Int)
    case steps([Step])
  }

  /// One step of a formula on a stack of numbers.
  enum Step: Sendable {
    case number(Double)
    case slot(Int)
    case unary(Expression.Unary)
    case binary(Expression.Binary)
  }

  /// The arguments of each operation, for making its kernel.
  let arguments: [Arguments]

  init(_ features: [(String, ParsedFeature)]) throws(FeatureSyntaxError) {
    var builder = FeatureProgramBuilder()
    var formulas: [Formula] = []
    var warmup = 0
    for (index, (name, feature)) in features.enumerated() {
      let (steps, lookback) = builder.formula(feature.expression)
      warmup = max(warmup, lookback)
      if steps.count == 1, case .slot(let slot) = steps[0] {
        formulas.append(.slot(slot))
      } else {
        formulas.append(.steps(steps))
      }
      guard builder.windowNumbers <= FeatureSpecification.maximumWindowNumbers else {
        throw FeatureSyntaxError(
          "the windows up to this feature hold \(builder.windowNumbers) numbers; the most allowed "
            + "is \(FeatureSpecification.maximumWindowNumbers)", columns: 0..<0, index: index,
          name: name)
      }
    }
    self.formulas = formulas
    var direct: [(slot: Int, feature: Int)] = []
    for (feature, formula) in formulas.enumerated() {
      if case .slot(let slot) = formula, slot >= Column.allCases.count,
        !direct.contains(where: { $0.slot == slot })
      {
        direct.append((slot, feature))
      }
    }
    directOutputs = direct
    self.warmup = warmup
    operations = .allocate(capacity: builder.operations.count)
    _ = operations.initialize(from: builder.operations)
    featureSlots = .allocate(capacity: formulas.count)
    _ = featureSlots.initialize(
      from: formulas.map { formula in
        guard case .slot(let slot) = formula else { return -1 }
        return slot
      })
    hasFormulas = featureSlots.contains(-1)
    arguments = builder.arguments
    slotCount = builder.slotCount
    usesTime = builder.columns.contains(.time)
    derivedColumns = [.hl2, .hlc3, .ohlc4].filter(builder.columns.contains)
    memoryByteCount = builder.byteCount
    stackDepth = builder.stackDepth
  }

  deinit {
    operations.deallocate()
    featureSlots.deallocate()
  }
}

/// Gathers operations while formulas are compiled.
private struct FeatureProgramBuilder {
  var operations: [FeatureProgram.Operation] = []
  var arguments: [Arguments] = []
  var columns: Set<Column> = []
  var slotCount = Column.allCases.count
  var byteCount = 0
  var windowNumbers = 0
  var stackDepth = 1
  private var known: [IndicatorCall: Int] = [:]
  private var depth = 0

  /// The steps of a feature, and its look-back.
  mutating func formula(_ expression: Expression) -> (steps: [FeatureProgram.Step], lookback: Int) {
    depth = 0
    var steps: [FeatureProgram.Step] = []
    let lookback = compile(expression, into: &steps)
    return (steps, lookback)
  }

  /// Appends the steps of an expression; returns its look-back.
  private mutating func compile(_ expression: Expression, into steps: inout [FeatureProgram.Step])
    -> Int
  {
    switch expression {
    case .number(let value):
      push()
      steps.append(.number(value))
      return 0
    case .column(let column):
      push()
      columns.insert(column)
      steps.append(.slot(Int(column.rawValue)))
      return 0
    case .output(let call, let index):
      push()
      let operation = operations[operation(of: call)]
      steps.append(.slot(Int(operation.output) + index))
      return Int(operation.lookback)
    case .unary(let operation, let operand):
      let lookback = compile(operand, into: &steps)
      steps.append(.unary(operation))
      return lookback
    case .binary(let operation, let left, let right):
      let lookback = max(compile(left, into: &steps), compile(right, into: &steps))
      steps.append(.binary(operation))
      depth -= 1
      return lookback
    }
  }

  private mutating func push() {
    depth += 1
    stackDepth = max(stackDepth, depth)
  }

  private mutating func operation(of call: IndicatorCall) -> Int {
    if let index = known[call] { return index }
    let kind = KernelKind(call)
    let shape = kind.accept(KernelShape(arguments: call.arguments))
    columns.formUnion(call.columns)
    // Inputs that a call does not have repeat its first one.
    func slot(_ index: Int) -> UInt8 {
      call.columns[index < call.columns.count ? index : 0].rawValue
    }
    let kernel = byteCount
    let window = kernel + (shape.byteCount + 15) & ~15
    operations.append(
      FeatureProgram.Operation(
        kind: kind, inputs: (slot(0), slot(1), slot(2), slot(3)),
        outputCount: UInt8(shape.outputCount), output: Int32(slotCount),
        lookback: Int32(shape.lookback), kernel: kernel, window: window,
        windowCount: shape.windowCount))
    arguments.append(call.arguments)
    byteCount = window + (shape.windowCount * 8 + 15) & ~15
    windowNumbers += shape.windowCount
    slotCount += shape.outputCount
    known[call] = operations.count - 1
    return operations.count - 1
  }
}

/// What a program must know of a kernel before it runs.
private struct KernelShape: KernelVisitor {
  var arguments: Arguments

  struct Shape {
    var byteCount: Int
    var windowCount: Int
    var lookback: Int
    var outputCount: Int
  }

  func visit<K: Kernel>(_: K.Type) -> Shape {
    let kernel = K(arguments)
    return Shape(
      byteCount: MemoryLayout<K>.size, windowCount: kernel.windowCount, lookback: kernel.lookback,
      outputCount: K.outputCount)
  }
}
