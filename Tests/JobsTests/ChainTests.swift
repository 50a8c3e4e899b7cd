import Domain
import Jobs
import Store
import StrictYAML
import Testing

/// The five jobs on candle files, with results worked out by hand.
@Suite struct ChainTests {
  @Test func fetchTakesClosedCandlesOnceAndSetsBadRowsApart() async throws {
    let bench = try Workbench()
    try bench.candles(
      "AAA", [10, 11, 12, 13],
      extra: "1767243600000,13,12,14,13,1\n1767243600000,13,14,12,nan,1\n")
    let fetch = try bench.job(.fetch, try bench.settings())
    // At 02:30 the candles of 00:00 and 01:00 are closed.
    let first = try await bench.run(fetch, hours: 2)
    #expect(first?.result?.summary == "1 series, 2 new, 0 gaps (0 missing), 0 rejected")
    let second = try await bench.run(fetch, hours: 6)
    #expect(second?.state == .succeeded)
    #expect(second?.result?.summary == "1 series, 2 new, 0 gaps (0 missing), 2 rejected")
    #expect(second?.reason == "quarantined 2 bad rows")
    let third = try await bench.run(fetch, hours: 7)
    #expect(third?.result?.summary.hasPrefix("1 series, 0 new") == true)
    try bench.store.read { transaction in
      let record = try #require(try transaction.series.all().first)
      #expect(try transaction.candles.count(record) == 4)
      #expect(try transaction.quarantine.count(record) == 2)
      #expect(record.watermark == Workbench.start + .hours(3))
    }
  }

  @Test func fetchCountsGaps() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11], extra: "1767243600000,11,11,11,11,1\n")  // 05:00
    let end = try await bench.run(
      try bench.job(.fetch, try bench.settings()), hours: 6)
    #expect(end?.result?.summary == "1 series, 3 new, 1 gaps (3 missing), 0 rejected")
    // What a history lacks is no news.
    #expect(try bench.store.read { try $0.alerts.latest("candle-gaps:fetch") } == nil)
  }

  @Test func fetchTellsOfCandlesThatAreMissing() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11])
    let fetch = try bench.job(.fetch, try bench.settings())
    _ = try await bench.run(fetch, hours: 2)
    // Of 02:00, 03:00 and 04:00 there is nothing.
    try bench.candles("AAA", [10, 11], extra: "1767243600000,11,11,11,11,1\n")  // 05:00
    _ = try await bench.run(fetch, hours: 6)
    let told = try #require(try bench.store.read { try $0.alerts.latest("candle-gaps:fetch") })
    #expect(told.alert.text == "3 candles are missing: AAA-USD 1h (3)")
    #expect(
      told.alert.remedy?.hasSuffix("carillon job run fetch --from 2026-01-01T01:00:00Z") == true)
    #expect(told.state == .closed)
    // They are not missed again by the next run.
    _ = try await bench.run(fetch, hours: 7)
    #expect(try bench.store.read { try $0.alerts.latest("candle-gaps:fetch") }?.count == 1)
  }

  @Test func fetchSaysWhichFileIsMissing() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10])
    let fetch = try bench.job(.fetch, try bench.settings(symbols: "[BBB-USD]"))
    let end = try await bench.run(fetch, hours: 1)
    #expect(end?.state == .failed)
    #expect(end?.fault?.exit == .noInput || end?.fault?.exit == .data)
    #expect(end?.reason?.contains("BBB-USD") == true)
  }

  @Test func computeGivesTheSameRowsInOneGoAndInTwo() async throws {
    let closes = (0..<30).map { 100 + Double($0 * $0 % 17) }
    var rows: [[FeatureRow]] = []
    for steps in [[Int64(30)], [7, 8, 19, 30]] {
      let bench = try Workbench()
      try bench.candles("AAA", closes)
      let settings = try bench.settings()
      let (fetch, compute) = (try bench.job(.fetch, settings), try bench.job(.compute, settings))
      for hours in steps {
        #expect(try await bench.run(fetch, hours: hours)?.state == .succeeded)
        #expect(try await bench.run(compute, hours: hours)?.state == .succeeded)
      }
      rows.append(
        try bench.store.read { transaction in
          let set = try #require(try transaction.features.sets().first)
          let series = try #require(try transaction.series.all().first)
          return try transaction.features.range(set, series, limit: 100)
        })
    }
    #expect(rows[0].count == 30)
    // sma(2) of the third candle: (101 + 104) / 2; roc(1): (104 / 101 - 1) * 100
    #expect(rows[0][2].values[0] == 102.5)
    #expect(abs(rows[0][2].values[1] - 2.9702970297029703) < 1e-12)
    #expect(rows[0].map(\.time) == rows[1].map(\.time))
    for (one, other) in zip(rows[0], rows[1]) {
      #expect(one.values.map(\.bitPattern) == other.values.map(\.bitPattern))
    }
  }

  @Test func inferAbstainsOnMissingAndOnStaleFeatures() async throws {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11, 12])
    let settings = try bench.settings()
    let (fetch, compute, infer) = (
      try bench.job(.fetch, settings), try bench.job(.compute, settings),
      try bench.job(.infer, settings)
    )
    for job in [fetch, compute] { _ = try await bench.run(job, hours: 1) }
    let warming = try await bench.run(infer, hours: 1)
    #expect(warming?.state == .succeeded)
    #expect(warming?.reason == "abstained on 1 of 1: AAA-USD: up is missing")
    for job in [fetch, compute] { _ = try await bench.run(job, hours: 3) }
    #expect(try await bench.run(infer, hours: 3)?.reason == nil)
    // The last candle closed at 03:00; at 07:00 that is four hours ago, and three are allowed.
    let stale = try await bench.run(infer, hours: 7)
    #expect(
      stale?.reason?.contains("stale: the last candle closed at 2026-01-01T03:00:00Z") == true)
  }

  @Test func inferRefusesAModelOfUnknownFeatures() async throws {
    let bench = try Workbench()
    try bench.model(features: #"["upp"]"#)
    try bench.candles("AAA", [10, 11])
    let settings = try bench.settings()
    let end = try await bench.run(try bench.job(.infer, settings), hours: 2)
    #expect(end?.state == .failed)
    #expect(end?.fault?.exit == .data)
    #expect(end?.fault?.cause.contains("upp") == true)
    #expect(end?.fault?.remedy?.contains("did you mean `up`?") == true)
  }

  @Test func rebalanceBuysTheBestAndDoesNothingTwice() async throws {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11])  // up 10 %
    try bench.candles("BBB", [10, 10.5])  // up 5 %
    let settings = try bench.settings()
    for kind in [JobKind.fetch, .compute, .infer] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 2)?.state == .succeeded)
    }
    let rebalance = try bench.job(.rebalance, settings)
    let end = try await bench.run(rebalance, hours: 2)
    #expect(end?.result?.summary == "1 order: 1 filled")
    try bench.store.read { transaction in
      // 1000 * 0.9 / 11 = 81.818... would cost 899.998 and a fee of a thousandth of that, more than the
      // 900 above the buffer: times 899.99999999 / 900.897998 it is 81.7364..., rounded down to the lot
      // of 0.001. It costs 81.736 * 11 = 899.096, and a fee of 0.899096.
      let position = try #require(try transaction.accounts.positions("main").first)
      #expect(position.quantity == Amount("81.736"))
      #expect(try transaction.accounts.cash("main")["USD"] == Amount("100.004904"))
      let account = try #require(try transaction.accounts.account("main"))
      #expect(try transaction.fills.audit(account).isEmpty)
      let fill = try #require(try transaction.fills.all("main").first)
      #expect(fill.fill.candle == Workbench.start + .hours(1))
      #expect(fill.fill.price == Amount(11))
    }
    // The same slot once more, by force: the plan is on record, and nothing is left to send.
    let again = try await bench.run(rebalance, hours: 2, force: true)
    #expect(again?.state == .succeeded)
    #expect(try bench.store.read { try $0.orders.all().count } == 1)
  }

  @Test(arguments: [OrderState.planned, .intent])
  func whatARunThatEndedDidNotSendExpiresAndIsNotCounted(_ left: OrderState) async throws {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11])
    let settings = try bench.settings()
    for kind in [JobKind.fetch, .compute, .infer] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 2)?.state == .succeeded)
    }
    let earlier = Slot(
      job: try #require(JobName("rebalance")), time: Workbench.start + .hours(1))
    let key = OrderKey(
      account: "main", slot: earlier, symbol: try #require(Symbol("AAA-USD")), leg: 0)
    let id = ClientOrderID("car-neversent00000")
    try bench.store.write(at: earlier.time) { transaction in
      _ = try transaction.accounts.open("main", quote: "USD", mode: .paper, initial: Amount(1000))
      try transaction.plans.insert(
        account: "main", earlier, run: nil, equity: Amount(1000), cash: Amount(1000), detail: "{}",
        lines: [], orders: [Order(id: id, key: key, side: .buy, quantity: Amount(50))])
      try transaction.orders.move(id, to: left)
    }
    _ = try await bench.run(try bench.job(.rebalance, settings), hours: 2)
    let (order, position) = try bench.store.read { transaction in
      (try transaction.orders.order(id), try transaction.accounts.positions("main").first)
    }
    #expect(order?.order.state == .expired)
    // As without it: see rebalanceBuysTheBestAndDoesNothingTwice.
    #expect(position?.quantity == Amount("81.736"))
  }

  /// A limit order of an offset of 0.01 may pay 11 * 1.01 = 11.11, which the last close of 11 meets: it
  /// trades at once.
  @Test func aLimitOrderThatTheMarketMeetsIsFilledInItsSlot() async throws {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11])
    let settings = try bench.settings(rebalance: ", limit-offset: 0.01")
    for kind in [JobKind.fetch, .compute, .infer, .rebalance] {
      _ = try await bench.run(try bench.job(kind, settings), hours: 2)
    }
    try bench.store.read { transaction in
      let order = try transaction.orders.all().first?.order
      #expect(order?.limit == Amount("11.11"))
      #expect(order?.state == .filled)
      let fill = try transaction.fills.all("main").first?.fill
      #expect(fill?.price == Amount(11))
      #expect(fill?.candle == Workbench.start + .hours(1))
    }
  }

  /// Beside a candle in which nothing was traded it rests. The next candle fills it: at the open where
  /// that is no worse, at the limit where the candle comes back to it. Where the market ran away the
  /// next slot takes it back before it plans.
  @Test(arguments: [
    (next: "11.05,11.2,11,11.1", price: Optional("11.05")), ("11.3,11.4,11,11.2", "11.11"),
    ("11.3,11.4,11.2,11.3", nil),
  ])
  func aLimitOrderRestsUntilACandleReachesItOrTheNextSlot(
    _ next: String, _ price: String?
  ) async throws {
    let bench = try Workbench()
    try bench.model()
    let time = Workbench.start + .hours(2)
    let still = "\((time - .hours(1)).milliseconds),11,11,11,11,0\n"
    try bench.candles("AAA", [10], extra: still + "\(time.milliseconds),\(next),1\n")
    let settings = try bench.settings(rebalance: ", limit-offset: 0.01")
    for hours in [Int64(2), 3] {
      for kind in [JobKind.fetch, .compute, .infer, .rebalance] {
        let end = try await bench.run(try bench.job(kind, settings), hours: hours)
        #expect(end?.state == .succeeded)
      }
      let first = try bench.store.read { try $0.orders.all().first?.order }
      #expect(first?.limit == Amount("11.11"))
      let end = price == nil ? OrderState.cancelled : .filled
      #expect(first?.state == (hours == 2 ? .open : end))
    }
    try bench.store.read { transaction in
      // Of the first order: the next slot plans anew where it was taken back.
      let first = try #require(try transaction.orders.all().first)
      let fill = try transaction.fills.ofOrder(first.order.id).first
      #expect(fill?.fill.price == price.flatMap { Amount($0) })
      #expect(fill?.fill.candle == (price == nil ? nil : time))
      let account = try #require(try transaction.accounts.account("main"))
      #expect(try transaction.fills.audit(account).isEmpty)
    }
  }

  @Test func rebalanceAbstainsWithoutFreshScores() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11])
    let settings = try bench.settings()
    let end = try await bench.run(try bench.job(.rebalance, settings), hours: 2)
    #expect(end?.state == .succeeded)
    #expect(end?.reason == "abstained: no scores of infer at or before the slot")
  }

  @Test func parametersAreCheckedWithTheirPlace() throws {
    let bench = try Workbench()
    let settings = try bench.settings()
    let diagnostics = #expect(throws: Diagnostics.self) {
      try bench.job(.rebalance, settings, with: "{ topp: 3, max-weight: 2, account: mian }")
    }
    let texts = diagnostics?.items.map(\.description) ?? []
    #expect(texts.contains { $0.contains("with.yaml:1:3") && $0.contains("did you mean `top`?") })
    #expect(texts.contains { $0.contains("`max-weight` must be a fraction from 0 to 1") })
    #expect(texts.contains { $0.contains("no account named `mian`") && $0.contains("main") })
  }
}
