import Domain
import Exchange
import Testing

@Suite struct SessionTests {
  /// A market that is open from 14:00 to 16:00 on each of ten days.
  private func market(_ model: FillModel = FillModel(slippage: .none)) -> Market {
    var market = Market(model: model, calendar: "DAY")
    let sessions = (0..<10).map { day in
      let open = Market.start + .days(Int64(day)) + .hours(14)
      return TradingHours.Session(open: open, close: open + .hours(2))
    }
    _ = market.core.operate(.setHours("DAY", TradingHours(sessions)), at: Market.start)
    return market
  }

  private func hours(_ count: Int, at price: String, in market: inout Market) {
    for _ in 0..<count { market.hour(at: price) }
  }

  @Test func aClosedMarketTakesWhatCanWait() {
    var market = market()
    hours(16, at: "100", in: &market)  // the close of the first day
    #expect(market.outcome("m", .buy, "1") == "refused: the market is closed")
    #expect(
      market.outcome("i", .buy, "1", limit: "200", .immediateOrCancel)
        == "refused: the market is closed")
    #expect(market.outcome("l", .buy, "1", limit: "200") == "open")
    #expect(market.outcome("o", .buy, "1", .onOpen) == "open")
    // Candles of the night are none that anybody could have traded in.
    hours(22, at: "50", in: &market)
    #expect(market.text("l") == "open")
    #expect(market.core.reference(market.contract.id)?.price.amount == Amount(100))
    // The next day's first hour.
    market.hour("110", "120", "100", "115")
    #expect(market.text("o") == "filled 1 at 110")
    #expect(market.text("l") == "filled 1 at 110")
  }

  @Test func anOpeningIsOnce() {
    var market = market(FillModel(slippage: .none, participation: Rate(Amount("0.1")!)))
    hours(16, at: "100", in: &market)
    #expect(market.outcome("large", .buy, "5", .onOpen) == "open")
    #expect(market.outcome("cheap", .buy, "1", limit: "90", .onOpen) == "open")
    hours(22, at: "100", in: &market)
    // The opening print is a quarter of 100, of which a tenth is ours.
    market.hour(at: "100", volume: "100")
    #expect(market.text("large") == "expired 2.5 at 100 (the opening has passed)")
    #expect(market.text("cheap") == "expired (the opening has passed)")
    // In the session, one waits for the next.
    #expect(market.outcome("late", .buy, "1", .onOpen) == "open")
    market.hour(at: "100")
    #expect(market.text("late") == "open")
  }

  @Test func anOpeningWithoutAMarketableGapUsesItsPrice() {
    var market = market(FillModel(slippage: .fixed(Rate(Amount("0.01")!))))
    market.pay(10, "ETH")
    hours(16, at: "100", in: &market)
    #expect(market.outcome("s", .sell, "1", .onOpen) == "open")
    hours(22, at: "100", in: &market)
    market.hour(at: "120")
    // 120 less one percent.
    #expect(market.text("s") == "filled 1 at 118.8")
  }

  @Test func aDayThatClosesInItsMiddle() {
    var market = market()
    hours(15, at: "100", in: &market)
    #expect(market.outcome("before", .buy, "1") == "filled 1 at 100")
    #expect(market.outcome("rests", .buy, "1", limit: "90") == "open")
    let sessions = (0..<10).map { day in
      let open = Market.start + .days(Int64(day)) + .hours(14)
      return TradingHours.Session(open: open, close: open + .hours(2))
    }
    let early = TradingHours(sessions).closed(early: market.core.now)
    #expect(early.sessions.first?.close == market.core.now)
    _ = market.core.operate(.setHours("DAY", early), at: market.core.now)
    #expect(market.outcome("after", .buy, "1") == "refused: the market is closed")
    // A candle of the hour that was called off fills nothing.
    market.hour("100", "100", "50", "60")
    #expect(market.text("rests") == "open")
    hours(22, at: "60", in: &market)
    market.hour("60", "60", "50", "60")
    #expect(market.text("rests") == "filled 1 at 60")
  }

  @Test func aHaltKeepsWhatRests() {
    var market = Market()
    market.pay(10, "ETH")
    market.hour(at: "100")
    #expect(market.outcome("b", .buy, "1", limit: "90") == "open")
    #expect(market.outcome("s", .sell, "1", limit: "120") == "open")
    _ = market.core.operate(.setState(market.contract.id, .halted), at: market.core.now)
    #expect(market.outcome("n", .buy, "1") == "refused: the contract is halted")
    market.hour("100", "130", "80", "100")
    #expect(market.text("b") == "open")
    // The end of a contract: purchases are dropped, sales still stand.
    _ = market.core.operate(.setState(market.contract.id, .closing), at: market.core.now)
    #expect(market.text("b") == "expired (the contract is closing)")
    #expect(market.outcome("c", .buy, "1") == "refused: the contract is closing")
    market.hour("100", "130", "80", "100")
    #expect(market.text("s") == "filled 1 at 120")
    #expect(market.outcome("t", .sell, "1", limit: "500") == "open")
    _ = market.core.operate(.setState(market.contract.id, .absent), at: market.core.now)
    #expect(market.text("t") == "expired (the contract is absent)")
    #expect(market.balance("ETH") == .init(free: Amount(9)))
    #expect(market.balance("USDT").locked == .zero)
  }

  @Test func aContractExpiresAndPays() {
    var market = Market()
    market.hour(at: "100")
    #expect(market.outcome("a", .buy, "10") == "filled 10 at 100")
    market.contract.expiry = market.core.now + .minutes(30)
    _ = market.core.operate(.list(market.contract), at: market.core.now)
    #expect(market.outcome("b", .buy, "1", limit: "90") == "open")
    market.wait(minutes: 30)
    #expect(market.text("b") == "expired (the contract is expired)")
    #expect(market.outcome("c", .sell, "1") == "refused: the contract is expired")
    _ = market.core.operate(
      .setState(market.contract.id, .settled(Amount(120))), at: market.core.now)
    #expect(market.balance("ETH").free == .zero)
    #expect(market.balance("USDT") == .init(free: Amount(10_200)))
    #expect(
      market.core.accounts[Market.account]?.positions[market.contract.id]?.realised == Amount(200))
  }

  @Test func whatASaleBringsIsFreeOnceItHasSettled() {
    var market = Market(cash: 0)
    market.contract.settlement = .days(1)
    _ = market.core.operate(.list(market.contract), at: market.core.now)
    market.pay(2, "ETH")
    market.hour(at: "100")
    #expect(market.outcome("a", .sell, "1") == "filled 1 at 100")
    #expect(market.balance("USDT") == .init(unsettled: Amount(100)))
    #expect(
      market.outcome("b", .buy, "1") == "refused: insufficient funds: 100 USDT needed, 0 free")
    for _ in 0..<24 { market.hour(at: "100") }
    #expect(market.balance("USDT") == .init(free: Amount(100)))
    #expect(market.outcome("c", .buy, "1") == "filled 1 at 100")
  }

  @Test func aSplitChangesHoldingsOrdersAndPrices() {
    var market = Market()
    market.hour(at: "100")
    #expect(market.outcome("held", .buy, "10") == "filled 10 at 100")
    #expect(market.outcome("b", .buy, "1.001", limit: "90.01") == "open")
    #expect(market.outcome("s", .sell, "4", limit: "120") == "open")
    #expect(market.outcome("tiny", .buy, "0.06", limit: "84") == "open")
    // Three for two: 90.01 * 2 / 3 = 60.00666, down to the tick; 1.001 * 1.5 = 1.5015, down to the lot.
    #expect(
      market.core.operate(.split(asset: "ETH", new: 3, old: 2), at: market.core.now) == nil)
    #expect(market.order("b")?.ticket.limit?.amount == Amount(60))
    #expect(market.order("b")?.ticket.quantity.amount == Amount("1.501"))
    #expect(market.order("s")?.ticket.limit?.amount == Amount(80))
    #expect(market.order("s")?.ticket.quantity.amount == Amount(6))
    #expect(market.balance("ETH") == .init(free: Amount(9), locked: Amount(6)))
    let position = market.core.accounts[Market.account]?.positions[market.contract.id]
    #expect(position?.quantity == Amount(15))
    #expect(position?.cost == Amount(1000))
    #expect(market.core.reference(market.contract.id)?.price.amount == Amount("66.666666666667"))
    // 9000 less 1.501 * 60 and 0.09 * 56.
    #expect(market.balance("USDT").locked == Amount("95.1"))
    market.hour(at: "80")
    #expect(market.text("s") == "filled 6 at 80")
  }
}
