public import Domain

/// What trading is assumed to cost, both as fractions of a trade's value.
public struct TradingCosts: Hashable, Sendable {
  /// The fee.
  public var fee: Amount
  /// How much worse than the last close a market order is expected to fill.
  public var slippage: Amount

  /// Costs of these fractions.
  public init(fee: Amount, slippage: Amount) { (self.fee, self.slippage) = (fee, slippage) }

  /// Fees are rounded up to this, as venues do.
  static let feeStep = Amount(units: 10_000)

  /// The price at which a trade is expected: the last close made worse by the slippage and rounded
  /// to the tick against us, which on a cheap instrument costs more than the slippage. A limit is
  /// never passed, and what it promises is the worst that it may cost.
  func price(
    _ side: Side, at close: Amount, limit: Amount?, tick: Amount
  ) throws(AmountError) -> Amount {
    if let limit { return limit }
    switch side {
    case .buy:
      return try close.multiplied(by: Amount.one.adding(slippage), rounding: .up)
        .rounded(toMultipleOf: tick, .up)
    case .sell:
      return try close.multiplied(by: Amount.one.subtracting(slippage), rounding: .down)
        .rounded(toMultipleOf: tick, .down)
    }
  }

  /// The most that a purchase takes out of cash, the fee included.
  func outlay(
    _ quantity: Amount, at close: Amount, limit: Amount?, tick: Amount
  ) throws(AmountError) -> Amount {
    let price = try price(.buy, at: close, limit: limit, tick: tick)
    let value = try quantity.multiplied(by: price, rounding: .up)
    return try value.adding(fee(of: value))
  }

  private func fee(of value: Amount) throws(AmountError) -> Amount {
    try value.multiplied(by: fee, rounding: .up).rounded(toMultipleOf: Self.feeStep, .up)
  }
}
