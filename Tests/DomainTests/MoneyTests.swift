import Domain
import Testing

@Suite struct MoneyTests {
  let symbol = Symbol("ETH-BTC")!

  private func amount(_ text: String) throws -> Amount { try #require(Amount(text)) }

  @Test func aSumOfTwoAssetsThrows() throws {
    let (bitcoin, dollars) = (Money(.one, "BTC"), Money(.one, "USDT"))
    #expect(throws: AmountError.assets("BTC", "USDT")) { try bitcoin.adding(dollars) }
    #expect(throws: AmountError.assets("BTC", "USDT")) { try bitcoin.subtracting(dollars) }
    #expect(throws: AmountError.assets("USDT", "BTC")) { try dollars.isLess(than: bitcoin) }
    #expect(throws: AmountError.assets("BTC", "USDT")) {
      try bitcoin.weight(in: dollars, rounding: .halfEven)
    }
    #expect(try bitcoin.adding(Money(Amount(2), "BTC")) == Money(Amount(3), "BTC"))
  }

  @Test func aQuantityOfAnotherAssetThrows() throws {
    let ether = Quantity(.one, "ETH")
    #expect(throws: AmountError.assets("ETH", "SOL")) { try ether.adding(Quantity(.one, "SOL")) }
    let price = Price(.one, symbol)
    #expect(throws: AmountError.assets("SOL", "ETH")) {
      try price.value(of: Quantity(.one, "SOL"), rounding: .up)
    }
    #expect(throws: AmountError.assets("USDT", "BTC")) {
      try Money(.one, "USDT").divided(by: price, rounding: .down)
    }
    #expect(throws: AmountError.assets("ETH-BTC", "SOL-BTC")) {
      try price.isLess(than: Price(.one, #require(Symbol("SOL-BTC"))))
    }
  }

  @Test(arguments: [
    // price, quantity, rounding, value: exact products by hand, cut at the twelfth place
    ("0.07", "3", Amount.Rounding.up, "0.21"),
    ("0.0000015", "0.0000015", .down, "0.000000000002"),  // 2.25e-12
    ("0.0000015", "0.0000015", .up, "0.000000000003"),
    ("0.0000015", "0.0000015", .halfEven, "0.000000000002"),
    ("1000000000000", "0.000000000001", .down, "1"),  // the largest price, the smallest quantity
    ("0.000000000001", "1000000000000", .down, "1"),
  ])
  func priceTimesQuantityIsMoneyOfTheQuote(
    _ price: String, _ quantity: String, _ rounding: Amount.Rounding, _ value: String
  ) throws {
    let money = try Price(amount(price), symbol)
      .value(of: Quantity(amount(quantity), "ETH"), rounding: rounding)
    #expect(money == Money(try amount(value), "BTC"))
  }

  @Test func moneyByAPriceIsAQuantityOfTheBase() throws {
    // 1 / 3 = 0.333...
    let quantity = try Money(.one, "BTC")
      .divided(by: Price(Amount(3), symbol), rounding: .down)
    #expect(quantity == Quantity(try amount("0.333333333333"), "ETH"))
    #expect(quantity.money == Money(try amount("0.333333333333"), "ETH"))
  }

  @Test func ratesAndWeightsTakeParts() throws {
    let equity = Money(Amount(10_000), "USDT")
    let tenBasisPoints = try Rate(basisPoints: Amount(10))
    #expect(tenBasisPoints == Rate(try amount("0.001")))
    #expect(try tenBasisPoints.basisPoints() == Amount(10))
    #expect(
      try equity.multiplied(by: tenBasisPoints, rounding: .up) == Money(Amount(10), "USDT"))
    let quarter = Weight(try amount("0.25"))
    #expect(
      try equity.multiplied(by: quarter, rounding: .down) == Money(Amount(2500), "USDT"))
    #expect(
      try Money(Amount(2500), "USDT").weight(in: equity, rounding: .halfEven) == quarter)
    // 200 * 1.0005 = 200.1, and 200 * 0.9995 = 199.9
    let price = Price(Amount(200), symbol)
    let five = try Rate(basisPoints: Amount(5))
    #expect(try price.moved(by: five, rounding: .up).amount == amount("200.1"))
    #expect(try price.moved(by: five.negated(), rounding: .down).amount == amount("199.9"))
  }

  @Test func whatDoesNotFitThrows() throws {
    let much = Money(Amount(units: .max), "BTC")
    #expect(throws: AmountError.overflow) { try much.adding(Money(Amount(units: 1), "BTC")) }
    #expect(throws: AmountError.overflow) {
      try Price(Amount(units: .max), symbol).value(of: Quantity(Amount(2), "ETH"), rounding: .up)
    }
    #expect(throws: AmountError.divisionByZero) {
      try much.divided(by: Price(.zero, symbol), rounding: .up)
    }
  }
}
