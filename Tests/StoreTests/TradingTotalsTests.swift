import Domain
import Testing

@testable import Store

/// What was traded and decided, counted on.
@Suite struct TradingTotalsTests {
  let database = TestDatabase()
  let store: Store

  init() throws {
    store = try database.open()
    try store.write(at: at(0)) {
      _ = try $0.accounts.open("main", quote: "BTC", mode: .paper, initial: Amount(100))
    }
  }

  /// A plan of one line, with an order that is filled at a price, for a fee.
  private func trade(
    _ minute: Int64, _ side: Side, price: String, fee: String, hold: PlanLine.HoldKind? = nil
  ) throws {
    let id = ClientOrderID("car-\(minute)")
    let order = Order(
      id: id,
      key: OrderKey(
        account: "main", slot: slot("rebalance", minute), symbol: symbol("ETH-BTC"), leg: 0),
      side: side, quantity: Amount(1), limit: nil, state: .planned)
    let line = PlanLine(
      symbol: symbol("ETH-BTC"), score: nil, price: nil, quantity: .zero, weight: .zero,
      targetWeight: .zero, targetReason: "",
      decision: hold == nil ? (side == .buy ? .buy : .sell) : .hold,
      hold: hold, reason: nil)
    try store.write(at: at(minute)) {
      try $0.plans.insert(
        account: "main", slot("rebalance", minute), run: nil, equity: Amount(100),
        cash: Amount(100), detail: "{}", lines: [line], orders: hold == nil ? [order] : [])
      guard hold == nil else { return }
      try $0.orders.move(id, to: .intent)
      try $0.orders.move(id, to: .open)
      try $0.fills.insert(
        Fill(
          order: id, trade: "1", quantity: Amount(1), price: Amount(price)!,
          fee: Fill.Fee(Amount(fee)!, "BTC"), time: at(minute), candle: nil))
      try $0.orders.move(id, to: .filled)
    }
  }

  /// What came after the last look is added to it, once.
  @Test func countsOn() throws {
    var totals = TradingTotals()
    try trade(1, .buy, price: "10", fee: "0.1")
    try store.read { try totals.count($0) }
    #expect(totals.isComplete)
    var main = try #require(totals.accounts["main"])
    #expect(main.trades == [.buy: 1])
    #expect(main.fees == ["BTC": Amount("0.1")!])
    // A purchase earns nothing; its fee is part of what it cost.
    #expect(main.realised == .zero)
    // What was decided before the first look is not counted.
    #expect(main.decisions.isEmpty && main.holds.isEmpty)

    try trade(2, .sell, price: "12", fee: "0.2")
    try trade(3, .buy, price: "12", fee: "0", hold: .tooSmall)
    for _ in 0..<2 { try store.read { try totals.count($0) } }
    main = try #require(totals.accounts["main"])
    #expect(main.trades == [.buy: 1, .sell: 1])
    // 0.1 + 0.2.
    #expect(main.fees == ["BTC": Amount("0.3")!])
    // 12 - 0.2 of the sale, less 10 + 0.1 of the cost.
    #expect(main.realised == Amount("1.7")!)
    #expect(main.decisions == [.sell: 1])
    #expect(main.holds == [.tooSmall: 1])
  }

  /// Halts count by who ordered them, whether they are over or not.
  @Test func countsHalts() throws {
    var totals = TradingTotals()
    for (minute, source) in ["cli", "risk", "cli"].enumerated() {
      try store.write(at: at(Int64(minute + 1))) {
        try $0.halts.begin(.noNew, reason: "because", source: source)
      }
      try store.read { try totals.count($0) }
    }
    #expect(totals.halts == ["cli": 2, "risk": 1])
  }

  /// More than one look may read is read by several, and is told as complete only then.
  @Test func readsInParts() throws {
    // The opening of the account is an entry too.
    let count = 12
    try store.write(at: at(1)) { transaction in
      for _ in 0..<count {
        try transaction.entries.post(
          .fee, "main", at: at(1), reason: "a fee",
          [.init(.held, "BTC", Amount("-0.001")!), .init(.fees, "BTC", Amount("0.001")!)])
      }
    }
    var totals = TradingTotals(maximumEntries: 10)
    try store.read { try totals.count($0) }
    #expect(!totals.isComplete)
    try store.read { try totals.count($0) }
    #expect(totals.isComplete)
    // 12 fees of a thousandth.
    #expect(totals.accounts["main"]?.fees == ["BTC": Amount("0.012")!])
  }

  @Test func deploymentsAreCountedOn() throws {
    var totals = TradingTotals()
    for (count, kind) in [(0, "halt"), (1, "deploy"), (1, "resume"), (2, "deploy")] {
      try store.write(at: at(1)) { _ = try $0.audit.append(kind, "as told") }
      try store.read { try totals.count($0) }
      #expect(totals.deployments == count)
    }
  }
}
