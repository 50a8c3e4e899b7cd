import Calendars
import Cryptography
import Domain
import Indicators
import Settings
import StrictYAML

/// A specification of features with its identity in the database.
struct FeatureRecipe: Sendable {
  /// What is computed.
  var specification: FeatureSpecification
  /// The SHA-256 of the specification's canonical text: the feature set's id.
  var sha256: String

  /// Reads `features` and `gaps` of a job's parameters, or of the settings' `market`; nil when they
  /// cannot be understood, which is in the log.
  ///
  /// - Parameter calendar: that of the market, by which candles are missing or are not.
  init?(_ reader: MappingReader, _ market: MarketSettings, calendar: TradingCalendar?) {
    let features = reader.features("features") ?? market.features
    let rule = reader.choice("gaps", GapRule.self) ?? .standard(calendar)
    if rule == .session, calendar == nil {
      reader.log.error(
        at: reader.value("gaps") ?? reader.node, "`gaps: session` needs the market's calendar",
        mend: "name it in the settings: market: { calendar: XNYS }")
    }
    guard !features.isEmpty else {
      reader.log.error(
        at: reader.node, "there are no features",
        mend: "name some in the settings: market: { features: { rsi14: rsi(14) } }")
      return nil
    }
    do {
      specification = try FeatureSpecification(
        features.map { ($0.name, $0.expression) }, gapRule: rule, calendar: calendar)
    } catch {
      var place =
        features.indices.contains(error.index)
        ? features[error.index].location : reader.node.location
      place.column += error.columns.lowerBound
      reader.log.add(
        Diagnostic(
          .error, at: YAMLNode(.null, at: place, length: max(1, error.columns.count)),
          "feature `\(error.name)`: \(error.message)",
          mend: error.suggestion.map { "did you mean `\($0)`?" }))
      return nil
    }
    sha256 = SHA256.hexadecimal(specification.canonicalText.utf8)
  }
}
