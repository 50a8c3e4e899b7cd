import Domain
import Jobs
import Store
import Testing

/// What a venue says of an instrument that it does not trade now decides before any score does.
@Suite struct HaltedInstrumentTests {
  private func halt(_ bench: Workbench, _ name: String, _ status: String?) throws {
    let symbol = try #require(Symbol(name))
    try bench.store.write(at: bench.time.now) { transaction in
      var rules = try #require(try transaction.instruments.instrument(symbol, at: "files"))
      rules.filters.haltedStatus = status
      try transaction.instruments.save(rules, at: "files")
    }
  }

  private func line(_ bench: Workbench, _ name: String) throws -> PlanLine {
    try bench.store.read { transaction in
      let plan = try #require(try transaction.plans.latest(account: "main"))
      return try #require(
        try transaction.plans.lines(plan.id).first { $0.symbol.description == name })
    }
  }

  /// Hour 2: AAA scores best and is halted, so BBB is bought in its place. Hour 3: BBB fell and would
  /// be sold, but is halted; AAA trades again, and finds BBB in the only place. Hour 4: all trade.
  @Test func isNeitherBoughtNorSoldAndSaysWhy() async throws {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11, 12, 13])
    try bench.candles("BBB", [10, 10.5, 10, 9.5])
    let settings = try bench.settings()
    func run(_ hours: Int64, halted: [String: String?]) async throws {
      for kind in [JobKind.fetch, .compute, .infer] {
        #expect(
          try await bench.run(try bench.job(kind, settings), hours: hours)?.state == .succeeded)
      }
      for (name, status) in halted { try halt(bench, name, status) }
      let end = try await bench.run(try bench.job(.rebalance, settings), hours: hours)
      #expect(end?.state == .succeeded)
    }
    func held() throws -> [String] {
      try bench.store.read { try $0.accounts.positions("main") }
        .filter { $0.quantity > .zero }.map(\.symbol.description)
    }
    try await run(2, halted: ["AAA-USD": "BREAK"])
    #expect(try held() == ["BBB-USD"])
    var line = try line(bench, "AAA-USD")
    #expect(line.decision == .hold)
    #expect(line.hold == .kept)
    #expect(line.reason == "halted: BREAK")

    try await run(3, halted: ["AAA-USD": nil, "BBB-USD": "HALT"])
    #expect(try held() == ["BBB-USD"])
    line = try self.line(bench, "BBB-USD")
    #expect(line.decision == .hold)
    #expect(line.reason == "halted: HALT")
    #expect(try bench.store.read { try $0.orders.all().count } == 1)

    try await run(4, halted: ["BBB-USD": nil])
    #expect(try held() == ["AAA-USD"])
  }
}
