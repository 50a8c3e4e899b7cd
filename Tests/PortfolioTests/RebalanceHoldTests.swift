import Domain
import Portfolio
import Testing

/// What a plan leaves alone, and why: what is held without a score or a price, doubts, and restraints.
@Suite struct RebalanceHoldTests {
  /// A has no score: it stays, takes one of two places and 0.3 of the equity; B gets the other place
  /// with what is left, 1000 * (0.9 - 0.3) = 600.
  @Test func withoutAScoreAHoldingStaysAndItsWorthIsTakenOff() throws {
    let plan = try PlanWorld(
      prices: ["A": "10", "B": "10"], scores: ["B": 1], held: ["A": "30"], cash: "700", top: 2,
      buffer: "0.1"
    ).plan { $0.silences = [try symbol("A-USD"): "stale"] }
    #expect(plan.words == ["buy 60 B"])
    #expect(try plan.held("A") == "no score: stale")
    #expect(plan.lines.first?.target.weight == Amount("0.3"))
  }

  @Test func aScoreThatIsNoNumberSellsNothing() throws {
    let plan = try PlanWorld(
      prices: ["A": "10"], scores: ["A": .nan], held: ["A": "30"], cash: "700"
    ).plan()
    #expect(plan.words.isEmpty)
    #expect(try plan.held("A") == "no score")
  }

  /// What is halted is never traded, whatever its score; what left the list is in the plan, and its
  /// worth is not shared out a second time.
  @Test(arguments: [-1.0, 1.0])
  func whatCannotBeTradedIsHeldWithItsReason(_ score: Double) throws {
    let plan = try PlanWorld(
      members: ["A", "B"], prices: ["A": "10", "B": "10", "C": "10"],
      scores: ["A": score, "B": 0.5], held: ["A": "20", "C": "30"], cash: "500", top: 2
    ).plan { $0.barred = [try symbol("A-USD"): "halted by the venue"] }
    #expect(try plan.held("A") == "halted by the venue")
    #expect(try plan.held("C") == "left the list: not traded by this job")
    // 1000 * (1 - 0.2 - 0.3) for the one place that A leaves
    #expect(plan.words == ["buy 50 B"])
  }

  @Test func anOldPriceValuesButDoesNotTrade() throws {
    let plan = try PlanWorld(
      prices: ["A": "10", "B": "10"], scores: ["A": -1, "B": 1], held: ["A": "50"], cash: "500",
      top: 2
    ).plan {
      let old = planSlot.time - .hours(3)
      $0.rates[try symbol("A-USD")] = Mark(price: Amount(10), time: old)
    }
    #expect(plan.equity == Amount(1000))
    #expect(
      try plan.held("A") == "no fresh price, the last is of 2023-11-14T19:13:20Z")
    #expect(plan.words == ["buy 50 B"])
  }

  /// A holding that was never priced makes the equity unknown: an exit needs none, everything else
  /// waits. Nothing is valued at cost.
  @Test func anUnknownEquityOnlySells() throws {
    let plan = try PlanWorld(
      members: ["A", "B", "C"], prices: ["A": "10", "B": "10"],
      scores: ["A": -1, "B": 1, "C": 1], held: ["A": "50", "C": "1"], cash: "500", top: 2
    ).plan()
    #expect(plan.equity == nil)
    #expect(plan.words == ["sell 50 A"])
    #expect(try plan.held("B") == "equity unknown: no price of C in USD")
    #expect(plan.warnings.first?.contains("no price of C in USD") == true)
  }

  /// While one order is in doubt nothing is bought; what has no part in it may be sold.
  @Test func aDoubtBlocksPurchasesOfTheWholeAccount() throws {
    func plan(_ scores: [String: Double]) throws -> RebalancePlan {
      try PlanWorld(
        prices: ["A": "10", "B": "10", "C": "10"], scores: scores, held: ["B": "10"],
        cash: "900", top: 3
      ).plan { input in
        let key = OrderKey(account: "main", slot: planSlot, symbol: try symbol("A-USD"), leg: 0)
        input.book.working = [
          Book.Working(
            order: Order(
              id: ClientOrderID("car-doubt000000000"), key: key, side: .buy, quantity: Amount(5),
              limit: Amount(10), state: .unknown), open: Amount(5))
        ]
      }
    }
    let buying = try plan(["A": 1, "B": 1, "C": 1])
    #expect(buying.words.isEmpty)
    #expect(try buying.held("A") == "in doubt: order car-doubt000000000")
    #expect(try buying.held("C") == "order car-doubt000000000 is in doubt")
    #expect(try plan(["A": 1, "B": -1, "C": 1]).words == ["sell 10 B"])
  }

  /// What is promised to a working sale is not sold again.
  @Test func whatIsPromisedToASaleIsNotSoldTwice() throws {
    let plan = try PlanWorld(
      prices: ["A": "10"], scores: ["A": -1], held: ["A": "10"], cash: "900"
    ).plan { input in
      let key = OrderKey(account: "main", slot: planSlot, symbol: try symbol("A-USD"), leg: 0)
      input.book.working = [
        Book.Working(
          order: Order(
            id: ClientOrderID(deriving: key), key: key, side: .sell, quantity: Amount(4),
            limit: Amount(11), state: .open), open: Amount(4))
      ]
      input.nextLeg = [try symbol("A-USD"): 1]
    }
    #expect(plan.words == ["sell 6 A"])
    #expect(plan.orders.map(\.key.leg) == [1])
  }

  /// Prices at both ends of what an amount can hold end in words, never in a trap.
  @Test(arguments: ["0.000000000001", "1000000000000"])
  func extremePricesAreNoTrap(_ price: String) throws {
    let plan = try PlanWorld(prices: ["A": price], scores: ["A": 1], cash: "1000").plan()
    #expect(plan.equity == Amount(1000))
    #expect(plan.orders.count <= 1)
  }

  // What limits of risk and halts do.

  /// A is held below its target, B is not held, C loses its place: what each restraint leaves of it.
  @Test(
    arguments: [
      (nil, ["sell 10 C"], "later"),
      (RebalancePlan.Input.Restraint.noEntries("risk: x"), ["sell 10 C"], "risk: x"),
      (.noPurchases("risk: x"), ["sell 10 C"], "risk: x"),
      (.flatten("halted: x"), ["sell 10 A", "sell 10 C"], "halted: x"),
    ] as [(RebalancePlan.Input.Restraint?, [String], String)])
  func restraintsHoldBackOrSell(
    _ restraint: RebalancePlan.Input.Restraint?, _ orders: [String], _ entry: String
  ) throws {
    let plan = try PlanWorld(
      prices: ["A": "10", "B": "10", "C": "10"], scores: ["A": 2, "B": 1, "C": -1],
      held: ["A": "10", "C": "10"], cash: "800", top: 2
    ).plan { $0.restraint = restraint }
    #expect(plan.words == orders)
    #expect((try plan.held("B") ?? "later") == entry)
    let topUp = try plan.decision("A")
    switch restraint {
    case nil, .noEntries?: #expect(topUp == .later(Amount(40)))
    case .noPurchases?: #expect(try plan.held("A") == "risk: x")
    case .flatten?: #expect(topUp == .sell(Amount(10)))
    }
  }
}
