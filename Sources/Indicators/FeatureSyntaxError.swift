/// A feature that cannot be understood: which one, where in its expression, and why.
public struct FeatureSyntaxError: Error, Hashable, Sendable {
  /// What is wrong.
  public var message: String
  /// The characters of the expression concerned, counted from 0; empty at the place where something
  /// is lacking.
  public var columns: Range<Int>
  /// The place of the feature in the list, from 0.
  public var index: Int
  /// The name of the feature.
  public var name: String
  /// What may have been meant, where something is near.
  public var suggestion: String?

  /// A complaint about a part of an expression.
  public init(
    _ message: String, columns: Range<Int>, index: Int = 0, name: String = "",
    suggestion: String? = nil
  ) {
    self.message = message
    self.columns = columns
    self.index = index
    self.name = name
    self.suggestion = suggestion
  }
}

extension FeatureSyntaxError: CustomStringConvertible {
  /// `rsi14, column 1: there is no indicator rsx (did you mean rsi?)`; columns from 1.
  public var description: String {
    let hint = suggestion.map { " (did you mean \($0)?)" } ?? ""
    return "\(name), column \(columns.lowerBound + 1): \(message)\(hint)"
  }
}
