public import Domain

/// Why an order was not taken, or ended before it was filled whole. Reasons, never a venue's codes:
/// each venue's skin has its own words for them.
public enum Reason: Hashable, Sendable, CustomStringConvertible {
  // The contract.
  /// The venue does not know the contract.
  case unknownContract
  /// The contract's state does not admit it.
  case state(ContractState)
  /// The market is closed, and the order does not wait.
  case marketClosed
  /// No price is known, or the newest is older than allowed.
  case stalePrice(Instant?)

  // The filters.
  /// The price is not positive, off its tick, or outside the grid.
  case priceFilter(Amount, tick: Amount)
  /// The limit is too far from the reference price.
  case priceCollar(Amount, reference: Amount)
  /// The quantity is not positive, off its lot, or out of bounds.
  case lotSize(Amount, lot: Amount)
  /// The order is worth too little.
  case notional(Amount, minimum: Amount)
  /// The order is worth too much.
  case notionalAbove(Amount, maximum: Amount)
  /// Price or quantity belong to other assets than the contract's.
  case wrongAsset(String, String)
  /// Price times quantity is no amount.
  case numberTooLarge

  // The account.
  /// There is less of an asset free than the order needs.
  case insufficientFunds(asset: String, free: Amount, needed: Amount)
  /// The fee would eat more than the trade brings, and nothing else is there to pay it.
  case feeExceedsValue
  /// An order of this client order id is known.
  case duplicate
  /// No open order of this client order id is known.
  case unknownOrder

  // The order.
  /// It was to rest, and would trade at once.
  case wouldTrade
  /// A kind of order that cannot be: post-only without a limit.
  case impossible
  /// What could be filled at once was less than was asked.
  case noLiquidity
  /// The opening it waited for has passed.
  case openPassed
  /// The request came after the time that it was valid for.
  case tooLate
  /// Somebody cancelled it.
  case cancelled
  /// What only this venue refuses for, in its words.
  case other(String)

  /// In words.
  public var description: String {
    switch self {
    case .unknownContract: "the venue does not know the contract"
    case .state(let state): "the contract is \(state)"
    case .marketClosed: "the market is closed"
    case .stalePrice(nil): "no price is known"
    case .stalePrice(let time?): "the newest price is of \(time)"
    case .priceFilter(let price, let tick):
      price > .zero
        ? "price \(price) is not a multiple of the tick \(tick), or out of bounds"
        : "price \(price) is not positive"
    case .priceCollar(let price, let reference):
      "price \(price) is too far from the reference \(reference)"
    case .lotSize(let quantity, let lot):
      quantity > .zero
        ? "quantity \(quantity) is not a multiple of the lot \(lot), or out of bounds"
        : "quantity \(quantity) is not positive"
    case .notional(let value, let minimum): "value \(value) is below the minimum of \(minimum)"
    case .notionalAbove(let value, let maximum): "value \(value) is above the most, \(maximum)"
    case .wrongAsset(let given, let wanted): "it is of \(given), not of \(wanted)"
    case .numberTooLarge: "price times quantity is too large a number"
    case .insufficientFunds(let asset, let free, let needed):
      "insufficient funds: \(needed) \(asset) needed, \(free) free"
    case .feeExceedsValue: "the fee is more than the trade brings"
    case .duplicate: "an order of this id is known"
    case .unknownOrder: "no such order is known"
    case .wouldTrade: "post-only, and it would trade at once"
    case .impossible: "such an order cannot be"
    case .noLiquidity: "not enough was traded to fill it"
    case .openPassed: "the opening has passed"
    case .tooLate: "the request came after its time"
    case .cancelled: "cancelled"
    case .other(let text): text
    }
  }
}
