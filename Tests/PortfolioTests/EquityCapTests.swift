import Domain
import Portfolio
import Testing

@Suite struct EquityCapTests {
  /// An account of 10,000 that trades as if it were worth 1,000, by a rule with 2 % in cash and at most
  /// 25 % in one: 1,000 * 0.98 = 980 are shared, which is 9.8 % of the whole, and one gets at most 250,
  /// which is 2.5 %.
  @Test func placesShrinkWithThePartThatCounts() throws {
    let rule = TargetRule(
      top: 4, weighting: .equal, maximumWeight: try amount("0.25"), cashBuffer: try amount("0.02"),
      threshold: 0)
    let capped = try rule.trading(atMost: Amount(1000), of: Amount(10_000))
    #expect(capped.maximumWeight == (try amount("0.025")))
    #expect(capped.cashBuffer == (try amount("0.902")))
    // Four places of 980 / 4 = 245, which is 2.45 % of the whole.
    let weights = try capped.weights(of: [try symbol("A-USD"): 1, try symbol("B-USD"): 2])
    #expect(weights.values.allSatisfy { $0.weight.description == "0.0245" })
    #expect(try rule.trading(atMost: Amount(10_000), of: Amount(10_000)) == rule)
  }
}
