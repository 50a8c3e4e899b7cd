/// A feature's formula: arithmetic over outputs of indicators and columns of candles.
indirect enum Expression: Hashable, Sendable {
  case number(Double)
  case column(Column)
  case output(IndicatorCall, Int)
  case unary(Unary, Expression)
  case binary(Binary, Expression, Expression)

  enum Unary: String, Sendable, CaseIterable { case negate, log, abs }
  enum Binary: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
  }

  /// The text of the meaning: arguments by name, defaults filled in, versions told, every operation
  /// in parentheses, and the operands of sums and products in the order of their texts.
  var canonicalText: String {
    switch self {
    case .number(let value): numberText(value)
    case .column(let column): column.name
    case .output(let call, let index):
      call.function.definition.outputs.count == 1
        ? call.canonicalText
        : "\(call.canonicalText).\(call.function.definition.outputs[index])"
    case .unary(let operation, let operand): "\(operation.rawValue)(\(operand.canonicalText))"
    case .binary(let operation, let left, let right):
      "(\(left.canonicalText) \(operation.rawValue) \(right.canonicalText))"
    }
  }

  /// A sum or product of two operands in their canonical order: both orders give the same bits.
  static func combine(_ operation: Binary, _ left: Expression, _ right: Expression) -> Expression {
    let commutes = operation == .add || operation == .multiply
    if commutes, right.canonicalText < left.canonicalText {
      return .binary(operation, right, left)
    }
    return .binary(operation, left, right)
  }

  /// How many operands and operations it has.
  var size: Int {
    switch self {
    case .number, .column, .output: 1
    case .unary(_, let operand): 1 + operand.size
    case .binary(_, let left, let right): 1 + left.size + right.size
    }
  }
}
