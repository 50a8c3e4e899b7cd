import Domain

/// Reads the columns of a specification in JSON, with a place for each complaint.
struct SpecificationReader {
  let bytes: [UInt8]
  let file: String

  private static let longestFile = 4 * 1024 * 1024

  func columns() throws(Fault) -> [(String, ParsedFeature)] {
    var limits = JSONValue.Limits()
    limits.maximumBytes = Self.longestFile
    limits.maximumDepth = 16
    let document: JSONValue
    do throws(JSONSyntaxError) {
      document = try JSONValue.parse(bytes, limits: limits)
    } catch {
      throw fault(error.message, line: error.line, column: error.column)
    }
    guard let indicators = document["indicators"]?.object else {
      throw fault("expected an object with the key \"indicators\", an object too", at: [])
    }
    var columns: [(String, ParsedFeature)] = []
    for member in indicators {
      columns += try indicator(member.key, member.value)
      guard columns.count <= FeatureSpecification.maximumFeatures else {
        throw fault(
          "more than \(FeatureSpecification.maximumFeatures) columns",
          at: [.key("indicators"), .key(member.key)])
      }
    }
    return columns
  }

  private func indicator(
    _ name: String, _ value: JSONValue
  ) throws(Fault) -> [(String, ParsedFeature)] {
    let path: [JSONValue.Step] = [.key("indicators"), .key(name)]
    guard let members = value.object else {
      throw fault("\(name) must be an object, not \(value.kind)", at: path)
    }
    let keys = ["function", "params", "inputs", "outputs", "lookback"]
    for member in members where !keys.contains(member.key) {
      throw fault(
        "\(name) has the unknown key \(member.key)", at: path + [.key(member.key)],
        suggestion: Spelling.nearest(member.key, among: keys))
    }
    guard !name.isEmpty, !name.utf8.contains(where: { $0 < 32 || $0 == 44 || $0 == 34 }) else {
      throw fault("a column's name must not be empty nor hold commas and quotes", at: path)
    }
    let function = try function(value["function"], path)
    var builder = CallBuilder(function)
    try parameters(value["params"], &builder, path)
    try inputs(value["inputs"], function, &builder, path)
    let call: IndicatorCall
    do throws(FeatureSyntaxError) {
      call = try builder.finished(0..<0)
    } catch {
      throw fault(error.message, at: path)
    }
    let outputs = try outputs(value["outputs"], function, path)
    let isOne = function.definition.outputs.count == 1
    return outputs.map { index in
      (
        isOne ? name : "\(name).\(function.definition.outputs[index])",
        ParsedFeature(expression: .output(call, index), comparison: nil)
      )
    }
  }

  private func function(
    _ value: JSONValue?, _ path: [JSONValue.Step]
  ) throws(Fault) -> IndicatorFunction {
    guard let word = value?.string else {
      throw fault("expected the key \"function\" with a name", at: path)
    }
    guard let function = IndicatorFunction(name: word.lowercased()) else {
      throw fault(
        "there is no indicator named \(word)", at: path + [.key("function")],
        suggestion: Spelling.nearest(word, among: IndicatorFunction.allCases.map(\.definition.name))
      )
    }
    return function
  }

  private func parameters(
    _ value: JSONValue?, _ builder: inout CallBuilder, _ path: [JSONValue.Step]
  ) throws(Fault) {
    guard let value else { return }
    let path = path + [.key("params")]
    guard let members = value.object else {
      throw fault("params must be an object, not \(value.kind)", at: path)
    }
    for member in members {
      let argument: CallBuilder.Value
      switch member.value {
      case .number: argument = .number(member.value.double ?? .nan)
      case .string(let word): argument = .word(word.lowercased())
      default:
        throw fault(
          "\(member.key) must be a number, not \(member.value.kind)",
          at: path + [.key(member.key)])
      }
      try set(member.key, argument, &builder, path + [.key(member.key)])
    }
  }

  /// `price`, `price0`, `price1` by name; `prices` in the order of the other inputs.
  private func inputs(
    _ value: JSONValue?, _ function: IndicatorFunction, _ builder: inout CallBuilder,
    _ path: [JSONValue.Step]
  ) throws(Fault) {
    guard let value else { return }
    let path = path + [.key("inputs")]
    guard let members = value.object else {
      throw fault("inputs must be an object, not \(value.kind)", at: path)
    }
    let others = function.definition.inputs.map(\.name).filter { !$0.hasPrefix("price") }
    for member in members {
      let place = path + [.key(member.key)]
      if let word = member.value.string {
        try set(member.key, .word(word.lowercased()), &builder, place)
        continue
      }
      guard member.key == "prices", let list = member.value.array, list.count <= others.count else {
        throw fault(
          "\(member.key) must name a column, or be \"prices\" with at most \(others.count) columns",
          at: place)
      }
      for (index, element) in list.enumerated() {
        guard let word = element.string else {
          throw fault("expected the name of a column", at: place + [.index(index)])
        }
        try set(others[index], .word(word.lowercased()), &builder, place + [.index(index)])
      }
    }
  }

  private func set(
    _ name: String, _ value: CallBuilder.Value, _ builder: inout CallBuilder,
    _ path: [JSONValue.Step]
  ) throws(Fault) {
    do throws(FeatureSyntaxError) {
      try builder.set(name, value, nameAt: 0..<0, valueAt: 0..<0)
    } catch {
      throw fault(error.message, at: path, suggestion: error.suggestion)
    }
  }

  private func outputs(
    _ value: JSONValue?, _ function: IndicatorFunction, _ path: [JSONValue.Step]
  ) throws(Fault) -> [Int] {
    let names = function.definition.outputs
    guard let value else { return Array(names.indices) }
    let path = path + [.key("outputs")]
    guard let list = value.array, !list.isEmpty else {
      throw fault("outputs must be an array of names", at: path)
    }
    var indices: [Int] = []
    for (place, element) in list.enumerated() {
      let name = element.string?.lowercased() ?? ""
      guard let index = names.firstIndex(of: name), !indices.contains(index) else {
        throw fault(
          "\(function.definition.name) has the outputs \(names.joined(separator: ", "))",
          at: path + [.index(place)], suggestion: Spelling.nearest(name, among: names))
      }
      indices.append(index)
    }
    return indices
  }

  /// A complaint about the value at a path.
  func fault(_ cause: String, at path: [JSONValue.Step], suggestion: String? = nil) -> Fault {
    let place = JSONValue.position(of: path, in: bytes) ?? (1, 1)
    return fault(cause, line: place.line, column: place.column, suggestion: suggestion)
  }

  private func fault(
    _ cause: String, line: Int, column: Int, suggestion: String? = nil
  ) -> Fault {
    Fault(
      "read", "the specification", cause: cause, remedy: suggestion.map { "did you mean \($0)?" },
      exit: .data, location: SourceLocation(file: file, line: line, column: column))
  }
}
