import Domain
import Jobs
import Portfolio
import Settings
import Store
import Testing

/// A plan that is looked at: it writes nothing, and is what the rebalance then does, or the rebalance
/// says why not.
@Suite struct PlanPreviewTests {
  private func ready(_ account: String = "") async throws -> (Workbench, Settings) {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11, 12])
    try bench.candles("BBB", [10, 10.5, 13])
    let settings = try bench.settings(account: account)
    for kind in [JobKind.fetch, .compute, .infer] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 2)?.state == .succeeded)
    }
    return (bench, settings)
  }

  private func preview(
    _ bench: Workbench, _ settings: Settings, halt: String? = nil
  ) async throws -> PlanPreview {
    let job = try #require(try bench.job(.rebalance, settings) as? any PlanningJob)
    let store = try Store.open(bench.store.path, mode: .readOnly)
    let slot = Slot(job: try #require(JobName("rebalance")), time: bench.time.now)
    let preview = try await job.preview(
      slot, in: store, time: bench.time, conditions: Conditions(halt: halt))
    try store.close()
    return preview
  }

  private func planned(
    _ preview: PlanPreview
  ) throws -> (proposal: PlanProposal, refusals: [ClientOrderID: String]) {
    guard case .planned(let proposal, let refusals) = preview.outcome else {
      throw Fault("test", "\(preview.outcome)", cause: "no plan", exit: .internal)
    }
    return (proposal, refusals)
  }

  private func rebalance(
    _ bench: Workbench, _ settings: Settings, _ id: PlanID, hours: Int64 = 2
  ) async throws -> RunEnd? {
    let job = try #require(try bench.job(.rebalance, settings) as? any PlanningJob)
    return try await bench.run(job.holding(to: id), hours: hours)
  }

  /// See ChainTests: 81.736 AAA for the 900 of 1000 above the buffer.
  @Test func isWhatTheRebalanceDoes() async throws {
    let (bench, settings) = try await ready()
    let proposal = try planned(try await preview(bench, settings)).proposal
    #expect(
      proposal.plan.orders.map { "\($0.side) \($0.quantity) \($0.key.symbol)" }
        == ["buy 81.736 AAA-USD"])
    #expect(try bench.store.read { try $0.accounts.account("main") } == nil)
    let end = try await rebalance(bench, settings, proposal.id)
    #expect(end?.result?.summary == "1 order: 1 filled")
    let order = try bench.store.read { try $0.orders.all().first?.order }
    #expect(order?.quantity == Amount("81.736"))
  }

  /// A database that is only read cannot be written to; and nothing in it changes.
  @Test func writesNothingEvenWhereALimitIsPassed() async throws {
    let (bench, settings) = try await ready(
      ", risk: { max-positions: { bound: 1, action: flatten } }")
    #expect(
      try await bench.run(try bench.job(.rebalance, settings), hours: 2)?.state == .succeeded)
    try bench.store.write(at: bench.time.now) { transaction in
      var record = try #require(try transaction.risk.find("main"))
      record.peak = Amount(5000)
      try transaction.risk.save(record, "main")
    }
    // The purchase left 999.100904 (see ChainTests): 1 - 999.100904 / 5000 = 0.80018.
    let strict = try bench.settings(
      account: ", risk: { max-drawdown: { bound: 0.2, action: flatten } }")
    let before = try bench.store.read { try $0.audit.latest(limit: 100) }
    let proposal = try planned(try await preview(bench, strict)).proposal
    #expect(proposal.input.restraint == .flatten("risk: max-drawdown 0.2 is passed (0.8002)"))
    #expect(proposal.plan.orders.map(\.side) == [.sell])
    try bench.store.read { (transaction) throws in
      #expect(try transaction.risk.find("main")?.tripped == [:])
      #expect(try transaction.halts.current() == nil)
      #expect(try transaction.audit.latest(limit: 100) == before)
      #expect(try transaction.orders.all().count == 1)
    }
  }

  /// What the gate would say is told beside each order.
  @Test func tellsWhatTheGateWouldRefuse() async throws {
    let (bench, settings) = try await ready(", limits: { max-order: 500 }")
    let plan = try planned(try await preview(bench, settings))
    let order = try #require(plan.proposal.plan.orders.first)
    #expect(plan.refusals[order.id] == "too much: at most 500 in one order")
    let halted = try planned(try await preview(bench, settings, halt: "CARILLON_HALT=1"))
    #expect(halted.refusals[order.id] == "halted: CARILLON_HALT=1")
  }

  /// An hour later there are new prices and scores: nothing is sent.
  @Test func aStalePlanIsRefusedAndSaysByWhat() async throws {
    let (bench, settings) = try await ready()
    let id = try planned(try await preview(bench, settings)).proposal.id
    for kind in [JobKind.fetch, .compute, .infer] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 3)?.state == .succeeded)
    }
    let end = try await rebalance(bench, settings, id, hours: 3)
    #expect(end?.state == .failed)
    #expect(end?.fault?.cause == "it is stale: prices, scores changed since")
    #expect(end?.fault?.exit == .refused)
    try bench.store.read { (transaction) throws in
      #expect(try transaction.orders.all().isEmpty)
      #expect(try transaction.plans.latest(account: "main") == nil)
    }
  }

  @Test func changedHoldingsAndSettingsAreNamed() async throws {
    let (bench, settings) = try await ready()
    let id = try planned(try await preview(bench, settings)).proposal.id
    let richer = try bench.settings(rebalance: ", threshold: 0.1")
    let end = try await rebalance(bench, richer, id)
    #expect(end?.fault?.cause == "it is stale: settings changed since")
    #expect(
      try await bench.run(try bench.job(.rebalance, settings), hours: 3)?.state == .succeeded)
    let late = try await rebalance(bench, settings, id, hours: 4)
    #expect(late?.fault?.cause == "it is stale: holdings changed since")
  }

  /// A resting order that the run will take back counts as taken back.
  @Test func countsWhatWillBeTakenBack() async throws {
    let bench = try Workbench()
    try bench.model()
    let time = Workbench.start + .hours(2)
    // At 02:00 the last candle has no volume: the order rests (see ChainTests). Then the market runs away.
    let still = "\((time - .hours(1)).milliseconds),11,11,11,11,0\n"
    try bench.candles("AAA", [10], extra: still + "\(time.milliseconds),11.3,11.4,11.2,11.3,1\n")
    let settings = try bench.settings(rebalance: ", limit-offset: 0.01")
    for kind in [JobKind.fetch, .compute, .infer, .rebalance] {
      _ = try await bench.run(try bench.job(kind, settings), hours: 2)
    }
    #expect(try bench.store.read { try $0.orders.all().map(\.order.state) } == [.open])
    for kind in [JobKind.fetch, .compute, .infer] {
      _ = try await bench.run(try bench.job(kind, settings), hours: 3)
    }
    let proposal = try planned(try await preview(bench, settings)).proposal
    #expect(proposal.input.book.working.isEmpty)
    let end = try await rebalance(bench, settings, proposal.id, hours: 3)
    #expect(end?.state == .succeeded)
    let orders = try bench.store.read { try $0.orders.all().map(\.order) }
    #expect(orders.map(\.state).contains(.cancelled))
    #expect(orders.contains { $0.quantity == proposal.plan.orders.first?.quantity })
  }

  @Test func withoutScoresThereIsNoPlan() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11])
    let preview = try await preview(bench, try bench.settings())
    guard case .abstained(let reason) = preview.outcome else {
      Issue.record("planned without scores")
      return
    }
    #expect(reason == "no scores of infer at or before the slot")
  }
}
