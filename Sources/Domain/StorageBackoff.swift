/// The pauses between attempts at a write that the storage refuses: a value that is told the time.
public struct StorageBackoff: Sendable {
  /// The first pause.
  public static let firstPause = TimeSpan.milliseconds(100)
  /// The longest pause.
  public static let longestPause = TimeSpan.seconds(5)

  private let giveUp: TimeSpan
  private var pause = StorageBackoff.firstPause

  /// Begins at an uptime, for so long.
  public init(began: TimeSpan, patience: TimeSpan) { giveUp = began + patience }

  /// The pause before the next attempt, twice the last one; nil once patience is at its end.
  public mutating func next(at uptime: TimeSpan) -> TimeSpan? {
    guard uptime < giveUp else { return nil }
    defer { pause = min(Self.longestPause, pause + pause) }
    return min(pause, giveUp - uptime)
  }
}
