public import Domain

/// That a person took the wall clock for the truth, though the service had seen later times: kept over
/// restarts, since the ledger goes on remembering those times.
public struct ClockTrust: Hashable, Sendable {
  /// The latest time that was seen before, and does not count any more.
  public var overruled: Instant
  /// Why, in the person's words.
  public var reason: String

  /// Trust of these parts.
  public init(overruled: Instant, reason: String) {
    (self.overruled, self.reason) = (overruled, reason)
  }

  /// Reads what `text` wrote; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let overruled = Instant(rfc3339: parts[0]) else { return nil }
    self.init(overruled: overruled, reason: String(parts[1]))
  }

  /// The time and the reason, as the service keeps it.
  public var text: String { "\(overruled) \(reason)" }
}
