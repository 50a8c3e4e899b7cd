import Domain

/// Whether the newest candle of a series is as new as it should be.
///
/// Its age is in the market's time where there is a calendar. Where there is none, the gaps that the
/// series has had tell one: nights, weekends and holidays of an exchange are among its last few hundred
/// candles, and a market that never closes has none.
enum SeriesAge: Hashable, Sendable {
  case fresh
  /// Late; the source should have had more.
  case stale(TimeSpan)
  /// Late by so much that the symbol seems to be halted or gone.
  case ended(TimeSpan)

  /// So many candles are looked at for gaps.
  static let candles = 300
  /// A market that never closes may be late by so many candles.
  private static let lateCandles: Int64 = 3
  /// A symbol without candles for longer than this, and than four times what is allowed, seems gone.
  private static let shortestEnd = TimeSpan.days(7)

  /// - Parameters:
  ///   - age: the time since its newest candle closed.
  ///   - longestGap: the longest time between the openings of two candles of late.
  ///   - allowed: how old it may be where that is configured.
  init(
    _ age: TimeSpan, of timeframe: Timeframe, longestGap: TimeSpan = .zero,
    allowed: TimeSpan? = nil
  ) {
    let step = timeframe.span
    let allowed = allowed ?? max(step * Self.lateCandles, longestGap * 2 + step)
    if age <= allowed {
      self = .fresh
    } else {
      self = age > max(allowed * 4, Self.shortestEnd) ? .ended(age) : .stale(age)
    }
  }

  /// The longest time between the openings of neighbours.
  static func longestGap(_ openings: [Instant]) -> TimeSpan {
    zip(openings.dropFirst(), openings).map { $0 - $1 }.max() ?? .zero
  }
}
