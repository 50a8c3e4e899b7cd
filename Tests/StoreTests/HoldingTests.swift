import Domain
import Testing

@testable import Store

/// Average cost, worked by hand. Symbol ETH-BTC: base ETH, quote BTC.
@Suite("What a fill does to a holding")
struct HoldingTests {
  struct Step: Sendable {
    var side: Side
    var quantity: String
    var price: String
    var fee: String
    var feeAsset: String
    // After it:
    var held: String
    var cost: String
    var cash: String
    var realised: String
  }

  static let cases: [(String, [Step])] = [
    (
      "bought twice, sold by halves, fees in the quote asset",
      [
        // 100 - (2 * 10 + 0.2) = 79.8; the cost holds the fee.
        Step(
          side: .buy, quantity: "2", price: "10", fee: "0.2", feeAsset: "BTC", held: "2",
          cost: "20.2", cash: "79.8", realised: "0"),
        // 79.8 - (2 * 15 + 0.3) = 49.5; 20.2 + 30.3 = 50.5.
        Step(
          side: .buy, quantity: "2", price: "15", fee: "0.3", feeAsset: "BTC", held: "4",
          cost: "50.5", cash: "49.5", realised: "0"),
        // Sells a quarter: cost 50.5 * 1/4 = 12.625; earns 20 - 0.2 - 12.625 = 7.175.
        Step(
          side: .sell, quantity: "1", price: "20", fee: "0.2", feeAsset: "BTC", held: "3",
          cost: "37.875", cash: "69.3", realised: "7.175"),
        // Sells the rest: 3 * 20 - 0.6 - 37.875 = 21.525. In all 28.7 earned: 128.7 - 100.
        Step(
          side: .sell, quantity: "3", price: "20", fee: "0.6", feeAsset: "BTC", held: "0",
          cost: "0", cash: "128.7", realised: "21.525"),
      ]
    ),
    (
      "fees in the base asset and in a third one",
      [
        // Receives 2 - 0.01; pays 20 in all.
        Step(
          side: .buy, quantity: "2", price: "10", fee: "0.01", feeAsset: "ETH", held: "1.99",
          cost: "20", cash: "80", realised: "0"),
        // The fee in BNB touches neither cost nor this cash.
        Step(
          side: .sell, quantity: "1.99", price: "10", fee: "0.5", feeAsset: "BNB", held: "0",
          cost: "0", cash: "99.9", realised: "-0.1"),
      ]
    ),
    (
      "a third of the cost, rounded to 12 places",
      [
        Step(
          side: .buy, quantity: "3", price: "1", fee: "0.01", feeAsset: "BTC", held: "3",
          cost: "3.01", cash: "96.99", realised: "0"),
        // 3.01 / 3 = 1.003333333333(3...).
        Step(
          side: .sell, quantity: "1", price: "1", fee: "0", feeAsset: "BTC", held: "2",
          cost: "2.006666666667", cash: "97.99", realised: "-0.003333333333"),
        Step(
          side: .sell, quantity: "2", price: "1", fee: "0", feeAsset: "BTC", held: "0", cost: "0",
          cash: "99.99", realised: "-0.006666666667"),
      ]
    ),
    (
      "sold through zero, and bought back",
      [
        Step(
          side: .buy, quantity: "1", price: "10", fee: "0", feeAsset: "BTC", held: "1", cost: "10",
          cash: "90", realised: "0"),
        // 4 sold for 48: one closes (12 - 10 = 2), three open for 36.
        Step(
          side: .sell, quantity: "4", price: "12", fee: "0", feeAsset: "BTC", held: "-3",
          cost: "-36", cash: "138", realised: "2"),
        // 3 bought for 30: 36 - 30 = 6.
        Step(
          side: .buy, quantity: "3", price: "10", fee: "0", feeAsset: "BTC", held: "0", cost: "0",
          cash: "108", realised: "6"),
      ]
    ),
  ]

  @Test(arguments: cases.indices) func byHand(index: Int) throws {
    let (name, steps) = Self.cases[index]
    var holding = Holding(
      position: Position(symbol: symbol("ETH-BTC"), quantity: .zero, cost: .zero),
      cash: ["BTC": Amount(100)])
    for (number, step) in steps.enumerated() {
      let fill = Fill(
        order: ClientOrderID("x"), trade: "0", quantity: Amount(step.quantity)!,
        price: Amount(step.price)!, fee: Fill.Fee(Amount(step.fee)!, step.feeAsset), time: at(0))
      let effect = try holding.apply(fill, side: step.side)
      #expect(holding.position.quantity.description == step.held, "\(name), step \(number)")
      #expect(holding.position.cost.description == step.cost, "\(name), step \(number)")
      #expect(holding.cash["BTC"]?.description == step.cash, "\(name), step \(number)")
      #expect(effect.realised.description == step.realised, "\(name), step \(number)")
    }
  }

  @Test func whatDoesNotFitThrows() {
    var holding = Holding(
      position: Position(symbol: symbol("ETH-BTC"), quantity: .zero, cost: .zero), cash: [:])
    let fill = Fill(
      order: ClientOrderID("x"), trade: "0", quantity: Amount("1e20")!, price: Amount("1e20")!,
      fee: nil, time: at(0))
    #expect(throws: AmountError.overflow) { try holding.apply(fill, side: .buy) }
  }

  /// A commission that is told after its trade leaves the account as if it had been told with it.
  @Test(arguments: [
    // side, asset: what is left of 2 ETH for 20 BTC of 100, the cost of it, and the BTC
    (Side.buy, "BTC", "2", "20.2", "79.8"), (.buy, "ETH", "1.8", "20", "80"),
    (.sell, "BTC", "0", "0", "99.8"),
  ])
  func aFeeMayFollow(
    _ side: Side, _ asset: String, _ held: String, _ cost: String, _ cash: String
  ) throws {
    func fill(_ side: Side, _ fee: Fill.Fee?) -> Fill {
      Fill(
        order: ClientOrderID("x"), trade: "t", quantity: Amount(2), price: Amount(10), fee: fee,
        time: at(0))
    }
    var late = Holding(
      position: Position(symbol: symbol("ETH-BTC"), quantity: .zero, cost: .zero),
      cash: ["BTC": Amount(100)])
    if side == .sell { _ = try late.apply(fill(.buy, nil), side: .buy) }
    var whole = late
    let fee = Fill.Fee(Amount("0.2")!, asset)
    let told = try whole.apply(fill(side, fee), side: side)
    let first = try late.apply(fill(side, nil), side: side)
    let lost = try late.pay(fee, side: side)
    #expect(late == whole)
    #expect(try first.realised.subtracting(lost) == told.realised)
    #expect(late.position.quantity.description == held)
    #expect(late.position.cost.description == cost)
    #expect(late.cash["BTC"]?.description == cash)
  }
}
