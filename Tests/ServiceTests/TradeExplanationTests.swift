import Domain
import Service
import Store
import Testing

@Suite struct TradeExplanationTests {
  /// The chain of the fixture, link by link: each figure is the fixture's.
  @Test func tellsTheChainFromFillToCandle() throws {
    let bench = try TradedAccount()
    let found = try bench.store.read { try TradeExplanation(of: bench.order, $0) }
    let explanation = try #require(found)
    let lines = explanation.lines { "\($0)" }
    func text(_ label: String) -> String {
      lines.filter { $0.label == label }.map(\.text).joined(separator: " | ")
    }
    #expect(text("data").contains("files ACME-USD 1h candle closed 1970-01-01T01:00:00Z"))
    #expect(text("inputs") == "m 20.0")
    #expect(text("model") == "trend (sha256 beef…) score 0.7")
    #expect(text("target") == "20.00 %: capped from 0.7")
    #expect(text("drift") == "0.00 % → 20.00 % = +20.00 % → buy")
    #expect(text("order") == "buy 10 at the market · filled · car-abcdefghijklmn")
    #expect(text("fill").hasPrefix("10 at 20, worth 200, fee 1 USD"))
    #expect(text("not traded") == "IDLE-USD inside band")
    #expect(text("rules") == "band 0.01")
  }

  @Test func theNewestDecisionByATime() throws {
    let bench = try TradedAccount()
    try bench.store.read { (transaction: ReadTransaction) throws in
      func decision(_ seconds: Int64, _ account: String?) throws -> Int64? {
        try TradeExplanation(
          of: bench.symbol, account: account, by: Instant(seconds: seconds), transaction)?.plan.id
      }
      #expect(try decision(3600, nil) == 1)
      #expect(try decision(3600, "main") == 1)
      #expect(try decision(3599, nil) == nil)
      #expect(try decision(3600, "other") == nil)
    }
  }

  @Test func isTheSameForMachines() throws {
    let bench = try TradedAccount()
    let found = try bench.store.read { try TradeExplanation(of: bench.order, $0) }
    let json = try #require(found).json
    #expect(json["schema"] == .string("carillon.why.trade/1"))
    #expect(json["features"]?["m"]?.double == 20)
    #expect(json["orders"]?.array?.first?["fills"]?.array?.first?["price"] == .string("20"))
  }

  /// 1000 became 999 with 500 paid in between: without the flow (1499 - 1000 - 500) / 1000 = -0.1 %.
  @Test func aHistoryLeavesOutWhatWasPaidIn() throws {
    let bench = try TradedAccount()
    try bench.store.write(at: Instant(seconds: 7300)) { tx in
      _ = try tx.accounts.book(
        .deposit(asset: "USD", amount: Amount(500), rate: .one), account: "main",
        at: Instant(seconds: 7200), reason: "more")
      try tx.equity.append(
        EquityPoint(time: Instant(seconds: 7200), equity: Amount(1499), cash: Amount(1299)),
        account: "main", run: nil)
    }
    let found = try bench.store.read { try PortfolioHistory($0, account: "main") }
    let history = try #require(found)
    #expect(history.points.count == 2)
    #expect(abs(history.points[1].growth - 0.999) < 1e-12)
    #expect(history.points[1].hold == 1)
    #expect(history.flows.map(\.amount) == [Amount(500)])
    #expect(history.fees == ["USD": Amount(1)])
    // 200 traded over a mean equity of (1000 + 1499) / 2.
    #expect(abs(try #require(history.turnover) - 200 / 1249.5) < 1e-12)
  }
}
