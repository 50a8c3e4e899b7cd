import Domain
import Exchange

/// An exchange with one contract, its tape, and an account, for tests.
struct Market {
  static let start = Instant(rfc3339: "2026-03-02T00:00:00Z")!
  static let account = "a"

  var core: ExchangeCore
  var tape = Tape(seed: 7)
  var contract: Contract
  var events: [Event] = []

  /// ETH-USDT with a tick of 0.01, a lot of 0.001, a least value of 5, and no fee unless told.
  init(
    model: FillModel = FillModel(slippage: .none), fees: FeeSchedule = .free, cash: Int = 10_000,
    calendar: String? = nil
  ) {
    contract = Contract(
      id: ContractID(venue: "box", "ETHUSDT"), pair: Symbol("ETH-USDT")!,
      prices: PriceGrid(tick: Amount("0.01")!), quantities: QuantityGrid(lot: Amount("0.001")!),
      notional: NotionalBounds(minimum: Amount(5)), calendar: calendar, fees: fees)
    core = ExchangeCore(model: model, at: Self.start)
    _ = core.operate(.list(contract), at: Self.start)
    pay(cash, "USDT")
  }

  mutating func pay(_ amount: Int, _ asset: String) {
    _ = core.operate(
      .transfer(account: Self.account, Money(Amount(amount), asset), why: "test"), at: core.now)
  }

  /// Lets the next hour pass with a candle of these prices.
  mutating func hour(
    _ first: String, _ high: String, _ low: String, _ last: String, volume: String? = "1000"
  ) {
    let open = tape.bars[contract.id]?.last?.close ?? Self.start
    let bar = Bar(
      open: open, close: open + .hours(1), first: Amount(first)!, high: Amount(high)!,
      low: Amount(low)!, last: Amount(last)!, volume: volume.map { Amount($0)! })
    tape.append([bar], to: contract.id)
    events += core.advance(to: bar.close, tape)
  }

  /// The same price for an hour.
  mutating func hour(at price: String, volume: String? = "1000") {
    hour(price, price, price, price, volume: volume)
  }

  /// Lets minutes pass in which no candle closes.
  mutating func wait(minutes: Int64) {
    events += core.advance(to: core.now + .minutes(minutes), tape)
  }

  func ticket(
    _ id: String, _ side: Side, _ quantity: String, limit: String? = nil,
    _ timeInForce: OrderTicket.TimeInForce = .untilCancelled, postOnly: Bool = false
  ) -> OrderTicket {
    OrderTicket(
      id: ClientOrderID(id), contract: contract.id, side: side,
      quantity: contract.quantity(Amount(quantity)!),
      limit: limit.map { contract.price(Amount($0)!) }, timeInForce: timeInForce,
      isPostOnly: postOnly)
  }

  /// Places an order; the order as it is then, or the refusal.
  mutating func place(
    _ id: String, _ side: Side, _ quantity: String, limit: String? = nil,
    _ timeInForce: OrderTicket.TimeInForce = .untilCancelled, postOnly: Bool = false
  ) -> Answer {
    core.handle(
      .place(
        ticket(id, side, quantity, limit: limit, timeInForce, postOnly: postOnly),
        validUntil: nil), as: Self.account, at: core.now)
  }

  func order(_ id: String) -> VenueOrder? { core.order(ClientOrderID(id), of: Self.account) }

  func balance(_ asset: String) -> AccountBook.Balance {
    core.accounts[Self.account]?.balance(asset) ?? .init()
  }

  /// `filled 1 at 100.05`, `open`, `refused: ...`: what became of an order.
  func text(_ answer: Answer) -> String {
    switch answer {
    case .refused(let reason): return "refused: \(reason)"
    case .order(let order):
      let trades = core.trades.filter { $0.order == order.number }
        .map { " \($0.quantity.amount) at \($0.price.amount)" }.joined(separator: ",")
      let reason = order.reason.map { " (\($0))" } ?? ""
      return order.state.rawValue + trades + reason
    default: return "\(answer)"
    }
  }

  /// What becomes of an order at once.
  mutating func outcome(
    _ id: String, _ side: Side, _ quantity: String, limit: String? = nil,
    _ timeInForce: OrderTicket.TimeInForce = .untilCancelled
  ) -> String {
    let answer = place(id, side, quantity, limit: limit, timeInForce)
    return text(answer)
  }

  func text(_ id: String) -> String { order(id).map { text(.order($0)) } ?? "unknown" }
}
