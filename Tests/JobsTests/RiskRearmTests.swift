import Domain
import Logging
import Portfolio
import Settings
import Store
import Testing

@testable import Jobs

/// A limit of risk that is passed stays so over any start, until its rule or a person re-arms it.
@Suite struct RiskRearmTests {
  /// 81.736 AAA are bought at 11 (see ChainTests), and 100.004904 USD stay. At 8 that is worth
  /// 753.892904, 24.5 % below the 999.100904 that the account had after the fee.
  private func fallen(_ settings: String = ", risk: { max-drawdown: 0.2 }") async throws -> (
    bench: Workbench, settings: Settings
  ) {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11, 8, 8.1, 8.2, 8.3])
    let settings = try bench.settings(account: settings)
    for hours in [Int64(2), 3] { try await run(bench, settings, hours: hours) }
    return (bench, settings)
  }

  private func run(
    _ bench: Workbench, _ settings: Settings, hours: Int64, runner: Runner? = nil
  ) async throws {
    for kind in [JobKind.fetch, .compute, .infer, .rebalance] {
      _ = try await bench.run(
        try bench.job(kind, settings), hours: hours, runner: runner)
    }
  }

  private func rearm(
    _ bench: Workbench, _ settings: Settings, _ limits: Set<String>?
  ) throws -> RiskRearming {
    let account = try #require(settings.accounts["main"])
    return try bench.store.write(at: bench.time.now) {
      try RiskRearming(
        $0, account: "main", limits, known: RiskWatch("main", account).limits,
        because: "the model is mended")
    }
  }

  @Test func aRestartNeverReArms() async throws {
    let bench = try await fallen().bench
    let before = try #require(try bench.store.read { try $0.risk.find("main") })
    #expect(before.tripped == ["max-drawdown": Workbench.start + .hours(3)])
    #expect(before.peak == Amount(1000))
    // Another process: its own connection, its own jobs, its own reading of the settings.
    let second = try Store.open(bench.store.path, mode: .readWrite)
    let runner = Runner(
      store: second, holder: bench.lock.holder, time: bench.time, conditions: Conditions(),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await run(
      bench, try bench.settings(account: ", risk: { max-drawdown: 0.2 }"), hours: 4,
      runner: runner)
    let after = try #require(try second.read { try $0.risk.find("main") })
    try second.close()
    #expect(after.tripped == before.tripped)
    #expect(after.peak == before.peak)
    // Nothing was bought since, though its score rose above the threshold again at 8.1.
    #expect(
      try bench.store.read { try $0.orders.all().filter { $0.order.side == .buy }.count } == 1)
  }

  @Test func aPersonReArmsItAndItCountsFromThere() async throws {
    let (bench, settings) = try await fallen()
    let end = try rearm(bench, settings, ["max-drawdown"])
    #expect(end.rearmed == ["max-drawdown"])
    let record = try #require(try bench.store.read { try $0.risk.find("main") })
    #expect(record.tripped.isEmpty)
    #expect(record.peak == record.last)
    let audit = try bench.store.read { try $0.audit.latest(limit: 1, kind: "risk").first?.text }
    #expect(
      audit
        == "account main: max-drawdown is re-armed by hand, counted from \(record.last): "
        + "the model is mended")
    // The same holdings, an hour later: the limit is not passed again, and AAA is bought again.
    try await run(bench, settings, hours: 4)
    #expect(try bench.store.read { try $0.risk.find("main")?.tripped } == [:])
    #expect(
      try bench.store.read { try $0.orders.all().filter { $0.order.side == .buy }.count } == 2)
    #expect(try rearm(bench, settings, nil).rearmed == [])
  }

  /// What looks at the holdings alone would be passed again at once; what the settings name no more is
  /// forgotten.
  @Test func onlyLossesAreReArmedByHand() async throws {
    let (bench, settings) = try await fallen(", risk: { max-weight: 0.1, max-drawdown: 0.2 }")
    try await run(bench, settings, hours: 4)
    try bench.store.write(at: bench.time.now) { transaction in
      var record = try #require(try transaction.risk.find("main"))
      record.tripped = ["max-weight": record.seen, "loss-streak": record.seen]
      try transaction.risk.save(record, "main")
    }
    #expect(try rearm(bench, settings, ["max-weight"]).left == ["max-weight"])
    let all = try rearm(bench, settings, nil)
    #expect(all.rearmed == ["loss-streak"])
    #expect(all.left == ["max-weight"])
    #expect(
      try bench.store.read { try $0.risk.find("main")?.tripped.keys.sorted() } == ["max-weight"])
  }
}
