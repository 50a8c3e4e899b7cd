public import Domain

/// How much worse than the reference price a taker is filled: a model with a name.
public enum Slippage: Hashable, Sendable, CustomStringConvertible {
  /// A fixed part of the price.
  case fixed(Rate)
  /// Half of a spread, itself a part of the price: a quote of which only the middle is known.
  case spread(Rate)
  /// impact x (quantity / volume)^2 of the price, the quantity's share counted up to a limit: an
  /// order that is large beside what was traded moves the price. (LEAN's VolumeShareSlippageModel.)
  case volumeShare(impact: Rate, limit: Rate)

  /// None.
  public static let none = Slippage.fixed(.zero)

  /// The part of the price that a quantity slips, beside the volume of the last closed candle; nil
  /// or zero counts as an order that is all of it.
  ///
  /// - Throws: `AmountError.overflow`.
  public func rate(quantity: Amount, volume: Amount?) throws(AmountError) -> Rate {
    switch self {
    case .fixed(let rate): return rate
    case .spread(let spread):
      return Rate(try spread.amount.divided(by: Amount(2), rounding: .up))
    case .volumeShare(let impact, let limit):
      var share = limit.amount
      // The limit of the volume is asked first: a quotient may not fit, a product does.
      if let volume, volume > .zero,
        quantity < (try volume.multiplied(by: limit.amount, rounding: .down))
      {
        share = try quantity.divided(by: volume, rounding: .up)
      }
      return Rate(
        try share.multiplied(by: share, rounding: .up)
          .multiplied(by: impact.amount, rounding: .up))
    }
  }

  /// The price of a taker: the reference moved against it and rounded to the grid against it. Zero
  /// when a sale's price is below one tick.
  ///
  /// - Throws: `AmountError.overflow`.
  public func price(
    _ side: Side, reference: Amount, quantity: Amount, volume: Amount?, grid: PriceGrid
  ) throws(AmountError) -> Amount {
    let rate = try rate(quantity: quantity, volume: volume)
    let rounding: Amount.Rounding = side == .buy ? .up : .down
    let factor =
      side == .buy
      ? try Amount.one.adding(rate.amount)
      : max(.zero, try Amount.one.subtracting(rate.amount))
    return try grid.rounded(reference.multiplied(by: factor, rounding: rounding), rounding)
  }

  /// The name with its numbers, as it stands in a plan.
  public var description: String {
    switch self {
    case .fixed(let rate): "fixed \(rate)"
    case .spread(let rate): "spread \(rate)"
    case .volumeShare(let impact, let limit): "volume-share \(impact) up to \(limit)"
    }
  }
}
