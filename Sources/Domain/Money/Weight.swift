/// A part of an account's equity: 0.25 is a quarter.
public struct Weight: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The part.
  public var amount: Amount

  /// A part of a whole.
  public init(_ amount: Amount) { self.amount = amount }

  /// Nothing.
  public static let zero = Weight(.zero)
  /// The whole.
  public static let one = Weight(.one)

  /// The exact sum. - Throws: `AmountError.overflow`.
  public func adding(_ other: Weight) throws(AmountError) -> Weight {
    Weight(try amount.adding(other.amount))
  }

  /// The exact difference. - Throws: `AmountError.overflow`.
  public func subtracting(_ other: Weight) throws(AmountError) -> Weight {
    Weight(try amount.subtracting(other.amount))
  }

  /// The distance from zero. - Throws: `AmountError.overflow`.
  public func magnitude() throws(AmountError) -> Weight { Weight(try amount.magnitude()) }

  /// Orders by size.
  public static func < (a: Weight, b: Weight) -> Bool { a.amount < b.amount }

  /// The decimal: `0.25`.
  public var description: String { amount.description }
}
