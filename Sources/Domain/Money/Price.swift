/// What one unit of a symbol's base costs in its quote.
public struct Price: Hashable, Sendable, CustomStringConvertible {
  /// How much of the quote asset.
  public var amount: Amount
  /// Of which pair.
  public var symbol: Symbol

  /// A price of a pair.
  public init(_ amount: Amount, _ symbol: Symbol) {
    (self.amount, self.symbol) = (amount, symbol)
  }

  /// The price that an observed number shows. - Throws: `AmountError.overflow`.
  public init(observed value: Double, _ symbol: Symbol) throws(AmountError) {
    self.init(try Amount(observed: value), symbol)
  }

  /// What a quantity is worth, in the quote asset, rounded to 10^-12 as told.
  ///
  /// - Throws: `AmountError.assets` when the quantity is not of the pair's base, or `.overflow`.
  public func value(
    of quantity: Quantity, rounding: Amount.Rounding
  ) throws(AmountError) -> Money {
    guard quantity.asset == symbol.base else { throw .assets(quantity.asset, symbol.base) }
    return Money(
      try amount.multiplied(by: quantity.amount, rounding: rounding), symbol.quote)
  }

  /// The price raised by a rate (lowered by a negative one). - Throws: `AmountError.overflow`.
  public func moved(by rate: Rate, rounding: Amount.Rounding) throws(AmountError) -> Price {
    Price(
      try amount.multiplied(by: Amount.one.adding(rate.amount), rounding: rounding), symbol)
  }

  /// Whether it is less than another of the same pair. - Throws: `AmountError.assets` for two pairs.
  public func isLess(than other: Price) throws(AmountError) -> Bool {
    guard symbol == other.symbol else {
      throw .assets("\(symbol)", "\(other.symbol)")
    }
    return amount < other.amount
  }

  /// `1.5 ETH-BTC`.
  public var description: String { "\(amount) \(symbol)" }
}
