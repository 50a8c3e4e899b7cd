import Domain
import GRDB
import Testing

@testable import Store

@Suite("Plans, orders, fills")
struct TradingTests {
  let database = TestDatabase()
  let store: Store
  let account: Account

  init() throws {
    store = try database.open()
    account = try store.write(at: at(0)) {
      try $0.accounts.open("main", quote: "BTC", mode: .paper, initial: Amount(100))
    }
  }

  func order(
    _ id: String, _ side: Side, _ quantity: String, at seconds: Int64 = 60,
    of name: String = "ETH-BTC", limit: String? = nil
  ) -> Order {
    Order(
      id: ClientOrderID(id),
      key: OrderKey(
        account: "main", slot: slot("rebalance", seconds), symbol: symbol(name), leg: 0),
      side: side, quantity: Amount(quantity)!, limit: limit.map { Amount($0)! })
  }

  @discardableResult
  func plan(_ orders: [Order], at seconds: Int64 = 60, lines: [PlanLine] = []) throws -> Plan {
    try store.write(at: at(seconds)) {
      try $0.plans.insert(
        account: "main", slot("rebalance", seconds), run: nil, equity: Amount(100),
        cash: Amount(100), detail: "{}", lines: lines, orders: orders)
    }
  }

  func fill(
    _ id: String, _ number: Int64, _ quantity: String, _ price: String, fee: String = "0"
  ) -> Fill {
    Fill(
      order: ClientOrderID(id), trade: "\(number)", quantity: Amount(quantity)!,
      price: Amount(price)!, fee: Fill.Fee(Amount(fee)!, "BTC"), time: at(61), candle: at(0))
  }

  @Test func anAccountIsOpenedOnce() throws {
    let again = try store.write(at: at(9)) {
      try $0.accounts.open("main", quote: "BTC", mode: .paper, initial: Amount(5))
    }
    #expect(again == account)
    #expect(again.initial == Amount(100))
    #expect(try store.read { try $0.accounts.cash("main") } == ["BTC": Amount(100)])
    for (quote, mode) in [("USD", Account.Mode.paper), ("BTC", .live)] {
      #expect(
        fault {
          try store.write(at: at(9)) {
            try $0.accounts.open("main", quote: quote, mode: mode, initial: Amount(5))
          }
        }?.exit == .configuration)
    }
    #expect(try store.read { try $0.accounts.all() } == [account])
  }

  @Test func aPlanIsWholeAndOnce() throws {
    let lines = [
      PlanLine(
        symbol: symbol("ETH-BTC"), score: 0.5, price: Amount("0.03"), quantity: .zero,
        weight: .zero, targetWeight: Amount("0.25")!, targetReason: "chosen", decision: .buy,
        reason: nil),
      PlanLine(
        symbol: symbol("LTC-BTC"), score: nil, price: nil, quantity: Amount(1), weight: .zero,
        targetWeight: .zero, targetReason: "no score", decision: .hold, reason: "no fresh price"),
    ]
    // Sent in this order, not in that of the ids.
    let orders = [
      order("car-b", .sell, "1", of: "LTC-BTC"), order("car-a", .buy, "2", limit: "0.031"),
    ]
    let plan = try plan(orders, lines: lines)
    #expect(plan.state == .open)
    #expect(
      try store.read { try $0.plans.find(account: "main", slot("rebalance", 60)) } == plan)
    #expect(try store.read { try $0.plans.lines(plan.id) } == lines)
    #expect(try store.read { try $0.orders.ofPlan(plan.id) }.map(\.order) == orders)
    // The slot has its plan: another attempt finds it and does not make a second.
    #expect(fault { try self.plan([order("car-c", .buy, "1")]) } != nil)
    #expect(try store.read { try $0.orders.all() }.count == 2)
    try store.write(at: at(70)) { try $0.plans.finish(plan.id) }
    #expect(try store.read { try $0.plans.latest(account: "main") }?.state == .done)
  }

  @Test func ordersMoveAsTheirStatesAllow() throws {
    try plan([order("car-a", .buy, "2")])
    let id = ClientOrderID("car-a")
    func move(_ state: OrderState, _ venueID: String? = nil) throws {
      try store.write(at: at(62)) { try $0.orders.move(id, to: state, venueID: venueID) }
    }
    #expect(fault { try move(.filled) }?.exit == .internal)
    try move(.intent)
    #expect(try store.read { try $0.orders.working("main") }.map(\.order.id) == [id])
    try move(.unknown)
    try move(.open, "v17")
    try move(.open)
    try move(.cancelled)
    #expect(fault { try move(.open) }?.exit == .internal)
    let record = try #require(try store.read { try $0.orders.order(id) })
    #expect(record.order.state == .cancelled)
    #expect(record.order.venueID == "v17")
    #expect(try store.read { try $0.orders.working("main") }.isEmpty)
    #expect(try store.read { try $0.orders.counts("main") } == [.cancelled: 1])
  }

  @Test func aFillIsBookedOnce() throws {
    try plan([order("car-a", .buy, "2")])
    let trade = fill("car-a", 0, "1.5", "10", fee: "0.15")
    // Told again for another time, it is the same trade, at the time that was told first.
    var later = trade
    later.time = later.time + .milliseconds(3)
    let new = try [trade, trade, later].map { trade in
      try store.write(at: at(61)) { try $0.fills.insert(trade) }
    }
    #expect(new == [true, false, false])
    // 100 - 15 - 0.15
    #expect(try store.read { try $0.accounts.cash("main") } == ["BTC": Amount("84.85")!])
    #expect(
      try store.read { try $0.accounts.positions("main") } == [
        Position(symbol: symbol("ETH-BTC"), quantity: Amount("1.5")!, cost: Amount("15.15")!)
      ])
    let record = try #require(try store.read { try $0.orders.order(ClientOrderID("car-a")) })
    #expect(record.remaining == Amount("0.5"))
    #expect(try record.averagePrice == Amount(10))
    #expect(try store.read { try $0.fills.ofOrder(ClientOrderID("car-a")) }.map(\.fill) == [trade])
    #expect(try store.read { try $0.entries.fees("main") } == ["BTC": Amount("0.15")!])
    #expect(try store.read { try $0.fills.audit(account) } == [])
  }

  @Test func fillsThatCannotBeAreRefused() throws {
    try plan([order("car-a", .buy, "2")])
    try store.write(at: at(61)) { try $0.fills.insert(fill("car-a", 0, "1", "10")) }
    let impossible = [
      fill("car-x", 0, "1", "10"),  // no such order
      fill("car-a", 0, "1", "11"),  // told before with another price
      fill("car-a", 1, "1.1", "10"),  // more than remains
      fill("car-a", 1, "0", "10"), fill("car-a", 1, "1", "0"),
    ]
    for trade in impossible {
      #expect(
        fault { try store.write(at: at(61)) { try $0.fills.insert(trade) } }?.exit == .internal)
    }
    #expect(try store.read { try $0.fills.audit(account) } == [])
  }

  @Test func theAuditFindsWhatIsNotTheSumOfTheFills() throws {
    try plan([order("car-a", .buy, "2")])
    try store.write(at: at(61)) { try $0.fills.insert(fill("car-a", 0, "1", "10")) }
    try store.connections.write { db in
      try db.execute(sql: "UPDATE cash SET amount = '91'; UPDATE position SET quantity = '2'")
    }
    #expect(
      try store.read { try $0.fills.audit(account) } == [
        "cash BTC: 91 booked, 90 from the fills", "position ETH-BTC: 2 booked, 1 from the fills",
      ])
  }

  // 500 random fills over 5 symbols: cash and positions equal the sum of fills, and so does what was
  // earned: cash = initial - costs of what is held + all that was realised.
  @Test(arguments: [1, 2, 3] as [UInt64]) func randomFillsAddUp(seed: UInt64) throws {
    var state = seed
    func random(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407  // Knuth's MMIX
      return (state >> 33) % bound
    }
    let names = ["A-BTC", "B-BTC", "C-BTC", "D-BTC", "E-BTC"]
    for step in 0..<100 as Range<Int64> {
      let orders = names.enumerated().map { index, name in
        order(
          "car-\(step)-\(index)", random(2) == 0 ? .buy : .sell,
          "\(random(1000) + 1).\(random(1000))",
          at: step, of: name)
      }
      try plan(orders, at: step)
      try store.write(at: at(step)) { tx in
        for order in orders {
          var trade = fill(order.id.text, 0, "1", "0.0\(random(9999) + 1)", fee: "0.\(random(999))")
          trade.quantity = order.quantity
          try tx.fills.insert(trade)
        }
      }
    }
    #expect(try store.read { try $0.fills.audit(account) } == [], "seed \(seed)")
    let (cash, positions, fills) = try store.read {
      (
        try $0.accounts.cash("main")["BTC"]!, try $0.accounts.positions("main"),
        try $0.fills.all("main")
      )
    }
    #expect(fills.count == 500)
    var expected = account.initial
    for record in fills { expected = try expected.adding(record.realised) }
    for position in positions { expected = try expected.subtracting(position.cost) }
    #expect(cash == expected, "seed \(seed)")
  }

  /// Of more points than are wanted, the first, and the last of each day: 86,400 s are one.
  @Test func aLongHistoryIsTakenByItsDays() throws {
    for (n, second) in [60, 120, 86_399, 86_400, 86_460, 300_000].enumerated() {
      let point = EquityPoint(time: at(Int64(second)), equity: Amount(n), cash: .zero)
      try store.write(at: point.time) { try $0.equity.append(point, account: "main", run: nil) }
    }
    func whole(_ most: Int) throws -> [Amount] {
      let (points, isDaily) = try store.read { try $0.equity.whole("main", most: most) }
      #expect(isDaily == (most < 6))
      #expect(points.map(\.time) == points.map(\.time).sorted())
      return points.map(\.equity)
    }
    #expect(try whole(6) == (0..<6).map { Amount($0) })
    #expect(try whole(5) == [0, 2, 4, 5].map { Amount($0) })
  }

  @Test func equityIsAppended() throws {
    let points = [60, 120].map {
      EquityPoint(time: at($0), equity: Amount(100 + Int($0)), cash: Amount(50))
    }
    for point in points + points.suffix(1) {
      try store.write(at: point.time) { try $0.equity.append(point, account: "main", run: nil) }
    }
    #expect(try store.read { try $0.equity.range("main") } == points)
    #expect(try store.read { try $0.equity.range("main", from: at(61)) } == points.suffix(1))
    #expect(try store.read { try $0.equity.latest("main") } == points.last)
  }

  @Test func haltsLastUntilTheyAreEnded() throws {
    #expect(try store.read { try $0.halts.current() } == nil)
    try store.write(at: at(60)) { try $0.halts.begin(.noNew, reason: "drift", source: "cli") }
    try store.write(at: at(61)) { try $0.halts.begin(.flatten, reason: "worse", source: "risk") }
    #expect(
      try store.read { try $0.halts.current() }
        == Halt(level: .flatten, reason: "worse", source: "risk", since: at(61)))
    let ended = try [62, 63].map { time in
      try store.write(at: at(time)) { try $0.halts.end(reason: "mended") }
    }
    #expect(ended == [true, false])
    #expect(
      try store.read { try $0.audit.latest(limit: 9) }.map(\.kind)
        == ["resume", "halt", "resume", "halt"])
  }

  @Test func ordersAreListedForTheHash() throws {
    try plan(
      [order("car-b", .sell, "1", at: 120, of: "LTC-BTC"), order("car-a", .buy, "2", at: 120)],
      at: 120)
    try plan([order("car-d", .buy, "1", at: 60)], at: 60)
    #expect(
      try store.read { try $0.orders.all("main") }.map(\.order.id.text)
        == ["car-d", "car-a", "car-b"])
    #expect(
      try store.read { try $0.orders.latest("main", limit: 1) }.map(\.order.id.text) == ["car-b"])
  }
}
