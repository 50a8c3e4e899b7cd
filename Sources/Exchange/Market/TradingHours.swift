public import Domain

/// When a market is open, as far as it is known: the sessions of a calendar as instants.
public struct TradingHours: Hashable, Sendable {
  /// From the opening to the close, the close itself not included.
  public struct Session: Hashable, Sendable {
    /// The opening.
    public var open: Instant
    /// The close.
    public var close: Instant

    /// A session that closes after it opened.
    public init(open: Instant, close: Instant) {
      precondition(open < close, "a session closes after it opened")
      (self.open, self.close) = (open, close)
    }
  }

  /// The sessions in order; what is outside of all of them is closed.
  public let sessions: [Session]

  /// These sessions, in order and apart.
  public init(_ sessions: [Session]) {
    precondition(
      zip(sessions, sessions.dropFirst()).allSatisfy { $0.close <= $1.open },
      "sessions are in order")
    self.sessions = sessions
  }

  /// Whether the market is open at an instant.
  public func isOpen(at time: Instant) -> Bool {
    session(meeting: time, until: time + .milliseconds(1)) != nil
  }

  /// The first session of which some lies in [from, until).
  public func session(meeting from: Instant, until: Instant) -> Session? {
    var (low, high) = (0, sessions.count)
    while low < high {
      let middle = (low + high) / 2
      if sessions[middle].close <= from { low = middle + 1 } else { high = middle }
    }
    guard low < sessions.count, sessions[low].open < until else { return nil }
    return sessions[low]
  }

  /// The same with nothing traded from an instant until the next session: a day that is closed in its
  /// middle.
  public func closed(early at: Instant) -> TradingHours {
    TradingHours(
      sessions.compactMap { session in
        guard session.open < at, at < session.close else { return session }
        return Session(open: session.open, close: at)
      })
  }
}
