public import Domain

/// Notices jumps of the wall clock by comparing it with uptime, which never jumps.
public struct ClockWatch: Sendable {
  /// Wall time and uptime may drift apart by this much between two looks.
  public static let tolerance = TimeSpan.seconds(2)
  /// A step back by more than this makes the clock suspicious: orders wait until it is sane.
  public static let suspiciousStepBack = TimeSpan.hours(3)

  private var wall: Instant
  private var uptime: TimeSpan
  private var latestTrusted: Instant

  /// Begins to watch. `latestKnown` is the newest time that the ledger remembers, so that a clock
  /// that was set back while nothing ran is noticed too.
  public init(now: Instant, uptime: TimeSpan, latestKnown: Instant?) {
    wall = now
    self.uptime = uptime
    latestTrusted = max(now, latestKnown ?? now)
  }

  /// Looks at both clocks. Returns by how much the wall clock jumped since the last look, when that
  /// is more than the tolerance: positive forward, negative back.
  public mutating func look(now: Instant, uptime: TimeSpan) -> TimeSpan? {
    let jump = (now - wall) - (uptime - self.uptime)
    latestTrusted = max(latestTrusted, now)
    (wall, self.uptime) = (now, uptime)
    return jump > Self.tolerance || jump < .zero - Self.tolerance ? jump : nil
  }

  /// Takes the wall clock, as it was at the last look, for the truth.
  ///
  /// - Returns: the latest time that counted as seen until now.
  public mutating func trust() -> Instant {
    defer { latestTrusted = wall }
    return latestTrusted
  }

  /// Why the wall clock is not to be trusted, as of the last look: it is further behind the latest
  /// time seen than a daylight-saving mistake explains. Nil when it is sane (again).
  public var suspicion: String? {
    let behind = latestTrusted - wall
    guard behind > Self.suspiciousStepBack else { return nil }
    return "it shows \(wall), \(behind.rounded) before the latest time seen (\(latestTrusted))"
  }
}
