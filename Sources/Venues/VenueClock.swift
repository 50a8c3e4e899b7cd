public import Domain

/// How far a venue's clock is ahead of ours, and how well that is known.
///
/// A reading is the venue's time between two looks at our own: it was taken somewhere in between, so
/// the offset is that to the middle, give or take half the round trip (as in RFC 5905, section 8).
public struct VenueClock: Hashable, Sendable {
  /// How much later the venue's clock shows.
  public let offset: TimeSpan
  /// How wrong the offset may be, to either side.
  public let uncertainty: TimeSpan
  /// When it was read, by our clock.
  public let read: Instant

  /// For how long a reading is good: a clock that drifts by 50 parts in a million is 90 ms off then.
  public static let maximumAge = TimeSpan.minutes(30)

  /// The reading of a question that was sent and answered at these times of ours; nil where our clock
  /// was set back in between.
  ///
  /// - Parameter resolution: what the venue cuts its time down to; it was so much later at most.
  public init?(venue: Instant, sent: Instant, answered: Instant, resolution: TimeSpan = .zero) {
    guard answered >= sent else { return nil }
    let (trip, step) = ((answered - sent).milliseconds, resolution.milliseconds)
    offset = (venue - sent) - .milliseconds(trip / 2) + .milliseconds(step / 2)
    uncertainty = .milliseconds((trip + 1) / 2 + (step + 1) / 2)
    read = answered
  }

  /// The venue's time at an instant of ours.
  public func venueTime(at now: Instant) -> Instant { now + offset }

  /// Whether it is too old, or from a future that our clock has left again.
  public func isStale(at now: Instant) -> Bool {
    now < read || now - read > Self.maximumAge
  }
}
