import Domain
import Jobs
import Store
import Testing

/// A symbol of the list that the venue does not have stops no other.
@Suite struct AbsentSymbolTests {
  /// ZZZ is a typing mistake, or is listed no more: AAA is bought all the same, and the run says why it
  /// did not do everything. 900 of 1000 are spent, since a tenth stays; a share costs 11.
  @Test func othersAreTraded() async throws {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11])
    let settings = try bench.settings(symbols: "[AAA-USD, ZZZ-USD]")
    for kind in [JobKind.fetch, .compute, .infer] {
      _ = try await bench.run(try bench.job(kind, settings, with: Self.quorum(kind)), hours: 2)
    }
    let end = try await bench.run(try bench.job(.rebalance, settings), hours: 2)
    #expect(end?.state == .succeeded)
    #expect(end?.reason?.contains("ZZZ-USD is not traded: ") == true, "\(end?.reason ?? "")")
    let held = try bench.store.read { try $0.accounts.positions("main") }
    #expect(held.map(\.symbol.description) == ["AAA-USD"])
  }

  /// Where none of them is there, there is nothing to trade.
  @Test func noneOfThemIsAFailure() async throws {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11])
    let settings = try bench.settings(symbols: "[YYY-USD, ZZZ-USD]")
    let end = try await bench.run(try bench.job(.rebalance, settings), hours: 2)
    #expect(end?.state == .failed)
    #expect(end?.reason?.contains("ZZZ-USD") == true, "\(end?.reason ?? "")")
    #expect(end?.reason?.contains("YYY-USD") == true, "\(end?.reason ?? "")")
  }

  /// One of two series is below the usual quorum.
  private static func quorum(_ kind: JobKind) -> String? {
    kind == .fetch ? "{ quorum: 0.5 }" : nil
  }
}
