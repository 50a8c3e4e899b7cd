import Domain
import Exchange
import Store
import Testing
import Venues

@testable import Jobs

/// An account held against its venue: every way in which the two may differ.
@Suite struct VenueStatementTests {
  private static let time = Instant(seconds: 1_780_000_000)
  private static let symbol = Symbol("BTC-USDT")!

  private static func amounts(_ texts: [String: String]) -> [String: Amount] {
    texts.compactMapValues { Amount($0) }
  }

  private static func statement(
    _ lines: [VenueStatement.Line], _ trades: [VenueStatement.Trade] = []
  ) -> VenueStatement {
    VenueStatement(
      account: "main", place: "http://there", time: time, since: nil, lines: lines,
      trades: trades, compared: 0, strangers: 0, reading: TradeReading(through: time))
  }

  private static func statement(beside: [String: String]) throws -> VenueStatement {
    statement(
      try amounts(beside).map {
        try VenueStatement.Line($0.key, ledger: .zero, venue: $0.value, beside: $0.value)
      })
  }

  // Ledger, venue, what was beside it before (nil: no statement before), what differs now, what lies
  // beside now.
  @Test(
    arguments: [
      // The first one takes down what is somebody's own; what is missing is told at once.
      (["USDT": "100"], ["USDT": "100"], nil, [:], ["USDT": "0"]),
      (
        ["USDT": "100"], ["USDT": "140.5", "DOGE": "7"], nil, [:], ["DOGE": "7", "USDT": "40.5"]
      ),
      (["BTC": "1"], ["BTC": "0.99"], nil, ["BTC": "-0.01"], ["BTC": "0"]),
      // From then on one unit is enough, in either direction.
      (
        ["USDT": "100"], ["USDT": "140.5"], ["USDT": "40.5"], [:], ["USDT": "40.5"]
      ),
      (
        ["USDT": "100"], ["USDT": "140.500000000001"], ["USDT": "40.5"],
        ["USDT": "0.000000000001"], ["USDT": "40.5"]
      ),
      (
        ["USDT": "100"], ["USDT": "140.499999999999"], ["USDT": "40.5"],
        ["USDT": "-0.000000000001"], ["USDT": "40.5"]
      ),
      // A deposit; an asset that nobody had; one that is gone.
      (["USDT": "100"], ["USDT": "1100"], [:], ["USDT": "1000"], ["USDT": "0"]),
      (["USDT": "1"], ["USDT": "1", "SPAM": "9"], [:], ["SPAM": "9"], ["SPAM": "0", "USDT": "0"]),
      ([:], [:], ["DOGE": "7"], ["DOGE": "-7"], ["DOGE": "7"]),
      // A fee that was paid from what the ledger never bought: 5 BNB lay there, 0.02 went.
      (["BNB": "-0.02"], ["BNB": "4.98"], ["BNB": "5"], [:], ["BNB": "5"]),
    ]
      as [(
        [String: String], [String: String], [String: String]?, [String: String], [String: String]
      )]
  )
  func assetsAreHeldAgainstEachOther(
    held: [String: String], there: [String: String], before: [String: String]?,
    differs: [String: String], beside: [String: String]
  ) throws {
    let lines = try VenueStatement.lines(
      held: Self.amounts(held), there: Self.amounts(there),
      before: try before.map { try Self.statement(beside: $0) })
    let found = Self.statement(lines)
    #expect(
      Dictionary(uniqueKeysWithValues: found.differing.map { ($0.asset, $0.difference) })
        == Self.amounts(differs))
    #expect(
      Dictionary(uniqueKeysWithValues: lines.map { ($0.asset, $0.beside) }) == Self.amounts(beside))
    #expect((found.words == nil) == differs.isEmpty)
  }

  @Test func whatIsThereBeyondTheLedgerIsAccepted() throws {
    let more = try VenueStatement.Line(
      "USDT", ledger: Amount(100), venue: Amount(130), beside: Amount(10))
    let taken = try Self.statement([more]).accepting("my savings", at: Self.time + .hours(1))
    #expect(taken.differences == 0)
    #expect(taken.lines.map(\.beside) == [Amount(30)])
    #expect(taken.accepted == "my savings" && taken.since == Self.time)
    let less = try VenueStatement.Line(
      "BTC", ledger: Amount(1), venue: .zero, beside: Amount.zero)
    #expect(throws: Fault.self) { try Self.statement([more, less]).accepting("x", at: Self.time) }
  }

  @Test func aStatementIsReadAsItWasWritten() throws {
    var statement = Self.statement(
      [try VenueStatement.Line("USDT", ledger: Amount(1), venue: Amount(3), beside: Amount(1))],
      [
        VenueStatement.Trade(
          kind: .altered, id: "T-1", symbol: Self.symbol, side: .sell, quantity: Amount("0.5")!,
          price: Amount("61000.01")!, time: Self.time - .milliseconds(1))
      ])
    (statement.since, statement.compared, statement.strangers) = (Self.time - .days(1), 7, 2)
    statement.reading = TradeReading(
      cursors: ["": "1 a b", "BTC-USDT": "44"], through: Self.time - .seconds(60),
      recent: [TradeReading.Key(symbol: Self.symbol, id: "43")])
    let bench = try Workbench()
    let read = try bench.store.write(at: Self.time) { transaction in
      try transaction.accounts.open("main", quote: "USDT", mode: .test, initial: Amount(1))
      try statement.record(transaction)
      let record = try #require(try transaction.statements.latest("main"))
      #expect(record.differences == 2)
      return try VenueStatement(record)
    }
    #expect(read == statement)
  }

  // MARK: trades

  private static func told(
    _ id: String, _ seconds: Int64, quantity: Int = 1, fee: String? = "0.1", order: String = "9"
  ) -> TradeReading.Told {
    TradeReading.Told(
      symbol: symbol,
      fill: VenueFill(
        id: id, order: nil, venueOrder: order, contract: ContractID(venue: "there", "BTCUSDT"),
        side: .buy, quantity: Quantity(Amount(quantity), "BTC"), price: Price(Amount(100), symbol),
        fee: fee.flatMap { Amount($0) }.map { Money($0, "USDT") }, isMaker: false,
        time: time + .seconds(seconds)))
  }

  /// What the venue told and the ledger has, each as id, seconds after the last reading and quantity;
  /// what comes of it. The venue's word is complete for 100 seconds.
  @Test(
    arguments: [
      // The same on both sides.
      ([("1", 10, 1)], [("1", 10, 1)], [], 1),
      // Told, of an order of ours, and not booked; booked with another quantity.
      ([("1", 10, 1)], [], ["missing 1"], 0), ([("1", 10, 2)], [("1", 10, 1)], ["altered 1"], 1),
      // Booked, and not told: only where the venue's word is complete, and new.
      ([], [("1", 10, 1)], ["untold 1"], 0), ([], [("1", 101, 1)], [], 0),
      ([], [("1", 0, 1)], [], 0),
      // It was told at the last reading, and was too young then.
      ([], [("recent", 5, 1)], [], 0),
      // A trade from before the account.
      ([("1", -5_000, 1)], [], [], 0),
    ] as [([(String, Int64, Int)], [(String, Int64, Int)], [String], Int)])
  func tradesAreHeldAgainstEachOther(
    there: [(String, Int64, Int)], booked: [(String, Int64, Int)], trades: [String], compared: Int
  ) throws {
    let fills = try Self.records(booked)
    var reading = TradeReading(through: Self.time)
    reading.recent = [TradeReading.Key(symbol: Self.symbol, id: "recent")]
    let found = reading.compare(
      there.map { Self.told($0.0, $0.1, quantity: $0.2) },
      TradeReading.Ledger(fills: fills, orders: ["9"], opened: Self.time - .seconds(1_000)),
      through: Self.time + .seconds(100))
    #expect(found.trades.map { "\($0.kind.rawValue) \($0.id)" } == trades)
    #expect(found.compared == compared && found.strangers == 0)
  }

  /// A trade of second 90 is told at once. Two more readings, complete through seconds 50 and 80, are told
  /// nothing anew; the one through second 100 does not miss it, and then it is forgotten.
  @Test func aYoungTradeIsKnownOverManyReadings() throws {
    let ledger = TradeReading.Ledger(
      fills: try Self.records([("1", 90, 1)]), orders: ["9"], opened: Self.time)
    var reading = TradeReading(through: Self.time)
    var told = [Self.told("1", 90)]
    for end in [Int64(20), 50, 80, 100] {
      let through = Self.time + .seconds(end)
      #expect(reading.compare(told, ledger, through: through).trades.isEmpty)
      reading = reading.followed(by: told, ledger, cursors: ["": "c"], through: through)
      #expect(reading.recent.isEmpty == (end == 100))
      told = []
    }
  }

  /// A trade that is booked at second 91, as the answer to its order told, and told for second 90: it lies
  /// before the end of one reading and behind it, and is missed by none.
  @Test func aTradeThatIsToldForAnotherTimeIsTheSame() throws {
    let ledger = TradeReading.Ledger(
      fills: try Self.records([("1", 91, 1)]), orders: ["9"], opened: Self.time)
    var reading = TradeReading(through: Self.time)
    var told = [Self.told("1", 90)]
    for end in [Int64(90), 100] {
      let through = Self.time + .seconds(end)
      #expect(reading.compare(told, ledger, through: through).trades.isEmpty)
      reading = reading.followed(by: told, ledger, cursors: ["": "c"], through: through)
      told = []
    }
  }

  @Test func tradesOfOthersAreCountedAndLateFeesAreNoDifference() throws {
    let ledger = TradeReading.Ledger(
      fills: try Self.records([("1", 1, 1)]), orders: [], opened: Self.time)
    let found = TradeReading(through: Self.time).compare(
      [Self.told("1", 1, fee: nil), Self.told("2", 2, order: "77")], ledger,
      through: Self.time + .seconds(9))
    #expect(found.trades.isEmpty && found.compared == 1 && found.strangers == 1)
    let other = TradeReading(through: Self.time).compare(
      [Self.told("1", 1, fee: "0.2")], ledger, through: Self.time + .seconds(9))
    #expect(other.trades.map(\.kind) == [.altered])
  }

  /// Trades as the ledger has them: of one order of an account that was opened for it.
  private static func records(
    _ trades: [(String, Int64, Int)]
  ) throws -> [TradeReading.Key: FillRecord] {
    guard !trades.isEmpty else { return [:] }
    let bench = try Workbench()
    let slot = Slot(job: JobName("rebalance")!, time: time - .hours(1))
    let id = ClientOrderID("car-aaaaaaaaaaaaaa")
    let order = Order(
      id: id, key: OrderKey(account: "main", slot: slot, symbol: symbol, leg: 0), side: .buy,
      quantity: Amount(100))
    return try bench.store.write(at: time + .hours(1)) { transaction in
      try transaction.accounts.open("main", quote: "USDT", mode: .test, initial: Amount(10_000))
      _ = try transaction.plans.insert(
        account: "main", slot, round: 0, run: nil, equity: nil, cash: Amount(10_000), detail: "{}",
        lines: [], orders: [order])
      try transaction.orders.move(id, to: .intent)
      try transaction.orders.move(id, to: .open, venueID: "9", isSent: true)
      for (trade, seconds, quantity) in trades {
        try transaction.fills.insert(
          Fill(
            order: id, trade: trade, quantity: Amount(quantity), price: Amount(100),
            fee: Fill.Fee(Amount("0.1")!, "USDT"), time: time + .seconds(seconds)))
      }
      let found = try transaction.fills.between("main", after: .epoch, through: .latest)
      #expect(found.count == trades.count)
      return Dictionary(
        uniqueKeysWithValues: found.map {
          (TradeReading.Key(symbol: $0.symbol, id: $0.fill.trade), $0)
        })
    }
  }

  /// Who asks without a rebalance of its own never ends an order's life for it.
  @Test(
    arguments: [
      (OrderState.intent, 59, OrderState?.some(.unknown)), (.unknown, 60, .planned),
      (.open, 0, .unknown), (.cancelled, 0, nil),
    ] as [(OrderState, Int64, OrderState?)])
  func aStatementAsksLikeTheOwner(_ present: OrderState, seconds: Int64, becomes: OrderState?) {
    let record = RebalanceDecisionTests.record(present)
    let decision = DeskDecision.of(
      record, nil, slot: nil, now: record.updated + .seconds(seconds), absentAfter: .seconds(60))
    #expect(decision?.state == becomes)
  }
}
