import Domain
import Exchange
import Testing

@Suite struct ContractTests {
  static let pair = Symbol("ETH-USDT")!

  static func amount(_ text: String) -> Amount { Amount(text)! }

  /// A contract with every filter, sizes as an exchange publishes them.
  static let contract = Contract(
    id: ContractID(venue: "box", "ETHUSDT"), pair: pair,
    prices: PriceGrid(tick: amount("0.01"), minimum: amount("0.01"), maximum: Amount(1_000_000)),
    quantities: QuantityGrid(
      lot: amount("0.001"), minimum: amount("0.002"), maximum: Amount(9000),
      marketLot: amount("0.01"), marketMaximum: Amount(100)),
    notional: NotionalBounds(minimum: Amount(5), maximum: Amount(9_000_000)),
    collar: PriceCollar(lowest: Rate(amount("0.2")), highest: Rate(Amount(5))),
    fees: .flat(Rate(amount("0.001"))))

  static func ticket(
    _ quantity: String, limit: String? = nil, side: Side = .buy,
    _ timeInForce: OrderTicket.TimeInForce = .untilCancelled, postOnly: Bool = false
  ) -> OrderTicket {
    OrderTicket(
      id: ClientOrderID("a"), contract: contract.id, side: side,
      quantity: contract.quantity(amount(quantity)),
      limit: limit.map { contract.price(amount($0)) }, timeInForce: timeInForce,
      isPostOnly: postOnly)
  }

  @Test(arguments: [
    // Quantity: a limit order, then a market order, whose lot is coarser.
    (ticket("1", limit: "100"), nil),
    (ticket("0", limit: "100"), Reason.lotSize(.zero, lot: amount("0.001"))),
    (ticket("-1", limit: "100"), .lotSize(Amount(-1), lot: amount("0.001"))),
    (ticket("1.0005", limit: "100"), .lotSize(amount("1.0005"), lot: amount("0.001"))),
    (ticket("0.001", limit: "100"), .lotSize(amount("0.001"), lot: amount("0.001"))),
    (ticket("9000.001", limit: "100"), .lotSize(amount("9000.001"), lot: amount("0.001"))),
    (ticket("0.101", limit: "100"), nil),
    (ticket("0.101"), .lotSize(amount("0.101"), lot: amount("0.01"))),
    (ticket("100.01"), .lotSize(amount("100.01"), lot: amount("0.01"))),
    // Price.
    (ticket("1", limit: "0"), .priceFilter(.zero, tick: amount("0.01"))),
    (ticket("1", limit: "-5"), .priceFilter(Amount(-5), tick: amount("0.01"))),
    (ticket("1", limit: "100.005"), .priceFilter(amount("100.005"), tick: amount("0.01"))),
    (ticket("1", limit: "1000000.01"), .priceFilter(amount("1000000.01"), tick: amount("0.01"))),
    (ticket("1", limit: "20"), nil),
    (ticket("1", limit: "19.99"), .priceCollar(amount("19.99"), reference: Amount(100))),
    (ticket("1", limit: "500.01"), .priceCollar(amount("500.01"), reference: Amount(100))),
    // Value: 0.05 * 100 = 5 is the least; a market order is judged at the reference.
    (ticket("0.05", limit: "100"), nil),
    (ticket("0.049", limit: "100"), .notional(amount("4.9"), minimum: Amount(5))),
    (ticket("0.05"), nil),
    (ticket("0.04"), .notional(Amount(4), minimum: Amount(5))),
    (
      ticket("9000", limit: "500"), nil  // 4,500,000
    ),
    // Kinds that cannot be.
    (ticket("1", postOnly: true), .impossible),
    (ticket("1", limit: "100", .fillOrKill, postOnly: true), .impossible),
  ])
  func asksEveryRule(_ ticket: OrderTicket, _ reason: Reason?) {
    let reference = Self.contract.price(Amount(100))
    #expect(Self.contract.check(ticket, reference: reference) == reason)
  }

  @Test(
    arguments: [
      (ContractState.listed, nil, nil), (.closing, Reason.state(.closing), nil),
      (.halted, .state(.halted), .state(.halted)), (.expired, .state(.expired), .state(.expired)),
      (.settled(.one), .state(.settled(.one)), .state(.settled(.one))),
      (.absent, .state(.absent), .state(.absent)),
    ] as [(ContractState, Reason?, Reason?)])
  func asksTheState(_ state: ContractState, _ buying: Reason?, _ selling: Reason?) {
    var contract = Self.contract
    contract.state = state
    let reference = contract.price(Amount(100))
    #expect(contract.check(Self.ticket("1", side: .buy), reference: reference) == buying)
    #expect(contract.check(Self.ticket("1", side: .sell), reference: reference) == selling)
  }

  @Test func refusesOtherAssets() throws {
    let reference = Self.contract.price(Amount(100))
    var ticket = Self.ticket("1")
    ticket.quantity = Quantity(.one, "BTC")
    #expect(Self.contract.check(ticket, reference: reference) == .wrongAsset("BTC", "ETH"))
    ticket = Self.ticket("1", limit: "100")
    ticket.limit = Price(.one, try #require(Symbol("ETH-BTC")))
    #expect(Self.contract.check(ticket, reference: reference) == .wrongAsset("ETH-BTC", "ETH-USDT"))
    #expect(Self.contract.check(Self.ticket("1"), reference: nil) == .stalePrice(nil))
  }

  @Test func aNumberThatDoesNotFitIsARefusal() {
    var contract = Self.contract
    contract.prices = PriceGrid(tick: Self.amount("0.01"))
    contract.quantities = QuantityGrid(lot: Self.amount("0.001"))
    contract.collar = nil
    // 10^14 * 10^14 is beyond the 1.7 * 10^26 that an amount can hold.
    let ticket = Self.ticket("100000000000000", limit: "100000000000000")
    #expect(contract.check(ticket, reference: nil) == .numberTooLarge)
  }

  @Test(
    arguments: [
      // side, quantity, limit, what is admitted
      (Side.buy, "1.23456", "100.129", "1.234", "100.12"),
      (.sell, "1.23456", "100.121", "1.234", "100.13"),
      (.buy, "10000", "100", "9000", "100"),
      (.buy, "1.23456", nil, "1.23", nil),
      (.buy, "1000", nil, "100", nil),
    ] as [(Side, String, String?, String, String?)])
  func roundsAWishToTheRules(
    _ side: Side, _ quantity: String, _ limit: String?, _ admitted: String, _ at: String?
  ) {
    let contract = Self.contract
    let answer = contract.admissible(
      side, quantity: contract.quantity(Self.amount(quantity)),
      limit: limit.map { contract.price(Self.amount($0)) },
      reference: contract.price(Amount(100)))
    #expect(
      answer
        == .admitted(
          quantity: contract.quantity(Self.amount(admitted)),
          limit: at.map { contract.price(Self.amount($0)) }))
  }

  @Test func refusesAWishBelowTheRules() {
    let contract = Self.contract
    let reference = contract.price(Amount(100))
    #expect(
      contract.admissible(
        .sell, quantity: contract.quantity(Self.amount("0.0009")), reference: reference)
        == .refused(.lotSize(.zero, lot: Self.amount("0.01"))))
    #expect(
      contract.admissible(
        .sell, quantity: contract.quantity(Self.amount("0.049")), reference: reference)
        == .refused(.notional(Amount(4), minimum: Amount(5))))
  }

  @Test(arguments: [
    // price, down, up: ticks of 0.0001 below 1, of 0.01 from 1, of 0.05 from 10
    ("0.12345", "0.1234", "0.1235"), ("0.99999", "0.9999", "1"), ("1.234", "1.23", "1.24"),
    ("9.999", "9.99", "10"), ("10.01", "10", "10.05"), ("10.05", "10.05", "10.05"),
  ])
  func ticksAreOfTheirBand(_ price: String, _ down: String, _ up: String) throws {
    let grid = PriceGrid(bands: [
      .init(from: .zero, tick: Self.amount("0.0001")), .init(from: .one, tick: Self.amount("0.01")),
      .init(from: Amount(10), tick: Self.amount("0.05")),
    ])
    #expect(try grid.rounded(Self.amount(price), .down) == Self.amount(down))
    #expect(try grid.rounded(Self.amount(price), .up) == Self.amount(up))
    #expect(try grid.holds(Self.amount(up)))
  }
}
