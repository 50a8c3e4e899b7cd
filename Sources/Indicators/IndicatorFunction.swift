/// Every indicator, by the name that it has in the catalogue.
enum IndicatorFunction: UInt8, CaseIterable, Sendable {
  case sma, ema, rsi, macd, atr, trange, bbands, roc

  /// What the catalogue knows of it.
  var definition: IndicatorDefinition { IndicatorCatalog.definitions[Int(rawValue)] }

  init?(name: String) {
    guard let function = Self.byName[name] else { return nil }
    self = function
  }

  private static let byName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.definition.name, $0) })
}

/// One use of an indicator: two uses with the same arguments are one computation.
struct IndicatorCall: Hashable, Sendable {
  var function: IndicatorFunction
  var arguments: Arguments
  var columns: [Column]

  var canonicalText: String { function.definition.canonicalText(arguments, columns) }
}
