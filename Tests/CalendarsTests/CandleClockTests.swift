import Calendars
import Domain
import Testing

/// When candles close and how old they are. New York, 2026: Monday 01-19 is a holiday; Friday 11-27
/// closes at 13:00 (18:00Z); on 03-08 the clocks go forward, so sessions are 14:30-21:00Z before and
/// 13:30-20:00Z from then on.
@Suite struct CandleClockTests {
  private static func clock(_ timeframe: String, _ calendar: String? = "XNYS") throws -> CandleClock
  {
    CandleClock(
      try #require(Timeframe(timeframe)), calendar: try calendar.map(TradingCalendar.builtIn))
  }

  private static func time(_ text: String) throws -> Instant {
    let full = text.count == 10 ? "\(text)T00:00:00Z" : "2026-\(text):00Z"
    return try #require(Instant(rfc3339: full), "\(text)")
  }

  @Test(arguments: [
    // A day's candle is that of its date's session.
    ("1d", "2026-01-16", "01-16T21:00"), ("1d", "2026-03-09", "03-09T20:00"),
    ("1d", "2026-11-27", "11-27T18:00"),
    // Of a day without a session: the next one's.
    ("1d", "2026-01-17", "01-20T21:00"), ("1d", "2026-01-19", "01-20T21:00"),
    // A week's: that of its last session, of a week that ends with a holiday on Thursday.
    ("1w", "2026-01-12", "01-16T21:00"), ("1w", "2026-03-30", "04-02T20:00"),
    // An hour in which the session goes on, ends, and has not begun.
    ("1h", "01-16T14:00", "01-16T15:00"), ("1h", "01-16T20:00", "01-16T21:00"),
    ("1h", "01-16T22:00", "01-16T23:00"), ("4h", "01-16T20:00", "01-16T21:00"),
    ("4h", "01-16T16:00", "01-16T20:00"), ("4h", "11-27T16:00", "11-27T18:00"),
    // What the calendar does not cover is on the grid.
    ("1d", "1980-01-04", "1980-01-05"), ("1d", "2035-01-04", "2035-01-05"),
  ])
  func closes(timeframe: String, open: String, close: String) throws {
    #expect(try Self.clock(timeframe).close(of: Self.time(open)) == Self.time(close))
  }

  @Test(arguments: [
    // Before the close, at it, in the evening, over the weekend and the holiday.
    ("1d", "01-16T20:59", "2026-01-15"), ("1d", "01-16T21:00", "2026-01-16"),
    ("1d", "01-16T23:30", "2026-01-16"), ("1d", "01-17T12:00", "2026-01-16"),
    ("1d", "01-19T23:30", "2026-01-16"), ("1d", "01-20T20:45", "2026-01-16"),
    ("1d", "01-20T21:00", "2026-01-20"), ("1d", "11-27T18:00", "2026-11-27"),
    ("1d", "11-27T17:45", "2026-11-25"), ("1w", "01-16T20:00", "2026-01-05"),
    ("1w", "01-16T21:00", "2026-01-12"), ("1w", "01-20T21:00", "2026-01-12"),
    ("1h", "01-16T20:30", "01-16T19:00"), ("1h", "01-16T21:00", "01-16T20:00"),
    ("4h", "01-16T21:00", "01-16T20:00"), ("4h", "01-16T20:30", "01-16T16:00"),
  ])
  func lastClosed(timeframe: String, at time: String, open: String) throws {
    let clock = try Self.clock(timeframe)
    let (time, open) = (try Self.time(time), try Self.time(open))
    #expect(clock.lastClosed(at: time) == open)
    // By what sources are asked with: open + span, so that a source on the grid gives up to it.
    #expect(clock.horizon(at: time) == open + clock.timeframe.span)
  }

  /// Over eight years of instants: what is the last closed candle is closed, and the next is not.
  @Test(arguments: ["5m", "1h", "4h", "1d", "1w"], ["XNYS", "XLON", "24/7", nil])
  func lastClosedAgreesWithClose(timeframe: String, calendar: String?) throws {
    let clock = try Self.clock(timeframe, calendar)
    var time = try Self.time("2018-12-30")
    let step = TimeSpan(milliseconds: 7 * 3_600_000 + 1_234_567)
    for _ in 0..<7000 {
      let open = clock.lastClosed(at: time)
      #expect(clock.close(of: open) <= time, "\(time)")
      #expect(clock.close(of: open + clock.timeframe.span) > time, "\(time)")
      time = time + step
    }
  }

  @Test(arguments: [
    // Friday's candle: on Friday evening, over the holiday weekend, on Tuesday at noon (a session is
    // 6.5 h, of which 3.25 h are half a day), in the evening and a day later.
    ("1d", "2026-01-16", "01-16T23:30", TimeSpan.zero), ("1d", "2026-01-16", "01-20T14:30", .zero),
    ("1d", "2026-01-16", "01-20T17:45", .hours(12)), ("1d", "2026-01-16", "01-20T21:00", .days(1)),
    ("1d", "2026-01-16", "01-20T23:30", .days(1)), ("1d", "2026-01-16", "01-21T23:30", .days(2)),
    ("1d", "2026-01-16", "01-16T17:45", .zero - .hours(12)),
    // The hour of Friday's close: five minutes after the next opening it is five minutes old.
    ("1h", "01-16T20:00", "01-20T14:35", .minutes(5)),
    ("1h", "01-16T20:00", "01-20T16:30", .hours(2)),
    ("1h", "01-16T20:00", "01-21T14:30", .minutes(390)),
  ])
  func ages(timeframe: String, open: String, at time: String, age: TimeSpan) throws {
    #expect(
      try Self.clock(timeframe).age(ofCandle: Self.time(open), at: Self.time(time)) == age)
  }

  /// Of Tuesday noon: two sessions back is Thursday noon, over a weekend and a holiday.
  @Test func findsTheEarliestWithinAnAge() throws {
    let (days, hours) = (try Self.clock("1d"), try Self.clock("1h"))
    let noon = try Self.time("01-20T17:45")
    #expect(days.earliest(within: .days(2), at: noon) == (try Self.time("01-15T17:45")))
    #expect(days.earliest(within: .hours(12), at: noon) == (try Self.time("01-16T21:00")))
    #expect(hours.earliest(within: .hours(2), at: noon) == (try Self.time("01-20T15:45")))
    #expect(hours.earliest(within: .hours(4), at: noon) == (try Self.time("01-16T20:15")))
    #expect(try Self.clock("1h", nil).earliest(within: .hours(4), at: noon) == noon - .hours(4))
  }

  @Test func withoutACalendarAndOnOneThatNeverClosesItIsTheGrid() throws {
    for timeframe in ["15m", "1h", "1d", "1w"] {
      let (bare, open) = (try Self.clock(timeframe, nil), try Self.clock(timeframe, "24/7"))
      var time = try Self.time("2026-02-27")
      for _ in 0..<500 {
        let grid = bare.timeframe.lastClosedOpen(at: time)
        #expect(bare.lastClosed(at: time) == grid && open.lastClosed(at: time) == grid)
        #expect(open.close(of: grid) == grid + bare.timeframe.span)
        let since = time - .hours(31)
        #expect(bare.age(since: since, at: time) == .hours(31))
        #expect(open.age(since: since, at: time) == .hours(31))
        #expect(
          open.missing(after: grid - .days(35), before: grid, limit: 10_000)
            == bare.missing(after: grid - .days(35), before: grid, limit: 10_000))
        time = time + .minutes(53)
      }
    }
  }

  @Test(
    arguments: [
      // Friday to Tuesday after the holiday, Friday to Wednesday, over a day without data.
      ("1d", "2026-01-16", "2026-01-20", []), ("1d", "2026-01-16", "2026-01-21", ["2026-01-20"]),
      ("1d", "2026-01-12", "2026-01-15", ["2026-01-13", "2026-01-14"]),
      ("1w", "2026-01-05", "2026-01-26", ["2026-01-12", "2026-01-19"]),
      // Over a night: from the hour of the close to that of the opening.
      ("1h", "01-16T20:00", "01-20T14:00", []),
      ("1h", "01-16T19:00", "01-20T16:00", ["01-16T20:00", "01-20T14:00", "01-20T15:00"]),
    ] as [(String, String, String, [String])])
  func missing(timeframe: String, after: String, before: String, opens: [String]) throws {
    let clock = try Self.clock(timeframe)
    let found = clock.missing(
      after: try Self.time(after), before: try Self.time(before), limit: 100)
    #expect(found == (try opens.map(Self.time)))
    #expect(
      clock.missing(after: try Self.time(after), before: try Self.time(before), limit: 1)
        == Array(found.prefix(1)))
  }

  @Test func findsSessions() throws {
    let calendar = try TradingCalendar.builtIn("XNYS")
    #expect(calendar.session(at: try Self.time("01-16T14:29")) == nil)
    #expect(calendar.session(at: try Self.time("01-16T14:30"))?.date.description == "2026-01-16")
    #expect(calendar.session(at: try Self.time("01-16T21:00")) == nil)
    #expect(
      calendar.nextOpen(after: try Self.time("01-16T14:30")) == (try Self.time("01-20T14:30")))
    #expect(
      try Self.clock("1d").nextOpen(after: try Self.time("01-16T22:00"))
        == (try Self.time("01-20T14:30")))
    let week = try Self.time("2026-01-15")..<Self.time("2026-01-22")
    #expect(
      calendar.sessions(meeting: week).map(\.date.description) == [
        "2026-01-15", "2026-01-16", "2026-01-20", "2026-01-21",
      ])
  }
}
