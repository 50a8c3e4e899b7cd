import Domain
import Jobs
import Store
import StrictYAML
import Testing

/// Kelly's bet takes a score for a probability: only a model that says so gets as far.
@Suite struct CalibratedModelTests {
  private static let demand = "{ calibrated: probability }"

  private func rules(_ bench: Workbench, _ line: String, score: String) throws {
    try bench.write(
      "rules: 1\nfeatures: up\n\(line)score: \(score)\n", to: "model.json")
  }

  private func scores(
    _ bench: Workbench, with parameters: String?, hours: Int64 = 2
  ) async throws -> RunEnd? {
    let settings = try bench.settings()
    for kind in [JobKind.fetch, .compute] {
      #expect(
        try await bench.run(try bench.job(kind, settings), hours: hours)?.state == .succeeded)
    }
    return try await bench.run(
      try bench.job(.infer, settings, with: parameters), hours: hours)
  }

  @Test func aModelThatDoesNotSayItIsRefused() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11])
    try rules(bench, "", score: "0.6")
    let end = try await scores(bench, with: Self.demand)
    #expect(end?.state == .failed)
    #expect(end?.fault?.exit == .data)
    #expect(end?.fault?.cause.contains("does not say that its scores are calibrated") == true)
  }

  /// A model that is put in its place and does not say it is not taken: the one before it stays.
  @Test func aSwapDoesNotGetPastIt() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11, 12, 13])
    try rules(bench, "calibrated: probability\n", score: "0.6")
    let first = try await scores(bench, with: Self.demand)
    #expect(first?.state == .succeeded)
    try rules(bench, "", score: "0.7")
    let second = try await scores(bench, with: Self.demand, hours: 3)
    #expect(second?.reason?.contains("stays") == true)
    let score = try bench.store.read { transaction in
      try transaction.predictions.latest(
        try #require(JobName("infer")), atOrBefore: .distantFuture)?
        .predictions.first?.score
    }
    #expect(score == 0.6)
  }

  /// What lies outside 0 to 1 is no probability, whatever the file says: no score.
  @Test func aScoreThatIsNoProbabilityIsNone() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11])
    try rules(bench, "calibrated: probability\n", score: "1.5")
    let end = try await scores(bench, with: Self.demand)
    #expect(end?.reason == "abstained on 1 of 1: AAA-USD: 1.5 is no probability")
  }

  /// A probability of 0.6 at a pay-off of 2: 0.6 - 0.4 / 2 = 0.4 of the equity, half of it 0.2.
  /// 1000 * 0.2 / 11 = 18.1818..., down to the lot.
  @Test func kellyBetsOnIt() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11])
    try rules(bench, "calibrated: probability\n", score: "0.6")
    #expect(try await scores(bench, with: Self.demand)?.state == .succeeded)
    let job = try bench.job(
      .rebalance, try bench.settings(rebalance: ", weighting: kelly, payoff: 2"))
    #expect(try await bench.run(job, hours: 2)?.state == .succeeded)
    #expect(
      try bench.store.read { try $0.accounts.positions("main").first?.quantity }
        == Amount("18.181"))
  }

  @Test func aProgramSaysItInItsParameters() throws {
    let bench = try Workbench()
    let settings = try bench.settings()
    let mistake = #expect(throws: Diagnostics.self) {
      try bench.job(
        .infer, settings, with: "{ model: { command: [python3, s.py] }, calibrated: probability }")
    }
    #expect(
      mistake?.items.first?.message == "the program of `model` does not say that its scores are "
        + "calibrated")
    _ = try bench.job(
      .infer, settings,
      with: "{ model: { command: [python3, s.py], calibrated: probability }, "
        + "calibrated: probability }")
  }
}
