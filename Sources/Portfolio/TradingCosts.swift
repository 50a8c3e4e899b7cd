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

  /// What a purchase takes out of cash: the last close made worse by the slippage and rounded up to
  /// the tick, which on a cheap instrument costs more than the slippage, and the fee.
  func outlay(_ quantity: Amount, at close: Amount, tick: Amount) throws(AmountError) -> Amount {
    let price = try close.multiplied(by: Amount.one.adding(slippage), rounding: .up)
      .rounded(toMultipleOf: tick, .up)
    let value = try quantity.multiplied(by: price, rounding: .up)
    return try value.adding(fee(of: value))
  }

  /// What a sale brings into cash, by the same rules.
  func proceeds(_ quantity: Amount, at close: Amount, tick: Amount) throws(AmountError) -> Amount {
    let price = try close.multiplied(by: Amount.one.subtracting(slippage), rounding: .down)
      .rounded(toMultipleOf: tick, .down)
    let value = try quantity.multiplied(by: price, rounding: .down)
    return try value.subtracting(fee(of: value))
  }

  private func fee(of value: Amount) throws(AmountError) -> Amount {
    try value.multiplied(by: fee, rounding: .up).rounded(toMultipleOf: Self.feeStep, .up)
  }
}
