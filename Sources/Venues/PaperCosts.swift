public import Domain

/// What trading on paper costs, in basis points (hundredths of a percent).
public struct PaperCosts: Hashable, Sendable {
  /// The fee, as a part of an order's value.
  public var feeBasisPoints: Amount
  /// How far from the close a market order is filled, against us.
  public var slippageBasisPoints: Amount

  /// 10 basis points of fee (Binance's, without discounts), 5 of slippage.
  public static let standard = PaperCosts(
    feeBasisPoints: Amount(10), slippageBasisPoints: Amount(5))

  /// Costs of these parts, which must not be negative; the slippage is below the whole price.
  public init(feeBasisPoints: Amount, slippageBasisPoints: Amount) {
    precondition(!feeBasisPoints.isNegative, "a fee is not negative")
    precondition(
      !slippageBasisPoints.isNegative && slippageBasisPoints < Self.whole,
      "a slippage is from 0 to below 10,000 basis points")
    self.feeBasisPoints = feeBasisPoints
    self.slippageBasisPoints = slippageBasisPoints
  }

  private static let whole = Amount(10_000)
  /// Fees are rounded up to this.
  private static let feeStep = Amount(units: 10_000)

  /// The price of a market order: the close moved against us and rounded to the tick against us.
  /// The close is first taken to the nearest 10^-12, so that the last digit of a number such as
  /// 0.0027300000000000002 does not cost a tick.
  /// Zero when the close is less than one tick and we sell.
  func marketPrice(_ side: Side, close: Double, tick: Amount) throws(AmountError) -> Amount {
    let rounding: Amount.Rounding = side == .buy ? .up : .down
    let factor =
      side == .buy
      ? try Self.whole.adding(slippageBasisPoints)
      : try Self.whole.subtracting(slippageBasisPoints)
    return try Amount(observed: close)
      .multiplied(by: factor, rounding: rounding)
      .divided(by: Self.whole, rounding: rounding)
      .rounded(toMultipleOf: tick, rounding)
  }

  /// The price at which a candle fills a limit order; nil when it does not reach the limit.
  func limitPrice(
    _ side: Side, limit: Amount, candle: Candle, tick: Amount
  ) throws(AmountError) -> Amount? {
    let rounding: Amount.Rounding = side == .buy ? .up : .down
    let open = try Amount(observed: candle.open)
      .rounded(toMultipleOf: tick, rounding)
    switch side {
    case .buy:
      if open <= limit { return open }
      return try Amount(observed: candle.low) <= limit ? limit : nil
    case .sell:
      if open >= limit { return open }
      return try Amount(observed: candle.high) >= limit ? limit : nil
    }
  }

  /// The fee of a trade, in the quote asset.
  func fee(price: Amount, quantity: Amount) throws(AmountError) -> Amount {
    try price.multiplied(by: quantity, rounding: .up)
      .multiplied(by: feeBasisPoints, rounding: .up)
      .divided(by: Self.whole, rounding: .up)
      .rounded(toMultipleOf: Self.feeStep, .up)
  }
}
