import Domain
import GRDB
import Testing

@testable import Store

@Suite("Entries and cash events")
struct EntryTests {
  let database = TestDatabase()
  let store: Store

  init() throws {
    store = try database.open()
    try store.write(at: at(0)) {
      try $0.accounts.open("main", quote: "USD", mode: .paper, initial: Amount(1000))
      try $0.accounts.open("side", quote: "USD", mode: .paper, initial: .zero)
      try $0.accounts.open("coins", quote: "BTC", mode: .paper, initial: Amount(1))
    }
  }

  private let acme = Symbol("ACME-USD")!

  private func book(_ event: CashEvent, _ account: String = "main", at seconds: Int64 = 100) throws
    -> CashEventRecord
  {
    try store.write(at: at(200)) {
      try $0.accounts.book(event, account: account, at: at(seconds), reason: "test")
    }
  }

  private func audit(_ account: String = "main") throws -> [String] {
    try store.read { try BooksProof($0).findings.filter { $0.hasPrefix("\(account): ") } }
  }

  /// 10 ACME bought at 20 with a fee of 1: 1000 - 200 - 1 = 799.
  private func buyTen(state: OrderState = .filled, limit: Amount? = nil) throws {
    let key = OrderKey(account: "main", slot: slot("rebalance", 60), symbol: acme, leg: 0)
    let order = Order(
      id: ClientOrderID("car-a"), key: key, side: .buy, quantity: Amount(10), limit: limit)
    try store.write(at: at(60)) { tx in
      try tx.plans.insert(
        account: "main", key.slot, run: nil, equity: Amount(1000), cash: Amount(1000), detail: "{}",
        lines: [], orders: [order])
      try tx.orders.move(order.id, to: .intent)
      guard limit == nil else { return try tx.orders.move(order.id, to: state) }
      try tx.fills.insert(
        Fill(
          order: order.id, trade: "0", quantity: Amount(10), price: Amount(20),
          fee: Fill.Fee(Amount(1), "USD"), time: at(60)))
      try tx.orders.move(order.id, to: state)
    }
  }

  @Test func openingAndFillsArePosted() throws {
    try buyTen()
    let entries = try store.read { try $0.entries.range("main") }
    #expect(entries.map(\.kind) == [.opening, .fill])
    #expect(
      entries[1].postings == [
        .init(.held, "ACME", Amount(10)), .init(.market, "ACME", Amount(-10)),
        .init(.held, "USD", Amount(-200)), .init(.market, "USD", Amount(200)),
        .init(.held, "USD", Amount(-1)), .init(.fees, "USD", Amount(1)),
      ])
    #expect(entries.allSatisfy { $0.flow == nil })
    #expect(
      try store.read { try $0.entries.balances("main") } == [
        "ACME": Amount(10), "USD": Amount(799),
      ]
    )
    #expect(try audit() == [])
  }

  @Test func depositsAndWithdrawalsAreFlows() throws {
    _ = try book(.deposit(asset: "USD", amount: Amount(500), rate: .one))
    let record = try book(.withdrawal(asset: "USD", amount: Amount(1200), rate: .one), at: 150)
    #expect(record.held == ["USD": Amount(300)])
    let flows = try store.read { try $0.entries.flows("main") }
    #expect(flows.map(\.amount) == [Amount(500), Amount(-1200)])
    #expect(try store.read { try $0.entries.flows("main", after: at(100)) }.count == 1)
    #expect(try audit() == [])
  }

  /// A deposit of another asset counts at the rate that it was given: 2 BTC at 30,000.
  @Test func aDepositOfAnotherAssetHasItsWorth() throws {
    _ = try book(.deposit(asset: "BTC", amount: Amount(2), rate: Amount(30_000)))
    #expect(try store.read { try $0.entries.flows("main") }.map(\.amount) == [Amount(60_000)])
    #expect(try audit() == [])
  }

  /// Of ten units that cost 201 with the fee, four leave: six stay, with 201 * 6 / 10 = 120.6 of the cost.
  @Test func aHoldingThatIsTakenOutLeavesWithItsCost() throws {
    try buyTen()
    let record = try book(.withdrawal(asset: "ACME", amount: Amount(4), rate: Amount(20)))
    #expect(record.held == ["ACME": Amount(6)])
    let symbol = try #require(Symbol("ACME-USD"))
    let rest = try store.read { try $0.accounts.position(symbol, "main") }
    #expect(rest.quantity == Amount(6))
    #expect(rest.cost == Amount("120.6"))
    #expect(try store.read { try $0.entries.flows("main") }.map(\.amount) == [Amount(-80)])
    #expect(throws: Fault.self) {
      try book(.withdrawal(asset: "ACME", amount: Amount(7), rate: Amount(20)))
    }
    #expect(try audit() == [])
  }

  @Test func cashNeverGoesBelowZero() throws {
    for event in [
      CashEvent.withdrawal(asset: "USD", amount: Amount(1001), rate: .one),
      .fee(asset: "USD", amount: Amount(1001)), .fee(asset: "BNB", amount: Amount("0.01")!),
      .transfer(asset: "USD", amount: Amount(1001), rate: .one, to: "side"),
    ] {
      #expect(fault { try book(event) }?.exit == .data)
    }
    #expect(try store.read { try $0.accounts.cash("main") } == ["USD": Amount(1000)])
    #expect(try audit() == [])
  }

  /// 10 at a limit of 20 may still cost 200 of 1000.
  @Test func whatARestingPurchaseNeedsStays() throws {
    try buyTen(state: .open, limit: Amount(20))
    for event in [
      CashEvent.withdrawal(asset: "USD", amount: Amount("800.01")!, rate: .one),
      .fee(asset: "USD", amount: Amount(801)),
      .transfer(asset: "USD", amount: Amount(900), rate: .one, to: "side"),
    ] {
      #expect(fault { try book(event) }?.cause.contains("200 are promised") == true, "\(event)")
    }
    _ = try book(.withdrawal(asset: "USD", amount: Amount(800), rate: .one))
    #expect(try store.read { try $0.accounts.cash("main") } == ["USD": Amount(200)])
    #expect(try audit() == [])
  }

  @Test func aTransferLeavesOneAndReachesTheOther() throws {
    _ = try book(.transfer(asset: "USD", amount: Amount(400), rate: .one, to: "side"))
    #expect(try store.read { try $0.entries.balances("side") } == ["USD": Amount(400)])
    #expect(try store.read { try $0.entries.flows("main") }.map(\.amount) == [Amount(-400)])
    #expect(try store.read { try $0.entries.flows("side") }.map(\.amount) == [Amount(400)])
    #expect(try audit() == [])
    #expect(try audit("side") == [])
    for other in ["main", "coins"] {
      #expect(
        fault { try book(.transfer(asset: "USD", amount: .one, rate: .one, to: other)) }?.exit
          == .data)
    }
    #expect(
      fault { try book(.transfer(asset: "USD", amount: .one, rate: .one, to: "none")) }?.exit
        == .noInput)
  }

  @Test func aDividendIsIncomeAndNoFlow() throws {
    #expect(fault { try book(.dividend(acme, amount: Amount(5))) }?.exit == .data)
    try buyTen()
    let record = try book(.dividend(acme, amount: Amount(5)))
    #expect(record.held == ["USD": Amount(804)])
    #expect(try store.read { try $0.entries.flows("main") }.isEmpty)
    #expect(try audit() == [])
  }

  /// 10 shares at a cost of 201 become 40 (4:1) at the same cost; the candles before are divided by
  /// four, their volumes multiplied, the one at the split left alone.
  @Test func aSplitAdjustsHoldingAndCandles() throws {
    try buyTen()
    let series = try store.write(at: at(60)) { tx in
      let series = try tx.series.register(
        Series(venue: "files", symbol: acme, timeframe: Timeframe("1m")!))
      try tx.candles.upsert(
        [
          Candle(time: at(0), open: 20, high: 22, low: 18, close: 21, volume: 100),
          Candle(time: at(60), open: 5, high: 6, low: 4, close: 5, volume: 400),
        ], series: series, run: nil)
      return series
    }
    let record = try book(.split(acme, new: Amount(4), old: .one), at: 60)
    #expect(record.held == ["ACME": Amount(40)])
    #expect(record.adjustedCandles == 1)
    let position = try store.read { try $0.accounts.position(acme, "main") }
    #expect(position.quantity == Amount(40))
    #expect(position.cost == Amount(201))
    let candles = try store.read { try $0.candles.range(series, limit: 9) }
    #expect(
      candles[0]
        == Candle(time: at(0), open: 5, high: 5.5, low: 4.5, close: 5.25, volume: 400))
    #expect(candles[1].open == 5)
    #expect(try audit() == [])
    #expect(fault { try book(.split(acme, new: Amount(4), old: .one), at: 60) }?.exit == .data)
  }

  /// A reverse split of 10 into 1:3 leaves 3.333333333333 and no more than there was.
  @Test func aSplitNeverRoundsUp() throws {
    try buyTen()
    let record = try book(.split(acme, new: .one, old: Amount(3)))
    #expect(record.held == ["ACME": Amount("3.333333333333")!])
    #expect(try audit() == [])
  }

  @Test func aSplitWaitsForWorkingOrders() throws {
    try buyTen(state: .open)
    let found = fault { try book(.split(acme, new: Amount(2), old: .one)) }
    #expect(found?.cause == "1 orders of ACME-USD work at the venue")
    #expect(try store.read { try $0.accounts.position(acme, "main") }.quantity == Amount(10))
  }

  @Test(arguments: ["0", "12.5"])
  func aSettlementPaysOutAndEnds(_ price: String) throws {
    try buyTen()
    let record = try book(.settlement(acme, price: Amount(price)!))
    #expect(record.held["ACME"] == .zero)
    let paid = try Amount(10).multiplied(by: Amount(price)!)
    #expect(try record.held["USD"] == Amount(799).adding(paid))
    #expect(try audit() == [])
  }

  @Test func whatIsWrongIsRefusedAndChangesNothing() throws {
    let refused: [(CashEvent, String, Int64)] = [
      (.deposit(asset: "USD", amount: .zero, rate: .one), "main", 100),
      (.deposit(asset: "USD", amount: Amount(-1), rate: .one), "main", 100),
      (.deposit(asset: "USD", amount: .one, rate: .one), "main", 201),
      (.deposit(asset: "USD", amount: .one, rate: .one), "nobody", 100),
      (.settlement(acme, price: .one), "main", 100),
      (.split(acme, new: .one, old: .one), "main", 100),
      (.split(acme, new: .zero, old: .one), "main", 100),
    ]
    for (event, account, time) in refused {
      let found = fault { try book(event, account, at: time) }
      #expect(found?.remedy != nil, "\(event)")
    }
    #expect(try store.read { try $0.entries.range("main") }.count == 1)
  }

  @Test func anEntryThatDoesNotBalanceIsRefused() throws {
    let found = fault {
      try store.write(at: at(1)) {
        try $0.entries.post(
          .adjustment, "main", at: at(1), reason: "", [.init(.held, "USD", .one)])
      }
    }
    #expect(found?.exit == .internal)
  }

  /// What an older version booked is posted by the migration, to the last digit.
  @Test func olderBooksArePosted() throws {
    let folder = TestDatabase()
    let older = try DatabaseQueue(path: folder.path)
    try older.inDatabase { db in
      for migration in Schema.migrations.prefix(while: { !$0.sql.contains("CREATE TABLE entry") }) {
        try db.execute(sql: migration.sql)
        try db.execute(sql: "PRAGMA user_version = \(migration.number)")
      }
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
      try db.execute(
        sql: """
          INSERT INTO account VALUES ('main', 'USD', 'paper', '1000', 0);
          INSERT INTO account VALUES ('empty', 'BTC', 'paper', '0', 0);
          INSERT INTO cash VALUES ('main', 'USD', '812.5', 60000), ('empty', 'BTC', '0', 0);
          INSERT INTO position VALUES ('main', 'ACME-USD', '9.25', '187', 60000);
          INSERT INTO plan VALUES (1, 'main', 'rebalance', 60000, NULL, 'done', '1000', '1000', '{}', 60000,
            60000);
          INSERT INTO orders VALUES ('car-a', 1, 'main', 'rebalance', 60000, 'ACME-USD', 0, 'buy', '10',
            NULL, 'filled', NULL, NULL, '10', '200', 60000, 60000, 0);
          INSERT INTO orders VALUES ('car-b', 1, 'main', 'rebalance', 60000, 'ACME-USD', 1, 'sell', '0.75',
            NULL, 'filled', NULL, NULL, '0.75', '15', 60000, 60000, 1);
          INSERT INTO fill VALUES ('car-a', 0, '10', '20', '200', '1', 'USD', '0', 60000, NULL, 60000);
          INSERT INTO fill VALUES ('car-b', 0, '0.75', '20', '15', '1.5', 'USD', '0', 60000, NULL, 60000);
          """)
    }
    try older.close()
    let store = try folder.open()
    // 1000 - 200 - 1 + 15 - 1.5 = 812.5, and 10 - 0.75 = 9.25.
    for account in ["main", "empty"] {
      #expect(try audit(account) == [])
    }
    let entries = try store.read { try $0.entries.range("main") }
    #expect(entries.map(\.kind) == [.opening, .fill, .fill])
    #expect(
      entries.last?.postings == [
        .init(.held, "ACME", Amount("-0.75")!), .init(.market, "ACME", Amount("0.75")!),
        .init(.held, "USD", Amount(15)), .init(.market, "USD", Amount(-15)),
        .init(.held, "USD", Amount("-1.5")!), .init(.fees, "USD", Amount("1.5")!),
      ])
    try store.close()
  }
}
