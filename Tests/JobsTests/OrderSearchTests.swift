import Domain
import Jobs
import Portfolio
import Testing

@Suite struct OrderSearchTests {
  private static let noon = Instant(rfc3339: "2026-11-20T12:00:00Z")!
  private static let rebalance = JobName("rebalance")!
  private static let symbol = Symbol("BTC-USDT")!

  /// An order of a slot, placed some seconds after it, is found again by what its id was made of.
  @Test(
    arguments: [
      // Of a schedule: any leg of it.
      (0, 0, 40, true), (-7200, 15, 40, true), (0, 16, 40, false),
      // By hand, within 90 s of the start: the millisecond is tried out.
      (17, 0, 19, true), (17, 1, 19, true), (17, 2, 19, false), (17, 0, 108, false),
    ] as [(Int64, Int, Int64, Bool)])
  func idsAreMadeAgain(slot: Int64, leg: Int, placed: Int64, isFound: Bool) {
    var search = OrderSearch(
      account: "main", slots: [Self.rebalance: [Self.noon, Self.noon - .hours(2)]])
    let time = Self.noon + .seconds(slot) + .milliseconds(slot == 17 ? 123 : 0)
    let key = OrderKey(
      account: "main", slot: Slot(job: Self.rebalance, time: time), symbol: Self.symbol, leg: leg)
    let found = search.key(
      of: ClientOrderID(deriving: key), Self.symbol, ordered: Self.noon + .seconds(placed))
    #expect(found == (isFound ? key : nil))
  }

  /// What the first order of a run by hand told is used for the others, whatever their leg.
  @Test func theSlotOfARunByHandIsRemembered() {
    var search = OrderSearch(account: "main", slots: [Self.rebalance: []])
    let slot = Slot(job: Self.rebalance, time: Self.noon + .milliseconds(7))
    func find(_ leg: Int) -> OrderKey? {
      let key = OrderKey(account: "main", slot: slot, symbol: Self.symbol, leg: leg)
      return search.key(
        of: ClientOrderID(deriving: key), Self.symbol, ordered: Self.noon + .milliseconds(500))
    }
    #expect(find(5) == nil)
    #expect(find(0)?.slot == slot)
    #expect(find(5)?.leg == 5)
  }

  @Test func anotherAccountsOrderIsNotOurs() {
    var search = OrderSearch(account: "main", slots: [Self.rebalance: [Self.noon]])
    let key = OrderKey(
      account: "other", slot: Slot(job: Self.rebalance, time: Self.noon), symbol: Self.symbol,
      leg: 0)
    #expect(
      search.key(of: ClientOrderID(deriving: key), Self.symbol, ordered: Self.noon) == nil)
  }
}
