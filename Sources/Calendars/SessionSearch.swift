public import Domain

// Which session an instant lies in, before or behind.
extension TradingCalendar {
  /// Whether an instant is covered.
  public func knows(_ time: Instant) -> Bool { time >= beginning && time < end }

  /// The session that is under way at an instant: from its opening to before its close.
  public func session(at time: Instant) -> TradingSession? {
    guard let session = lastSession(openedBy: time), time < session.close else { return nil }
    return session
  }

  /// The last session that was over at an instant.
  public func lastSession(closedBy time: Instant) -> TradingSession? {
    previous(SessionTrigger(.close), before: time + .milliseconds(1)).flatMap { close in
      session(on: zone.civil(at: close - .milliseconds(1)).date)
    }
  }

  /// When the next session opens, strictly after an instant; nil where the calendar ends.
  public func nextOpen(after time: Instant) -> Instant? {
    next(SessionTrigger(.open), after: time)
  }

  /// The sessions that share an instant with a span of time, oldest first.
  public func sessions(meeting range: Range<Instant>) -> [TradingSession] {
    var found: [TradingSession] = []
    // A session lies within its own day on the market's clocks.
    let first = zone.civil(at: max(range.lowerBound, beginning)).date.daysSinceEpoch
    var next = days.firstSession(atOrAfter: first)
    while let day = next, let session = session(onDay: day), session.open < range.upperBound {
      if session.close > range.lowerBound { found.append(session) }
      next = days.firstSession(atOrAfter: day + 1)
    }
    return found
  }

  private func lastSession(openedBy time: Instant) -> TradingSession? {
    previous(SessionTrigger(.open), before: time + .milliseconds(1)).flatMap { open in
      session(on: zone.civil(at: open).date)
    }
  }
}
