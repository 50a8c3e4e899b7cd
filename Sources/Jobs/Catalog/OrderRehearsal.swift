import Domain
import Exchange
import Venues

/// An order that a venue is asked about, and that it does not take: the smallest of an instrument, that would
/// not trade if it were taken all the same.
struct OrderRehearsal {
  let ticket: OrderTicket

  /// So far below the best bid is its limit.
  private static let distance = Amount(units: 900_000_000_000)  // 0.9
  /// By so much its value is above the least, since prices move.
  private static let reserve = Amount(units: 1_100_000_000_000)  // 1.1

  /// The order of a contract whose best bid this is; nil where none of its rules' size can be made.
  init?(_ contract: Contract, bid: Amount) throws {
    let limit = try contract.prices.rounded(bid.multiplied(by: Self.distance), .down)
    guard limit > .zero else { return nil }
    let least = try contract.notional.minimum.multiplied(by: Self.reserve)
      .divided(by: limit, rounding: .up)
      .rounded(toMultipleOf: contract.quantities.lot, .up)
    let quantity = max(least, contract.quantities.minimum ?? .zero, contract.quantities.lot)
    ticket = OrderTicket(
      id: ClientOrderID("doctor"), contract: contract.id, side: .buy,
      quantity: contract.quantity(quantity), limit: contract.price(limit), isPostOnly: true)
    guard contract.check(ticket, reference: contract.price(bid)) == nil else { return nil }
  }
}
