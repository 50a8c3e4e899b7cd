import Domain
import Scheduler
import Service
import Testing

/// What health says while a schedule is edited.
@Suite struct HealthEditTests {
  /// An edit from daily to every minute: the last success is a day old, and yet nothing is stale
  /// until a minute's slot was missed by its time allowed and grace.
  @Test func staysHealthyOverAnEdit() throws {
    func schedule(_ cron: String) throws -> Schedule {
      try Schedule.parse(
        "version: 1\njobs: { fetch: { cron: \"\(cron)\", timeout: 1m, grace: 2m } }", file: "s")
    }
    let daily = try schedule("0 3 * * *")
    let edit = HealthReportTests.at("14:07:31")
    let slot = HealthReportTests.at("03:00:00")
    var planner = Planner(
      schedule: daily,
      marks: [
        JobMark(
          job: HealthReportTests.job("fetch"), slot: slot, since: edit - .days(9),
          timing: daily.jobs[0].timingIdentity, lastSuccess: (slot, slot + .seconds(1)))
      ], debts: [], now: edit - .hours(1))
    _ = planner.tick(now: edit - .hours(1))
    let minutely = try schedule("* * * * *")
    let marks = planner.reload(minutely, now: edit).compactMap { action -> JobMark? in
      if case .saveMark(let mark) = action { mark } else { nil }
    }
    #expect(marks.count == 1)
    func status(_ now: Instant) -> HealthCheck.Status {
      var facts = HealthFacts(
        now: now, scheduler: .init(isHeld: true, lastTurn: now), schedule: minutely)
      facts.marks = marks
      return HealthReport(of: facts).status
    }
    #expect(status(edit) == .pass)
    // The first slot is 14:08:00, allowed 1 m, grace 2 m: stale after 14:11:00.
    #expect(status(HealthReportTests.at("14:09:00")) == .pass)
    #expect(status(HealthReportTests.at("14:11:00")) == .warn)
    #expect(status(HealthReportTests.at("14:11:01")) == .fail)
  }
}
