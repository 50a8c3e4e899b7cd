import Domain
import Exchange
import Testing

@Suite struct FeeCurrencyTests {
  private let rate = Rate(Amount("0.001")!)

  private func amount(_ text: String) -> Amount { Amount(text)! }

  @Test func aFeeInWhatIsReceived() {
    var market = Market(fees: FeeSchedule(.value(maker: rate, taker: rate), paidIn: .received))
    market.hour(at: "100")
    #expect(market.outcome("a", .buy, "10") == "filled 10 at 100")
    // 1000 for 10, of which a thousandth is the venue's.
    #expect(market.balance("USDT").free == Amount(9000))
    #expect(market.balance("ETH").free == amount("9.99"))
    // All that is there can be sold, and no more.
    #expect(
      market.outcome("b", .sell, "10")
        == "refused: insufficient funds: 10 ETH needed, 9.99 free")
    #expect(market.outcome("c", .sell, "9.99") == "filled 9.99 at 100")
    #expect(market.balance("USDT").free == amount("9998.001"))
    #expect(market.balance("ETH") == .init())
    #expect(
      market.core.accounts[Market.account]?.fees == [
        "ETH": amount("0.01"), "USDT": amount("0.999"),
      ])
  }

  /// 0.123 at 91.49 are worth 11.25327, of which 0.075 % are 0.0084399525; of 0.123 they are 0.00009225.
  @Test(arguments: [
    // rounded where it is paid -> the fee of a purchase in what is bought, and of a sale in what it brings
    (true, "0.00009225", "0.00843996"),
    // 0.00843996 / 91.49 = 0.000092250...
    (false, "0.00009226", "0.00843996"),
  ])
  func aFeeIsRoundedWhereItIsPaid(_ isWherePaid: Bool, _ bought: String, _ sold: String) {
    let rate = Rate(amount("0.00075"))
    var market = Market(
      fees: FeeSchedule(
        .value(maker: rate, taker: rate), paidIn: .received, isRoundedWherePaid: isWherePaid))
    market.hour(at: "91.49")
    #expect(market.outcome("a", .buy, "0.123") == "filled 0.123 at 91.49")
    #expect(market.core.trades[0].fee == Money(amount(bought), "ETH"))
    market.pay(1, "ETH")
    #expect(market.outcome("b", .sell, "0.123") == "filled 0.123 at 91.49")
    #expect(market.core.trades[1].fee == Money(amount(sold), "USDT"))
  }

  @Test func aFeeInAThirdAsset() {
    let coin = Contract(
      id: ContractID(venue: "box", "BNBUSDT"), pair: Symbol("BNB-USDT")!,
      prices: PriceGrid(tick: amount("0.01")), quantities: QuantityGrid(lot: amount("0.001")),
      fees: .free)
    var market = Market(
      fees: FeeSchedule(
        .value(maker: rate, taker: rate), paidIn: .third("BNB", pricedBy: coin.id)))
    _ = market.core.operate(.list(coin), at: Market.start)
    market.hour(at: "100")
    #expect(market.outcome("a", .buy, "10") == "refused: no price is known")
    let open = market.core.now
    market.tape.append(
      [
        Bar(
          open: open, close: open + .hours(1), first: Amount(500), high: Amount(500),
          low: Amount(500), last: Amount(500), volume: Amount(1000))
      ], to: coin.id)
    market.hour(at: "100")
    #expect(
      market.outcome("a", .buy, "10")
        == "refused: insufficient funds: 0.002 BNB needed, 0 free")
    market.pay(1, "BNB")
    #expect(market.outcome("a", .buy, "10") == "filled 10 at 100")
    // 1 USDT of fee is 0.002 BNB at 500.
    #expect(market.balance("USDT").free == Amount(9000))
    #expect(market.balance("ETH").free == Amount(10))
    #expect(market.balance("BNB") == .init(free: amount("0.998")))
  }

  @Test func aSplitOfTheAssetThatPaysFeesChangesWhatIsLocked() {
    let coin = Contract(
      id: ContractID(venue: "box", "BNBUSDT"), pair: Symbol("BNB-USDT")!,
      prices: PriceGrid(tick: amount("0.01")), quantities: QuantityGrid(lot: amount("0.001")),
      fees: .free)
    var market = Market(
      fees: FeeSchedule(
        .value(maker: rate, taker: rate), paidIn: .third("BNB", pricedBy: coin.id)))
    _ = market.core.operate(.list(coin), at: Market.start)
    let bar = Bar(
      open: Market.start, close: Market.start + .hours(1), first: Amount(500), high: Amount(500),
      low: Amount(500), last: Amount(500), volume: Amount(1000))
    market.tape.append([bar], to: coin.id)
    market.hour(at: "100")
    market.pay(1, "BNB")
    // 0.9 USDT of fee at 500.
    #expect(market.outcome("a", .buy, "10", limit: "90") == "open")
    #expect(market.balance("BNB").locked == amount("0.0018"))
    // Ten for one: the same fee is ten times as many at 50.
    #expect(
      market.core.operate(.split(asset: "BNB", new: 10, old: 1), at: market.core.now) == nil)
    #expect(market.balance("BNB").locked == amount("0.018"))
    market.hour(at: "90")
    #expect(market.text("a") == "filled 10 at 90")
    #expect(market.balance("BNB") == .init(free: amount("9.982")))
  }

  @Test func aFeeAboveTheValueIsPaidFromWhatIsThereOrRefused() {
    // At least 20 for an order: a sale of 10 that costs 20.
    let fees = FeeSchedule(.unit(amount("0.01"), minimum: Amount(20), maximum: nil))
    var market = Market(fees: fees, cash: 1)
    market.pay(10, "ETH")
    market.hour(at: "100")
    #expect(
      market.outcome("a", .sell, "0.1") == "refused: the fee is more than the trade brings")
    market.pay(99, "USDT")
    #expect(market.outcome("a", .sell, "0.1") == "filled 0.1 at 100")
    #expect(market.balance("USDT") == .init(free: Amount(90)))
    // Twice the value in base: what is bought does not pay it.
    var base = Market(
      fees: FeeSchedule(.value(maker: Rate(Amount(2)), taker: Rate(Amount(2))), paidIn: .received))
    base.hour(at: "100")
    #expect(
      base.outcome("a", .buy, "1") == "refused: the fee is more than the trade brings")
    base.pay(5, "ETH")
    #expect(base.outcome("a", .buy, "1") == "filled 1 at 100")
    #expect(base.balance("ETH") == .init(free: Amount(4)))
  }

  @Test func anOrderInPartsPaysItsLeastFeeOnce() {
    let fees = FeeSchedule(.unit(amount("0.005"), minimum: .one, maximum: nil))
    var market = Market(
      model: FillModel(slippage: .none, participation: Rate(amount("0.1"))), fees: fees)
    market.hour(at: "100", volume: "0")
    #expect(market.outcome("a", .buy, "10", limit: "100") == "open")
    market.hour(at: "100", volume: "100")
    #expect(market.text("a") == "filled 2.5 at 100, 2.5 at 100, 2.5 at 100, 2.5 at 100")
    #expect(market.core.trades.map(\.fee.amount) == [.one, .zero, .zero, .zero])
    #expect(market.balance("USDT") == .init(free: Amount(8999)))
    #expect(
      market.core.accounts[Market.account]?.positions[market.contract.id]?.cost == Amount(1001))
  }

  @Test func aChancePaysByItsPrice() {
    // 0.07 * 100 * 0.5 * 0.5 = 1.75
    let fees = FeeSchedule(.chance(factor: Rate(amount("0.07"))), step: amount("0.0001"))
    var market = Market(fees: fees)
    market.hour(at: "0.5")
    #expect(market.outcome("a", .buy, "100") == "filled 100 at 0.5")
    #expect(market.balance("USDT").free == amount("9948.25"))
    // A better price may cost a larger fee; the purchase never costs more than was locked for it.
    #expect(market.outcome("b", .buy, "100", limit: "0.4") == "open")
    market.hour("0.3", "0.3", "0.3", "0.3")
    // 30 and 0.07 * 100 * 0.3 * 0.7 = 1.47
    #expect(market.text("b") == "filled 100 at 0.3")
    #expect(market.balance("USDT") == .init(free: amount("9916.78")))
  }
}
