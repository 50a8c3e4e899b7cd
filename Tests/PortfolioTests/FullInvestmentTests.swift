import Domain
import Portfolio
import Testing

/// A top-up that the cash does not reach is no failure where the band keeps the money in other
/// holdings: that is what a band is for.
@Suite struct FullInvestmentTests {
  /// Equity 38 * 10 + 38 * 10 + 22 * 10 + 20 = 1000, three places of 0.98 / 3 = 0.3266. C is 0.1066 below
  /// it, beyond the band of 0.1; A and B are 0.0533 above it, within. The cash is the buffer.
  private static let world = PlanWorld(
    prices: ["A": "10", "B": "10", "C": "10"], scores: ["A": 1, "B": 2, "C": 3],
    held: ["A": "38", "B": "38", "C": "22"], cash: "20", top: 3, buffer: "0.02", band: "0.1")

  private func hold(_ plan: RebalancePlan, _ name: String) throws -> Hold? {
    guard case .hold(let hold) = try plan.decision(name) else { return nil }
    return hold
  }

  @Test func isSettledByTheBand() throws {
    let plan = try Self.world.plan()
    #expect(
      try hold(plan, "C") == Hold(.kept, "fully invested: no cash above the buffer"))
    #expect(plan.warnings.isEmpty)
  }

  /// 4 of cash above the buffer of 20 are less than the least order of 5.
  @Test func aRestTooSmallForAnOrderIsTooSmall() throws {
    var world = Self.world
    world.cash = "24"
    let hold = try hold(try world.plan(), "C")
    #expect(hold == Hold(.tooSmall, "not enough cash: below minimum notional 5"))
  }

  /// A first entry is told, since something chosen is not held: two holdings of 0.39, drift 0.0634 above
  /// their places, 0.2 of an instrument that left the list, and D has nothing.
  @Test func anEntryThatWaitsForCashIsTold() throws {
    var world = Self.world
    world.prices["D"] = "10"
    world.scores = ["A": 1, "B": 2, "D": 3]
    world.members = ["A", "B", "D"]
    let plan = try world.plan { $0.band = try amount("0.2") }
    #expect(try hold(plan, "D")?.kind == .kept)
    #expect(
      plan.warnings == [
        "1 chosen instrument waits for cash: the account is fully invested, and nothing is above "
          + "its target by more than the band"
      ])
  }

  /// Cash that a working purchase has reserved is not there: what should be done cannot be.
  @Test func cashThatIsReservedIsNoFullInvestment() throws {
    let plan = try PlanWorld(
      prices: ["A": "10", "B": "10"], scores: ["A": 1, "B": 2], cash: "1000", top: 2
    ).plan { input in
      let key = OrderKey(account: "main", slot: planSlot, symbol: try symbol("A-USD"), leg: 0)
      input.book.working = [
        Book.Working(
          order: Order(
            id: ClientOrderID(deriving: key), key: key, side: .buy, quantity: Amount(100),
            limit: Amount(10), state: .open), open: Amount(100))
      ]
    }
    #expect(
      try hold(plan, "B")
        == Hold(.unable, "the cash above the buffer is reserved by working purchases"))
  }

  /// What is scaled to the cash says so: 99.009 of 100, see RebalancePlanTests.
  @Test func aPurchaseThatIsCutSaysBywhat() throws {
    let plan = try PlanWorld(
      prices: ["A": "10"], scores: ["A": 1], cash: "1000", fee: "0.01"
    ).plan()
    #expect(plan.lines.first?.cut == "cut from 100 to the cash above the buffer")
  }
}
