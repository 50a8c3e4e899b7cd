import Domain
import Exchange
import Testing

@Suite struct PlacingTests {
  static let half = FillModel(slippage: .fixed(Rate(Amount("0.005")!)))

  @Test(
    arguments: [
      // side, limit, time in force, post-only, what becomes of an order of 1 beside a last price of 100
      // with half a percent of slippage, so that a taker buys at 100.5 and sells at 99.5
      (Side.buy, nil, .untilCancelled, false, "filled 1 at 100.5"),
      (.sell, nil, .untilCancelled, false, "filled 1 at 99.5"),
      (.buy, "101", .untilCancelled, false, "filled 1 at 100.5"),  // better than the limit
      (.buy, "100.2", .untilCancelled, false, "filled 1 at 100.2"),  // the limit is better
      (.buy, "100", .untilCancelled, false, "filled 1 at 100"),
      (.buy, "99.99", .untilCancelled, false, "open"),
      (.sell, "99", .untilCancelled, false, "filled 1 at 99.5"),
      (.sell, "99.8", .untilCancelled, false, "filled 1 at 99.8"),
      (.sell, "100.01", .untilCancelled, false, "open"),
      (.buy, "101", .immediateOrCancel, false, "filled 1 at 100.5"),
      (.buy, "99", .immediateOrCancel, false, "expired (not enough was traded to fill it)"),
      (.buy, "99", .fillOrKill, false, "expired (not enough was traded to fill it)"),
      (.buy, "101", .fillOrKill, false, "filled 1 at 100.5"),
      (.buy, "101", .untilCancelled, true, "refused: post-only, and it would trade at once"),
      (.buy, "99", .untilCancelled, true, "open"),
      (.buy, "101", .onOpen, false, "open"),
    ] as [(Side, String?, OrderTicket.TimeInForce, Bool, String)])
  func aMarketableOrderTradesNow(
    _ side: Side, _ limit: String?, _ timeInForce: OrderTicket.TimeInForce, _ postOnly: Bool,
    _ outcome: String
  ) {
    var market = Market(model: Self.half)
    market.pay(10, "ETH")
    market.hour(at: "100")
    market.wait(minutes: 1)
    let answer = market.place("o", side, "1", limit: limit, timeInForce, postOnly: postOnly)
    #expect(market.text(answer) == outcome)
  }

  @Test(
    arguments: [
      // participation, the last candle's volume, what becomes of a market order of 10
      (nil, "1000", "filled 10 at 100"),
      (nil, "0", "expired (not enough was traded to fill it)"),
      (nil, nil, "filled 10 at 100"),  // a source without volumes
      ("0.1", "100", "filled 10 at 100"),
      ("0.1", "50", "expired 5 at 100 (not enough was traded to fill it)"),
      ("0.1", "0.005", "expired (not enough was traded to fill it)"),  // half a lot
    ] as [(String?, String?, String)])
  func noMoreThanItsShareOfTheVolume(
    _ participation: String?, _ volume: String?, _ outcome: String
  ) {
    let model = FillModel(
      slippage: .none, participation: participation.map { Rate(Amount($0)!) })
    var market = Market(model: model)
    market.hour(at: "100", volume: volume)
    #expect(market.outcome("o", .buy, "10") == outcome)
  }

  @Test func twoOrdersShareOneCandlesVolume() {
    var market = Market(
      model: FillModel(slippage: .none, participation: Rate(Amount("0.1")!)))
    market.hour(at: "100", volume: "100")
    #expect(market.outcome("a", .buy, "7") == "filled 7 at 100")
    #expect(
      market.outcome("b", .buy, "7")
        == "expired 3 at 100 (not enough was traded to fill it)")
    // A limit order's rest stands, and takes a tenth of each later print of 25.
    #expect(market.outcome("c", .buy, "4", limit: "100") == "open")
    market.hour(at: "100", volume: "100")
    #expect(market.text("c") == "filled 2.5 at 100, 1.5 at 100")
    // All or nothing: of the next candle's 10 are left 6.
    #expect(
      market.outcome("d", .buy, "7", .fillOrKill)
        == "expired (not enough was traded to fill it)")
    #expect(market.outcome("e", .buy, "6", .fillOrKill) == "filled 6 at 100")
  }

  @Test func aCapNeedsVolumes() {
    let capped = FillModel(slippage: .none, participation: Rate(Amount("0.1")!))
    #expect(capped.defect(sourceHasVolume: true) == nil)
    #expect(
      capped.defect(sourceHasVolume: false)
        == "a participation cap needs volumes, and this source has none (volume: none)")
    #expect(FillModel(slippage: .none).defect(sourceHasVolume: false) == nil)
    #expect(FillModel(slippage: .none, participation: .zero).defect(sourceHasVolume: true) != nil)
    #expect(FillModel(slippage: .fixed(.one)).defect(sourceHasVolume: true) != nil)
  }

  @Test func neverTradesOnAnOldPrice() {
    var market = Market(
      model: FillModel(slippage: .none, maximumPriceAge: .hours(2)))
    #expect(market.outcome("a", .buy, "1") == "refused: no price is known")
    market.hour(at: "100")
    market.wait(minutes: 120)
    #expect(market.outcome("b", .buy, "1") == "filled 1 at 100")
    market.wait(minutes: 1)
    #expect(
      market.outcome("c", .buy, "1")
        == "refused: the newest price is of 2026-03-02T01:00:00Z")
    // A limit waits for a price instead.
    #expect(market.outcome("d", .buy, "1", limit: "101") == "open")
  }

  @Test func fundsAreLockedAndReleased() {
    var market = Market(fees: .flat(Rate(Amount("0.001")!)), cash: 1000)
    market.hour(at: "100")
    // 9 * 99 = 891 and a fee of 0.891.
    #expect(market.outcome("a", .buy, "9", limit: "99") == "open")
    #expect(market.balance("USDT").locked == Amount("891.891"))
    #expect(market.balance("USDT").free == Amount("108.109"))
    #expect(
      market.outcome("b", .buy, "2", limit: "99")
        == "refused: insufficient funds: 198.198 USDT needed, 108.109 free")
    #expect(
      market.outcome("c", .sell, "1")
        == "refused: insufficient funds: 1 ETH needed, 0 free")
    let cancelled = market.core.handle(
      .cancel(ClientOrderID("a")), as: Market.account, at: market.core.now)
    #expect(market.text(cancelled) == "cancelled (cancelled)")
    #expect(market.balance("USDT") == .init(free: Amount(1000)))
    // At once: 9 * 100 and 0.9, of a limit that locked 9 * 105 and its fee; the rest is free again.
    #expect(market.outcome("d", .buy, "9", limit: "105") == "filled 9 at 100")
    #expect(market.balance("USDT") == .init(free: Amount("99.1")!))
  }

  @Test func whatAPlanSizesByIsWhatIsPaid() throws {
    // All of the cash, to the last unit, by the terms that a plan asks.
    for quantity in ["1", "0.777", "3.141"] {
      var market = Market(
        model: Self.half, fees: .flat(Rate(try #require(Amount("0.00123")))), cash: 0)
      let terms = TradingTerms(market.contract, slippage: Self.half.slippage)
      let wanted = market.contract.quantity(try #require(Amount(quantity)))
      let price = try terms.takerPrice(
        .buy, reference: market.contract.price(Amount(100)), quantity: wanted)
      let outlay = try terms.outlay(wanted, at: price)
      _ = market.core.operate(
        .transfer(account: Market.account, outlay, why: "all"), at: market.core.now)
      market.hour(at: "100")
      #expect(market.outcome("a", .buy, quantity) == "filled \(quantity) at 100.5")
      #expect(market.balance("USDT") == .init())
    }
  }

  @Test func aPurchaseCannotLeverTheAccount() {
    // Price 100, limit one percent above, all of the cash: 100 * 101 is more than there is, although
    // 100 * 100 is not.
    var market = Market()
    market.hour(at: "100")
    #expect(
      market.outcome("a", .buy, "100", limit: "101")
        == "refused: insufficient funds: 10100 USDT needed, 10000 free")
    #expect(market.outcome("b", .buy, "100") == "filled 100 at 100")
    // What only rests has brought nothing yet.
    #expect(market.outcome("c", .sell, "100", limit: "150") == "open")
    #expect(
      market.outcome("d", .buy, "1")
        == "refused: insufficient funds: 100 USDT needed, 0 free")
  }

  @Test func anIDIsKnown() {
    var market = Market()
    market.hour(at: "100")
    #expect(market.outcome("a", .buy, "1", limit: "90") == "open")
    #expect(market.outcome("a", .buy, "1") == "refused: an order of this id is known")
    _ = market.core.handle(.cancel(ClientOrderID("a")), as: Market.account, at: market.core.now)
    #expect(market.outcome("a", .buy, "1") == "filled 1 at 100")
    var strict = market
    strict.core.idReuse = .never
    #expect(strict.outcome("a", .buy, "1") == "refused: an order of this id is known")
    #expect(market.outcome("a", .buy, "1") == "filled 1 at 100")
  }

  @Test func aRequestIsValidForATime() {
    var market = Market()
    market.hour(at: "100")
    let ticket = market.ticket("a", .buy, "1")
    let now = market.core.now
    let late = market.core.handle(
      .place(ticket, validUntil: now - .milliseconds(1)), as: Market.account, at: now)
    #expect(late == .refused(.tooLate))
    let inTime = market.core.handle(
      .place(ticket, validUntil: now), as: Market.account, at: now)
    #expect(market.text(inTime) == "filled 1 at 100")
  }

  @Test(arguments: [
    // A price that no amount of money can be, or hardly.
    ("1000000000000", "1", "refused: insufficient funds: 1000000000000 USDT needed, 10000 free"),
    ("0.000000000001", "1", "refused: value 0.000000000001 is below the minimum of 5"),
    // Below one tick there is no price to trade at: rounded up it would be 10 billion times as dear.
    (
      "0.000000000001", "5000000000000",
      "refused: price 0.01 is not a multiple of the tick 0.01, or out of bounds"
    ),
    (
      "100", "100000000000000",
      "refused: insufficient funds: 10000000000000000 USDT needed, 10000 free"
    ),
    ("1000000000000", "1000000000000000", "refused: price times quantity is too large a number"),
  ])
  func extremesAreRefusedWithWords(_ price: String, _ quantity: String, _ outcome: String) {
    var market = Market()
    market.hour(at: price, volume: "100000000000000000000")
    let before = market.core
    #expect(market.outcome("a", .buy, quantity) == outcome)
    #expect(market.core == before)
  }

  @Test func aLotLargerThanTheAccountIsRefused() {
    var market = Market(cash: 50)
    market.contract.quantities = QuantityGrid(lot: .one)
    _ = market.core.operate(.list(market.contract), at: market.core.now)
    market.hour(at: "100")
    #expect(
      market.outcome("a", .buy, "1")
        == "refused: insufficient funds: 100 USDT needed, 50 free")
    #expect(
      market.contract.admissible(
        .buy, quantity: market.contract.quantity(Amount("0.5")!),
        reference: market.contract.price(Amount(100))) == .refused(.lotSize(.zero, lot: .one)))
  }

  @Test func rulesThatChangedAreAskedAnew() {
    var market = Market()
    market.hour(at: "100")
    let planned = market.ticket("a", .buy, "0.055")
    let reference = market.contract.price(Amount(100))
    #expect(market.contract.check(planned, reference: reference) == nil)
    market.contract.quantities = QuantityGrid(lot: Amount("0.01")!)
    _ = market.core.operate(.list(market.contract), at: market.core.now)
    let answer = market.core.handle(
      .place(planned, validUntil: nil), as: Market.account, at: market.core.now)
    #expect(answer == .refused(.lotSize(Amount("0.055")!, lot: Amount("0.01")!)))
  }
}
