import Calendars
import Domain
import Scheduler
import StrictYAML
import Testing

@Suite struct ScheduleWarningsTests {
  private let now = Instant(rfc3339: "2026-11-20T14:07:31Z")!

  /// New York's clocks jump from 02:00 to 03:00 on 2027-03-14, those of London from 01:00 to 02:00 on
  /// 2027-03-28 (tz database); 400 days from now end before the next spring.
  @Test func tellsTimesThatDaylightSavingSkips() throws {
    let schedule = try Schedule.parse(
      """
      version: 1
      timezone: America/New_York
      jobs:
        nightly: { job: fetch, cron: "30 2 * * *" }
        again:
          job: fetch
          cron: "30 2 * * *"
        often:   { job: fetch, cron: "*/15 2 * * *" }
        both:    { job: fetch, cron: "0,30 2 * * *" }
        asleep:  { job: fetch, cron: "45 2 * * *", paused: true }
        london:  { job: fetch, cron: "15 1 * * *", timezone: Europe/London }
        utc:     { job: fetch, cron: "30 2 * * *", timezone: UTC }
        monday:  { job: fetch, cron: "30 2 * * mon" }
        repeated: { job: fetch, cron: "30 1 * * *" }
      """, file: "schedules.yaml")
    #expect(schedule.warnings == [])
    let lines = schedule.warnings(now: now).map(\.description)
    let end = "; `carillon schedule explain` shows it"
    #expect(
      lines == [
        "schedules.yaml:4:33: warning: 02:30 America/New_York does not exist on 2027-03-14; will run at 03:00 EDT"
          + end,
        "schedules.yaml:9:33: warning: 02:00 and 1 more America/New_York do not exist on 2027-03-14; will run at 03:00 EDT"
          + end,
        "schedules.yaml:11:33: warning: 01:15 Europe/London does not exist on 2027-03-28; will run at 02:00 BST"
          + end,
      ])
  }

  @Test func tellsTheEndOfACalendarOnceAndOfAUsersFileLater() throws {
    let text = """
      calendar MINE
      timezone UTC
      from 2026-01-01
      to 2026-12-31
      week mon-fri 09:00-17:00
      """
    func schedule(_ isUsersFile: Bool) throws -> Schedule {
      try Schedule.parse(
        """
        version: 1
        jobs:
          fetch: { cron: "0 9 * * *", calendar: ./mine.cal }
          other: { job: fetch, cron: open+5m, calendar: ./mine.cal }
        """, file: "f"
      ) { (_: String) throws(Fault) in
        do {
          let calendar = try TradingCalendar(file: text, zones: ZoneDatabase.zone)
          return isUsersFile ? calendar.ofUser(text: text) : calendar
        } catch { throw Fault("read", "mine", cause: "\(error)", exit: .data) }
      }
    }
    // 41 days before the end, and 61.
    #expect(try schedule(true).warnings(now: now).map(\.location.line) == [3])
    #expect(try schedule(true).warnings(now: now - .days(20)) == [])
    #expect(try schedule(false).warnings(now: now - .days(20)).count == 1)
  }

  @Test func anEditOfACalendarIsAnEditOfItsJobs() throws {
    func identity(_ lastDay: String) throws -> String? {
      let text = """
        calendar MINE
        timezone UTC
        from 2026-01-01
        to \(lastDay)
        week mon-fri 09:00-17:00
        """
      return try Schedule.parse(
        "version: 1\njobs: { fetch: { cron: \"0 9 * * *\", calendar: ./mine.cal } }\n", file: "f"
      ) { (_: String) throws(Fault) in
        do {
          return try TradingCalendar(file: text, zones: ZoneDatabase.zone).ofUser(text: text)
        } catch { throw Fault("read", "mine", cause: "\(error)", exit: .data) }
      }["fetch"]?.timingIdentity
    }
    #expect(try identity("2026-12-31") == identity("2026-12-31"))
    #expect(try identity("2026-12-31") != identity("2027-12-31"))
  }

  @Test func aCalendarFileNeedsWhoCanReadIt() {
    let error = #expect(throws: Diagnostics.self) {
      try Schedule.parse(
        "version: 1\njobs: { fetch: { cron: \"0 9 * * *\", calendar: ./mine.cal } }\n", file: "f")
    }
    #expect(error?.description.contains("files cannot be read here") == true)
  }
}
