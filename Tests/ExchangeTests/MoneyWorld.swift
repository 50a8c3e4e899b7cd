import Domain
import Exchange

/// An exchange with accounts to which a seed does everything that can happen, and books of its own
/// beside it: what the exchange says it did is added up here and compared with what it has.
struct MoneyWorld {
  static let start = Instant(rfc3339: "2026-03-02T00:00:00Z")!
  static let names = ["a", "b"]

  var random: SeededRandom
  var core: ExchangeCore
  var tape: Tape
  var journal = Journal()
  var contracts: [Contract] = []
  var prices: [ContractID: Int] = [:]
  /// Sums of postings, by account and asset.
  var sums: [String: [String: Amount]] = [:]
  /// What resting orders took of each candle.
  var makerTaken: [ContractID: [Instant: Amount]] = [:]
  var nextID = 0
  var findings: [String] = []
  /// How many orders were taken, and how many trades were made.
  var (accepted, traded) = (0, 0)
  let feesInThird: Bool

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    tape = Tape(seed: seed)
    feesInThird = random.one(in: 5)
    let slippage = random.pick([
      Slippage.none, .fixed(Self.rate("0.0005")), .spread(Self.rate("0.002")),
      .volumeShare(impact: Self.rate("0.1"), limit: Self.rate("0.25")),
    ])
    let model = FillModel(
      slippage: slippage,
      participation: random.pick([nil, Self.rate("0.1"), Self.rate("0.5")]),
      queueShare: random.pick([.one, Self.rate("0.3")]), isTouchStrict: random.one(in: 3),
      maximumPriceAge: random.pick([nil, .hours(3)]))
    core = ExchangeCore(
      model: model, idReuse: random.pick([.onceEnded, .never]), at: Self.start)
    openHours()
    for index in 0..<(1 + random.below(3)) { list(index) }
    for name in Self.names {
      pay(name, Amount(100 + random.below(20_000)), "USDT")
      if feesInThird || random.one(in: 3) { pay(name, Amount(random.below(50)), "A0") }
    }
  }

  static func rate(_ text: String) -> Rate { Rate(Amount(text)!) }

  private mutating func openHours() {
    let sessions = (0..<20).map { day in
      let open = Self.start + .days(Int64(day)) + .hours(6)
      return TradingHours.Session(open: open, close: open + .hours(12))
    }
    var hours = TradingHours(sessions)
    if random.one(in: 3) {
      hours = hours.closed(early: Self.start + .hours(Int64(6 + random.below(40))))
    }
    operate(.setHours("DAY", hours))
  }

  private mutating func list(_ index: Int) {
    let first = ContractID(venue: "w", "A0")
    let basis = random.pick([
      FeeSchedule.Basis.value(maker: Self.rate("0.0008"), taker: Self.rate("0.001")),
      .value(maker: .zero, taker: .zero), .value(maker: Self.rate("1.5"), taker: Self.rate("1.5")),
      .unit(Amount("0.005")!, minimum: .one, maximum: Self.rate("0.01")),
      .unit(Amount("0.01")!, minimum: Amount(3), maximum: nil),
      .chance(factor: Self.rate("0.07")),
    ])
    let currency: FeeSchedule.Currency =
      feesInThird && index > 0
      ? .third("A0", pricedBy: first) : random.pick([.quote, .received, .base])
    let contract = Contract(
      id: ContractID(venue: "w", "A\(index)"), pair: Symbol("A\(index)-USDT")!,
      prices: random.pick([
        PriceGrid(tick: Amount("0.01")!),
        PriceGrid(bands: [
          .init(from: .zero, tick: Amount("0.001")!),
          .init(from: Amount(50), tick: Amount("0.05")!),
        ]),
      ]),
      quantities: random.pick([
        QuantityGrid(lot: Amount("0.001")!, maximum: Amount(500)), QuantityGrid(lot: .one),
        QuantityGrid(
          lot: Amount("0.01")!, minimum: Amount("0.05")!, marketLot: Amount("0.1")!,
          marketMaximum: Amount(40)),
      ]),
      notional: NotionalBounds(
        minimum: Amount(random.below(6)), maximum: random.pick([nil, Amount(5000)])),
      collar: random.pick([nil, PriceCollar(lowest: Self.rate("0.2"), highest: Self.rate("5"))]),
      calendar: random.one(in: 3) ? "DAY" : nil,
      fees: FeeSchedule(basis, paidIn: currency),
      settlement: random.one(in: 4) ? .days(1) : .zero)
    contracts.append(contract)
    prices[contract.id] = 2000 + random.below(20_000)
    operate(.list(contract))
  }

  mutating func pay(_ account: String, _ amount: Amount, _ asset: String) {
    operate(.transfer(account: account, Money(amount, asset), why: "world"))
  }

  /// Does something of the exchange's, and books what it says.
  mutating func operate(_ operation: Operation) {
    _ = core.operate(operation, at: core.now)
    book(core.takeEvents())
  }

  /// Adds up what happened.
  mutating func book(_ events: [Event]) {
    journal.record(events)
    for event in events {
      switch event {
      case .posted(let posting):
        let sum = sums[posting.account]?[posting.money.asset] ?? .zero
        sums[posting.account, default: [:]][posting.money.asset] = Amount(
          units: sum.units + posting.money.amount.units)
      case .traded(let trade):
        traded += 1
        check(trade)
      case .accepted(let order):
        accepted += 1
        checkRules(of: order)
      case .ended, .adjusted, .state: break
      }
    }
    checkBooks()
  }

  mutating func find(_ text: String) {
    findings.append("\(core.now): \(text)")
  }
}
