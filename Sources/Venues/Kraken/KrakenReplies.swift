import Domain
import Exchange

/// An order as Kraken tells it.
struct KrakenOrder: Hashable, Sendable {
  let standing: OrderStanding
  /// What its trades were worth together, and what they cost, each with the least that it counts in.
  let cost: KrakenMoney
  let fee: KrakenMoney
  /// The ids of its trades.
  let trades: [String]
  /// When it was placed, by the venue's clock.
  let opened: Instant
}

/// An amount that Kraken has rounded: exact to one of its last digit.
struct KrakenMoney: Hashable, Sendable {
  let amount: Amount
  let step: Amount

  /// Whether another amount is the same but for rounding: of `count` numbers that were rounded, and of
  /// means of prices, by which a value may be off by a ten-thousandth, and by `slack`.
  func agrees(with other: Amount, roundings count: Int, slack: Amount = .zero) -> Bool {
    let difference = (amount.units - other.units).magnitude
    return difference <= step.units.magnitude * Int128.Magnitude(count + 1)
      + amount.units.magnitude / 10_000 + slack.units.magnitude
  }
}

/// How Kraken tells an order, a trade and a balance.
///
/// Numbers are texts of digits. What does not fit what was asked is no answer: it is thrown, and a
/// request that may have had an effect stays unknown.
struct KrakenReplies {
  /// The name of the venue, for contracts and faults.
  let venue: String

  /// The id of the order that a placement made.
  func placed(_ result: JSONValue) throws -> String {
    guard let ids = result["txid"]?.array, ids.count == 1, let id = ids[0].string, isID(id) else {
      throw defect("it tells no id of the order")
    }
    return id
  }

  /// Whether a text has the form of an id: three groups of letters and digits.
  func isID(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [6, 5, 6]
      && groups.joined().utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
  }

  /// The name of the pair that a row is of.
  func pairName(_ row: JSONValue) throws -> String {
    guard let descriptions = row["descr"] else { throw defect("an order has no description") }
    return try text(descriptions, "pair")
  }

  /// An order of `OpenOrders`, `ClosedOrders` or `QueryOrders`.
  func order(_ txid: String, _ row: JSONValue, _ contract: ContractID, pair: Symbol) throws
    -> KrakenOrder
  {
    guard isID(txid) else { throw defect("\(txid.prefix(40)) is no id of an order") }
    guard let descriptions = row["descr"] else { throw defect("an order has no description") }
    let quantity = try amount(row, "vol")
    let filled = try amount(row, "vol_exec")
    guard quantity > .zero, !filled.isNegative, filled <= quantity else {
      throw defect("\(filled) of \(quantity) of order \(txid) are filled")
    }
    let (cost, fee) = (try money(row, "cost"), try money(row, "fee"))
    let mean = try money(row, "price")
    guard !cost.amount.isNegative, !fee.amount.isNegative, fee.amount <= cost.amount,
      cost.agrees(
        with: filled > .zero ? try mean.amount.multiplied(by: filled) : .zero, roundings: 1,
        slack: try mean.step.multiplied(by: filled))
    else {
      throw defect(
        "order \(txid) is worth \(cost.amount), with \(filled) filled at \(mean.amount) and a fee of "
          + "\(fee.amount)")
    }
    let kind = try text(descriptions, "ordertype")
    var limit: Price?
    if kind != "market" {
      let price = try amount(descriptions, "price")
      limit = price > .zero ? Price(price, pair) : nil
    }
    guard kind != "limit" || limit != nil else { throw defect("order \(txid) has no limit") }
    let state = try state(row, isFilled: filled == quantity)
    let trades = try (row["trades"]?.array ?? []).map { trade in
      guard let id = trade.string, isID(id) else { throw defect("a trade of \(txid) has no id") }
      return id
    }
    guard Set(trades).count == trades.count else { throw defect("a trade of \(txid) comes twice") }
    guard let opened = time(row["opentm"]) else {
      throw defect("order \(txid) has no opening time")
    }
    let own = row["cl_ord_id"]?.string ?? ""
    return KrakenOrder(
      standing: OrderStanding(
        id: ClientOrderID(own.isEmpty ? txid : own), venueID: txid, contract: contract,
        side: try side(text(descriptions, "type")), quantity: Quantity(quantity, pair.base),
        filled: Quantity(filled, pair.base), limit: limit, state: state.state,
        reason: state.reason),
      cost: cost, fee: fee, trades: trades, opened: opened)
  }

  /// The states of an order. One that was cancelled or has expired may still have been filled in part.
  private func state(
    _ row: JSONValue, isFilled: Bool
  ) throws -> (state: VenueOrder.State, reason: Reason?) {
    let reason = row["reason"]?.string ?? ""
    switch try text(row, "status") {
    case "pending", "open": return (.open, nil)
    case "closed":
      guard isFilled else { throw defect("an order is closed, and not filled whole") }
      return (.filled, nil)
    case "canceled":
      return (
        .cancelled,
        reason.isEmpty || reason == "User requested"
          ? .cancelled : .other(String(reason.prefix(100)))
      )
    case "expired": return (.expired, .noLiquidity)
    case let other: throw defect("the state \(other.prefix(40)) is not known here")
    }
  }

  /// A trade of `QueryTrades` or `TradesHistory`; its fee is in the quote asset, as our orders ask.
  func trade(_ id: String, _ row: JSONValue, _ contract: ContractID, pair: Symbol) throws
    -> VenueFill
  {
    guard isID(id) else { throw defect("\(id.prefix(40)) is no id of a trade") }
    let order = try text(row, "ordertxid")
    let (quantity, price) = (try amount(row, "vol"), try amount(row, "price"))
    let (cost, fee) = (try money(row, "cost"), try amount(row, "fee"))
    guard isID(order), quantity > .zero, price > .zero, !fee.isNegative else {
      throw defect("trade \(id) is \(quantity) at \(price) for \(fee), of \(order.prefix(40))")
    }
    guard cost.agrees(with: try price.multiplied(by: quantity), roundings: 1) else {
      throw defect("trade \(id) is \(quantity) at \(price), and worth \(cost.amount)")
    }
    guard let time = time(row["time"]) else { throw defect("trade \(id) has no time") }
    return VenueFill(
      id: id, order: nil, venueOrder: order, contract: contract,
      side: try side(text(row, "type")), quantity: Quantity(quantity, pair.base),
      price: Price(price, pair), fee: Money(fee, pair.quote), isMaker: row["maker"]?.bool ?? false,
      time: time)
  }

  /// The balances of `BalanceEx`.
  func account(_ result: JSONValue, asOf: Instant) throws -> AccountSnapshot {
    guard let rows = result.object else { throw defect("the balances are no table") }
    var free: [String: Amount] = [:]
    var locked: [String: Amount] = [:]
    for row in rows {
      let asset = KrakenAsset.common(row.key)
      let (balance, held) = (try amount(row.value, "balance"), try amount(row.value, "hold_trade"))
      guard free[asset] == nil else { throw defect("\(asset) is told twice") }
      guard !held.isNegative else { throw defect("\(held) of \(asset) are held") }
      let rest = try balance.subtracting(held)
      if rest != .zero || held != .zero { (free[asset], locked[asset]) = (rest, held) }
    }
    return AccountSnapshot(free: free, locked: locked, asOf: asOf)
  }

  /// Seconds with a fraction, as numbers or texts.
  func time(_ value: JSONValue?) -> Instant? {
    let text: String
    switch value {
    case .number(let number)?, .string(let number)?: text = number
    default: return nil
    }
    return Amount(text).flatMap { Int64(exactly: $0.units / 1_000_000_000) }
      .flatMap { Instant(told: $0) }
  }

  private func side(_ text: String) throws -> Side {
    switch text {
    case "buy": return .buy
    case "sell": return .sell
    default: throw defect("the side \(text.prefix(40)) is not known here")
    }
  }

  private func text(_ row: JSONValue, _ key: String) throws -> String {
    guard let text = row[key]?.string, !text.isEmpty, text.utf8.count <= 100 else {
      throw defect("\(key) is missing or no text")
    }
    return text
  }

  private func amount(_ row: JSONValue, _ key: String) throws -> Amount {
    guard let amount = row[key]?.string.flatMap({ Amount($0) }) else {
      throw defect("\(key) is missing or no amount")
    }
    return amount
  }

  private func money(_ row: JSONValue, _ key: String) throws -> KrakenMoney {
    let amount = try amount(row, key)
    let text = row[key]?.string ?? ""
    let places =
      text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
    var step = Amount.one.units
    for _ in 0..<min(places, Amount.scaleDigits) { step /= 10 }
    return KrakenMoney(amount: amount, step: Amount(units: step))
  }

  /// Two answers that do not fit each other: one of them may be of a moment before.
  func lagging(_ cause: String) -> Fault {
    var fault = defect(cause)
    fault.isTransient = true
    return fault
  }

  func defect(_ cause: String) -> Fault {
    Fault(
      "read the answer of", venue, cause: cause,
      remedy: "check that the address is that of a Kraken Spot interface", exit: .unavailable)
  }
}
