import Domain
import Portfolio
import Testing

@Suite struct GateTests {
  /// Buys 10 at 100, by a price that is 100 s old.
  private func refusal(
    side: Side = .buy, quantity: String = "10", limit: String? = nil,
    _ change: (inout Gate) throws -> Void = { _ in }
  ) throws -> String? {
    var gate = Gate(
      now: Instant(seconds: 1000), latestSend: Instant(seconds: 1100),
      price: Mark(price: Amount(100), time: Instant(seconds: 900)),
      maximumPriceAge: .seconds(120))
    try change(&gate)
    let key = OrderKey(account: "main", slot: planSlot, symbol: try symbol("A-USD"), leg: 0)
    let order = Order(
      id: ClientOrderID(deriving: key), key: key, side: side, quantity: try amount(quantity),
      limit: try limit.map(amount))
    return try gate.refusal(of: order)?.description
  }

  @Test func opensWhenNothingSpeaksAgainstIt() throws {
    #expect(try refusal() == nil)
    // Bounds are met, not passed, by what reaches them.
    let most = try refusal(limit: "101") {
      $0.bounds = OrderBounds(
        collar: try amount("0.01"), order: Amount(1010), turnover: Amount(2010),
        day: Amount(3010), ordersPerDay: 3, ordersPerMinute: 2, shareOfVolume: try amount("0.1"))
      $0.usage = OrderUsage(
        turnover: Amount(1000), today: Amount(2000), ordersToday: 2, ordersLastMinute: 1,
        volume: Amount(100), freeCash: Amount(1010))
    }
    #expect(most == nil)
  }

  @Test func refuses() throws {
    #expect(try refusal { $0.halt = "model drift" } == "halted: model drift")
    #expect(try refusal { $0.disarmed = "no token" } == "not armed: no token")
    #expect(
      try refusal { $0.isShadow = true } == "shadow: it would have been sent, quoted at 100")
    // A shadow says what would have refused it first.
    #expect(
      try refusal {
        $0.isShadow = true
        $0.bounds = OrderBounds(order: Amount(999))
      } == "too much: at most 999 in one order")
    #expect(ShadowNote(reason: try refusal { $0.isShadow = true })?.price == Amount(100))
    #expect(ShadowNote(reason: "too much: at most 999 in one order") == nil)
    #expect(try refusal { $0.clockSuspicion = "stepped back 4h" } == "clock: stepped back 4h")
    #expect(
      try refusal { $0.now = Instant(seconds: 1101) }
        == "too late: the deadline was 1970-01-01T00:18:20Z")
    #expect(try refusal { $0.price = nil } == "no price to judge it by")
  }

  /// At an exchange the quote is the price, and the plan's price must be young and near too.
  @Test func aQuoteIsHeldAgainstThePlan() throws {
    func told(
      quote: Int, age: Int64 = 1, planned: Int?, plannedAge: Int64 = 600, limit: String? = nil
    ) throws -> String? {
      try refusal(limit: limit) { gate in
        gate.price = Mark(price: Amount(quote), time: Instant(seconds: 1000 - age))
        gate.maximumPriceAge = .seconds(10)
        gate.planned = .init(
          mark: planned.map { Mark(price: Amount($0), time: Instant(seconds: 1000 - plannedAge)) },
          maximumAge: .seconds(3600))
        gate.bounds = OrderBounds(collar: try amount("0.05"))
      }
    }
    // 105 is 5 % above 100, and 106 is more.
    #expect(try told(quote: 105, planned: 100) == nil)
    #expect(try told(quote: 106, planned: 100)?.hasPrefix("collar: the quote 106") == true)
    #expect(try told(quote: 94, planned: 100)?.hasPrefix("collar: the quote 94") == true)
    // A limit is held against the quote, wherever the plan's price is.
    #expect(try told(quote: 110, planned: 100, limit: "110") == nil)
    #expect(
      try told(quote: 110, planned: 100, limit: "100")?.hasPrefix("collar: the limit") == true)
    #expect(try told(quote: 100, age: 11, planned: 100)?.hasPrefix("stale quote") == true)
    #expect(try told(quote: 100, planned: nil) == "no price to judge it by")
    #expect(try told(quote: 100, planned: 100, plannedAge: 3601)?.hasPrefix("stale price") == true)
  }

  /// The age counts from now, whatever slot the order is of: a run of last week's slot by hand has a
  /// price of last week.
  @Test func aPriceIsOldByTheClockOfNow() throws {
    #expect(try refusal { $0.now = Instant(seconds: 1020) } == nil)
    #expect(
      try refusal {
        $0.now = Instant(seconds: 1021)
        $0.latestSend = nil
      } == "stale price: the last candle closed at 1970-01-01T00:15:00Z")
  }

  @Test func buysNothingBesideADoubt() throws {
    let doubt = ClientOrderID("car-doubt000000000")
    #expect(try refusal { $0.doubt = doubt }?.hasPrefix("in doubt") == true)
    #expect(try refusal(side: .sell) { $0.doubt = doubt } == nil)
  }

  /// Each bound, one step beyond what it allows.
  @Test func keepsTheBounds() throws {
    #expect(
      try refusal(limit: "101.01") { $0.bounds.collar = try amount("0.01") }
        == "collar: the limit 101.01 is too far from 100")
    #expect(
      try refusal(limit: "98.99") { $0.bounds.collar = try amount("0.01") }
        == "collar: the limit 98.99 is too far from 100")
    #expect(
      try refusal { $0.bounds.order = Amount(999) } == "too much: at most 999 in one order")
    #expect(
      try refusal {
        $0.bounds.turnover = Amount(1999)
        $0.usage.turnover = Amount(1000)
      } == "too much: at most 1999 in one rebalance")
    #expect(
      try refusal {
        $0.bounds.day = Amount(1999)
        $0.usage.today = Amount(1000)
      } == "too much: at most 1999 in one day")
    #expect(
      try refusal {
        $0.bounds.ordersPerDay = 3
        $0.usage.ordersToday = 3
      } == "too many: at most 3 orders in one day")
    #expect(
      try refusal {
        $0.bounds.ordersPerMinute = 3
        $0.usage.ordersLastMinute = 3
      } == "too many: at most 3 orders in one minute")
    #expect(
      try refusal {
        $0.bounds.shareOfVolume = try amount("0.1")
        $0.usage.volume = Amount(99)
      } == "too large: at most 9.9 of the last candle's volume")
    #expect(try refusal { $0.usage.freeCash = Amount(999) } == "no funds: 999 is free")
    #expect(
      try refusal(side: .sell) { $0.usage.freeQuantity = Amount(9) } == "no funds: 9 is free")
  }
}
