public import Domain

/// A time that is told from a session of a market: `open+5m`, `close-10m`.
public struct SessionTrigger: Hashable, Sendable {
  /// The end of the session from which the time is told.
  public enum Anchor: String, Sendable {
    /// The opening.
    case open
    /// The close, an early one included.
    case close
  }

  /// The furthest that a trigger may stand from its anchor.
  public static let furthest = TimeSpan.hours(12)

  /// The end of the session from which the time is told.
  public let anchor: Anchor
  /// The time after it; negative before it.
  public let offset: TimeSpan

  /// A trigger so long after an end of a session.
  public init(_ anchor: Anchor, _ offset: TimeSpan = .zero) {
    precondition(abs(offset.milliseconds) <= Self.furthest.milliseconds)
    (self.anchor, self.offset) = (anchor, offset)
  }

  /// `5m after the open of`, in words.
  public var words: String {
    let end = "the \(anchor.rawValue) of"
    if offset == .zero { return "at \(end)" }
    return offset < .zero ? "\(.zero - offset) before \(end)" : "\(offset) after \(end)"
  }

  /// The instant of a session.
  public func time(in session: TradingSession) -> Instant {
    (anchor == .open ? session.open : session.close) + offset
  }
}

extension SessionTrigger: CustomStringConvertible {
  /// `open+5m`.
  public var description: String {
    offset == .zero
      ? anchor.rawValue : anchor.rawValue + (offset < .zero ? "\(offset)" : "+\(offset)")
  }
}
