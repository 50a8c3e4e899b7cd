/// So much of an asset: cash, a value, a fee.
///
/// Sums and comparisons of two assets throw, since an amount of BTC added to one of USDT is a number
/// without a meaning. What turns one asset into another is a `Price`, and nothing else.
public struct Money: Hashable, Sendable, CustomStringConvertible {
  /// How much, of either sign.
  public var amount: Amount
  /// Of what: `USDT`.
  public var asset: String

  /// So much of an asset.
  public init(_ amount: Amount, _ asset: String) { (self.amount, self.asset) = (amount, asset) }

  /// Nothing of an asset.
  public static func zero(_ asset: String) -> Money { Money(.zero, asset) }

  /// Whether it is below zero.
  public var isNegative: Bool { amount.isNegative }

  /// The exact sum. - Throws: `AmountError.assets` for two assets, or `.overflow`.
  public func adding(_ other: Money) throws(AmountError) -> Money {
    try same(other)
    return Money(try amount.adding(other.amount), asset)
  }

  /// The exact difference. - Throws: `AmountError.assets` for two assets, or `.overflow`.
  public func subtracting(_ other: Money) throws(AmountError) -> Money {
    try same(other)
    return Money(try amount.subtracting(other.amount), asset)
  }

  /// The amount with the other sign. - Throws: `AmountError.overflow`.
  public func negated() throws(AmountError) -> Money { Money(try amount.negated(), asset) }

  /// Whether it is less than another. - Throws: `AmountError.assets` for two assets.
  public func isLess(than other: Money) throws(AmountError) -> Bool {
    try same(other)
    return amount < other.amount
  }

  /// The part of it that a rate names, in the same asset. - Throws: `AmountError.overflow`.
  public func multiplied(
    by rate: Rate, rounding: Amount.Rounding
  ) throws(AmountError) -> Money {
    Money(try amount.multiplied(by: rate.amount, rounding: rounding), asset)
  }

  /// The part of it that a weight names, in the same asset. - Throws: `AmountError.overflow`.
  public func multiplied(
    by weight: Weight, rounding: Amount.Rounding
  ) throws(AmountError) -> Money {
    Money(try amount.multiplied(by: weight.amount, rounding: rounding), asset)
  }

  /// How large a part of `whole` it is.
  ///
  /// - Throws: `AmountError.assets` for two assets, `.divisionByZero`, or `.overflow`.
  public func weight(
    in whole: Money, rounding: Amount.Rounding
  ) throws(AmountError) -> Weight {
    try same(whole)
    return Weight(try amount.divided(by: whole.amount, rounding: rounding))
  }

  /// How much of the base asset it buys at a price.
  ///
  /// - Throws: `AmountError.assets` when it is not the price's quote, `.divisionByZero`, or
  ///   `.overflow`.
  public func divided(
    by price: Price, rounding: Amount.Rounding
  ) throws(AmountError) -> Quantity {
    guard asset == price.symbol.quote else { throw .assets(asset, price.symbol.quote) }
    return Quantity(
      try amount.divided(by: price.amount, rounding: rounding), price.symbol.base)
  }

  private func same(_ other: Money) throws(AmountError) {
    guard asset == other.asset else { throw .assets(asset, other.asset) }
  }

  /// `1.5 USDT`.
  public var description: String { "\(amount) \(asset)" }
}
