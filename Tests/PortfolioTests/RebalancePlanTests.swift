import Domain
import Portfolio
import Testing

@Suite struct RebalancePlanTests {
  // Sizes.

  @Test func buysToTheTargetRoundedToTheLot() throws {
    // Two places of 0.45 each: 1000 * 0.45 / 3 = 150, 450 / 7 = 64.2857...
    let plan = try PlanWorld(
      prices: ["A": "3", "B": "7"], scores: ["A": 1, "B": 2], cash: "1000", top: 2,
      buffer: "0.1"
    ).plan()
    #expect(plan.equity == Amount(1000))
    #expect(plan.words == ["buy 150 A", "buy 64.285 B"])
  }

  @Test func scalesPurchasesDownToTheCash() throws {
    // Wanted: 100 at 10 = 1000, with 1 % fee 1010 > 1000. Factor 1000 / 1010 = 0.990099...
    let plan = try PlanWorld(
      prices: ["A": "10"], scores: ["A": 1], cash: "1000", fee: "0.01"
    ).plan()
    #expect(plan.words == ["buy 99.009 A"])
  }

  @Test func countsWhatTheTickCosts() throws {
    // At 0.101 with a tick of 0.01 a purchase fills at 0.11: 1000 / 0.11 = 9090.909..., less than
    // the 1000 / 0.101 = 9900.99 that are wanted.
    let plan = try PlanWorld(prices: ["A": "0.101"], scores: ["A": 1], cash: "1000").plan()
    #expect(plan.words == ["buy 9090.909 A"])
  }

  /// A limit of 1 % above the close is what a purchase may cost: 1000 / 10.1 = 99.0099. Sized by the
  /// close it would take 1010 of the 1000 that there are.
  @Test func aLimitIsWhatAPurchaseMayCost() throws {
    let plan = try PlanWorld(prices: ["A": "10"], scores: ["A": 1], cash: "1000").plan {
      $0.limitOffset = try amount("0.01")
    }
    #expect(plan.words == ["buy 99.009 A"])
    #expect(plan.orders.map(\.limit) == [try amount("10.1")])
  }

  @Test func limitsAreRoundedToTheSafeSide() throws {
    // 10.01 * 1.0015 = 10.025015
    let plan = try PlanWorld(
      prices: ["A": "10.01"], scores: ["A": 1], cash: "1000", buffer: "0.5"
    ).plan { $0.limitOffset = try amount("0.0015") }
    #expect(plan.orders.map(\.limit) == [try amount("10.02")])
  }

  /// The buffer is not spent on fees: of 1000 with a buffer of 0.1 purchases cost 900 at most.
  /// 900 / (10 * 1.01) = 89.1089...
  @Test func theBufferStays() throws {
    let plan = try PlanWorld(
      prices: ["A": "10"], scores: ["A": 1], cash: "1000", buffer: "0.1", fee: "0.01"
    ).plan()
    #expect(plan.words == ["buy 89.108 A"])
  }

  // Sales, and the purchases after them.

  /// Equity 10 * 50 + 500 = 1000. A gets 0.8 of it, 40, once the sale has brought the cash: the first
  /// round sells, the second buys from what came in.
  @Test func sellsFirstAndBuysFromWhatCameIn() throws {
    var world = PlanWorld(
      prices: ["A": "20", "Z": "50"], scores: ["A": 1, "Z": -1], held: ["Z": "10"], cash: "500",
      buffer: "0.2")
    let first = try world.plan()
    #expect(first.words == ["sell 10 Z"])
    #expect(try first.decision("A") == .later(Amount(40)))
    #expect(first.waitsForSales)
    // The sale brought 450 of the 500 that were expected: equity 950, 0.8 of it is 760.
    world.held = [:]
    world.cash = "950"
    let second = try world.plan { $0.nextLeg = [try symbol("Z-USD"): 1] }
    #expect(second.words == ["buy 38 A"])
    #expect(!second.waitsForSales)
  }

  /// A sale that only rests has brought nothing: of the 600 that A is to have the 100 in
  /// cash are spent: 30 * 0.166666666666, rounded down to the lot.
  @Test func aRestingSaleIsNoCash() throws {
    let plan = try PlanWorld(
      prices: ["A": "20", "Z": "50"], scores: ["A": 1, "Z": -1], held: ["Z": "10"], cash: "100"
    ).plan { input in
      let key = OrderKey(account: "main", slot: planSlot, symbol: try symbol("Z-USD"), leg: 0)
      input.book.working = [
        Book.Working(
          order: Order(
            id: ClientOrderID(deriving: key), key: key, side: .sell, quantity: Amount(10),
            limit: Amount(50), state: .open),
          open: Amount(10))
      ]
    }
    #expect(plan.words == ["buy 4.999 A"])
    #expect(try plan.held("Z") == "at target")
  }

  /// A working purchase has reserved its limit: 50 at 10 leave 500 of 1000.
  @Test func aWorkingPurchaseIsCountedAsDoneAndItsCashAsSpent() throws {
    func plan(_ limit: Amount?, _ prices: [String: String]) throws -> RebalancePlan {
      try PlanWorld(
        members: ["A", "B"], prices: prices, scores: ["A": 2, "B": 1], cash: "1000", top: 2
      ).plan { input in
        let key = OrderKey(account: "main", slot: planSlot, symbol: try symbol("A-USD"), leg: 0)
        input.book.working = [
          Book.Working(
            order: Order(
              id: ClientOrderID(deriving: key), key: key, side: .buy, quantity: Amount(50),
              limit: limit, state: .open), open: Amount(50))
        ]
      }
    }
    let known = try plan(Amount(10), ["A": "10", "B": "5"])
    #expect(known.words == ["buy 100 B"])
    #expect(try known.held("A") == "at target")
    // Without limit and price nobody knows what it takes: nothing is bought beside it.
    let blind = try plan(nil, ["B": "5"])
    #expect(blind.words.isEmpty)
    #expect(
      try blind.held("B") == "a working purchase has neither limit nor price")
  }

  // The band.

  @Test func leavesSmallDriftAlone() throws {
    // 10 * 50 / 1000 = 0.5, target 0.505: drift 0.005 <= band 0.01
    let plan = try PlanWorld(
      prices: ["A": "50"], scores: ["A": 1], held: ["A": "10"], cash: "500", buffer: "0.495"
    ).plan()
    #expect(plan.words.isEmpty)
    #expect(try plan.held("A") == "inside band")
  }

  /// Holdings of 0.8 % and places of 0.98 / 98 = 1 % lie within the band of 1 %; an exit and an entry
  /// pass it all the same.
  @Test func fullExitsAndFirstEntriesPassTheBand() throws {
    var world = PlanWorld(
      prices: ["A": "10", "B": "10"], scores: ["A": -1, "B": 1], held: ["A": "8"], cash: "9920",
      top: 98, buffer: "0.02", band: "0.01")
    #expect(try world.plan().words == ["sell 8 A"])
    (world.held, world.cash) = ([:], "10000")
    #expect(try world.plan().words == ["buy 10 B"])
  }

  /// The job's own least order holds back purchases and trims, never an exit: 4 < 5.
  @Test func aSmallHoldingIsSold() throws {
    let plan = try PlanWorld(
      prices: ["A": "10"], scores: ["A": -1], held: ["A": "0.4"], cash: "1000"
    ).plan()
    #expect(plan.words == ["sell 0.4 A"])
  }

  /// What the venue would not take is dust: 0.05 * 10 = 0.5 < 1. It stays on the books, and takes no
  /// place. Of an equity of 100.5 there are 100 to spend: 10.05 * 0.995..., rounded down to the lot.
  @Test func dustIsToldAsDust() throws {
    let plan = try PlanWorld(
      prices: ["A": "10", "B": "10"], scores: ["A": -1, "B": 1], held: ["A": "0.05"], cash: "100"
    ).plan()
    #expect(try plan.held("A") == "dust: below minimum notional 1")
    #expect(plan.words == ["buy 9.999 B"])
  }

  @Test func respectsTheMinimumNotional() throws {
    // 0.1 of 40 is 4 < 5
    let plan = try PlanWorld(
      prices: ["A": "10"], scores: ["A": 1], cash: "40", buffer: "0.9"
    ).plan()
    #expect(try plan.held("A") == "below minimum notional 5")
    // 5 / 0.1
    #expect(
      plan.warnings == [
        "the account is too small for 1 target: it has 40.00 USD, and its least orders take 50.00"
      ])
  }

  /// 0.5 at 10 is worth 5.00 by the close, but is sold at 9.99 after slippage: 4.995 < 5, which a
  /// venue refuses. Plan and venue ask the same price.
  @Test func theLeastOrderIsAskedAtThePriceOfTheTrade() throws {
    let plan = try PlanWorld(
      prices: ["A": "10"], scores: ["A": 1], held: ["A": "1"], buffer: "0.5", slippage: "0.0005"
    ).plan()
    #expect(try plan.held("A") == "below minimum notional 5")
  }
}
