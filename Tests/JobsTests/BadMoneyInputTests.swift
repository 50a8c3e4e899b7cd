import Domain
import Jobs
import Store
import Testing

/// What a market, an exchange or a model may hand to a rebalance at its worst: each a clear record, no
/// trap, nothing lost.
@Suite struct BadMoneyInputTests {
  /// A price at the very end of what an amount can hold is traded or told, never a trap: at 10^-12 a tick
  /// of 0.01 is dearer than everything, at 10^12 a lot of 0.001 is worth more than the account.
  @Test(arguments: [
    (1e-12, "below minimum notional"), (1e12, "below one lot"), (1e26, "below one lot"),
  ])
  func extremePrices(_ price: Double, _ reason: String) async throws {
    let world = try TradedWorld()
    let symbol = world.symbols[0]
    try world.closes([symbol: price], at: 1)
    try world.scores([symbol: 1], at: 1)
    let end = try await world.rebalance(at: 1)
    #expect(end != nil)
    let line = try world.line(symbol)
    if line.decision == .hold { #expect(line.reason?.contains(reason) == true) }
    #expect(try world.findings() == [])
  }

  /// A price that is no amount at all is no price: it is told, and the other instrument is bought.
  @Test(arguments: [1e-13, 1e27, 1e300])
  func aPriceThatIsNoAmountIsTold(_ price: Double) async throws {
    let world = try TradedWorld()
    let (bad, good) = (world.symbols[0], world.symbols[1])
    try world.closes([bad: price, good: 10], at: 1)
    try world.scores([bad: 2, good: 1], at: 1)
    let end = try await world.rebalance(at: 1)
    #expect(end?.state == .failed || end?.reason != nil)
    #expect(try world.findings() == [])
  }

  @Test func aLotLargerThanTheAccount() async throws {
    let world = try TradedWorld()
    let symbol = world.symbols[0]
    try world.rules(of: symbol, lot: "1000")
    try world.closes([symbol: 10], at: 1)
    try world.scores([symbol: 1], at: 1)
    let end = try await world.rebalance(at: 1)
    #expect(end?.state == .succeeded)
    #expect(try world.line(symbol).reason == "below one lot")
    // One lot is worth 10,000.
    #expect(
      end?.reason?.contains(
        "the account is too small for 1 target: it has 1,000.00 USD, and its least orders take "
          + "10,000.00") == true)
    #expect(try world.findings() == [])
  }

  /// At the highest fee that an account may have, 1000 basis points, the purchase is cut to what is left
  /// of it: 1000 / (10 * 1.1) = 90.909. A sale that brings less than its least fee ends the same way.
  @Test func aFeeThatEatsTheValue() async throws {
    let world = try TradedWorld(costs: "fee-bps: 1000, slippage-bps: 1000")
    let symbol = world.symbols[0]
    try world.closes([symbol: 10], at: 1)
    try world.scores([symbol: 1], at: 1)
    // At 10 * 1.1 = 11 with a fee of a tenth: 1000 / 12.1 = 82.644.
    #expect(try await world.rebalance(at: 1)?.state == .succeeded)
    let held = try world.store.read { try $0.accounts.positions("main").first?.quantity }
    #expect(held == Amount("82.644"))
    // A hundredth of a cent each: what the sale brings is less than a tick.
    try world.rules(of: symbol, tick: "0.0001", least: "0")
    try world.closes([symbol: 0.0001], at: 2)
    try world.scores([symbol: -1], at: 2)
    _ = try await world.rebalance(at: 2)
    #expect(try world.findings() == [])
  }

  /// The exchange publishes a coarser lot between plan and send: the order breaks it, is refused with its
  /// reason, and the next slot plans by the new rule.
  @Test func rulesThatChangeBetweenPlanAndSend() async throws {
    let world = try TradedWorld(rebalance: "top: 1, max-weight: 1, cash-buffer: 0.5, band: 0")
    let symbol = world.symbols[0]
    try world.closes([symbol: 7], at: 1)
    try world.scores([symbol: 1], at: 1)
    // 500 / (7 * 1.001) = 71.357; the run is cut off once its plan is on record.
    let watch = try Store.open(world.store.path, mode: .readOnly)
    let cut = CuttingTime(world.bench.time) { _ in
      try watch.read { try $0.plans.latest(account: "main") != nil }
    }
    let first = try await world.rebalance(at: 1, time: cut)
    try watch.close()
    #expect(first?.state != .succeeded)
    let planned = try #require(try world.store.read { try $0.orders.all().first })
    #expect(planned.order.state == .planned)
    #expect(planned.order.quantity == Amount("71.357"))
    try world.rules(of: symbol, lot: "1")
    let second = try await world.rebalance(at: 1, force: true)
    #expect(second?.state == .failed)
    let order = try #require(try world.store.read { try $0.orders.all().first?.order })
    #expect(order.state == .rejected)
    #expect(order.reason?.contains("lot") == true)
    try world.closes([symbol: 7], at: 2)
    try world.scores([symbol: 1], at: 2)
    #expect(try await world.rebalance(at: 2)?.state == .succeeded)
    #expect(
      try world.store.read { try $0.accounts.positions("main").first?.quantity } == Amount("71"))
    #expect(try world.findings() == [])
  }

  /// The New York Stock Exchange closes at 13:00 on the day after Thanksgiving, 18:00 UTC. Until it opens
  /// again nothing grows older: the last candle is traded on at night, on Saturday, and on Monday until
  /// 14:30 UTC and three hours, and no longer.
  @Test(arguments: [
    (Int64(7938), true), (7945, true), (7960, true), (8009, true), (8010, false),
  ])
  func aDayThatClosesInTheMiddle(_ hours: Int64, _ trades: Bool) async throws {
    let world = try TradedWorld(market: "\n  calendar: XNYS")
    let symbol = world.symbols[0]
    // 2026-11-27T17:00Z, 330 days and 17 hours after the start, to the close.
    try world.closes([symbol: 10], at: 7938)
    try world.scores([symbol: 1], at: hours)
    let end = try await world.rebalance(at: hours)
    let count = try world.store.read { try $0.orders.all().count }
    #expect(count == (trades ? 1 : 0), "\(end?.reason ?? "")")
    if !trades { #expect(try world.line(symbol).hold == .blind) }
    #expect(try world.findings() == [])
  }

  /// Every instrument that is held is halted for good: nothing is sold, nothing bought, the equity stays
  /// known by the last prices.
  @Test func everyPositionIsDelisted() async throws {
    let world = try TradedWorld(
      instruments: 3, rebalance: "top: 2, max-weight: 1, cash-buffer: 0, band: 0")
    let (a, b, c) = (world.symbols[0], world.symbols[1], world.symbols[2])
    try world.closes([a: 10, b: 20, c: 5], at: 1)
    try world.scores([a: 1, b: 2, c: -1], at: 1)
    #expect(try await world.rebalance(at: 1)?.state == .succeeded)
    let before = try world.store.read { try $0.accounts.positions("main") }
    for symbol in [a, b] { try world.rules(of: symbol, halted: "DELISTED") }
    try world.closes([c: 5], at: 2)
    try world.scores([a: -1, b: -1, c: 3], at: 2)
    _ = try await world.rebalance(at: 2)
    #expect(try world.store.read { try $0.accounts.positions("main") } == before)
    for symbol in [a, b] { #expect(try world.line(symbol).reason == "halted: DELISTED") }
    let points = try world.store.read { try $0.equity.range("main") }
    #expect(points.count == 2)
    #expect(points.first?.equity == points.last?.equity)
    #expect(try world.findings() == [])
  }

  /// No score is a number: it abstains, keeps what it has, and says so.
  @Test func aModelThatScoresNothingButNaN() async throws {
    let world = try TradedWorld()
    let (a, b) = (world.symbols[0], world.symbols[1])
    try world.closes([a: 10, b: 20], at: 1)
    try world.scores([a: 1, b: 2], at: 1)
    #expect(try await world.rebalance(at: 1)?.state == .succeeded)
    try world.closes([a: 10, b: 20], at: 2)
    try world.scores([a: .nan, b: .infinity], at: 2)
    let end = try await world.rebalance(at: 2)
    #expect(end?.state == .succeeded)
    #expect(end?.reason == "abstained: infer abstained on every instrument")
    #expect(try world.store.read { try $0.orders.all().count } == 1)
    #expect(try world.findings() == [])
  }

  /// Two slots in one second, of one job, are two rebalances: the second finds what the first did, and
  /// the same slot twice is one.
  @Test func twoRebalancesInTheSameSecond() async throws {
    let world = try TradedWorld()
    let symbol = world.symbols[0]
    try world.closes([symbol: 10], at: 1)
    try world.scores([symbol: 1], at: 1)
    #expect(try await world.rebalance(at: 1)?.result?.summary == "1 order: 1 filled")
    #expect(try await world.rebalance(at: 1) == nil)
    let job = try world.bench.job(.rebalance, world.settings)
    let slot = Slot(
      job: try #require(JobName("rebalance")),
      time: Workbench.start + .hours(1) + .milliseconds(1))
    world.bench.time.set(slot.time)
    let runner = world.bench.runner()
    let firing = Firing(slot: slot, trigger: .manual, policy: JobPolicy(kind: .rebalance))
    guard case .claimed(let run, let attempt) = try runner.claim(firing) else {
      Issue.record("a slot a millisecond later is another")
      return
    }
    let worker = WorkerThread(name: "test")
    defer { worker.stop() }
    let end = try await runner.run(
      ClaimedRun(firing: firing, run: run, attempt: attempt), job: job, on: worker)
    #expect(end.result?.summary == "nothing to trade")
    #expect(try world.store.read { try $0.orders.all().count } == 1)
    #expect(try world.findings() == [])
  }

  /// A universe of 5,000 with 500 places: one plan, in the commits of the docs.
  @Test func aUniverseOfFiveThousand() async throws {
    let world = try TradedWorld(
      instruments: 5000, cash: "1000000",
      rebalance: "top: 500, max-weight: 1, cash-buffer: 0.02, band: 0.0001")
    var closes: [Symbol: Double] = [:]
    var scores: [Symbol: Double] = [:]
    for (index, symbol) in world.symbols.enumerated() {
      closes[symbol] = 1 + Double(index % 97)
      scores[symbol] = Double((index * 7919) % 5000) - 2500
    }
    try world.closes(closes, at: 1)
    try world.scores(scores, at: 1)
    let before = world.store.commits
    let end = try await world.rebalance(at: 1)
    #expect(end?.result?.summary == "500 orders: 500 filled")
    // Claim, account, expiry, plan; 10 batches of 50 intents and 10 of answers; end of plan, equity, end.
    #expect(world.store.commits - before <= 40)
    #expect(try world.findings() == [])
  }
}
