import Domain
import Exchange

/// What Binance keeps of an order beside what every exchange does.
struct BinanceOrderNote: Hashable, Sendable {
  enum Kind: String, Sendable {
    case limit = "LIMIT"
    case market = "MARKET"
    case limitMaker = "LIMIT_MAKER"
  }

  var kind: Kind
  var timeInForce: String
  /// What was to be spent or to be brought, where that was asked.
  var quoteQuantity: Amount?
  var strategyID: Int64?
  var strategyType: Int64?
}

/// A new order as it was asked for.
struct BinanceOrderRequest {
  /// How much is told of the order in the answer.
  enum ResponseType: String {
    case ack = "ACK"
    case result = "RESULT"
    case full = "FULL"
  }

  var listed: TradingFloor.Listed
  var ticket: OrderTicket
  var note: BinanceOrderNote
  var response: ResponseType
}

extension BinanceSkin {
  /// Order types that Binance has and the box has not.
  private static let absentKinds = [
    "STOP_LOSS": "Stop loss orders are not supported for this symbol.",
    "STOP_LOSS_LIMIT": "Stop loss limit orders are not supported for this symbol.",
    "TAKE_PROFIT": "Take profit orders are not supported for this symbol.",
    "TAKE_PROFIT_LIMIT": "Take profit limit orders are not supported for this symbol.",
  ]

  /// Reads a new order: every rule that needs no balance and no price.
  mutating func order(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> BinanceOrderRequest {
    let symbol = try parameters.symbol()
    let side: Side
    switch try parameters.text("side") {
    case "BUY": side = .buy
    case "SELL": side = .sell
    default: throw BinanceRefusal(-1117, "Invalid side.")
    }
    let kindText = try parameters.text("type")
    guard let one = floor.contract(symbol) else { throw .invalidSymbol }
    if let message = Self.absentKinds[kindText] { throw .rejected(message) }
    guard let kind = BinanceOrderNote.Kind(rawValue: kindText) else {
      throw BinanceRefusal(-1116, "Invalid orderType.")
    }
    if parameters.has("icebergQty") {
      throw .rejected("Iceberg orders are not supported for this symbol.")
    }
    for name in ["stopPrice", "trailingDelta"] where parameters.has(name) {
      throw .notRequired(name)
    }
    if parameters.has("pegPriceType") {
      throw .rejected("Pegged orders are not supported for this symbol.")
    }
    if let mode = parameters["selfTradePreventionMode"], mode != "NONE" {
      throw .invalid("selfTradePreventionMode")
    }
    let strategyType = try parameters.number("strategyType")
    if let strategyType, strategyType < 1_000_000 {
      throw BinanceRefusal(-1134, "`strategyType` was less than 1000000.")
    }
    let response = try response(parameters, kind)
    let timeInForce = try timeInForce(parameters, kind)
    let (quantity, price, quote) = try amounts(parameters, kind)
    let id = try clientID(parameters, account)
    var ticket = OrderTicket(
      id: id, contract: one.id, side: side,
      quantity: Quantity(quantity ?? .zero, one.instrument.symbol.base),
      limit: price.map { Price($0, one.instrument.symbol) }, timeInForce: timeInForce,
      isPostOnly: kind == .limitMaker)
    if let quote { ticket.quantity.amount = try self.quantity(for: quote, one, side) }
    let note = BinanceOrderNote(
      kind: kind, timeInForce: parameters["timeInForce"] ?? "GTC", quoteQuantity: quote,
      strategyID: try parameters.number("strategyId"), strategyType: strategyType)
    return BinanceOrderRequest(listed: one, ticket: ticket, note: note, response: response)
  }

  private func response(
    _ parameters: BinanceParameters, _ kind: BinanceOrderNote.Kind
  ) throws(BinanceRefusal) -> BinanceOrderRequest.ResponseType {
    guard let text = parameters["newOrderRespType"] else {
      return kind == .limitMaker ? .ack : .full
    }
    guard let type = BinanceOrderRequest.ResponseType(rawValue: text) else {
      throw .invalid("newOrderRespType")
    }
    return type
  }

  private func timeInForce(
    _ parameters: BinanceParameters, _ kind: BinanceOrderNote.Kind
  ) throws(BinanceRefusal) -> OrderTicket.TimeInForce {
    guard kind == .limit else {
      // -1106 names the parameter that this kind of order has not.
      if parameters.has("timeInForce") { throw .notRequired("timeInForce") }
      return kind == .market ? .immediateOrCancel : .untilCancelled
    }
    switch try parameters.text("timeInForce") {
    case "GTC": return .untilCancelled
    case "IOC": return .immediateOrCancel
    case "FOK": return .fillOrKill
    default: throw BinanceRefusal(-1115, "Invalid timeInForce.")
    }
  }

  private func amounts(
    _ parameters: BinanceParameters, _ kind: BinanceOrderNote.Kind
  ) throws(BinanceRefusal) -> (quantity: Amount?, price: Amount?, quote: Amount?) {
    let quantity = try parameters.decimal("quantity")
    let price = try parameters.decimal("price")
    let quote = try parameters.decimal("quoteOrderQty")
    if kind == .market {
      if price != nil { throw .notRequired("price") }
      if quantity != nil, quote != nil { throw .notRequired("quoteOrderQty") }
      if quantity == nil, quote == nil { throw .missing(oneOf: "quantity", "quoteOrderQty") }
    } else {
      if quote != nil { throw .notRequired("quoteOrderQty") }
      if quantity == nil { throw .missing("quantity") }
      if price == nil { throw .missing("price") }
    }
    for (name, value) in [("quantity", quantity), ("quoteOrderQty", quote), ("price", price)]
    where value == .zero {
      throw name == "price" ? .filter("PRICE_FILTER") : .filter("LOT_SIZE")
    }
    return (quantity, price, quote)
  }

  /// The id of a new order: the client's, or one made from how many orders there were.
  private mutating func clientID(
    _ parameters: BinanceParameters, _ account: String
  ) throws(BinanceRefusal) -> ClientOrderID {
    guard let text = parameters["newClientOrderId"] else { return ClientOrderID(madeID()) }
    let isLegal =
      (1...36).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      }
    guard isLegal else { throw .illegal("newClientOrderId", "^[a-zA-Z0-9-_]{1,36}$") }
    return ClientOrderID(text)
  }

  /// An id of 22 letters for what a client gave none.
  mutating func madeID() -> String {
    cancels += 1
    var seed = UInt64(bitPattern: cancels)
    let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    var text: [UInt8] = []
    for _ in 0..<22 {
      // A linear congruence of full period (Knuth's MMIX), read from its upper bits.
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text.append(letters[Int(seed >> 33) % letters.count])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// How much is bought or sold for so much of the quote asset, at what takers pay now.
  private func quantity(
    for quote: Amount, _ one: TradingFloor.Listed, _ side: Side
  ) throws(BinanceRefusal) -> Amount {
    guard let quoted = floor.core.quote(one.id) else { throw .rejected("Market is closed.") }
    let price = side == .buy ? quoted.ask : quoted.bid
    let quantity: Amount
    do throws(AmountError) {
      quantity = try quote.divided(by: price, rounding: .down)
        .rounded(toMultipleOf: one.instrument.lot, .down)
    } catch {
      throw .filter("NOTIONAL")
    }
    guard quantity > .zero else { throw .filter("NOTIONAL") }
    return quantity
  }
}
