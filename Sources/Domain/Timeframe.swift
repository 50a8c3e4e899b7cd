/// The length of a candle: `1m`, `5m`, `1h`, `1d`, `1w`.
///
/// Candles are aligned to the Unix epoch in UTC; weeks begin on Monday.
public struct Timeframe: Hashable, Comparable, Sendable {
  /// The length of one candle.
  public let span: TimeSpan

  /// One minute.
  public static let minute = Timeframe(span: .minutes(1))
  /// One hour.
  public static let hour = Timeframe(span: .hours(1))
  /// One day.
  public static let day = Timeframe(span: .days(1))

  private init(span: TimeSpan) { self.span = span }

  /// Reads a whole number and one of the units `m h d w`. Nil for zero, for other units, for more
  /// than a week, and for a length that does not divide its day or week evenly.
  public init?(_ text: some StringProtocol) {
    guard let unit = text.last, "mhdw".contains(unit), text.dropLast().allSatisfy(\.isNumber),
      let span = TimeSpan(text)
    else { return nil }
    self.init(milliseconds: span.milliseconds)
  }

  /// The timeframe of so many milliseconds, under the conditions of `init(_:)`.
  public init?(milliseconds: Int64) {
    let week = TimeSpan.days(7).milliseconds
    let day = TimeSpan.days(1).milliseconds
    guard milliseconds >= 60_000, milliseconds % 60_000 == 0, milliseconds <= week,
      day % milliseconds == 0 || milliseconds == week
    else { return nil }
    span = TimeSpan(milliseconds: milliseconds)
  }

  /// The opening time of the candle that contains an instant.
  public func open(at time: Instant) -> Instant {
    let length = span.milliseconds
    let mondayOffset: Int64 = length == TimeSpan.days(7).milliseconds ? 345_600_000 : 0
    let n = (time.milliseconds - mondayOffset).flooringQuotient(length)
    return Instant(milliseconds: n * length + mondayOffset)
  }

  /// Whether a candle of this timeframe may open at this instant.
  public func isAligned(_ time: Instant) -> Bool { open(at: time) == time }

  /// The opening time of the newest candle that is closed at an instant.
  public func lastClosedOpen(at time: Instant) -> Instant { open(at: time) - span }

  /// Orders by length.
  public static func < (a: Timeframe, b: Timeframe) -> Bool { a.span < b.span }
}

extension Timeframe: CustomStringConvertible {
  /// The text that exchanges use: `5m`, `1h`, `1d`, `1w`.
  public var description: String {
    let ms = span.milliseconds
    // Spelled out: of a loop over a table the compiler made code in one of two orders, build by build.
    if ms % 604_800_000 == 0 { return "\(ms / 604_800_000)w" }
    if ms % 86_400_000 == 0 { return "\(ms / 86_400_000)d" }
    if ms % 3_600_000 == 0 { return "\(ms / 3_600_000)h" }
    return "\(ms / 60_000)m"
  }
}
