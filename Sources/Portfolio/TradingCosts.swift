public import Domain

/// What trading is assumed to cost, both as fractions of a trade's value.
public struct TradingCosts: Hashable, Sendable {
  /// The fee.
  public var fee: Amount
  /// How much worse than the last close a market order is expected to fill.
  public var slippage: Amount

  /// Costs of these fractions.
  public init(fee: Amount, slippage: Amount) { (self.fee, self.slippage) = (fee, slippage) }

  /// What a purchase worth `value` at the last close takes out of cash, rounded up.
  func outlay(_ value: Amount) throws(AmountError) -> Amount {
    let price = try value.multiplied(by: Amount.one.adding(slippage), rounding: .up)
    return try price.multiplied(by: Amount.one.adding(fee), rounding: .up)
  }

  /// What a sale worth `value` at the last close brings into cash, rounded down.
  func proceeds(_ value: Amount) throws(AmountError) -> Amount {
    let price = try value.multiplied(by: Amount.one.subtracting(slippage), rounding: .down)
    return try price.multiplied(by: Amount.one.subtracting(fee), rounding: .down)
  }
}
