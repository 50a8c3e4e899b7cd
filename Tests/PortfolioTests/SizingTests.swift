import Domain
import Foundation
import Testing

@testable import Portfolio

/// The golden file is made by scripts/golden_sizing.py from numpy, scikit-learn and PyPortfolioOpt.
private struct Golden: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var sum, cap, shrinkage: Double
  var returns, covariance: [[Double]]
  var volatility, inverse_volatility, minimum_variance: [Double]
  var testDescription: String { name }

  static let cases: [Golden] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Goldens/sizing.json")
    do { return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url)) } catch {
      fatalError("\(url.path): \(error)")
    }
  }()
}

@Suite struct SizingTests {
  private func expectClose(
    _ found: [Double], _ wanted: [Double], within: Double, _ what: String
  ) {
    #expect(found.count == wanted.count)
    for (a, b) in zip(found, wanted) {
      #expect(abs(a - b) <= within * max(1, abs(b)), "\(what): \(a) is not \(b)")
    }
  }

  @Test(arguments: Golden.cases)
  private func volatilitiesAreThoseOfNumpy(_ golden: Golden) {
    let volatilities = golden.returns.map(Volatility.ofReturns)
    expectClose(volatilities, golden.volatility, within: 1e-12, "volatility")
    expectClose(
      InverseVolatility.weights(volatilities), golden.inverse_volatility, within: 1e-12, "weight")
  }

  @Test(arguments: Golden.cases)
  private func theCovarianceIsThatOfScikitLearn(_ golden: Golden) {
    let covariance = LedoitWolf(golden.returns)
    expectClose([covariance.shrinkage], [golden.shrinkage], within: 1e-12, "shrinkage")
    expectClose(
      covariance.matrix.flatMap { $0 }, golden.covariance.flatMap { $0 }, within: 1e-12,
      "covariance")
  }

  @Test(arguments: Golden.cases)
  private func theLeastVarianceIsThatOfPyPortfolioOpt(_ golden: Golden) {
    let weights = MinimumVariance.weights(golden.covariance, sum: golden.sum, cap: golden.cap)
    expectClose(weights, golden.minimum_variance, within: 1e-6, "weight")
    expectClose([weights.reduce(0, +)], [golden.sum], within: 1e-12, "sum")
    #expect(weights.allSatisfy { $0 >= 0 && $0 <= golden.cap + 1e-12 })
    // Where the two differ at all, ours is the lesser variance.
    func variance(_ weights: [Double]) -> Double {
      zip(golden.covariance, weights).reduce(0) { sum, row in
        sum + row.1 * zip(row.0, weights).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    #expect(variance(weights) <= variance(golden.minimum_variance) * (1 + 1e-12))
  }

  @Test func withoutACovarianceAllAreAlike() {
    let none = [[Double]](repeating: [0, 0], count: 2)
    #expect(MinimumVariance.weights(none, sum: 0.9, cap: 1) == [0.45, 0.45])
    #expect(MinimumVariance.weights(none, sum: 1, cap: 0.25) == [0.25, 0.25])
    #expect(MinimumVariance.weights([], sum: 1, cap: 1) == [])
  }

  /// p - (1 - p) / b, times the fraction: 0.6 - 0.4 / 2 = 0.4, half of it 0.2.
  @Test(arguments: [
    (0.6, 2.0, 0.5, 1.0, 0.2), (0.6, 2, 1, 0.25, 0.25), (0.6, 1, 1, 1, 0.2), (0.5, 1, 1, 1, 0),
    (0.2, 1, 1, 1, 0), (1, 1, 1, 1, 1),
    // No probability, no bet.
    (1.2, 1, 1, 1, 0), (-0.1, 1, 1, 1, 0), (.nan, 1, 1, 1, 0), (0.9, 0, 1, 1, 0),
  ])
  func kellysBet(
    _ probability: Double, _ payoff: Double, _ fraction: Double, _ cap: Double, _ weight: Double
  ) {
    let found = Kelly.weight(
      probability: probability, KellyBet(payoff: payoff, fraction: fraction), cap: cap)
    #expect(abs(found - weight) < 1e-15)
  }

  /// Three bets of 0.4 are more than the 0.9 that there is: each gets 0.3, and the line says so.
  @Test func betsShareWhatThereIs() throws {
    var world = PlanWorld(
      prices: ["A": "10", "B": "10", "C": "10"], scores: ["A": 0.7, "B": 0.7, "C": 0.7],
      cash: "1000", top: 3, weighting: .kelly, buffer: "0.1")
    world.band = "0"
    let plan = try world.plan { $0.rule.bet = KellyBet(payoff: 1, fraction: 1) }
    #expect(plan.words == ["buy 30 A", "buy 30 B", "buy 30 C"])
    #expect(
      plan.lines.first?.target.words
        == "chosen: probability 0.7, payoff 1.0, 1.0 of Kelly, all scaled by 0.75")
  }

  /// Volatilities of 0.01 and 0.03 share 3 to 1; what has no returns is held, not sold.
  @Test func sizesByReturnsAndHoldsWhatHasNone() throws {
    let plan = try PlanWorld(
      prices: ["A": "10", "B": "10", "C": "10"], scores: ["A": 1, "B": 1, "C": 1],
      held: ["C": "20"], cash: "800", top: 3, weighting: .inverseVolatility
    ).plan { input in
      input.facts.returns = [
        try symbol("A-USD"): [0.01, -0.01, 0.01, -0.01],
        try symbol("B-USD"): [0.03, -0.03, 0.03, -0.03],
      ]
    }
    // 0.8 of 1000, three quarters and one
    #expect(plan.words == ["buy 60 A", "buy 20 B"])
    #expect(try plan.held("C") == "no returns to size it by")
  }
}
