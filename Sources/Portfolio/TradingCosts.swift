public import Domain
import Exchange

/// What trading is assumed to cost, both as fractions of a trade's value: by the exchange's own rules
/// of slippage and fees, so that what a plan sizes by is what the venue takes.
public struct TradingCosts: Hashable, Sendable {
  /// The fee.
  public var fee: Amount
  /// How much worse than the last close a market order is expected to fill.
  public var slippage: Amount

  /// Costs of these fractions.
  public init(fee: Amount, slippage: Amount) { (self.fee, self.slippage) = (fee, slippage) }

  /// Fees are rounded up to this, as venues do.
  static let feeStep = FeeSchedule.finestStep

  /// The price at which a trade is expected: the last close made worse by the slippage and rounded
  /// to the tick against us, which on a cheap instrument costs more than the slippage. A limit is
  /// never passed, and what it promises is the worst that it may cost.
  func price(
    _ side: Side, at close: Amount, limit: Amount?, tick: Amount
  ) throws(AmountError) -> Amount {
    if let limit { return limit }
    return try Slippage.fixed(Domain.Rate(slippage)).price(
      side, reference: close, quantity: .one, volume: nil, grid: PriceGrid(tick: tick))
  }

  /// The most that a purchase takes out of cash, the fee included.
  func outlay(
    _ quantity: Amount, at close: Amount, limit: Amount?, tick: Amount
  ) throws(AmountError) -> Amount {
    let price = try price(.buy, at: close, limit: limit, tick: tick)
    let value = try quantity.multiplied(by: price, rounding: .up)
    return try value.adding(
      FeeSchedule.flat(Domain.Rate(fee)).fee(price: price, quantity: quantity, isMaker: false))
  }
}
