public import Domain

/// Notices jumps of the wall clock by comparing it with uptime, which never jumps.
public struct ClockWatch: Sendable {
  /// Wall time and uptime may drift apart by this much between two looks.
  public static let tolerance = TimeSpan.seconds(2)
  /// A clock that leapt forward by more than this, against uptime, is to be proven before jobs that
  /// place orders go by it.
  public static let longestLeap = TimeSpan.hours(3)

  private var wall: Instant
  private var uptime: TimeSpan
  /// How far the wall clock has leapt forward since it was last taken for right.
  private var ahead = TimeSpan.zero

  /// Begins to watch.
  public init(now: Instant, uptime: TimeSpan) { (wall, self.uptime) = (now, uptime) }

  /// Looks at both clocks. Returns by how much the wall clock jumped since the last look, when that
  /// is more than the tolerance: positive forward, negative back.
  public mutating func look(now: Instant, uptime: TimeSpan) -> TimeSpan? {
    let jump = (now - wall) - (uptime - self.uptime)
    (wall, self.uptime) = (now, uptime)
    guard jump > Self.tolerance || jump < .zero - Self.tolerance else { return nil }
    ahead = max(.zero, ahead + jump)
    return jump
  }

  /// Takes the wall clock, as it was at the last look, for right.
  public mutating func trust() { ahead = .zero }

  /// By how much the wall clock has leapt forward, when that is more than it may; nil when it has
  /// not, or was set back since.
  public var leap: TimeSpan? { ahead > Self.longestLeap ? ahead : nil }
}
