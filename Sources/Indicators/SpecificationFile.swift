public import Calendars
public import Domain

/// A list of indicators whose values are wanted as columns: a JSON file, or calls divided by commas.
public struct SpecificationFile: Sendable {
  /// What is computed; the names are the headers of the columns.
  public let specification: FeatureSpecification

  /// The headers: `time_ms`, then one per column.
  public var header: [String] { ["time_ms"] + specification.names }

  /// Reads `{"indicators": {NAME: {"function", "params", "inputs", "outputs"}}}`: a column NAME per
  /// indicator, or NAME.output per output where it has several, in the order of the file. Functions
  /// and parameters have the names of the catalogue, in either case. Other keys are notes.
  ///
  /// - Throws: `Fault` with line and column.
  public init(
    json bytes: [UInt8], file: String, gapRule: GapRule? = nil, calendar: TradingCalendar? = nil
  ) throws(Fault) {
    let reader = SpecificationReader(bytes: bytes, file: file)
    let columns = try reader.columns()
    do throws(FeatureSyntaxError) {
      specification = try FeatureSpecification(
        parsed: columns, gapRule: gapRule, calendar: calendar)
    } catch {
      throw reader.fault(error.message, at: [])
    }
  }

  /// Reads calls divided by commas: `rsi(14), macd(12,26,9), ema(12) / ema(26)`. A call with several
  /// outputs gives a column for each, unless one is chosen with `.output`.
  ///
  /// - Throws: `Fault` with the column in the text.
  public init(
    expression: String, gapRule: GapRule? = nil, calendar: TradingCalendar? = nil
  ) throws(Fault) {
    do throws(FeatureSyntaxError) {
      var parser = ExpressionParser(expression, allowsAllOutputs: true)
      var columns: [(String, ParsedFeature)] = []
      let characters = Array(expression)
      for (feature, range) in try parser.list() {
        let text = String(characters[range].filter { !$0.isWhitespace })
        columns += Self.expanded(text, feature)
      }
      try Self.checkNames(columns.map(\.0))
      specification = try FeatureSpecification(
        parsed: columns, gapRule: gapRule, calendar: calendar)
    } catch {
      throw Fault(
        "read", "the specification \"\(expression.prefix(200))\"", cause: error.message,
        remedy: error.suggestion.map { "did you mean \($0)?" }
          ?? "`carillon indicators list` shows what there is", exit: .usage,
        location: SourceLocation(file: "--spec", line: 1, column: error.columns.lowerBound + 1))
    }
  }

  private static func expanded(
    _ text: String, _ feature: ParsedFeature
  ) -> [(String, ParsedFeature)] {
    guard case .output(let call, ExpressionParser.allOutputs) = feature.expression else {
      return [(text, feature)]
    }
    return call.function.definition.outputs.enumerated().map { index, output in
      (
        "\(text).\(output)",
        ParsedFeature(expression: .output(call, index), comparison: feature.comparison)
      )
    }
  }

  private static func checkNames(_ names: [String]) throws(FeatureSyntaxError) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw FeatureSyntaxError("the column \(name) is asked for twice", columns: 0..<0)
    }
  }
}
