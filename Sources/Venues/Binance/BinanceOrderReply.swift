import Domain
import Exchange
import Net

/// An order as Binance tells it.
struct BinanceOrder: Hashable, Sendable {
  let standing: OrderStanding
  /// What its trades are worth together; nil where that is not told.
  let value: Amount?
  /// Its trades, where they were told along with it and nobody has had them yet.
  var fills: [VenueFill]?
}

/// How Binance tells an order, a trade and a balance.
///
/// Every number is a text of digits. What does not fit what was asked is no answer: it is thrown, and a
/// request that may have had an effect stays unknown.
struct BinanceReplies {
  /// The name of the venue, for contracts and faults.
  let venue: String

  /// An order, of a placement, a cancel or a look-up.
  ///
  /// - Parameter id: the client order id that it must bear. A cancel's answer has one of its own in
  ///   `clientOrderId`, and the order's in `origClientOrderId`.
  func order(
    _ reply: JSONValue, pair: Symbol, expecting id: ClientOrderID? = nil
  ) throws -> BinanceOrder {
    let own = reply["origClientOrderId"]?.string ?? ""
    let name = own.isEmpty ? try text(reply, "clientOrderId") : own
    if let id, name != id.text { throw defect("its client id is \(name), not \(id)") }
    let number = try integer(reply, "orderId")
    let quantity = try amount(reply, "origQty")
    let filled = try amount(reply, "executedQty")
    guard !filled.isNegative, filled <= quantity else {
      throw defect("\(filled) of \(quantity) of order \(number) are filled")
    }
    let price = try amount(reply, "price")
    let state = try state(text(reply, "status"), isFilled: filled == quantity)
    let standing = OrderStanding(
      id: ClientOrderID(name), venueID: "\(number)",
      contract: ContractID(venue: venue, try text(reply, "symbol")),
      side: try side(text(reply, "side")), quantity: Quantity(quantity, pair.base),
      filled: Quantity(filled, pair.base),
      limit: price > .zero ? Price(price, pair) : nil, state: state.state, reason: state.reason)
    // Of old orders it may be negative, which means that nobody counted.
    let value = reply["cummulativeQuoteQty"]?.string.flatMap { Amount($0) }
    return BinanceOrder(standing: standing, value: value.flatMap { $0 > .zero ? $0 : nil })
  }

  /// Holds the trades of an order against what the order says of itself: they may be more by now, and
  /// never less or others.
  ///
  /// - Parameter isOneAnswer: whether both were told at once, so that they must be the same.
  /// - Throws: a transient `Fault`, since one of both answers may be of a moment before.
  func check(_ fills: [VenueFill], of order: BinanceOrder, isOneAnswer: Bool = false) throws {
    let standing = order.standing
    var (filled, value) = (Amount.zero, Amount.zero)
    for fill in fills {
      guard fill.venueOrder == standing.venueID, fill.side == standing.side else {
        throw defect("it tells trades of order \(fill.venueOrder) for \(standing.venueID)")
      }
      filled = try filled.adding(fill.quantity.amount)
      value = try value.adding(fill.price.amount.multiplied(by: fill.quantity.amount))
    }
    var isRight = filled >= standing.filled.amount && filled <= standing.quantity.amount
    if isOneAnswer {
      isRight =
        filled == standing.filled.amount && (order.value == nil) == (filled == .zero)
    }
    if filled == standing.filled.amount, let told = order.value {
      // Each trade's value is cut to eight places.
      let slack = Int128.Magnitude(fills.count + 1) * 10_000
      isRight = isRight && (told.units - value.units).magnitude <= slack
    }
    guard isRight else {
      var fault = defect(
        "\(standing.filled.amount) of order \(standing.venueID) are filled, and its trades are "
          + "\(filled) for \(value)")
      fault.isTransient = true
      throw fault
    }
  }

  /// A row of `myTrades`: what it is worth must be the price of its quantity, cut to eight places.
  func trade(_ row: JSONValue, pair: Symbol) throws -> VenueFill {
    let id = try integer(row, "id")
    let quantity = try amount(row, "qty")
    let price = try amount(row, "price")
    let fee = try amount(row, "commission")
    guard quantity > .zero, price > .zero, !fee.isNegative else {
      throw defect("trade \(id) is \(quantity) at \(price) for \(fee)")
    }
    let value = try amount(row, "quoteQty")
    guard (try price.multiplied(by: quantity).units - value.units).magnitude <= 10_000 else {
      throw defect("trade \(id) is \(quantity) at \(price), and worth \(value)")
    }
    guard let time = row["time"]?.int64.flatMap({ Instant(told: $0) }),
      let isBuyer = row["isBuyer"]?.bool, let isMaker = row["isMaker"]?.bool
    else { throw defect("trade \(id) lacks its time, its side or who made it") }
    return VenueFill(
      id: "\(id)", order: nil, venueOrder: "\(try integer(row, "orderId"))",
      contract: ContractID(venue: venue, try text(row, "symbol")), side: isBuyer ? .buy : .sell,
      quantity: Quantity(quantity, pair.base), price: Price(price, pair),
      fee: Money(fee, try text(row, "commissionAsset")), isMaker: isMaker, time: time)
  }

  /// The balances of `account`.
  func account(_ reply: JSONValue, asOf: Instant) throws -> AccountSnapshot {
    guard let rows = reply["balances"]?.array else { throw defect("it has no balances") }
    var free: [String: Amount] = [:]
    var locked: [String: Amount] = [:]
    for row in rows {
      let asset = try text(row, "asset")
      let (mine, held) = (try amount(row, "free"), try amount(row, "locked"))
      guard free[asset] == nil else { throw defect("\(asset) is told twice") }
      if mine != .zero || held != .zero { (free[asset], locked[asset]) = (mine, held) }
    }
    return AccountSnapshot(free: free, locked: locked, asOf: asOf)
  }

  /// The states of an order. One that ended without having been filled whole may still have been
  /// filled in part.
  private func state(
    _ text: String, isFilled: Bool
  ) throws -> (state: VenueOrder.State, reason: Reason?) {
    switch text {
    case "NEW", "PENDING_NEW", "PARTIALLY_FILLED", "PENDING_CANCEL": return (.open, nil)
    case "FILLED":
      guard isFilled else { throw defect("an order is FILLED, and not whole") }
      return (.filled, nil)
    case "CANCELED": return (.cancelled, .cancelled)
    case "EXPIRED": return (.expired, .noLiquidity)
    case "EXPIRED_IN_MATCH":
      return (.expired, .other("it would have met an order of the same account"))
    case "REJECTED": return (.expired, .other("rejected by the matching engine"))
    default: throw defect("the state \(text.prefix(40)) is not known here")
    }
  }

  private func side(_ text: String) throws -> Side {
    switch text {
    case "BUY": return .buy
    case "SELL": return .sell
    default: throw defect("the side \(text.prefix(40)) is not known here")
    }
  }

  /// The body of an answer.
  func json(_ response: HTTPResponse) throws -> JSONValue {
    do {
      return try JSONValue.parse(response.body)
    } catch {
      throw defect("it is not JSON: \(error)")
    }
  }

  func text(_ row: JSONValue, _ key: String) throws -> String {
    guard let text = row[key]?.string, !text.isEmpty, text.utf8.count <= 100 else {
      throw defect("\(key) is missing or no text")
    }
    return text
  }

  func integer(_ row: JSONValue, _ key: String) throws -> Int64 {
    guard let number = row[key]?.int64 else { throw defect("\(key) is missing or no number") }
    return number
  }

  /// An amount, in at most the eight places that Binance counts in.
  func amount(_ row: JSONValue, _ key: String) throws -> Amount {
    guard let text = row[key]?.string, let amount = Amount(text) else {
      throw defect("\(key) is missing or no amount")
    }
    guard amount.units % Self.step == 0 else {
      throw defect("\(key) is \(amount), and Binance counts in eight places")
    }
    return amount
  }

  /// Source: github.com/binance/binance-spot-api-docs, `rest-api.md`: the precision of every asset.
  private static let step: Int128 = 10_000

  func defect(_ cause: String) -> Fault {
    Fault(
      "read the answer of", venue, cause: cause,
      remedy: "check that the address is that of a Binance Spot interface", exit: .unavailable)
  }
}
