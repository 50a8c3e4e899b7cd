import Domain
import Jobs
import Portfolio
import Service
import Store
import Testing

/// What a shadow would have sent, beside the prices that came.
@Suite struct ShadowReportTests {
  /// Candles as open, high, low, close.
  private static func candles(_ rows: [[Double]]) -> [Candle] {
    rows.enumerated().map { index, row in
      Candle(
        time: TradedAccount.at(7200 + Int64(index) * 3600), open: row[0], high: row[1],
        low: row[2], close: row[3], volume: 1)
    }
  }

  @Test(
    arguments: [
      // At the market: the first open, once there is one.
      (Side.buy, nil, [[21, 22, 20, 20.5]], "21"), (.sell, nil, [[21, 22, 20, 20.5]], "21"),
      (.buy, nil, [], nil),
      // A limit that the open meets fills there; else at the limit, where a candle reaches it.
      (.buy, "21.5", [[21, 22, 20, 20.5]], "21"), (.buy, "20.5", [[21, 22, 20, 20.5]], "20.5"),
      (.buy, "19", [[21, 22, 20, 20.5], [20, 20, 18.5, 19.5]], "19"),
      (.buy, "18", [[21, 22, 20, 20.5], [20, 20, 18.5, 19.5]], nil),
      (.sell, "20", [[21, 22, 20, 20.5]], "21"), (.sell, "22", [[21, 22, 20, 20.5]], "22"),
      (.sell, "23", [[21, 22, 20, 20.5]], nil),
    ] as [(Side, String?, [[Double]], String?)])
  func anOrderFillsAsTheCandlesGo(
    side: Side, limit: String?, rows: [[Double]], price: String?
  ) throws {
    let found = try ShadowFill.price(
      side, limit: limit.flatMap { Amount($0) }, Self.candles(rows))
    #expect(found == price.flatMap { Amount($0) })
  }

  /// Planned at 20 and quoted at 20.02 (0.001 worse); the next candle opens at 19.9 (0.005 better).
  @Test func theReportHoldsTheOrderAgainstWhatCame() throws {
    let bench = try TradedAccount()
    let id = ClientOrderID("car-bbbbbbbbbbbbbb")
    let slot = Slot(job: try #require(JobName("rebalance")), time: TradedAccount.at(7200))
    try bench.store.write(at: TradedAccount.at(7201)) { tx in
      #expect(try ShadowReport(tx, account: "main") == nil)
      try tx.plans.insert(
        account: "main", slot, run: nil, equity: nil, cash: .zero,
        detail: #"{"venue":"files","timeframe":"1h","mode":"shadow"}"#,
        lines: [
          PlanLine(
            symbol: bench.symbol, score: 1, price: Amount(20), quantity: .zero, weight: .zero,
            targetWeight: .zero, targetReason: "", decision: .buy, reason: nil)
        ],
        orders: [
          Order(
            id: id, key: OrderKey(account: "main", slot: slot, symbol: bench.symbol, leg: 0),
            side: .buy, quantity: .one)
        ])
      try tx.orders.move(
        id, to: .rejected, reason: ShadowNote(price: Amount("20.02")!).description)
      let series = try #require(
        try tx.series.find(Series(venue: "files", symbol: bench.symbol, timeframe: .hour)))
      // The candle of the slot opened before the order; the one after it counts.
      try tx.candles.upsert(
        [
          Candle(time: slot.time, open: 5, high: 30, low: 5, close: 20, volume: 1),
          Candle(
            time: slot.time + .hours(1), open: 19.9, high: 21, low: 19, close: 20.4, volume: 1),
        ], series: series, run: nil)
      let report = try #require(try ShadowReport(tx, account: "main"))
      #expect(report.slots == 1 && !report.isWaived && report.lines.count == 1)
      let line = try #require(report.lines.first)
      #expect(line.slippage == Amount("0.001") && line.filled == Amount("19.9"))
      #expect(line.candleSlippage == Amount("-0.005") && line.close == Amount("20.4"))
      #expect(try report.summary == "1 slots, 1 orders, 10.00 bps worse than planned")
      try ShadowDuty.waive("main", reason: "a test", tx)
      #expect(try ShadowReport(tx, account: "main")?.isWaived == true)
      #expect(try !ShadowDuty.isWaived("mai", tx))
    }
  }
}
