public import Domain

/// When the candles of a series close, and how old they are, by the calendar of its market.
///
/// Without a calendar the market never closes: candles follow each other on the grid of the epoch.
/// With one, a candle of a day (or week) is that of the sessions of its date (or dates), whatever the
/// hours, and closes with the last of them; a shorter candle in which the session ends closes with it.
/// What a calendar does not cover is on the grid.
public struct CandleClock: Hashable, Sendable {
  /// The length of the candles.
  public let timeframe: Timeframe
  /// The market's calendar; nil: it never closes.
  public let calendar: TradingCalendar?

  /// The clock of candles of a timeframe on a market.
  public init(_ timeframe: Timeframe, calendar: TradingCalendar? = nil) {
    (self.timeframe, self.calendar) = (timeframe, calendar)
  }

  private var isOfDays: Bool { timeframe >= .day }

  /// When the candle that opens at a time closes. A candle of a day without a session belongs to the
  /// next one.
  public func close(of open: Instant) -> Instant {
    let end = open + timeframe.span
    guard let calendar, calendar.knows(open) else { return end }
    if isOfDays {
      let first = Self.day(open)
      let last = first + Int(timeframe.span.milliseconds / TimeSpan.days(1).milliseconds) - 1
      if let day = calendar.days.lastSession(atOrBefore: last), day >= first {
        return calendar.session(onDay: day)?.close ?? end
      }
      return calendar.days.firstSession(atOrAfter: last)
        .flatMap { calendar.session(onDay: $0)?.close } ?? end
    }
    guard let session = calendar.lastSession(closedBy: end), session.close > open,
      let next = calendar.nextOpen(after: session.close - .milliseconds(1)), next >= end
    else { return end }
    return session.close
  }

  /// The opening time of the newest candle that is closed at an instant.
  public func lastClosed(at time: Instant) -> Instant {
    guard let calendar, calendar.knows(time) else { return timeframe.lastClosedOpen(at: time) }
    guard isOfDays else {
      let open = timeframe.open(at: time)
      return close(of: open) <= time ? open : open - timeframe.span
    }
    guard let session = calendar.lastSession(closedBy: time) else {
      return timeframe.lastClosedOpen(at: time)
    }
    var open = timeframe.open(at: Self.midnight(session.date.daysSinceEpoch))
    while close(of: open) > time { open = open - timeframe.span }
    return open
  }

  /// The instant by which, were the market never closed, exactly the candles would have closed that
  /// are at `time`: what sources and tables are asked with, which know the grid alone.
  public func horizon(at time: Instant) -> Instant { lastClosed(at: time) + timeframe.span }

  /// How old a candle is at an instant, in the market's time since its close: while the market is
  /// closed nothing grows older.
  public func age(ofCandle open: Instant, at time: Instant) -> TimeSpan {
    age(since: close(of: open), at: time)
  }

  /// The market's time between two instants; negative when the second is before the first.
  ///
  /// Where candles are shorter than a day that is the length of the sessions between them. Where they
  /// are not, a session counts as a day, so that `2d` are two sessions.
  public func age(since start: Instant, at time: Instant) -> TimeSpan {
    guard let calendar else { return time - start }
    guard start <= time else { return .zero - age(since: time, at: start) }
    let covered = max(start, calendar.beginning)..<max(start, min(time, calendar.end))
    guard covered.lowerBound < covered.upperBound else { return time - start }
    var age = (covered.lowerBound - start) + (time - covered.upperBound)
    for session in calendar.sessions(meeting: covered) {
      let length = session.close - session.open
      let part =
        min(session.close, covered.upperBound) - max(session.open, covered.lowerBound)
      guard part > .zero else { continue }
      // Thousandths of a second times the milliseconds of a day stay far below 2^63.
      age =
        age
        + (isOfDays
          ? TimeSpan(
            milliseconds: part.milliseconds * TimeSpan.days(1).milliseconds / length.milliseconds)
          : part)
    }
    return age
  }

  /// The earliest instant that is not older than an age at an instant: what closed before it is too
  /// old.
  public func earliest(within age: TimeSpan, at time: Instant) -> Instant {
    guard calendar != nil else { return time - age }
    // Older by the clock than by the market's time, by the closed days at most.
    var (tooEarly, late) = (time - age, time - age)
    for _ in 0..<Self.searchedSpans where self.age(since: tooEarly, at: time) <= age {
      tooEarly = tooEarly - .days(1) - age
    }
    while tooEarly < late {
      let middle = tooEarly + TimeSpan(milliseconds: (late - tooEarly).milliseconds / 2)
      if self.age(since: middle, at: time) <= age {
        late = middle
      } else {
        tooEarly = middle + .milliseconds(1)
      }
    }
    return late
  }

  /// A market that is closed for longer in a row has no calendar.
  private static let searchedSpans = 400

  /// The opening times of the candles that are missing between two, oldest first: those in which the
  /// market was open.
  ///
  /// - Parameter limit: so many are given at most.
  public func missing(after first: Instant, before last: Instant, limit: Int) -> [Instant] {
    var found: [Instant] = []
    let span = timeframe.span
    guard let calendar, calendar.knows(first), calendar.knows(last) else {
      var open = first + span
      while open < last, found.count < limit {
        found.append(open)
        open = open + span
      }
      return found
    }
    for session in calendar.sessions(meeting: first..<last + span) {
      var open =
        isOfDays
        ? timeframe.open(at: Self.midnight(session.date.daysSinceEpoch))
        : timeframe.open(at: session.open)
      let end = isOfDays ? open + span : session.close
      while open < end {
        guard found.count < limit else { return found }
        if open > first, open < last, open > found.last ?? first { found.append(open) }
        open = open + span
      }
    }
    return found
  }

  /// When the market next opens, strictly after an instant; nil where it never closes, and where the
  /// calendar ends.
  public func nextOpen(after time: Instant) -> Instant? { calendar?.nextOpen(after: time) }

  private static func day(_ time: Instant) -> Int {
    let length = TimeSpan.days(1).milliseconds
    let days = time.milliseconds / length
    return Int(time.milliseconds % length < 0 ? days - 1 : days)
  }

  private static func midnight(_ day: Int) -> Instant {
    Instant(milliseconds: Int64(day) * TimeSpan.days(1).milliseconds)
  }
}
