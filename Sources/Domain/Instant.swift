/// A point in time: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Every time that Carillon stores, compares or prints is an `Instant`; civil time appears only at
/// the edges, through a `Zone`.
public struct Instant: Hashable, Comparable, Sendable {
  /// Milliseconds since the Unix epoch.
  public var milliseconds: Int64

  /// The Unix epoch.
  public static let epoch = Instant(milliseconds: 0)

  /// The instant so many milliseconds after the Unix epoch.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The instant so many seconds after the Unix epoch.
  public init(seconds: Int64) { self.milliseconds = seconds * 1000 }

  /// The last millisecond of the year 9999: no time that anyone tells is later, and sums with any span
  /// that is configured stay far from the ends of the numbers.
  public static let latest = Instant(milliseconds: 253_402_300_799_999)

  /// A time that somebody else told; nil where it is more than some eight thousand years from the
  /// epoch, so that no arithmetic with it overflows.
  public init?(told milliseconds: Int64) {
    guard milliseconds.magnitude <= Self.latest.milliseconds.magnitude else { return nil }
    self.milliseconds = milliseconds
  }

  /// Whole seconds since the Unix epoch, rounded towards the past.
  public var seconds: Int64 { milliseconds.flooringQuotient(1000) }

  /// Orders by time.
  public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

  /// The instant a span later.
  public static func + (a: Instant, b: TimeSpan) -> Instant {
    Instant(milliseconds: a.milliseconds + b.milliseconds)
  }

  /// The instant a span earlier.
  public static func - (a: Instant, b: TimeSpan) -> Instant {
    Instant(milliseconds: a.milliseconds - b.milliseconds)
  }

  /// The span from `b` to `a`.
  public static func - (a: Instant, b: Instant) -> TimeSpan {
    TimeSpan(milliseconds: a.milliseconds - b.milliseconds)
  }
}

extension BinaryInteger {
  /// The quotient rounded towards negative infinity; `divisor` must be positive.
  @inlinable
  public func flooringQuotient(_ divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
