public import Domain

/// Whether there is data to decide on: runs can succeed for weeks while their source has nothing new.
public struct DataAge: Hashable, Sendable {
  /// When the newest candle of all series closed.
  public var newestClose: Instant
  /// How old it may be.
  public var allowed: TimeSpan

  /// The longest that an exchange is closed in a usual year, from the close before it to the close
  /// after it: London's Easter, from Thursday to Tuesday, and a day for the data to come.
  public static let longestClosing = TimeSpan.days(6)

  /// An age of these parts.
  public init(newestClose: Instant, allowed: TimeSpan) {
    (self.newestClose, self.allowed) = (newestClose, allowed)
  }

  /// The age of candles that the jobs of a schedule fetch; nil where none fetches any, or a person has
  /// paused all that do.
  ///
  /// - Parameters:
  ///   - closed: The longest that the market may be closed.
  public init?(
    newestClose: Instant, timeframe: TimeSpan, fetchedBy schedule: Schedule, marks: [JobMark],
    closed: TimeSpan = DataAge.longestClosing, now: Instant
  ) {
    let paused = Set(marks.filter { $0.isPaused(at: now) }.map(\.job))
    let intervals = schedule.jobs.compactMap { job -> TimeSpan? in
      let chain = [job] + schedule.ancestors(of: job.name)
      guard job.kind == .fetch, !chain.contains(where: { $0.paused || paused.contains($0.name) }),
        let cadence = schedule.cadence(of: job.name), let first = cadence.next(after: now),
        let second = cadence.next(after: first)
      else { return nil }
      return second - first
    }
    guard let interval = intervals.max() else { return nil }
    self.init(newestClose: newestClose, allowed: closed + interval + timeframe * 2)
  }

  /// Whether it is older than it may be.
  public func isStale(at now: Instant) -> Bool { now - newestClose > allowed }

  /// In words, for a line of `health`.
  public func explanation(now: Instant) -> String {
    let age = max(now - newestClose, .zero)
    let words = "the newest candle closed at \(newestClose) (\(age.rounded) ago)"
    return isStale(at: now) ? words + ", and may be \(allowed) old at most" : words
  }
}
