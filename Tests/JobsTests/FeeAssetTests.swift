import Domain
import Jobs
import Settings
import Store
import StrictYAML
import Testing

/// Fees on paper in a third asset, from the settings to the ledger.
@Suite struct FeeAssetTests {
  private func mistakes(_ account: String) throws -> [String] {
    let text = """
      version: 1
      database: { path: carillon.db }
      venues: { files: { kind: csv, path: candles } }
      accounts: { main: { quote: USD, \(account) } }
      market: { venue: files, symbols: all, timeframe: 1h }
      """
    do {
      _ = try Settings.read(text, file: "carillon.yaml", environment: [:])
      return []
    } catch {
      return error.items.map(\.message)
    }
  }

  @Test func isAnAssetOfPaperOtherThanTheQuote() throws {
    #expect(try mistakes(#"cash: "1", fee-asset: BNB"#).isEmpty)
    #expect(try mistakes(#"cash: "1", fee-asset: USD"#).count == 1)
    #expect(try mistakes(#"cash: "1", fee-asset: bnb"#).count == 1)
    let exchange = try mistakes("mode: test, key-file: k, secret-file: s, fee-asset: BNB")
    #expect(exchange.contains { $0.hasPrefix("`fee-asset` is for paper") }, "\(exchange)")
  }

  @Test func isTakenFromTheLedgersOwn() async throws {
    let world = try TradedWorld(
      instruments: 1, costs: "fee-bps: 100, slippage-bps: 0", account: ", fee-asset: BNB",
      rebalance: "top: 1, max-weight: 0.5, cash-buffer: 0, band: 0")
    let (coin, symbol) = (try #require(Symbol("BNB-USD")), world.symbols[0])
    try world.closes([symbol: 10, coin: 4], at: 1)
    try world.scores([symbol: 1], at: 1)
    // Nothing is there to pay with.
    let first = try await world.rebalance(at: 1)
    #expect(first?.state == .failed)
    #expect(
      first?.fault?.cause.contains("BNB needed, 0 free") == true, "\(String(describing: first))")
    _ = try world.store.write(at: world.bench.time.now) {
      try $0.accounts.book(
        .deposit(asset: "BNB", amount: Amount(2), rate: Amount(4)), account: "main",
        at: Workbench.start + .hours(1), reason: "for fees")
    }
    world.booked["BNB"] = Amount(2)
    try world.closes([symbol: 10, coin: 4], at: 2)
    try world.scores([symbol: 1], at: 2)
    #expect(try await world.rebalance(at: 2)?.state == .succeeded)
    // Half of 1000 USD and 2 BNB at 4: 504, at 10. The fee of 5.04 USD is 1.26 BNB at 4.
    let (cash, held) = try world.store.read {
      (try $0.accounts.cash("main"), try $0.accounts.position(symbol, "main").quantity)
    }
    #expect(held == Amount("50.4"))
    #expect(cash["USD"] == Amount(496))
    #expect(cash["BNB"] == Amount("0.74"))
    #expect(try world.findings() == [])
  }
}
