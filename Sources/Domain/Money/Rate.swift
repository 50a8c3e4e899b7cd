/// A fraction that is charged or moved by: a fee, a slippage, a share of a volume.
public struct Rate: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The fraction: 0.001 is ten basis points.
  public var amount: Amount

  /// A fraction.
  public init(_ amount: Amount) { self.amount = amount }

  /// Nothing.
  public static let zero = Rate(.zero)
  /// The whole.
  public static let one = Rate(.one)

  /// So many hundredths of a percent, rounded to 10^-12. - Throws: `AmountError.overflow`.
  public init(basisPoints: Amount) throws(AmountError) {
    amount = try basisPoints.divided(by: Amount(10_000))
  }

  /// The same in hundredths of a percent. - Throws: `AmountError.overflow`.
  public func basisPoints() throws(AmountError) -> Amount {
    try amount.multiplied(by: Amount(10_000))
  }

  /// The rate with the other sign. - Throws: `AmountError.overflow`.
  public func negated() throws(AmountError) -> Rate { Rate(try amount.negated()) }

  /// Whether it is below zero.
  public var isNegative: Bool { amount.isNegative }

  /// Orders by size.
  public static func < (a: Rate, b: Rate) -> Bool { a.amount < b.amount }

  /// The decimal: `0.001`.
  public var description: String { amount.description }
}
