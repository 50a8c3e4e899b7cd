public import Domain

/// How far a limit may be from the reference price, as factors of it.
public struct PriceCollar: Hashable, Sendable {
  /// The lowest limit, as a factor of the reference.
  public var lowest: Rate
  /// The highest limit, as a factor of the reference.
  public var highest: Rate

  /// Limits from one factor of the reference to another.
  public init(lowest: Rate, highest: Rate) { (self.lowest, self.highest) = (lowest, highest) }

  /// Whether a limit is inside, at a reference price. - Throws: `AmountError.overflow`.
  public func admits(_ limit: Amount, reference: Amount) throws(AmountError) -> Bool {
    let least = try reference.multiplied(by: lowest.amount, rounding: .up)
    let most = try reference.multiplied(by: highest.amount, rounding: .down)
    return limit >= least && limit <= most
  }
}
