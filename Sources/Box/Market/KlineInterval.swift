public import Domain

/// The length of a candle as venues offer it: a span, or a calendar month.
public enum KlineInterval: Hashable, Sendable {
  /// So long; weeks begin on Monday, all others with the Unix epoch.
  case span(TimeSpan)
  /// From the first of a month to the first of the next, in UTC.
  case month

  private static let week = TimeSpan.days(7)
  /// The first Monday after the Unix epoch, which was a Thursday.
  private static let firstMonday = TimeSpan.days(4)

  /// When the candle that holds a time opens, where days begin `offset` before those of UTC.
  func open(at time: Instant, offset: TimeSpan = .zero) -> Instant {
    let local = time + offset
    switch self {
    case .span(let span):
      let origin = span == Self.week ? Self.firstMonday.milliseconds : 0
      let count = (local.milliseconds - origin).flooringQuotient(span.milliseconds)
      return Instant(milliseconds: count * span.milliseconds + origin) - offset
    case .month:
      let days = local.milliseconds.flooringQuotient(TimeSpan.days(1).milliseconds)
      var date = CivilDate(daysSinceEpoch: Int(days))
      date.day = 1
      return Self.midnight(date) - offset
    }
  }

  /// When the candle that opens at a time closes.
  func close(of open: Instant, offset: TimeSpan = .zero) -> Instant {
    switch self {
    case .span(let span): return open + span
    case .month:
      let days = (open + offset).milliseconds.flooringQuotient(TimeSpan.days(1).milliseconds)
      let date = CivilDate(daysSinceEpoch: Int(days))
      return open + .days(Int64(date.daysInMonth))
    }
  }

  /// Whether its candles are made of whole ones of a span.
  func isMultiple(of grain: TimeSpan, offset: TimeSpan) -> Bool {
    let day = TimeSpan.days(1).milliseconds
    guard offset.milliseconds % min(grain.milliseconds, day) == 0 else { return false }
    switch self {
    case .span(let span):
      return grain == span
        || grain.milliseconds <= day && span.milliseconds % grain.milliseconds == 0
    case .month: return grain.milliseconds <= day
    }
  }

  /// So many candles before an opening: where a question for the newest begins to look.
  func back(_ count: Int, from open: Instant) -> Instant {
    switch self {
    case .span(let span): open - span * Int64(count)
    case .month: open - .days(31 * Int64(count))
    }
  }

  private static func midnight(_ date: CivilDate) -> Instant {
    Instant(milliseconds: Int64(date.daysSinceEpoch) * TimeSpan.days(1).milliseconds)
  }
}
