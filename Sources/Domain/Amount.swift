/// An exact decimal: money, quantities, prices of orders, limits and venue filters.
///
/// A signed 128-bit count of units of 10^-12, so magnitudes up to about 1.7 * 10^26. Arithmetic that
/// does not fit throws; nothing rounds unless its name says so.
public struct Amount: Hashable, Comparable, Sendable {
  /// The count of units of 10^-12.
  public let units: Int128

  /// Decimal places that an amount can hold.
  public static let scaleDigits = 12
  private static let one128: Int128 = 1_000_000_000_000

  /// Zero.
  public static let zero = Amount(units: 0)
  /// One.
  public static let one = Amount(units: one128)

  /// An amount of so many units of 10^-12.
  public init(units: Int128) { self.units = units }

  /// A whole number.
  public init(_ whole: Int) { units = Int128(whole) * Self.one128 }

  /// Whether the amount is below zero.
  public var isNegative: Bool { units < 0 }

  /// The distance from zero.
  ///
  /// - Throws: `AmountError.overflow` for the most negative amount.
  public func magnitude() throws(AmountError) -> Amount { isNegative ? try negated() : self }

  /// The amount with the other sign.
  ///
  /// - Throws: `AmountError.overflow` for the most negative amount.
  public func negated() throws(AmountError) -> Amount { try Amount.zero.subtracting(self) }

  /// The exact sum. - Throws: `AmountError.overflow`.
  public func adding(_ other: Amount) throws(AmountError) -> Amount {
    let (sum, overflow) = units.addingReportingOverflow(other.units)
    guard !overflow else { throw .overflow }
    return Amount(units: sum)
  }

  /// The exact difference. - Throws: `AmountError.overflow`.
  public func subtracting(_ other: Amount) throws(AmountError) -> Amount {
    let (difference, overflow) = units.subtractingReportingOverflow(other.units)
    guard !overflow else { throw .overflow }
    return Amount(units: difference)
  }

  /// The product, rounded to 10^-12 as told. - Throws: `AmountError.overflow`.
  public func multiplied(
    by other: Amount, rounding: Rounding = .halfEven
  ) throws(AmountError) -> Amount {
    let product = units.magnitude.multipliedFullWidth(by: other.units.magnitude)
    return try Self.divide(
      product, by: Self.one128.magnitude, negative: isNegative != other.isNegative,
      rounding: rounding)
  }

  /// The quotient, rounded to 10^-12 as told.
  ///
  /// - Throws: `AmountError.overflow`, or `.divisionByZero`.
  public func divided(
    by other: Amount, rounding: Rounding = .halfEven
  ) throws(AmountError) -> Amount {
    guard other.units != 0 else { throw .divisionByZero }
    let scaled = units.magnitude.multipliedFullWidth(by: Self.one128.magnitude)
    return try Self.divide(
      scaled, by: other.units.magnitude, negative: isNegative != other.isNegative,
      rounding: rounding)
  }

  /// The nearest multiple of `step` (which must be positive) as told: the rounding of a price to
  /// its tick and of a quantity to its lot. - Throws: `AmountError.overflow`.
  public func rounded(
    toMultipleOf step: Amount, _ rounding: Rounding
  ) throws(AmountError) -> Amount {
    precondition(step.units > 0, "a step must be positive")
    let count = try Self.divide(
      (high: 0, low: units.magnitude), by: step.units.magnitude, negative: isNegative,
      rounding: rounding)
    let (product, overflow) = count.units.multipliedReportingOverflow(by: step.units)
    guard !overflow else { throw .overflow }
    return Amount(units: product)
  }

  /// Orders by value.
  public static func < (a: Amount, b: Amount) -> Bool { a.units < b.units }

  private static func divide(
    _ dividend: (high: UInt128, low: UInt128), by divisor: UInt128, negative: Bool,
    rounding: Rounding
  ) throws(AmountError) -> Amount {
    guard dividend.high < divisor else { throw .overflow }
    let (cut, remainder) = divisor.dividingFullWidth(dividend)
    var quotient = cut
    if rounding.increases(
      odd: cut & 1 == 1, remainder: remainder, divisor: divisor, negative: negative)
    {
      let (next, overflow) = quotient.addingReportingOverflow(1)
      guard !overflow else { throw .overflow }
      quotient = next
    }
    guard quotient <= Int128.max.magnitude else { throw .overflow }
    return Amount(units: negative ? -Int128(quotient) : Int128(quotient))
  }

  /// What happens to digits that do not fit.
  public enum Rounding: Sendable {
    /// Towards zero: the safe direction for a quantity.
    case towardsZero
    /// Away from zero.
    case awayFromZero
    /// Towards negative infinity.
    case down
    /// Towards positive infinity.
    case up
    /// To the nearest, ties to the even digit (IEEE 754 roundTiesToEven).
    case halfEven

    /// Whether a quotient cut towards zero moves one away from zero.
    func increases(
      odd: Bool, remainder: UInt128, divisor: UInt128, negative: Bool
    ) -> Bool {
      guard remainder != 0 else { return false }
      switch self {
      case .towardsZero: return false
      case .awayFromZero: return true
      case .down: return negative
      case .up: return !negative
      case .halfEven:
        let rest = divisor - remainder
        return remainder > rest || (remainder == rest && odd)
      }
    }
  }
}

/// What can go wrong in arithmetic with amounts.
public enum AmountError: Error, Hashable, Sendable {
  /// The result does not fit into 128 bits of 10^-12.
  case overflow
  /// The divisor is zero.
  case divisionByZero
  /// Two things of different assets met where one was needed: `BTC` and `USDT`.
  case assets(String, String)
}
