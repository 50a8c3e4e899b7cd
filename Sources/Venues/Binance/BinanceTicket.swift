import Domain
import Exchange

/// An order as Binance is asked for it.
enum BinanceTicket {
  /// The parameters of a new order; nil where Binance has no such order (one for the opening, a
  /// post-only one that does not rest).
  static func parameters(_ ticket: OrderTicket) -> [(String, String)]? {
    var parameters = [
      ("symbol", ticket.contract.text), ("side", ticket.side == .buy ? "BUY" : "SELL"),
    ]
    switch (ticket.limit, ticket.timeInForce, ticket.isPostOnly) {
    case (nil, .untilCancelled, false), (nil, .immediateOrCancel, false):
      parameters.append(("type", "MARKET"))
    case (.some, .untilCancelled, true):
      parameters.append(("type", "LIMIT_MAKER"))
    case (.some, .untilCancelled, false):
      parameters += [("type", "LIMIT"), ("timeInForce", "GTC")]
    case (.some, .immediateOrCancel, false):
      parameters += [("type", "LIMIT"), ("timeInForce", "IOC")]
    case (.some, .fillOrKill, false):
      parameters += [("type", "LIMIT"), ("timeInForce", "FOK")]
    case (nil, .fillOrKill, _), (nil, _, true), (.some, .immediateOrCancel, true),
      (.some, .fillOrKill, true), (_, .onOpen, _):
      return nil
    }
    parameters.append(("quantity", "\(ticket.quantity.amount)"))
    if let limit = ticket.limit { parameters.append(("price", "\(limit.amount)")) }
    // What can trade at once tells its trades with its answer; what only rests has none to tell.
    return parameters + [
      ("newClientOrderId", ticket.id.text),
      ("newOrderRespType", ticket.isPostOnly ? "RESULT" : "FULL"),
    ]
  }
}
