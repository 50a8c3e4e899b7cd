import Domain

/// What stands at the top of a feature: a formula, perhaps compared over all series of a time.
struct ParsedFeature {
  var expression: Expression
  var comparison: CrossSection.Comparison?
}

/// Reads one expression.
///
///     sum     = product { ("+" | "-") product }
///     product = unary { ("*" | "/") unary }
///     unary   = "-" unary | primary
///     primary = number | "(" sum ")" | word [ "(" arguments ")" ] [ "." output ]
///
/// A word is a column, an indicator, `log`, `abs`, or a feature declared before; at the top also
/// `cs_rank` and `cs_zscore`.
struct ExpressionParser {
  static let longestExpression = 4096
  static let deepestNesting = 64
  static let largestSize = 512

  let characters: [Character]
  private let earlier: [String: ParsedFeature]
  var index = 0
  private var depth = 0
  /// Whether a call without its output named may stand for all of them.
  private let allowsAllOutputs: Bool

  init(_ text: String, earlier: [String: ParsedFeature] = [:], allowsAllOutputs: Bool = false) {
    characters = Array(text.prefix(Self.longestExpression + 1))
    self.earlier = earlier
    self.allowsAllOutputs = allowsAllOutputs
  }

  /// The whole text as one feature.
  mutating func feature() throws(FeatureSyntaxError) -> ParsedFeature {
    try checkLength()
    let feature = try top()
    skipSpace()
    guard index == characters.count else {
      throw FeatureSyntaxError("expected an operator or the end", columns: index..<index + 1)
    }
    return feature
  }

  /// The text as a list of features divided by commas, each with its range of characters; a call
  /// without its output named stands for all its outputs.
  mutating func list() throws(FeatureSyntaxError) -> [(ParsedFeature, Range<Int>)] {
    try checkLength()
    var features: [(ParsedFeature, Range<Int>)] = []
    while true {
      skipSpace()
      let start = index
      let feature = try top()
      features.append((feature, start..<index))
      skipSpace()
      if index == characters.count { return features }
      guard take(",") else {
        throw FeatureSyntaxError("expected an operator or ','", columns: index..<index + 1)
      }
    }
  }

  private func checkLength() throws(FeatureSyntaxError) {
    guard characters.count <= Self.longestExpression else {
      throw FeatureSyntaxError(
        "the expression is longer than \(Self.longestExpression) characters", columns: 0..<0)
    }
  }

  private mutating func top() throws(FeatureSyntaxError) -> ParsedFeature {
    skipSpace()
    let start = index
    let word = identifier()
    if let comparison = word.flatMap({ CrossSection.Comparison(rawValue: $0) }) {
      skipSpace()
      try expect("(")
      skipSpace()
      let innerStart = index
      let inner = try top()
      guard inner.comparison == nil else {
        throw FeatureSyntaxError("a comparison of a comparison", columns: innerStart..<index)
      }
      skipSpace()
      try expect(")")
      return ParsedFeature(expression: inner.expression, comparison: comparison)
    }
    if let word, let feature = earlier[word] ?? nil, feature.comparison != nil {
      skipSpace()
      if index == characters.count { return feature }
    }
    index = start
    return ParsedFeature(expression: try sum(), comparison: nil)
  }

  private mutating func sum() throws(FeatureSyntaxError) -> Expression {
    let start = index
    var left = try product()
    while true {
      skipSpace()
      if take("+") {
        left = try combined(.add, left, try product(), from: start)
      } else if take("-") {
        left = try combined(.subtract, left, try product(), from: start)
      } else {
        return left
      }
    }
  }

  private mutating func product() throws(FeatureSyntaxError) -> Expression {
    let start = index
    var left = try unary()
    while true {
      skipSpace()
      if take("*") {
        left = try combined(.multiply, left, try unary(), from: start)
      } else if take("/") {
        left = try combined(.divide, left, try unary(), from: start)
      } else {
        return left
      }
    }
  }

  private func combined(
    _ operation: Expression.Binary, _ left: Expression, _ right: Expression, from start: Int
  ) throws(FeatureSyntaxError) -> Expression {
    try checkOne(left, from: start)
    try checkOne(right, from: start)
    guard left.size + right.size < Self.largestSize else {
      throw FeatureSyntaxError(
        "the expression has more than \(Self.largestSize) operations and operands",
        columns: start..<index)
    }
    return Expression.combine(operation, left, right)
  }

  /// Refuses a call that stands for all its outputs as an operand.
  private func checkOne(_ operand: Expression, from start: Int) throws(FeatureSyntaxError) {
    guard case .output(let call, Self.allOutputs) = operand else { return }
    let names = call.function.definition.outputs.map { ".\($0)" }.joined(separator: " ")
    throw FeatureSyntaxError(
      "write one of \(names) where only one value fits", columns: start..<index)
  }

  private mutating func unary() throws(FeatureSyntaxError) -> Expression {
    skipSpace()
    guard depth < Self.deepestNesting else {
      throw FeatureSyntaxError(
        "nested more than \(Self.deepestNesting) deep", columns: index..<index + 1)
    }
    depth += 1
    defer { depth -= 1 }
    if take("-") {
      let start = index
      let operand = try unary()
      try checkOne(operand, from: start)
      if case .number(let value) = operand { return .number(-value) }
      return .unary(.negate, operand)
    }
    if take("(") {
      let inner = try sum()
      skipSpace()
      try expect(")")
      return inner
    }
    if let character = peek, character.isDigit || character == "." {
      return .number(try number())
    }
    return try word()
  }

  private mutating func word() throws(FeatureSyntaxError) -> Expression {
    let start = index
    guard let word = identifier() else {
      throw FeatureSyntaxError(
        index == characters.count
          ? "expected an indicator, a column or a number, found the end"
          : "expected an indicator, a column or a number", columns: start..<start + 1)
    }
    let range = start..<index
    skipSpace()
    let isCall = peek == "("
    if isCall, let operation = Expression.Unary(rawValue: word.lowercased()), operation != .negate {
      index += 1
      let operand = try sum()
      try checkOne(operand, from: start)
      skipSpace()
      try expect(")")
      return .unary(operation, operand)
    }
    if !isCall, let feature = earlier[word] {
      guard feature.comparison == nil else {
        throw FeatureSyntaxError(
          "\(word) is compared over all series and cannot be part of a formula", columns: range)
      }
      return feature.expression
    }
    if !isCall, let column = Column(name: word.lowercased()) { return .column(column) }
    if let comparison = CrossSection.Comparison(rawValue: word.lowercased()) {
      throw FeatureSyntaxError(
        "\(comparison.rawValue) must be the whole feature", columns: range)
    }
    guard let function = IndicatorFunction(name: word.lowercased()) else {
      let kind = isCall ? "indicator" : "column, indicator or feature before this one"
      let candidates =
        IndicatorFunction.allCases.map(\.definition.name) + ["log", "abs"]
        + (isCall ? [] : Column.named.map(\.name) + earlier.keys.sorted())
      throw FeatureSyntaxError(
        "there is no \(kind) named \(word)", columns: range,
        suggestion: Spelling.nearest(word, among: candidates))
    }
    let call = try call(of: function, isCall: isCall)
    return .output(call, try output(of: function, range))
  }

  /// The output after a point; the only one where there is one.
  private mutating func output(
    of function: IndicatorFunction, _ range: Range<Int>
  ) throws(FeatureSyntaxError) -> Int {
    let outputs = function.definition.outputs
    let beforePoint = index
    skipSpace()
    guard take(".") else {
      index = beforePoint
      guard outputs.count == 1 || allowsAllOutputs else {
        throw FeatureSyntaxError(
          "\(function.definition.name) has \(outputs.count) outputs: write one of "
            + outputs.map { ".\($0)" }.joined(separator: " "),
          columns: range.lowerBound..<index)
      }
      return outputs.count == 1 ? 0 : Self.allOutputs
    }
    let start = index
    let word = identifier() ?? ""
    guard let position = outputs.firstIndex(of: word.lowercased()) else {
      throw FeatureSyntaxError(
        "\(function.definition.name) has no output \(word); it has \(outputs.joined(separator: ", "))",
        columns: start..<max(index, start + 1), suggestion: Spelling.nearest(word, among: outputs))
    }
    return position
  }

  /// Stands for every output of a call, in lists only.
  static let allOutputs = -1
}
