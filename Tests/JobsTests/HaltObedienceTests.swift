import Domain
import Portfolio
import Store
import Testing

@testable import Jobs

/// What a halt demands beyond sending nothing.
@Suite struct HaltObedienceTests {
  let s0 = Symbol("S0-USD")!

  /// A market in which one order may be of a tenth of a candle's volume, so that the rest of it stands.
  private func world() throws -> TradedWorld {
    try TradedWorld(
      cash: "1000", costs: "fee-bps: 0, slippage-bps: 0", account: ", participation: 0.1",
      rebalance: "top: 1, max-weight: 1, cash-buffer: 0, band: 0, limit-offset: 0")
  }

  private func halt(_ level: Halt.Level, _ world: TradedWorld) throws {
    try world.store.write(at: world.bench.time.now) {
      try $0.halts.begin(level, reason: "a try", source: "cli")
    }
  }

  /// Does what the halt demands, at so many hours after the start.
  private func obey(_ world: TradedWorld, at hours: Int64) async throws -> RunEnd? {
    let job = try #require(
      try world.bench.job(.rebalance, world.settings) as? any PlanningJob)
    return try await world.bench.run(job.obeyingHalt(), hours: hours)
  }

  @Test func ordersAreTakenBackAtOnceAndNothingIsPlanned() async throws {
    let world = try world()
    // 100 wanted at 10, of a volume of 100: 10 are bought, 90 stand.
    try world.closes([s0: 10, Symbol("S1-USD")!: 10], at: 1, volume: 100)
    try world.scores([s0: 2, Symbol("S1-USD")!: 1], at: 1)
    _ = try await world.rebalance(at: 1)
    let standing = try #require(try world.store.read { try $0.orders.working("main") }.first)
    #expect(standing.order.state == .open && standing.filled == Amount(10))
    #expect(try world.store.read { try $0.halts.owed() }.isEmpty)

    try halt(.cancelOrders, world)
    #expect(
      try world.store.read { try $0.halts.owed() }.map(\.description)
        == ["main: 1 order to be taken back"])
    let end = try #require(try await obey(world, at: 2))
    #expect(end.state == .succeeded && end.result?.summary == "1 order taken back")
    try world.store.read { (transaction) throws in
      let order = try #require(try transaction.orders.order(standing.order.id))
      #expect(order.order.state == .cancelled && order.filled == Amount(10))
      #expect(try transaction.halts.owed().isEmpty)
      let plan = try transaction.plans.latest(account: "main")
      #expect(plan?.slot.time == Workbench.start + .hours(1))
      #expect(
        try transaction.audit.latest(limit: 5).contains {
          $0.kind == "halt" && $0.text == "1 order taken back of main, by the halt of cli: a try"
        })
    }
    #expect(try world.findings().isEmpty)
    // Once more there is nothing to do.
    #expect(try await obey(world, at: 3)?.result?.summary == "0 orders taken back")
  }

  @Test func whatIsHeldIsSoldWhateverTheScoresAre() async throws {
    let world = try world()
    try world.closes([s0: 10, Symbol("S1-USD")!: 10], at: 1)
    try world.scores([s0: 2, Symbol("S1-USD")!: 1], at: 1)
    _ = try await world.rebalance(at: 1)
    #expect(try world.store.read { try $0.accounts.position(s0, "main") }.quantity == Amount(100))

    // Eight hours later the scores are too old to plan by.
    try world.closes([s0: 12, Symbol("S1-USD")!: 10], at: 9)
    let abstained = try #require(try await world.rebalance(at: 9))
    #expect(abstained.result?.caveat?.hasPrefix("abstained: the newest scores") == true)

    try halt(.flatten, world)
    #expect(
      try world.store.read { try $0.halts.owed() }.map(\.description)
        == ["main: 1 holding to be sold"])
    let end = try #require(try await obey(world, at: 10))
    #expect(end.result?.summary == "1 order: 1 filled", "\(end)")
    try world.store.read { (transaction) throws in
      #expect(try transaction.accounts.position(s0, "main").quantity == .zero)
      // 100 at 12.
      #expect(try transaction.accounts.cash("main")["USD"] == Amount(1200))
      #expect(try transaction.halts.owed().isEmpty)
    }
    #expect(try world.findings().isEmpty)
  }

  @Test func withoutSuchAHaltNothingIsDone() async throws {
    let world = try world()
    try world.closes([s0: 10], at: 1)
    try world.scores([s0: 2], at: 1)
    try halt(.noNew, world)
    #expect(try await obey(world, at: 1)?.result?.summary == "0 orders taken back")
    #expect(try world.store.read { try $0.plans.latest(account: "main") } == nil)
  }

  @Test(
    arguments: [
      // the order's job, its hour, whether its symbol is a member, the halt: whether hour 2 takes it back
      ("rebalance", 1, true, nil, true),
      ("rebalance", 1, false, nil, true),
      ("other", 1, true, nil, true),
      ("other", 1, false, nil, false),
      ("rebalance", 2, true, nil, false),
      ("other", 1, false, .noNew, false),
      // One that cancels wants every order of the account, this slot's too.
      ("other", 1, false, .cancelOrders, true),
      ("rebalance", 2, true, .cancelOrders, true),
      // One that sells leaves its own sales.
      ("other", 1, false, .flatten, true),
      ("rebalance", 2, true, .flatten, false),
    ] as [(String, Int64, Bool, Halt.Level?, Bool)])
  func whatIsTakenBack(
    _ job: String, _ hour: Int64, _ isMember: Bool, _ halt: Halt.Level?, _ isTakenBack: Bool
  ) throws {
    let slot = Slot(job: try #require(JobName(job)), time: Workbench.start + .hours(hour))
    let key = OrderKey(account: "main", slot: slot, symbol: s0, leg: 0)
    let order = Order(
      id: ClientOrderID(deriving: key), key: key, side: .buy, quantity: .one, limit: .one,
      state: .open)
    let rules = [s0: Instrument(symbol: s0, tick: .one, lot: .one, minimumNotional: .one)]
    let now = Slot(job: try #require(JobName("rebalance")), time: Workbench.start + .hours(2))
    let members: Set<Symbol> = isMember ? [s0] : []
    #expect(
      OrderDesk.takesBack(order, before: now, members: members, rules, halt: halt) == isTakenBack)
    // What has ended, or has no rules, is left alone.
    var ended = order
    ended.state = .filled
    #expect(!OrderDesk.takesBack(ended, before: now, members: members, rules, halt: halt))
    #expect(!OrderDesk.takesBack(order, before: now, members: members, [:], halt: halt))
  }
}
