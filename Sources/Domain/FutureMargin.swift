extension Instant {
  /// What is later than the clock by more than this is from the future: it was written under a clock
  /// that was ahead. Clocks that are kept by a network are stepped by less.
  public static let futureMargin = TimeSpan.minutes(2)

  /// Whether this instant is from the future, as seen from now.
  public func isFromTheFuture(at now: Instant) -> Bool { self > now + Self.futureMargin }
}
