import Domain
import Portfolio
import Testing

@Suite struct TargetRuleTests {
  private func weights(
    _ scores: [String: Double], top: Int = 3, weighting: TargetRule.Weighting = .equal,
    cap: String = "1", buffer: String = "0"
  ) throws -> [String: String] {
    let rule = TargetRule(
      top: top, weighting: weighting, maximumWeight: try amount(cap),
      cashBuffer: try amount(buffer), threshold: 0)
    var keyed: [Symbol: Double] = [:]
    for (name, score) in scores { keyed[try symbol(name + "-USD")] = score }
    var result: [String: String] = [:]
    for (symbol, target) in try rule.weights(of: keyed) {
      result[symbol.base] = target.weight.description
    }
    return result
  }

  @Test func sharesEquallyAmongTheBest() throws {
    // 4 candidates for 2 places of (1 - 0.1) / 2
    #expect(
      try weights(["A": 1, "B": 3, "C": 2, "D": 0.5], top: 2, buffer: "0.1")
        == ["A": "0", "B": "0.45", "C": "0.45", "D": "0"])
  }

  @Test func leavesCashForPlacesWithoutACandidate() throws {
    #expect(try weights(["A": 1, "B": -1], top: 4) == ["A": "0.25", "B": "0"])
  }

  @Test func sharesInProportionToScores() throws {
    // 3 / (3 + 1) and 1 / (3 + 1) of 0.8
    #expect(
      try weights(["A": 3, "B": 1, "C": 0], weighting: .score, buffer: "0.2")
        == ["A": "0.6", "B": "0.2", "C": "0"])
  }

  @Test func capsAndKeepsTheRestInCash() throws {
    #expect(
      try weights(["A": 9, "B": 1], weighting: .score, cap: "0.5") == ["A": "0.5", "B": "0.1"])
  }

  @Test func scoresThatAreNoNumbersGetNothing() throws {
    #expect(
      try weights(["A": .nan, "B": .infinity, "C": 1], top: 1) == ["A": "0", "B": "0", "C": "1"])
  }

  @Test func tiesAreBrokenBySymbol() throws {
    #expect(try weights(["B": 1, "A": 1, "C": 1], top: 2) == ["A": "0.5", "B": "0.5", "C": "0"])
  }

  /// What others hold takes its part and its places away.
  @Test func sharesWhatIsLeft() throws {
    let rule = TargetRule(
      top: 4, weighting: .equal, maximumWeight: .one, cashBuffer: .zero, threshold: 0)
    let (a, b, c) = (try symbol("A-USD"), try symbol("B-USD"), try symbol("C-USD"))
    let targets = try rule.weights(
      of: [a: 3, b: 2, c: 1], share: try amount("0.6"), places: 2)
    #expect(targets.mapValues(\.weight) == [a: try amount("0.3"), b: try amount("0.3"), c: .zero])
    #expect(try rule.weights(of: [a: 1], share: .zero, places: 0)[a]?.weight == .zero)
  }

  /// top, cap, band: whether a whole place lies within the band, so that it is never corrected.
  @Test(arguments: [
    (98, "1", "0.01", true),  // 0.98 / 98 = 0.01
    (97, "1", "0.01", false), (5, "0.05", "0.1", true), (5, "1", "0.1", false),
  ])
  func knowsWhenWeightsAreNeverCorrected(
    _ top: Int, _ cap: String, _ band: String, _ never: Bool
  ) throws {
    let rule = TargetRule(
      top: top, weighting: .equal, maximumWeight: try amount(cap),
      cashBuffer: try amount("0.02"), threshold: 0)
    #expect(try rule.isNeverCorrected(band: try amount(band)) == never)
  }
}
