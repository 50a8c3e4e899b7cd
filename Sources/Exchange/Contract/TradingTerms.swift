public import Domain

/// What a trade is expected to cost, by the same rules by which it is filled: the contract's fees and
/// the slippage of the fill model. Plans size by it, the venue settles by it.
public struct TradingTerms: Hashable, Sendable {
  /// The rules.
  public var contract: Contract
  /// How takers are filled.
  public var slippage: Slippage

  /// The terms of a contract.
  public init(_ contract: Contract, slippage: Slippage) {
    (self.contract, self.slippage) = (contract, slippage)
  }

  /// The price of a market order beside a reference. - Throws: `AmountError`.
  public func takerPrice(
    _ side: Side, reference: Price, quantity: Quantity, volume: Amount? = nil
  ) throws(AmountError) -> Price {
    contract.price(
      try slippage.price(
        side, reference: reference.amount, quantity: quantity.amount, volume: volume,
        grid: contract.prices))
  }

  /// What a purchase takes out of the quote asset, at a price: its value and its fee, where that is
  /// paid in quote. A limit order is asked with its limit, a market order with `takerPrice`.
  ///
  /// - Throws: `AmountError`.
  public func outlay(
    _ quantity: Quantity, at price: Price, isMaker: Bool = false
  ) throws(AmountError) -> Money {
    let value = try price.value(of: quantity, rounding: .up)
    return try value.adding(quoteFee(.buy, quantity, at: price, isMaker: isMaker))
  }

  /// What a sale brings into the quote asset, at a price; below zero when the fee is more than that.
  ///
  /// - Throws: `AmountError`.
  public func proceeds(
    _ quantity: Quantity, at price: Price, isMaker: Bool = false
  ) throws(AmountError) -> Money {
    let value = try price.value(of: quantity, rounding: .down)
    return try value.subtracting(quoteFee(.sell, quantity, at: price, isMaker: isMaker))
  }

  private func quoteFee(
    _ side: Side, _ quantity: Quantity, at price: Price, isMaker: Bool
  ) throws(AmountError) -> Money {
    switch contract.fees.currency {
    case .quote: break
    case .received where side == .sell: break
    case .received, .base, .third: return .zero(contract.pair.quote)
    }
    return Money(
      try contract.fees.fee(
        price: price.amount, quantity: quantity.amount, isMaker: isMaker), contract.pair.quote)
  }
}
