import Domain
import Indicators
import Testing

/// Reading features: what is equal, what is refused, and where the complaint points.
@Suite struct SpecificationTests {
  @Test(arguments: [
    ("rsi(14)", " RSI( timeperiod = 14 ) "), ("rsi()", "rsi(14, price=close)"), ("rsi", "rsi(14)"),
    ("macd(12,26,9).macdhist", "MACD.macdhist"), ("ema(12)+ema(26)", "ema(26) + ema(12)"),
    ("bbands(5, matype=sma).upperband", "bbands(timeperiod=5, nbdevup=2).upperband"),
    ("ema(12)/(ema(26)*2)", "ema(12) / (2 * ema(26))"),
    ("sma(20,price=high)", "sma(price=high,timeperiod=20)"),
    ("-(1.50)", "-1.5"), ("(close)", "close"),
  ])
  func equalMeaningIsEqualText(a: String, b: String) throws {
    let first = try FeatureSpecification([("f", a)])
    let second = try FeatureSpecification([("f", b)])
    #expect(first.canonicalText == second.canonicalText)
  }

  @Test(arguments: [
    ("rsi(14)", "rsi(15)"), ("sma(20)", "sma(20, price=open)"), ("close-open", "open-close"),
    ("a", "b"),
  ])
  func otherMeaningIsOtherText(a: String, b: String) throws {
    let names = a == "a" ? (a, b) : ("f", "f")
    let first = try FeatureSpecification([(names.0, a == "a" ? "close" : a)])
    let second = try FeatureSpecification([(names.1, b == "b" ? "close" : b)])
    #expect(first.canonicalText != second.canonicalText)
    for rule in GapRule.allCases where rule != .carry && rule != .session {
      let other = try FeatureSpecification([(names.0, a == "a" ? "close" : a)], gapRule: rule)
      #expect(other.canonicalText != first.canonicalText)
    }
  }

  @Test func namesVersionsAndDefaults() throws {
    let specification = try FeatureSpecification(
      [("r", "rsi(14)"), ("b", "bbands(20).lowerband / close")],
      gapRule: .reset)
    #expect(
      specification.canonicalText == """
        carillon features 1
        gap reset
        r: rsi@1(timeperiod=14,price=close)
        b: (bbands@1(timeperiod=20,nbdevup=2,nbdevdn=2,matype=0,price=close).lowerband / close)

        """)
    #expect(specification.names == ["r", "b"])
    #expect(specification.warmup == 19)
  }

  @Test func earlierFeaturesCanBeNamed() throws {
    let specification = try FeatureSpecification([("fast", "ema(12)"), ("ratio", "fast / ema(26)")])
    let direct = try FeatureSpecification([("fast", "ema(12)"), ("ratio", "ema(12) / ema(26)")])
    #expect(specification == direct)
    #expect(specification.warmup == 25)
  }

  @Test(
    arguments: [
      // expression, columns of the complaint, suggestion
      ("", 0..<1, nil), ("rsx(14)", 0..<3, "rsi"), ("rsi(14", 6..<7, nil), ("rsi(0)", 4..<5, nil),
      ("rsi(1.5)", 4..<7, nil), ("rsi(200000)", 4..<10, nil),
      ("rsi(timeperoid=14)", 4..<14, "timeperiod"),
      ("rsi(14, 3)", 8..<9, nil), ("rsi(14, timeperiod=3)", 8..<18, nil),
      ("sma(20, price=hihg)", 14..<18, "high"),
      ("sma(20, high)", 8..<12, nil), ("macd()", 0..<6, nil), ("macd().hist", 7..<11, nil),
      ("macd().macdhst", 7..<14, "macdhist"), ("clsoe", 0..<5, "close"), ("close + ", 8..<9, nil),
      ("close close", 6..<7, nil), ("log(close", 9..<10, nil), ("1.2.3", 0..<5, nil),
      ("1e999", 0..<5, nil),
      ("bbands(5, matype=7).upperband", 17..<18, nil),
      ("bbands(5, matype=emma).upperband", 17..<21, "ema"),
      ("cs_rank(close) + 1", 15..<16, nil), ("1 + cs_rank(close)", 4..<11, nil),
      ("cs_rank(cs_rank(close))", 8..<22, nil), ("rsi(14)$", 7..<8, nil), ("é", 0..<1, nil),
    ] as [(String, Range<Int>, String?)])
  func refusesWithAPlace(expression: String, columns: Range<Int>, suggestion: String?) {
    do throws(FeatureSyntaxError) {
      _ = try FeatureSpecification([("ok", "close"), ("f", expression)])
      Issue.record("\(expression) was understood")
    } catch {
      #expect(error.columns == columns, "\(expression): \(error)")
      #expect(error.suggestion == suggestion, "\(expression): \(error)")
      #expect(error.index == 1)
      #expect(error.name == "f")
    }
  }

  @Test(arguments: ["", "1a", "a b", "a,b", "é", String(repeating: "a", count: 65), "ok"])
  func refusesNames(name: String) {
    #expect(throws: FeatureSyntaxError.self) {
      try FeatureSpecification([("ok", "close"), (name, "close")])
    }
  }

  @Test func isBounded() {
    let deep = String(repeating: "(", count: 200) + "close" + String(repeating: ")", count: 200)
    let minus = String(repeating: "-", count: 4000) + "close"
    let long = Array(repeating: "close", count: 1000).joined(separator: "+")
    for expression in [deep, minus, long] {
      #expect(throws: FeatureSyntaxError.self) { try FeatureSpecification([("f", expression)]) }
    }
    let many = (0...FeatureSpecification.maximumFeatures).map { ("f\($0)", "close") }
    #expect(throws: FeatureSyntaxError.self) { try FeatureSpecification(many) }
    let wide = (0..<20).map { ("f\($0)", "sma(\(99_981 + $0))") }
    #expect(throws: FeatureSyntaxError.self) { try FeatureSpecification(wide) }
    // Each feature doubles the one before it.
    let doubling =
      [("f0", "close")] + (1..<40).map { ("f\($0)", "f\($0 - 1) + f\($0 - 1)") }
    #expect(throws: FeatureSyntaxError.self) { try FeatureSpecification(doubling) }
  }
}
