import Domain
import Exchange

// Placing and cancelling orders at Kraken.
extension KrakenSkin {
  mutating func privateAnswer(
    _ method: String, _ parameters: KrakenParameters, as account: String
  ) throws(KrakenRefusal) -> JSONValue {
    switch method {
    case "AddOrder": return try addOrder(parameters, as: account)
    case "CancelOrder": return try cancelOrder(parameters, as: account)
    case "CancelAll": return cancelAll(as: account)
    case "CancelAllOrdersAfter": return try cancelAllAfter(parameters, as: account)
    case "Balance": return balance(of: account)
    case "BalanceEx": return extendedBalance(of: account)
    case "TradeBalance": return tradeBalance(parameters, of: account)
    case "OpenOrders": return try openOrders(parameters, of: account)
    case "ClosedOrders": return try closedOrders(parameters, of: account)
    case "QueryOrders": return try queryOrders(parameters, of: account)
    case "TradesHistory": return try tradesHistory(parameters, of: account)
    case "QueryTrades": return try queryTrades(parameters, of: account)
    case "GetApiKeyInfo": return keyInfo(parameters, of: account)
    case "TradeVolume": return try tradeVolume(parameters)
    case "GetWebSocketsToken":
      throw KrakenRefusal("EService:Unavailable: the exchange in the box has no sockets")
    default: throw .unknownMethod
    }
  }

  /// A new order as it was asked for.
  private struct Request {
    var listed: TradingFloor.Listed
    var ticket: OrderTicket
    var note: KrakenOrderNote
    var validUntil: Instant?
  }

  private mutating func addOrder(
    _ parameters: KrakenParameters, as account: String
  ) throws(KrakenRefusal) -> JSONValue {
    var request = try order(parameters)
    let description = description(request.ticket, request.listed)
    let told = JSONValue.Member("descr", .object([.init("order", .string(description))]))
    let open = floor.core.resting(request.listed.id).count { $0.account == account }
    guard open < Self.mostOpenOrders else {
      throw KrakenRefusal("EOrder:Orders limit exceeded")
    }
    if parameters.flag("validate") {
      let reference = floor.core.reference(request.listed.id)?.price
      if let reason = floor.core.contracts[request.listed.id]?.check(
        request.ticket, reference: reference)
      {
        throw refusal(reason, request)
      }
      return .object([told])
    }
    switch floor.handle(.place(request.ticket, validUntil: request.validUntil), as: account) {
    case .order(let order):
      request.note.txid = KrakenID.text("O", order.number)
      if order.state != .open { request.note.expiry = nil }
      notes[order.number] = request.note
      orderNumbers[request.note.txid] = order.number
      return .object([told, .init("txid", .array([.string(request.note.txid)]))])
    case .refused(let reason): throw refusal(reason, request)
    case .notFound, .orders, .trades, .account:
      preconditionFailure("a placed order is answered with an order or a refusal")
    }
  }

  private mutating func order(
    _ parameters: KrakenParameters
  ) throws(KrakenRefusal) -> Request {
    let one = try contract(try parameters.text("pair"))
    guard let side = Side(rawValue: try parameters.text("type")) else { throw .invalid("type") }
    let kind = try parameters.text("ordertype")
    guard kind == "market" || kind == "limit" else { throw .invalid("ordertype") }
    if let leverage = parameters["leverage"], leverage != "none" { throw .invalid("leverage") }
    if let start = parameters["starttm"], start != "0" { throw .invalid("starttm") }
    let flags = parameters.list("oflags")
    guard flags.allSatisfy({ ["post", "fcib", "fciq", "nompp", "viqc"].contains($0) }),
      !flags.contains("post") || kind == "limit",
      !(flags.contains("fcib") && flags.contains("fciq"))
    else { throw .invalid("oflags") }
    guard let volume = try parameters.amount("volume"), volume > .zero else {
      throw .invalid("volume")
    }
    var limit: Price?
    if kind == "limit" {
      guard let price = try parameters.amount("price") else { throw .invalid("price") }
      limit = Price(price, one.instrument.symbol)
    }
    let (force, expiry) = try timeInForce(parameters)
    let (id, userref) = try identity(parameters)
    let quantity =
      flags.contains("viqc") ? try quantity(for: volume, one, side, limit) : volume
    made += 1
    let ticket = OrderTicket(
      id: ClientOrderID(id ?? "-\(made)"), contract: one.id, side: side,
      quantity: Quantity(quantity, one.instrument.symbol.base), limit: limit,
      timeInForce: limit == nil ? .immediateOrCancel : force, isPostOnly: flags.contains("post"))
    let note = KrakenOrderNote(
      txid: "", clientID: id, userref: userref,
      flags: flags.contains("fcib") || flags.contains("fciq") ? flags : flags + ["fciq"],
      timeInForce: parameters["timeinforce"] ?? "GTC", expiry: expiry, toldExpiry: expiry)
    return Request(
      listed: one, ticket: ticket, note: note, validUntil: try deadline(parameters))
  }

  private func timeInForce(
    _ parameters: KrakenParameters
  ) throws(KrakenRefusal) -> (OrderTicket.TimeInForce, Instant?) {
    switch parameters["timeinforce"] ?? "GTC" {
    case "GTC": return (.untilCancelled, nil)
    case "IOC": return (.immediateOrCancel, nil)
    case "FOK": return (.fillOrKill, nil)
    case "GTD":
      let text = try parameters.text("expiretm")
      let isRelative = text.hasPrefix("+") || text.hasPrefix(" ")
      guard let seconds = Int64(text.drop { $0 == "+" || $0 == " " }) else {
        throw .invalid("expiretm")
      }
      let expiry =
        isRelative ? floor.core.now + .seconds(seconds) : Instant(seconds: seconds)
      guard expiry >= floor.core.now + .seconds(5), expiry <= floor.core.now + .days(31) else {
        throw .invalid("expiretm")
      }
      return (.untilCancelled, expiry)
    default: throw .invalid("timeinforce")
    }
  }

  /// The client's id or its reference, which exclude each other.
  private func identity(
    _ parameters: KrakenParameters
  ) throws(KrakenRefusal) -> (String?, Int64?) {
    let reference = try parameters.number("userref")
    if let reference, Int32(exactly: reference) == nil { throw .invalid("userref") }
    guard let id = parameters["cl_ord_id"] else { return (nil, reference) }
    guard reference == nil else { throw .invalid("cl_ord_id") }
    let isHexadecimal = id.utf8.allSatisfy {
      ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) || ($0 >= 65 && $0 <= 70) || $0 == 45
    }
    let isUUID =
      isHexadecimal
      && (id.utf8.count == 36 && id.count { $0 == "-" } == 4
        || id.utf8.count == 32 && !id.contains("-"))
    let isText = id.utf8.count <= 18 && id.utf8.allSatisfy { $0 > 32 && $0 < 127 }
    guard isUUID || isText else { throw .invalid("cl_ord_id") }
    return (id, nil)
  }

  /// After which time the order must not be taken: 2 to 60 seconds ahead.
  private func deadline(_ parameters: KrakenParameters) throws(KrakenRefusal) -> Instant? {
    guard let text = parameters["deadline"] else { return nil }
    guard let time = Instant(rfc3339: text), time <= floor.shownTime + .seconds(60) else {
      throw .invalid("deadline")
    }
    if time < floor.shownTime { throw KrakenRefusal("EService:Deadline elapsed") }
    // The exchange behind goes by its own clock.
    return time - floor.skew
  }

  /// How much is bought for so much of the quote asset.
  private func quantity(
    for quote: Amount, _ one: TradingFloor.Listed, _ side: Side, _ limit: Price?
  ) throws(KrakenRefusal) -> Amount {
    guard side == .buy, limit == nil else { throw .invalid("viqc") }
    guard let quoted = floor.core.quote(one.id) else {
      throw KrakenRefusal("EService:Unavailable")
    }
    do throws(AmountError) {
      return try quote.divided(by: quoted.ask, rounding: .down)
        .rounded(toMultipleOf: one.instrument.lot, .down)
    } catch {
      throw .invalid("volume")
    }
  }

  private func refusal(_ reason: Reason, _ request: Request) -> KrakenRefusal {
    let rules = request.listed.instrument
    let pair = names[request.listed.id.text]?.altname ?? request.listed.id.text
    switch reason {
    case .unknownContract: return .unknownPair
    case .priceFilter(let price, _):
      guard price.decimals > rules.tick.decimals else {
        return KrakenRefusal(
          price > .zero ? "EOrder:Tick size check failed" : "EOrder:Invalid price")
      }
      return KrakenRefusal(
        "EOrder:Invalid price:\(pair) price can only be specified up to \(rules.tick.decimals) "
          + "decimals.")
    case .priceCollar: return KrakenRefusal("EOrder:Invalid price")
    case .lotSize(let quantity, _):
      return quantity < rules.filters.minimumQuantity ?? rules.lot
        ? KrakenRefusal("EOrder:Order minimum not met") : .invalid("volume")
    case .notional: return KrakenRefusal("EOrder:Cost minimum not met")
    case .notionalAbove, .numberTooLarge: return .invalid("volume")
    case .insufficientFunds, .feeExceedsValue: return KrakenRefusal("EOrder:Insufficient funds")
    case .duplicate: return .invalid("cl_ord_id")
    case .wouldTrade: return KrakenRefusal("EOrder:Post only order")
    case .state, .marketClosed: return KrakenRefusal("EService:Market in cancel_only mode")
    case .stalePrice: return KrakenRefusal("EService:Unavailable")
    case .tooLate: return KrakenRefusal("EService:Deadline elapsed")
    case .wrongAsset, .unknownOrder, .impossible, .noLiquidity, .openPassed, .cancelled, .other:
      return .invalidOrder
    }
  }

  private mutating func cancelOrder(
    _ parameters: KrakenParameters, as account: String
  ) throws(KrakenRefusal) -> JSONValue {
    let ids = parameters.list("txid")
    guard !ids.isEmpty || parameters["cl_ord_id"] != nil else { throw .invalid("txid") }
    let open = floor.core.openOrders(of: account).filter { order in
      guard let note = notes[order.number] else { return false }
      return ids.contains(note.txid) || note.userref.map { ids.contains("\($0)") } ?? false
        || note.clientID != nil && note.clientID == parameters["cl_ord_id"]
    }
    guard !open.isEmpty else { throw .unknownOrder }
    for order in open { _ = floor.handle(.cancel(order.ticket.id), as: account) }
    return .object([.init("count", .number(open.count))])
  }

  private mutating func cancelAll(as account: String) -> JSONValue {
    let open = floor.core.openOrders(of: account)
    for order in open { _ = floor.handle(.cancel(order.ticket.id), as: account) }
    return .object([.init("count", .number(open.count))])
  }

  /// Arms the switch that cancels all orders, or with a time-out of 0 takes it back.
  private mutating func cancelAllAfter(
    _ parameters: KrakenParameters, as account: String
  ) throws(KrakenRefusal) -> JSONValue {
    guard let seconds = try parameters.number("timeout"), (0...86_400).contains(seconds) else {
      throw .invalid("timeout")
    }
    let now = Instant(seconds: floor.core.now.seconds)
    switches[account] = seconds == 0 ? nil : floor.core.now + .seconds(seconds)
    let trigger = seconds == 0 ? "0" : "\(now + .seconds(seconds))"
    return .object([
      .init("currentTime", .string("\(now)")), .init("triggerTime", .string(trigger)),
    ])
  }

  /// `buy 1.25000000 XBTUSD @ limit 37500.0`.
  func description(_ ticket: OrderTicket, _ one: TradingFloor.Listed) -> String {
    let pair = names[one.id.text]?.altname ?? one.id.text
    let price = ticket.limit.map { "limit \(self.price($0.amount, one))" } ?? "market"
    return "\(ticket.side) \(FixedText.text(ticket.quantity.amount)) \(pair) @ \(price)"
  }
}
