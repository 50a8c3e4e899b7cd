import Domain
import Exchange
import Testing

@Suite struct CostTests {
  private func amount(_ text: String) throws -> Amount { try #require(Amount(text)) }

  @Test(arguments: [
    // What a schedule takes, price, quantity, fee.
    // 0.00272536 * 12.345 / 1000 = 0.0000336445692, up to 10^-8.
    (FeeSchedule.flat(Rate(Amount("0.001")!)), "0.00272536", "12.345", "0.00003365"),
    (.free, "100", "1", "0"),
    // A broker of shares: 0.005 each, at least 1, at most 1 % of the value.
    (Self.shares, "50", "1000", "5"), (Self.shares, "50", "100", "1"),
    (Self.shares, "0.2", "100", "0.2"),  // the value is 20, of which 1 % is less than the least
    // A market of chances: 0.07 * 1 * 0.52 * 0.48 = 0.017472, up to 0.0001: the venue's own example.
    (Self.chances, "0.52", "1", "0.0175"), (Self.chances, "0.5", "100", "1.75"),
    (Self.chances, "1", "100", "0"),
  ])
  func theFeeFollowsFromTheTrade(
    _ schedule: FeeSchedule, _ price: String, _ quantity: String, _ fee: String
  ) throws {
    #expect(
      try schedule.fee(price: amount(price), quantity: amount(quantity), isMaker: false)
        == amount(fee))
  }

  static let shares = FeeSchedule(
    .unit(Amount("0.005")!, minimum: .one, maximum: Rate(Amount("0.01")!)), step: Amount("0.01")!)
  static let chances = FeeSchedule(
    .chance(factor: Rate(Amount("0.07")!)), step: Amount("0.0001")!)

  @Test func anOrderInPartsPaysAsInOne() throws {
    // Three trades of 40 shares: 0.2 each is below the least of 1, 0.6 in all still is.
    var parts = Amount.zero
    for _ in 0..<3 {
      parts = try parts.adding(
        Self.shares.part(price: Amount(50), quantity: Amount(40), isMaker: true))
    }
    #expect(try Self.shares.total(parts: parts, value: Amount(6000)) == .one)
  }

  @Test(arguments: [
    // model, side, quantity, volume, price beside 100 on a tick of 0.01
    (Slippage.fixed(Rate(Amount("0.0005")!)), Side.buy, 1, Int?.none, "100.05"),
    (.fixed(Rate(Amount("0.0005")!)), .sell, 1, nil, "99.95"),
    (.fixed(Rate(Amount("0.00051")!)), .buy, 1, nil, "100.06"),  // 100.051, up
    (.spread(Rate(Amount("0.002")!)), .buy, 1, nil, "100.1"),
    // A tenth of the volume: 0.1 * 0.1^2 = 0.001; half of it counts as the limit of a quarter.
    (
      .volumeShare(impact: Rate(Amount("0.1")!), limit: Rate(Amount("0.25")!)), .buy, 1, 10, "100.1"
    ),
    (
      .volumeShare(impact: Rate(Amount("0.1")!), limit: Rate(Amount("0.25")!)), .buy, 5, 10,
      "100.63"  // 0.1 * 0.0625 = 0.00625: 100.625, up
    ),
    (
      .volumeShare(impact: Rate(Amount("0.1")!), limit: Rate(Amount("0.25")!)), .sell, 1, 0,
      "99.37"  // no volume counts as all of it
    ),
    (.fixed(.one), .sell, 1, nil, "0"),
  ])
  func aTakerSlips(
    _ model: Slippage, _ side: Side, _ quantity: Int, _ volume: Int?, _ price: String
  ) throws {
    #expect(
      try model.price(
        side, reference: Amount(100), quantity: Amount(quantity), volume: volume.map { Amount($0) },
        grid: PriceGrid(tick: amount("0.01"))) == amount(price))
  }

  @Test func anImmenseOrderBesideNoVolumeFits() throws {
    let model = Slippage.volumeShare(impact: Rate(.one), limit: Rate(.one))
    #expect(
      try model.rate(quantity: amount("1e14"), volume: Amount(units: 1)) == Rate(.one))
  }

  @Test func outlayAndProceedsAreInTheQuote() throws {
    let contract = ContractTests.contract
    let terms = TradingTerms(contract, slippage: .fixed(Rate(try amount("0.0005"))))
    let two = contract.quantity(Amount(2))
    let bought = try terms.takerPrice(
      .buy, reference: contract.price(Amount(100)), quantity: two)
    #expect(bought == contract.price(try amount("100.05")))
    // 200.1 and 0.2001 of fee; 199.9 less 0.1999
    #expect(try terms.outlay(two, at: bought) == Money(amount("200.3001"), "USDT"))
    let sold = try terms.takerPrice(.sell, reference: contract.price(Amount(100)), quantity: two)
    #expect(try terms.proceeds(two, at: sold) == Money(amount("199.7001"), "USDT"))
    var inBase = terms
    inBase.contract.fees.currency = .received
    #expect(try inBase.outlay(two, at: bought) == Money(amount("200.1"), "USDT"))
    #expect(try inBase.proceeds(two, at: sold) == Money(amount("199.7001"), "USDT"))
  }
}
