public import Calendars

/// A list of named features, understood: what each row of numbers holds, and the identity of that.
public struct FeatureSpecification: Sendable {
  /// The names in the order of a row.
  public let names: [String]
  /// What is computed, with the version of every function's arithmetic: equal meaning, equal text.
  /// Its hash is the feature set's id.
  public let canonicalText: String
  /// Candles before the first row without NaN.
  public let warmup: Int
  /// What happens where candles are missing.
  public let gapRule: GapRule
  /// The calendar by which candles are missing, with the rule `session`; otherwise nil.
  public let calendar: TradingCalendar?
  /// The features that are compared over all series of a time, after the rows are computed.
  public let crossSection: CrossSection

  let program: FeatureProgram
  /// A short form of the canonical text, by which saved states are known.
  let fingerprint: UInt64

  /// The most features of one set.
  public static let maximumFeatures = 1024
  /// The most numbers of window memory that one set may need for one series.
  public static let maximumWindowNumbers = 1 << 20

  /// Understands features, each a name (letters, digits, `_`) and an expression:
  /// `rsi(14)`, `macd(12,26,9).macdhist`, `ema(12) / ema(26)`, `sma(20, price=high)`, `log(close)`,
  /// `cs_rank(roc(10))`. An expression can name a feature before it.
  ///
  /// - Parameters:
  ///   - features: names and expressions.
  ///   - gapRule: what happens where candles are missing; `GapRule.standard` unless given.
  ///   - calendar: of the market.
  /// - Throws: `FeatureSyntaxError` for the first feature that cannot be understood.
  public init(
    _ features: [(name: String, expression: String)], gapRule: GapRule? = nil,
    calendar: TradingCalendar? = nil
  ) throws(FeatureSyntaxError) {
    var parsed: [(String, ParsedFeature)] = []
    var earlier: [String: ParsedFeature] = [:]
    for (index, feature) in features.enumerated() {
      do throws(FeatureSyntaxError) {
        try Self.check(feature.name, isNew: earlier[feature.name] == nil, index)
        var parser = ExpressionParser(feature.expression, earlier: earlier)
        let result = try parser.feature()
        parsed.append((feature.name, result))
        earlier[feature.name] = result
      } catch {
        throw error.of(feature.name, index)
      }
    }
    try self.init(parsed: parsed, gapRule: gapRule, calendar: calendar)
  }

  init(
    parsed: [(String, ParsedFeature)], gapRule: GapRule?, calendar: TradingCalendar?
  ) throws(FeatureSyntaxError) {
    guard !parsed.isEmpty else { throw FeatureSyntaxError("there are no features", columns: 0..<0) }
    guard parsed.count <= Self.maximumFeatures else {
      throw FeatureSyntaxError(
        "there are \(parsed.count) features; the most allowed is \(Self.maximumFeatures)",
        columns: 0..<0, index: Self.maximumFeatures, name: parsed[Self.maximumFeatures].0)
    }
    names = parsed.map(\.0)
    var rule = gapRule ?? .standard(calendar)
    if rule == .session, calendar == nil { rule = .carry }
    self.gapRule = rule
    self.calendar = rule == .session ? calendar : nil
    // The calendar by its name alone: days that are added to it are no other meaning.
    let gap = self.calendar.map { "\(rule) \($0.name)" } ?? "\(rule)"
    var text = "carillon features 1\ngap \(gap)\n"
    for (name, feature) in parsed {
      let formula = feature.expression.canonicalText
      text += "\(name): \(feature.comparison.map { "\($0.rawValue)(\(formula))" } ?? formula)\n"
    }
    canonicalText = text
    fingerprint = StateCoder.checksum(text.utf8.lazy.map { UInt64($0) })
    crossSection = CrossSection(comparisons: parsed.map(\.1.comparison))
    program = try FeatureProgram(parsed)
    warmup = program.warmup
  }

  private static func check(
    _ name: String, isNew: Bool, _ index: Int
  ) throws(FeatureSyntaxError) {
    let letters = name.utf8.allSatisfy {
      ($0 | 32 >= 97 && $0 | 32 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: "_")
    }
    let first = name.utf8.first ?? 48
    guard letters, name.utf8.count <= 64, first < 48 || first > 57 else {
      throw FeatureSyntaxError(
        "a feature's name is 1 to 64 letters, digits and _, not beginning with a digit",
        columns: 0..<0)
    }
    guard isNew else {
      throw FeatureSyntaxError("there are two features of this name", columns: 0..<0)
    }
  }
}

extension FeatureSpecification: Hashable {
  /// Equal when their canonical texts are.
  public static func == (a: FeatureSpecification, b: FeatureSpecification) -> Bool {
    a.canonicalText == b.canonicalText
  }

  /// Hashes the canonical text.
  public func hash(into hasher: inout Hasher) { hasher.combine(canonicalText) }
}

extension FeatureSyntaxError {
  fileprivate func of(_ name: String, _ index: Int) -> FeatureSyntaxError {
    var error = self
    (error.name, error.index) = (name, index)
    return error
  }
}
