/// What the catalogue knows of one indicator: its name, parameters, inputs and outputs.
public struct IndicatorDefinition: Sendable {
  /// The name in expressions, lower case.
  public let name: String
  /// What it is, in a few words.
  public let title: String
  /// Its parameters in the order of positional arguments.
  public let parameters: [Parameter]
  /// The columns that it reads.
  public let inputs: [Input]
  /// The names of its outputs; `real` where there is only one.
  public let outputs: [String]
  /// The version of its arithmetic, which is part of every feature set's identity: it rises when
  /// any bit of any value may change.
  public let version: Int

  /// One parameter.
  public struct Parameter: Sendable {
    /// The name, as in TA-Lib where it has the function.
    public let name: String
    /// The value where none is given.
    public let standard: Double
    /// What values it takes.
    public let kind: Kind

    /// What values a parameter takes.
    public enum Kind: Sendable {
      /// A whole number in a range.
      case whole(ClosedRange<Int>)
      /// A number in a range.
      case real(ClosedRange<Double>)
      /// One of the averages, by its TA-Lib number or its name.
      case average
    }
  }

  /// One input column.
  public struct Input: Sendable {
    /// The name by which an expression can replace it: `price`, `price0`, `high`.
    public let name: String
    /// The column where none is given.
    let standard: Column
    /// The name of the column where none is given.
    public var column: String { standard.name }
  }
}

extension IndicatorDefinition {
  static let largestWindow = 100_000

  /// The averages by their TA-Lib numbers; 7 is MAMA, which is not offered.
  static let averageNames = ["sma", "ema", "wma", "dema", "tema", "trima", "kama", "", "t3"]

  /// The rest of a call in canonical form: every parameter and input, each by its name.
  func canonicalText(_ arguments: Arguments, _ columns: [Column]) -> String {
    var parts: [String] = []
    for (parameter, value) in zip(parameters, arguments.values) {
      parts.append("\(parameter.name)=\(numberText(value))")
    }
    for (input, column) in zip(inputs, columns) where column != .time {
      parts.append("\(input.name)=\(column.name)")
    }
    return "\(name)@\(version)(\(parts.joined(separator: ",")))"
  }
}

/// A number in the fewest digits that read back the same, whole numbers without a fraction.
func numberText(_ value: Double) -> String {
  if let whole = Int(exactly: value), abs(whole) < 1 << 53, whole != 0 || value.sign == .plus {
    return "\(whole)"
  }
  return "\(value)"
}
