import Calendars
import Domain
import Scheduler
import Testing

@Suite struct CalendarTests {
  private static func calendar(_ name: String) throws -> TradingCalendar {
    try TradingCalendar.builtIn(name)
  }

  private static func fires(_ cadence: Cadence, from: String, count: Int) throws -> [String] {
    var time = try #require(Instant(rfc3339: from))
    var fires: [Instant] = []
    while fires.count < count, let fire = cadence.next(after: time) {
      fires.append(fire)
      time = fire
    }
    // The same way back.
    if let last = fires.last {
      time = last + .milliseconds(1)
      for fire in fires.reversed() {
        #expect(cadence.previous(before: time) == fire)
        time = fire
      }
    }
    return fires.map(\.description)
  }

  // New York, Thanksgiving 2026: Thursday 11-26 closed, Friday 11-27 closes at 13:00 (18:00Z).
  @Test(arguments: [
    (
      "30 9 * * *", "2026-11-25T00:00Z",
      ["2026-11-25T14:30:00Z", "2026-11-27T14:30:00Z", "2026-11-30T14:30:00Z"]
    ),
    // On the half day up to the close and at it, not after.
    (
      "0 12-14 * * *", "2026-11-26T00:00Z",
      ["2026-11-27T17:00:00Z", "2026-11-27T18:00:00Z", "2026-11-30T17:00:00Z"]
    ),
    (
      "1 13 * * *", "2026-11-25T00:00Z",
      ["2026-11-25T18:01:00Z", "2026-11-30T18:01:00Z"]
    ),
    // A regular close bars nothing: reports run in the evening.
    (
      "0 20 * * *", "2026-11-24T12:00Z",
      ["2026-11-25T01:00:00Z", "2026-11-26T01:00:00Z", "2026-12-01T01:00:00Z"]
    ),
    // Independence Day 2026 is a Saturday, kept on Friday 07-03.
    ("0 10 * * 5", "2026-06-27T00:00Z", ["2026-07-10T14:00:00Z", "2026-07-17T14:00:00Z"]),
    // 11-26T00:00Z is still Wednesday in New York; 11-28T00:00Z is after the early close.
    (
      "@every 12h", "2026-11-25T20:00Z",
      ["2026-11-26T00:00:00Z", "2026-11-27T12:00:00Z", "2026-11-30T12:00:00Z"]
    ),
  ])
  func gates(_ text: String, _ from: String, _ expected: [String]) throws {
    let cadence = Cadence.cron(
      try CronExpression(text), zone: try ZoneDatabase.zone("America/New_York"),
      calendar: try Self.calendar("XNYS"))
    #expect(try Self.fires(cadence, from: from, count: expected.count) == expected)
  }

  @Test func gatesByTheMarketsDayWhateverTheZone() throws {
    // 21:30Z on Wednesday 11-25 is 06:30 on Thursday in Tokyo; in New York it is Wednesday, a session.
    let cadence = Cadence.cron(
      try CronExpression("30 6 * * *"), zone: try ZoneDatabase.zone("Asia/Tokyo"),
      calendar: try Self.calendar("XNYS"))
    #expect(
      try Self.fires(cadence, from: "2026-11-25T00:00Z", count: 2)
        == ["2026-11-25T21:30:00Z", "2026-11-30T21:30:00Z"])
  }

  @Test(arguments: [
    ("open+5m", "XNYS", "2026-11-25T15:00Z", ["2026-11-27T14:35:00Z", "2026-11-30T14:35:00Z"]),
    (
      "close-10m", "XNYS", "2026-11-25T00:00Z",
      ["2026-11-25T20:50:00Z", "2026-11-27T17:50:00Z", "2026-11-30T20:50:00Z"]
    ),
    ("open", "XNYS", "2026-03-06T00:00Z", ["2026-03-06T14:30:00Z", "2026-03-09T13:30:00Z"]),
    ("close+1h30m", "XNAS", "2026-11-27T00:00Z", ["2026-11-27T19:30:00Z", "2026-11-30T22:30:00Z"]),
    ("open-12h", "XNYS", "2026-11-29T00:00Z", ["2026-11-30T02:30:00Z", "2026-12-01T02:30:00Z"]),
    ("close+12h", "XNYS", "2026-11-27T00:00Z", ["2026-11-28T06:00:00Z", "2026-12-01T09:00:00Z"]),
    // London closes at 12:30 on Christmas Eve, and rests until the 29th (the 28th is in lieu).
    ("close-10m", "XLON", "2026-12-23T18:00Z", ["2026-12-24T12:20:00Z", "2026-12-29T16:20:00Z"]),
    ("open+5m", "24/7", "2026-11-28T00:00Z", ["2026-11-28T00:05:00Z", "2026-11-29T00:05:00Z"]),
    ("close", "24/7", "2026-11-28T00:00Z", ["2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z"]),
  ])
  func triggersBySessions(_ text: String, _ name: String, _ from: String, _ expected: [String])
    throws
  {
    let trigger = try SessionTrigger(text)
    #expect(trigger.description == text)
    let cadence = Cadence.session(trigger, calendar: try Self.calendar(name))
    #expect(try Self.fires(cadence, from: from, count: expected.count) == expected)
    #expect(cadence.description == "\(text) \(name)")
  }

  @Test(arguments: [
    ("noon", 0..<4), ("", 0..<1), ("+5m", 0..<1), ("open5m", 4..<6), ("open+", 4..<5),
    ("close-5", 5..<7), ("open+13h", 4..<8), ("open + 5m", 4..<9), ("opening", 0..<7),
  ])
  func refusesOtherTriggers(_ text: String, _ columns: Range<Int>) {
    do {
      _ = try SessionTrigger(text)
      Issue.record("was read")
    } catch {
      #expect(error.columns == columns)
    }
  }

  @Test func refusesToGuess() throws {
    for name in ["XNYS", "XLON"] {
      let calendar = try Self.calendar(name)
      #expect(calendar.coverage.description == "1990-01-01...2030-12-31")
      let daily = Cadence.cron(
        try CronExpression("0 12 * * *"), zone: calendar.zone, calendar: calendar)
      let opening = Cadence.session(SessionTrigger(.open), calendar: calendar)
      let ends = [Int64.min, -1, Int64.max].map { Instant(milliseconds: $0) }
      for cadence in [daily, opening] {
        let end = try #require(cadence.end)
        #expect(end == calendar.end)
        // 2030-12-31 is a Tuesday and a session.
        let last = try #require(cadence.previous(before: ends[2]))
        #expect(calendar.zone.civil(at: last).date.description == "2030-12-31")
        #expect(cadence.next(after: last) == nil && cadence.next(after: ends[2]) == nil)
        // 1990-01-01 is a holiday.
        let first = try #require(cadence.next(after: ends[0]))
        #expect(calendar.zone.civil(at: first).date.description == "1990-01-02")
        #expect(cadence.previous(before: first) == nil && cadence.previous(before: ends[0]) == nil)
      }
      #expect(calendar.warning(at: calendar.end - .days(181)) == nil)
      let soon = try #require(calendar.warning(at: calendar.end - .days(90)))
      #expect(soon.contains("ends on 2030-12-31, in 90d00h"))
      #expect(try #require(calendar.warning(at: calendar.end)).contains("ended on 2030-12-31"))
    }
    #expect(try Self.calendar("24/7").warning(at: Instant(rfc3339: "2100-01-01")!) == nil)
  }

  @Test func neverSearchesWithoutEnd() throws {
    // No session falls on a Saturday, so the search goes through all of them and stops.
    let cadence = Cadence.cron(
      try CronExpression("* * * * 6"), zone: try ZoneDatabase.zone("America/New_York"),
      calendar: try Self.calendar("XNYS"))
    #expect(cadence.next(after: Instant(milliseconds: .min)) == nil)
    #expect(cadence.previous(before: Instant(milliseconds: .max)) == nil)
  }

  @Test func readsAUsersFile() throws {
    let text = """
      # Bourse of nowhere
      calendar X-TEST   # a comment
      timezone Europe/Paris
      source a notice on the door
      from 2026-01-01
      to 2026-12-31
      week mon-fri 09:00-17:30
      week sun-thu 10:00-16:00 from 2026-07-01
      week fri 10:00-12:00 from 2026-07-01
      closed 2026: 01-01 04-03
      closed 2026-05-01
      open 2026: 12-24 12-31 10:00-14:05
      open 2026-01-03 11:00-12:00\r
      """
    let calendar = try TradingCalendar(file: text, zones: ZoneDatabase.zone)
    #expect(calendar.name == "X-TEST" && calendar.source == "a notice on the door")
    func shown(_ date: String) throws -> String? {
      let day = Zone.utc.civil(at: try #require(Instant(rfc3339: date))).date
      return calendar.session(on: day).map {
        let (open, close) = (calendar.zone.civil(at: $0.open), calendar.zone.civil(at: $0.close))
        return "\(open.hour):\(open.minute)-\(close.hour):\(close.minute) \($0.isEarlyClose)"
      }
    }
    #expect(try shown("2025-12-31") == nil && (try shown("2027-01-01")) == nil)
    #expect(try shown("2026-01-01") == nil && (try shown("2026-05-01")) == nil)
    #expect(try shown("2026-01-02") == "9:0-17:30 false")
    #expect(try shown("2026-01-03") == "11:0-12:0 false")  // a Saturday, opened
    #expect(try shown("2026-01-04") == nil)
    #expect(try shown("2026-07-03") == "10:0-12:0 false")  // a Friday of the new week
    #expect(try shown("2026-07-05") == "10:0-16:0 false")  // a Sunday of the new week
    #expect(try shown("2026-12-24") == "10:0-14:5 true")
  }

  @Test(arguments: [
    ("", 1, 1, "a line is missing"),
    ("calendar X\ncalendar Y", 2, 1, "calendar is given twice"),
    ("calendar ../x", 1, 10, "`../x` is no name"),
    ("holiday 2026-01-01", 1, 1, "there is no `holiday`"),
    ("  from 2026-02-30", 1, 8, "`2026-02-30` is no date"),
    ("from 2026-01-01 x", 1, 1, "from takes one date"),
    ("week mon-foo 09:00-10:00", 1, 6, "`mon-foo` is no range of weekdays"),
    ("week mon-fri 9:00-10:00", 1, 14, "`9:00-10:00` are no hours"),
    ("week mon-fri 10:00-09:00", 1, 14, "a session ends after it begins, on the same day"),
    ("week mon-fri 09:00-24:01", 1, 14, "`09:00-24:01` are no hours"),
    ("week mon-fri", 1, 1, "week takes days and hours"),
    ("closed", 1, 1, "closed needs dates"),
    ("closed 2026: 1-1", 1, 14, "`1-1` is no date"),
    ("open 09:00-10:00", 1, 1, "open needs dates"),
    ("open 2026-01-02 2026-01-02 09:00-10:00", 1, 17, "2026-01-02 is opened twice"),
  ])
  func refusesOtherFiles(_ text: String, _ line: Int, _ column: Int, _ message: String) {
    expectError(text, line, column, message)
  }

  @Test(arguments: [
    (
      "timezone Mars/Base\nfrom 2026-01-01\nto 2026-12-31\nweek mon 09:00-10:00", 2, 10,
      "`Mars/Base`: there is no such zone"
    ),
    (
      "timezone UTC\nfrom 2026-01-02\nto 2026-01-01\nweek mon 09:00-10:00", 4, 4,
      "2026-01-01 is before 2026-01-02"
    ),
    (
      "timezone UTC\nfrom 1026-01-02\nto 2026-01-01\nweek mon 09:00-10:00", 4, 4,
      "a calendar covers 400 years at most"
    ),
    (
      "timezone UTC\nfrom 2026-01-01\nto 2026-12-31\nweek mon 09:00-10:00\nclosed 2027-01-01", 6, 8,
      "2027-01-01 is outside of 2026-01-01 to 2026-12-31"
    ),
    ("timezone UTC\nfrom 2026-01-01\nto 2026-12-31", 4, 1, "no regular hours"),
    (
      "timezone UTC\nfrom 2026-01-01\nto 2026-12-31\nweek mon-fri 09:00-10:00\nweek fri 09:00-11:00",
      6, 6, "fri has its hours twice"
    ),
    (
      "timezone UTC\nfrom 2026-01-01\nto 2026-12-31\nweek mon 09:00-10:00\nclosed 2026-02-02\nopen 2026-02-02 09:00-09:30",
      7, 6, "2026-02-02 is both closed and open"
    ),
  ])
  func refusesContradictions(_ text: String, _ line: Int, _ column: Int, _ message: String) {
    expectError("calendar X\n" + text, line, column, message)
  }

  private func expectError(_ text: String, _ line: Int, _ column: Int, _ message: String) {
    do {
      _ = try TradingCalendar(file: text, zones: ZoneDatabase.zone)
      Issue.record("was read")
    } catch {
      #expect(error.message == message)
      #expect(error.line == line && error.column == column, "\(error)")
    }
  }

  /// Every cut and every changed byte ends in an error with a place, or in a calendar.
  @Test func survivesBrokenFiles() throws {
    let text = """
      calendar X
      timezone UTC
      from 2026-01-01
      to 2026-12-31
      week mon-fri 09:00-17:30 from 2026-02-01
      closed 2026: 01-01
      open 2026-12-24 10:00-14:05
      """
    let lines = text.split(separator: "\n").count
    let bytes = Array(text.utf8)
    for index in bytes.indices {
      for replacement in ["", "9", "-", " ", "\n", ":", "#", "é"] {
        let broken = bytes[..<index] + Array(replacement.utf8) + bytes[(index + 1)...]
        do {
          let calendar = try TradingCalendar(
            file: String(decoding: broken, as: UTF8.self), zones: ZoneDatabase.zone)
          #expect(calendar.end > calendar.beginning)
        } catch {
          #expect((1...lines + 1).contains(error.line) && error.column >= 1, "\(error)")
        }
      }
    }
  }

  @Test func proposesNames() {
    do {
      _ = try TradingCalendar.named("xnys", zones: ZoneDatabase.zone)
      Issue.record("was read")
    } catch {
      #expect(error.remedy == "did you mean XNYS?" && error.exit == .configuration)
    }
    #expect(throws: Fault.self) { try TradingCalendar.named("XPAR", zones: ZoneDatabase.zone) }
    #expect(throws: Fault.self) {
      try TradingCalendar.named("XNYS") { (name: String) throws(Fault) -> Zone in
        throw Fault("read", name, cause: "no files", exit: .configuration)
      }
    }
  }
}
