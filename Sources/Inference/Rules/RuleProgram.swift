import Glibc

/// A checked rule as a list of instructions without jumps, run on a small stack.
///
/// A truth value is 1 or 0, and NaN when it cannot be known because a value is missing. `and` and
/// `or` are decided by one known side where they can be (Kleene's three-valued logic); a choice on an
/// unknown condition is unknown.
struct RuleProgram: Sendable {
  /// The most instructions of one program.
  static let maximumInstructions = 4096
  /// The deepest that its stack grows.
  static let maximumStack = 64
  /// The most values that are kept under a name.
  static let maximumNames = 64

  /// One step: values are taken from the top of the stack, and the result put there.
  enum Instruction: Hashable, Sendable {
    case constant(Double)
    case feature(Int)
    case keep(Int)
    case kept(Int)
    case negate, not, absolute, squareRoot, exponential, logarithm, isMissing
    case add, subtract, multiply, divide, minimum, maximum
    case less, lessOrEqual, greater, greaterOrEqual, equal, unequal
    case and, or
    case choose
  }

  let instructions: [Instruction]

  /// The value that the program leaves for a row.
  func value(_ row: UnsafePointer<Double>) -> Double {
    withUnsafeTemporaryAllocation(
      of: Double.self, capacity: Self.maximumStack + Self.maximumNames
    ) { memory in
      run(row, memory.baseAddress!, kept: memory.baseAddress! + Self.maximumStack)
    }
  }

  private func run(
    _ row: UnsafePointer<Double>, _ stack: UnsafeMutablePointer<Double>,
    kept: UnsafeMutablePointer<Double>
  ) -> Double {
    // One past the top; the compiler bounded it.
    var top = stack
    for instruction in instructions {
      switch instruction {
      case .constant(let value):
        top.pointee = value
        top += 1
      case .feature(let index):
        top.pointee = row[index]
        top += 1
      case .kept(let index):
        top.pointee = kept[index]
        top += 1
      case .keep(let index):
        top -= 1
        kept[index] = top.pointee
      case .negate, .not, .absolute, .squareRoot, .exponential, .logarithm, .isMissing:
        top[-1] = Self.unary(instruction, top[-1])
      case .choose:
        top -= 2
        let condition = top[-1]
        top[-1] = condition.isNaN ? .nan : condition != 0 ? top[0] : top[1]
      default:
        top -= 1
        top[-1] = Self.binary(instruction, top[-1], top[0])
      }
    }
    return top[-1]
  }

  private static func unary(_ instruction: Instruction, _ value: Double) -> Double {
    switch instruction {
    case .negate: -value
    case .not: 1 - value
    case .absolute: value.magnitude
    case .squareRoot: value.squareRoot()
    case .exponential: exp(value)
    case .logarithm: log(value)
    default: value.isNaN ? 1 : 0
    }
  }

  private static func binary(
    _ instruction: Instruction, _ left: Double, _ right: Double
  ) -> Double {
    switch instruction {
    case .add: left + right
    case .subtract: left - right
    case .multiply: left * right
    case .divide: left / right
    case .and where left == 0 || right == 0: 0
    case .or where left == 1 || right == 1: 1
    case _ where left.isNaN || right.isNaN: .nan
    case .minimum: left < right ? left : right
    case .maximum: left > right ? left : right
    case .less: left < right ? 1 : 0
    case .lessOrEqual: left <= right ? 1 : 0
    case .greater: left > right ? 1 : 0
    case .greaterOrEqual: left >= right ? 1 : 0
    case .equal: left == right ? 1 : 0
    case .unequal: left != right ? 1 : 0
    case .and: 1
    default: 0
    }
  }
}
