import Glibc

/// The arithmetic of formulas, the same for one row and for columns.
enum Formula {
  /// Runs the steps on a stack with room for them. What is not finite is missing.
  @inline(__always)
  static func value(
    of steps: [FeatureProgram.Step], _ stack: UnsafeMutablePointer<Double>,
    _ slot: (Int) -> Double
  ) -> Double {
    var top = -1
    for step in steps {
      switch step {
      case .number(let value):
        top += 1
        stack[top] = value
      case .slot(let index):
        top += 1
        stack[top] = slot(index)
      case .unary(let operation):
        switch operation {
        case .negate: stack[top] = -stack[top]
        case .log: stack[top] = log(stack[top])
        case .abs: stack[top] = abs(stack[top])
        }
      case .binary(let operation):
        top -= 1
        let (left, right) = (stack[top], stack[top + 1])
        switch operation {
        case .add: stack[top] = left + right
        case .subtract: stack[top] = left - right
        case .multiply: stack[top] = left * right
        case .divide: stack[top] = left / right
        }
      }
    }
    return stack[0].isFinite ? stack[0] : .nan
  }
}

extension Column {
  @inline(__always)
  static func hl2(_ high: Double, _ low: Double) -> Double { (high + low) / 2 }

  @inline(__always)
  static func hlc3(_ high: Double, _ low: Double, _ close: Double) -> Double {
    (high + low + close) / 3
  }

  @inline(__always)
  static func ohlc4(_ open: Double, _ high: Double, _ low: Double, _ close: Double) -> Double {
    (open + high + low + close) / 4
  }
}
