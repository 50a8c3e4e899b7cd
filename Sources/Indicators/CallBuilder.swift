import Domain

/// Gathers the arguments of one call and checks them against the catalogue.
struct CallBuilder {
  /// An argument as it was written.
  enum Value {
    case number(Double)
    case word(String)
  }

  private let function: IndicatorFunction
  private var values: [Double?]
  private var columns: [Column?]
  private var position = 0

  init(_ function: IndicatorFunction) {
    self.function = function
    values = Array(repeating: nil, count: function.definition.parameters.count)
    columns = Array(repeating: nil, count: function.definition.inputs.count)
  }

  private var definition: IndicatorDefinition { function.definition }

  /// The next positional argument.
  mutating func append(_ value: Value, at range: Range<Int>) throws(FeatureSyntaxError) {
    guard position < definition.parameters.count else {
      let names = definition.parameters.map(\.name).joined(separator: ", ")
      throw FeatureSyntaxError(
        definition.parameters.isEmpty
          ? "\(definition.name) takes no parameters"
          : "\(definition.name) takes \(definition.parameters.count) parameters: \(names)",
        columns: range)
    }
    try setParameter(position, value, range)
    position += 1
  }

  /// A named argument: a parameter or an input column.
  mutating func set(
    _ name: String, _ value: Value, nameAt nameRange: Range<Int>, valueAt range: Range<Int>
  ) throws(FeatureSyntaxError) {
    let lower = name.lowercased()
    if let index = definition.parameters.firstIndex(where: { $0.name == lower }) {
      guard values[index] == nil else {
        throw FeatureSyntaxError("\(lower) is given twice", columns: nameRange)
      }
      return try setParameter(index, value, range)
    }
    let names = definition.parameters.map(\.name) + definition.inputs.map(\.name)
    guard let index = definition.inputs.firstIndex(where: { $0.name == lower }),
      definition.inputs[index].standard != .time
    else {
      throw FeatureSyntaxError(
        "\(definition.name) has no parameter \(name)"
          + (names.isEmpty ? "" : "; it has \(names.joined(separator: ", "))"),
        columns: nameRange, suggestion: Spelling.nearest(name, among: names))
    }
    guard columns[index] == nil else {
      throw FeatureSyntaxError("\(lower) is given twice", columns: nameRange)
    }
    guard case .word(let word) = value, let column = Column(name: word) else {
      let all = Column.named.map(\.name)
      var suggestion: String?
      if case .word(let word) = value { suggestion = Spelling.nearest(word, among: all) }
      throw FeatureSyntaxError(
        "\(lower) must be a column: \(all.joined(separator: ", "))", columns: range,
        suggestion: suggestion)
    }
    columns[index] = column
  }

  private mutating func setParameter(
    _ index: Int, _ value: Value, _ range: Range<Int>
  ) throws(FeatureSyntaxError) {
    let parameter = definition.parameters[index]
    switch (parameter.kind, value) {
    case (.whole(let allowed), .number(let number)):
      guard let whole = Int(exactly: number), allowed.contains(whole) else {
        throw FeatureSyntaxError(
          "\(parameter.name) of \(definition.name) must be a whole number from "
            + "\(allowed.lowerBound) to \(allowed.upperBound), not \(numberText(number))",
          columns: range)
      }
      values[index] = Double(whole)
    case (.real(let allowed), .number(let number)):
      guard allowed.contains(number) else {
        throw FeatureSyntaxError(
          "\(parameter.name) of \(definition.name) must be from \(numberText(allowed.lowerBound)) "
            + "to \(numberText(allowed.upperBound)), not \(numberText(number))", columns: range)
      }
      values[index] = number == 0 ? 0 : number
    case (.average, .number(let number)):
      let names = IndicatorDefinition.averageNames
      guard let kind = Int(exactly: number), names.indices.contains(kind), names[kind] != "" else {
        throw FeatureSyntaxError(
          "\(parameter.name) must be an average: \(Self.averageList)", columns: range)
      }
      values[index] = number == 0 ? 0 : number
    case (.average, .word(let word)):
      guard let kind = IndicatorDefinition.averageNames.firstIndex(of: word), word != "" else {
        throw FeatureSyntaxError(
          "\(parameter.name) must be an average: \(Self.averageList)", columns: range,
          suggestion: Spelling.nearest(word, among: IndicatorDefinition.averageNames))
      }
      values[index] = Double(kind)
    case (_, .word(let word)):
      throw FeatureSyntaxError(
        "\(parameter.name) of \(definition.name) must be a number, not \(word)"
          + (Column(name: word) != nil && !definition.inputs.isEmpty
            ? "; a column is given by name: \(definition.inputs[0].name)=\(word)" : ""),
        columns: range)
    }
  }

  private static let averageList = IndicatorDefinition.averageNames.enumerated()
    .filter { $0.element != "" }.map { "\($0.offset) \($0.element)" }.joined(separator: ", ")

  /// The call with its defaults filled in.
  func finished(_ range: Range<Int>) throws(FeatureSyntaxError) -> IndicatorCall {
    let arguments = zip(values, definition.parameters).map { $0 ?? $1.standard }
    let inputs = zip(columns, definition.inputs).map { $0 ?? $1.standard }
    return IndicatorCall(
      function: function, arguments: Arguments(values: arguments), columns: inputs)
  }
}
