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

  /// Reads `open`, `open+5m`, `close-10m`.
  public init(_ text: some StringProtocol) throws(CronSyntaxError) {
    let word = text.prefix { $0.isLetter }
    guard let anchor = Anchor(rawValue: word.lowercased()) else {
      throw CronSyntaxError(
        "`\(text.prefix(40))` does not begin with open or close",
        at: 0..<max(1, min(40, word.count)), mend: "write open+5m or close-10m")
    }
    let rest = text.dropFirst(word.count)
    self.anchor = anchor
    guard let sign = rest.first else {
      offset = .zero
      return
    }
    let columns = word.count..<word.count + min(40, rest.count)
    guard sign == "+" || sign == "-", let span = TimeSpan(rest.dropFirst()) else {
      throw CronSyntaxError(
        "`\(rest.prefix(40))` is not + or - and a length of time", at: columns,
        mend: "write \(anchor.rawValue)+5m or \(anchor.rawValue)-10m")
    }
    guard span <= Self.furthest else {
      throw CronSyntaxError(
        "\(span) is too far from the session", at: columns,
        mend: "stay within \(Self.furthest)")
    }
    offset = sign == "+" ? span : .zero - span
  }

  /// `5m after the open of`, in words.
  var words: String {
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
