import Domain
import Exchange

/// An order as Kraken is asked for it.
enum KrakenTicket {
  /// The most characters of a client order id that is no UUID.
  static let idLength = 18

  /// The parameters of a new order; nil where Kraken has no such order (one for the opening, one that is
  /// filled whole or not at all), or takes no such id.
  ///
  /// The fee is asked for in the quote asset, so that what is bought comes whole and every fee is of one
  /// kind.
  static func parameters(_ ticket: OrderTicket) -> [(String, String)]? {
    let id = ticket.id.text
    guard (1...idLength).contains(id.utf8.count), id.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      return nil
    }
    var parameters = [
      ("pair", ticket.contract.text), ("type", ticket.side == .buy ? "buy" : "sell"),
    ]
    switch (ticket.limit, ticket.timeInForce, ticket.isPostOnly) {
    case (nil, .untilCancelled, false), (nil, .immediateOrCancel, false):
      parameters.append(("ordertype", "market"))
    case (.some, .untilCancelled, _): parameters.append(("ordertype", "limit"))
    case (.some, .immediateOrCancel, false):
      parameters += [("ordertype", "limit"), ("timeinforce", "IOC")]
    case (nil, _, true), (nil, .fillOrKill, _), (.some, .fillOrKill, _),
      (.some, .immediateOrCancel, true), (_, .onOpen, _):
      return nil
    }
    parameters.append(("volume", "\(ticket.quantity.amount)"))
    if let limit = ticket.limit { parameters.append(("price", "\(limit.amount)")) }
    return parameters + [
      ("oflags", ticket.isPostOnly ? "post,fciq" : "fciq"), ("cl_ord_id", id),
    ]
  }
}
