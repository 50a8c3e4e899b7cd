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
        order: ClientOrderID("x"), number: 0, quantity: Amount(step.quantity)!,
        price: Amount(step.price)!, fee: Amount(step.fee)!, feeAsset: step.feeAsset, time: at(0))
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
      order: ClientOrderID("x"), number: 0, quantity: Amount("1e20")!, price: Amount("1e20")!,
      fee: .zero, feeAsset: "BTC", time: at(0))
    #expect(throws: AmountError.overflow) { try holding.apply(fill, side: .buy) }
  }
}
