import Domain
import Scheduler
import Testing

/// The lists that people read before they trust an edit.
struct UpcomingFiresTests {
  private let now = Instant(rfc3339: "2026-11-20T14:07:31Z")!

  @Test func mergesAllHeadsByTime() throws {
    let schedule = try Schedule.parse(ScheduleTests.chain, file: "f")
    let fires = schedule.upcoming(from: now, count: 15)
    #expect(fires.count == 15)
    #expect(fires[0].at == Instant(rfc3339: "2026-11-20T15:01:00Z"))
    #expect(fires[0].job == "fetch")
    #expect(fires[0].why == "cron \"1 * * * *\" UTC")
    // Thirteen hours from 15:01 to 03:01, then 03:30.
    #expect(fires[13].job == "snapshot")
    #expect(fires[13].at == Instant(rfc3339: "2026-11-21T03:30:00Z"))
    #expect(
      schedule.upcoming(from: now, count: 2, job: "infer").map(\.why) == [
        "after compute", "after compute",
      ])
    #expect(schedule.upcoming(from: now, count: 2, job: "nobody") == [])
    #expect(schedule.chainNotes == ["compute → infer → rebalance follow each fetch"])
  }

  @Test func tellsWhatAnEditChanges() throws {
    let old = try PlannerBench.parse(
      """
      fetch: { cron: "1 * * * *" }
      compute: { after: fetch }
      snapshot: { cron: "30 3 * * *", with: { keep: { daily: 3 } } }
      old: { job: snapshot, cron: "0 4 * * *" }
      same: { job: snapshot, every: 1d, with: { a: [1, 2] } }
      """)
    let new = try PlannerBench.parse(
      """
      weekly: { job: snapshot, cron: "0 7 * * mon" }
      same: { job: snapshot, every: 1d,   with: { a: [1,   2] } }
      fetch: { every: 15m }
      compute: { after: fetch }
      snapshot: { cron: "30 3 * * *", with: { keep: { daily: 4 } } }
      """)
    // A day has 96 quarters of an hour and 24 hours; 2026-11-23 is a Monday.
    let difference = ScheduleDifference(from: old, to: new, now: now)
    #expect(
      difference.lines == [
        "+ weekly: cron \"0 7 * * mon\" UTC, 0 fires in 1d, next 2026-11-23T07:00:00Z",
        "~ fetch: cron \"1 * * * *\" UTC -> every 15m, 24 -> 96 fires in 1d, next 2026-11-20T14:15:00Z",
        "    added: 2026-11-20T14:15:00Z, 2026-11-20T14:30:00Z, 2026-11-20T14:45:00Z and 93 more",
        "    removed: 2026-11-20T15:01:00Z, 2026-11-20T16:01:00Z, 2026-11-20T17:01:00Z and 21 more",
        "~ compute: after fetch, at other times",
        "~ snapshot: same times, other settings",
        "- old: was cron \"0 4 * * *\" UTC, 1 fire in 1d", "    removed: 2026-11-21T04:00:00Z",
        "1 job unchanged",
      ])
    #expect(ScheduleDifference(from: old, to: old, now: now).isEmpty)
    #expect(ScheduleDifference(from: old, to: old, now: now).lines == ["5 jobs unchanged"])
  }

  @Test func listsWhichFiresMoveAndLeavesEqualOnesOut() throws {
    func lines(_ old: String, _ new: String) throws -> [String] {
      ScheduleDifference(
        from: try PlannerBench.parse("fetch: { cron: \"\(old)\" }"),
        to: try PlannerBench.parse("fetch: { cron: \"\(new)\" }"), now: now
      ).entries.flatMap(\.fireChange.lines)
    }
    #expect(
      try lines("0 7,9 * * *", "30 7,9 * * *") == [
        "moved: 2026-11-21T07:00:00Z -> 2026-11-21T07:30:00Z, 2026-11-21T09:00:00Z -> 2026-11-21T09:30:00Z"
      ])
    // Every quarter of an hour has the full hours too: 96 - 24.
    #expect(
      try lines("0 * * * *", "*/15 * * * *") == [
        "added: 2026-11-20T14:15:00Z, 2026-11-20T14:30:00Z, 2026-11-20T14:45:00Z and 69 more"
      ])
    // Written otherwise, the same fires.
    #expect(try lines("0 0 * * *", "0 0 * * 0-6") == [])
  }
}
