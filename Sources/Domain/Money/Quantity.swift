/// So much of what an instrument trades: of its base asset.
///
/// A type of its own beside `Money`, so that a quantity is never taken for a value.
public struct Quantity: Hashable, Sendable, CustomStringConvertible {
  /// How much, of either sign.
  public var amount: Amount
  /// Of what: `ETH`.
  public var asset: String

  /// So much of an asset.
  public init(_ amount: Amount, _ asset: String) { (self.amount, self.asset) = (amount, asset) }

  /// Nothing of an asset.
  public static func zero(_ asset: String) -> Quantity { Quantity(.zero, asset) }

  /// The exact sum. - Throws: `AmountError.assets` for two assets, or `.overflow`.
  public func adding(_ other: Quantity) throws(AmountError) -> Quantity {
    try same(other)
    return Quantity(try amount.adding(other.amount), asset)
  }

  /// The exact difference. - Throws: `AmountError.assets` for two assets, or `.overflow`.
  public func subtracting(_ other: Quantity) throws(AmountError) -> Quantity {
    try same(other)
    return Quantity(try amount.subtracting(other.amount), asset)
  }

  /// The smaller of two. - Throws: `AmountError.assets` for two assets.
  public func least(_ other: Quantity) throws(AmountError) -> Quantity {
    try same(other)
    return amount < other.amount ? self : other
  }

  /// The part of it that a rate names. - Throws: `AmountError.overflow`.
  public func multiplied(
    by rate: Rate, rounding: Amount.Rounding
  ) throws(AmountError) -> Quantity {
    Quantity(try amount.multiplied(by: rate.amount, rounding: rounding), asset)
  }

  /// The same as an amount of money of that asset: what a fee in the base asset, a transfer and a
  /// balance are counted in.
  public var money: Money { Money(amount, asset) }

  private func same(_ other: Quantity) throws(AmountError) {
    guard asset == other.asset else { throw .assets(asset, other.asset) }
  }

  /// `1.5 ETH`.
  public var description: String { "\(amount) \(asset)" }
}
