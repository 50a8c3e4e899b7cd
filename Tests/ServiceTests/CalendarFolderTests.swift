import Disk
import Domain
import Scheduler
import StrictYAML
import Testing

@testable import Service

@Suite struct CalendarFolderTests {
  private static let calendar = """
    calendar MINE
    timezone Europe/Paris
    from 2026-01-01
    to 2027-12-31
    week mon-fri 09:00-17:30
    closed 2026: 12-24

    """
  private let fetch = JobName("fetch")!
  private let compute = JobName("compute")!
  private static let schedules = """
    version: 1
    jobs:
      fetch: { cron: "0 8 * * *", timezone: Europe/Paris, calendar: ./mine.cal }
      compute: { cron: "0 8 * * *", calendar: XNYS }

    """

  @Test func findsAUsersCalendarBesideTheSchedulesFile() throws {
    let folder = try ServiceFolder()
    try TextFile.create(folder.path + "/mine.cal", Self.calendar)
    let schedule = try Schedule.parse(Self.schedules, at: folder.schedulesFile)
    let cadence = try #require(schedule[fetch]?.cadence)
    // Thursday the 24th is closed, Friday the 25th is not: the file says nothing of it.
    let eve = Instant(rfc3339: "2026-12-23T12:00:00Z")!
    #expect(cadence.next(after: eve) == Instant(rfc3339: "2026-12-25T07:00:00Z"))
    let before = schedule[fetch]?.timingIdentity
    try TextFile.create(
      folder.path + "/mine.cal", Self.calendar.replacing("12-24", with: "12-24 12-25"),
      replace: true)
    let edited = try Schedule.parse(Self.schedules, at: folder.schedulesFile)
    #expect(edited[fetch]?.timingIdentity != before)
    #expect(edited[compute]?.timingIdentity == schedule[compute]?.timingIdentity)
    let lines = ScheduleDifference(
      from: schedule, to: edited, now: Instant(rfc3339: "2026-12-24T12:00:00Z")!
    ).lines
    #expect(lines.contains("    removed: 2026-12-25T07:00:00Z"))
  }

  @Test func tellsMistakesOfACalendarWithBothPlaces() throws {
    let folder = try ServiceFolder()
    func mistakes() -> String {
      do {
        _ = try Schedule.parse(Self.schedules, at: folder.schedulesFile)
        return ""
      } catch { return error.description }
    }
    let missing = mistakes()
    #expect(missing.contains("schedules.yaml:3:65: error: \(folder.path)/mine.cal: No such file"))
    try TextFile.create(folder.path + "/mine.cal", Self.calendar + "closed 2026-02-30\n")
    let wrong = mistakes()
    #expect(wrong.contains("schedules.yaml:3:65: error: \(folder.path)/mine.cal:7:8: "))
    #expect(wrong.contains("2026-02-30"))
    // A calendar that is there and wrong is not said to be missing too.
    let session = Self.schedules.replacing(
      "cron: \"0 8 * * *\", timezone: Europe/Paris", with: "cron: close+30m")
    let error = #expect(throws: Diagnostics.self) {
      try Schedule.parse(session, at: folder.schedulesFile)
    }
    #expect(error?.items.count == 1)
  }
}
