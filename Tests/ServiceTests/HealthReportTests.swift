import Domain
import Scheduler
import Service
import Testing

/// What health decides, as tables of facts and answers.
@Suite struct HealthReportTests {
  static let schedule = """
    version: 1
    timezone: UTC
    jobs:
      fetch:     { cron: "1 * * * *", timeout: 5m, grace: 10m }
      compute:   { after: fetch, timeout: 5m, grace: 10m }
      rebalance: { after: compute, timeout: 5m, grace: 10m }
      snapshot:  { cron: "30 3 * * *", timeout: 5m, grace: 10m }
    """

  static func at(_ text: String) -> Instant { Instant(rfc3339: "2026-11-20T\(text)Z")! }
  static func job(_ name: String) -> JobName { JobName(name)! }

  /// Facts at an instant of that day at which all jobs have succeeded at their newest slots.
  static func facts(_ now: Instant) throws -> HealthFacts {
    let schedule = try Schedule.parse(schedule, file: "schedules.yaml")
    var facts = HealthFacts(
      now: now,
      scheduler: .init(isHeld: true, heldSince: at("00:00:00"), lastTurn: now - .seconds(20)),
      schedule: schedule)
    facts.disk = DiskSpace(freeBytes: 10 << 30)
    facts.marks = schedule.jobs.map { job in
      let slot = schedule.cadence(of: job.name)!.previous(before: now + .milliseconds(1))!
      return JobMark(
        job: job.name, slot: slot, since: now - .days(30), timing: job.timingIdentity,
        lastSuccess: (slot, slot + .seconds(4)))
    }
    return facts
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var title: String
    var now = at("14:07:31")
    var change: @Sendable (inout HealthFacts) -> Void
    var status: HealthCheck.Status
    /// The checks that do not pass, with a part of what each says.
    var findings: [String: String]
    var testDescription: String { title }

    /// Holds the report on the facts of its instant, changed as it says, to what it expects.
    func check() throws {
      var facts = try HealthReportTests.facts(now)
      change(&facts)
      let report = HealthReport(of: facts)
      #expect(report.status == status)
      let bad = report.checks.filter { $0.status != .pass }
      #expect(Set(bad.map(\.name)) == Set(findings.keys))
      for check in bad {
        let part = findings[check.name] ?? ""
        #expect(check.text.contains(part), "\(check.name): \(check.text)")
      }
    }
  }

  static func succeeded(_ name: String, _ slot: String) -> @Sendable (inout HealthFacts) -> Void {
    { facts in
      let index = facts.marks.firstIndex { $0.job == job(name) }!
      facts.marks[index].lastSuccess = (at(slot), at(slot) + .seconds(8))
    }
  }

  static let cases: [Case] = [
    Case(title: "all is well", change: { _ in }, status: .pass, findings: [:]),

    // The drawing in UX.md, with the time that the chain may take: the slot of 13:01 was due, three
    // jobs may take 5 m each, rebalance's grace is 10 m: 13:26, 41 m 31 s ago.
    Case(
      title: "a job is stale", change: succeeded("rebalance", "12:01:00"), status: .fail,
      findings: [
        "rebalance":
          "stale: last success 2026-11-20T12:01:08Z, due 2026-11-20T13:01:00Z + 15m to run "
          + "+ grace 10m = 2026-11-20T13:26:00Z (41m31s ago)"
      ]),
    // 13:01 + 5 m + 10 m: stale after 13:16:00, not at it.
    Case(
      title: "late is not stale", now: at("13:16:00"), change: succeeded("fetch", "12:01:00"),
      status: .warn, findings: ["fetch": "late: last success 2026-11-20T12:01:08Z"]),
    Case(
      title: "a millisecond later it is", now: at("13:16:00") + .milliseconds(1),
      change: succeeded("fetch", "12:01:00"), status: .fail, findings: ["fetch": "stale"]),
    Case(
      title: "of a chain that stands still, the first is named",
      change: { facts in
        for name in ["fetch", "compute", "rebalance"] { succeeded(name, "12:01:00")(&facts) }
      }, status: .fail,
      findings: [
        "fetch": "stale", "compute": "it follows fetch, which is stale too",
        "rebalance": "it follows fetch, which is stale too",
      ]),

    // Beginnings.
    Case(
      title: "a container that has just started",
      change: { facts in
        facts.marks = []
        facts.scheduler = .init(isHeld: true, heldSince: facts.now - .seconds(1), lastTurn: nil)
      }, status: .pass, findings: [:]),
    Case(
      title: "started again after a day, its loop not turned yet",
      change: { facts in
        facts.scheduler = .init(
          isHeld: true, heldSince: facts.now - .seconds(1), lastTurn: facts.now - .days(1))
      }, status: .pass, findings: [:]),
    Case(
      title: "a job that is new since a minute",
      change: { facts in
        let mark = facts.marks.firstIndex { $0.job == job("snapshot") }!
        facts.marks[mark].lastSuccess = nil
        facts.marks[mark].since = facts.now - .minutes(1)
      }, status: .pass, findings: [:]),

    // The scheduler.
    Case(
      title: "nothing runs",
      change: { $0.scheduler = .init(isHeld: false, lastTurn: $0.now - .minutes(3)) },
      status: .fail,
      findings: ["scheduler": "nothing runs, last seen 2026-11-20T14:04:31Z (3m00s ago)"]),
    Case(
      title: "nothing ever ran", change: { $0.scheduler = .init(isHeld: false) }, status: .fail,
      findings: ["scheduler": "nothing runs"]),
    Case(
      title: "the loop turned 90 s ago",
      change: { $0.scheduler.lastTurn = $0.now - .seconds(90) }, status: .pass, findings: [:]),
    Case(
      title: "the loop is stuck",
      change: { $0.scheduler.lastTurn = $0.now - .seconds(91) }, status: .fail,
      findings: ["scheduler": "the loop has not turned since 2026-11-20T14:06:00Z (1m31s ago)"]),
    Case(
      title: "the clock was set back, the loop turned in the future",
      change: { $0.scheduler.lastTurn = $0.now + .hours(2) }, status: .pass, findings: [:]),

    // What all jobs need.
    Case(
      title: "the disk gets full", change: { $0.disk = DiskSpace(freeBytes: 431 << 20) },
      status: .warn, findings: ["disk": "431 MiB free"]),
    Case(
      title: "the disk is full", change: { $0.disk = DiskSpace(freeBytes: 1 << 20) },
      status: .fail, findings: ["disk": "1 MiB free"]),
    Case(
      title: "the database is damaged",
      change: {
        $0.databaseFault = Fault(
          "open the database", "carillon.db", cause: "it is damaged", exit: .data)
      }, status: .fail,
      findings: ["database": "cannot open the database carillon.db: it is damaged"]),
    Case(
      title: "an edit broke the schedules file",
      change: { $0.reloadError = .init("s.yaml:3:1: error: tabs\nmore", since: at("14:00:00")) },
      status: .warn,
      findings: ["schedule": "the previous schedule stays active: s.yaml:3:1: error: tabs"]),
    Case(
      title: "there is no schedule",
      change: {
        $0.schedule = nil
        $0.scheduleTrouble = "cannot read schedules.yaml: No such file or directory"
      }, status: .fail, findings: ["schedule": "No such file"]),
    Case(
      title: "trading is halted",
      change: { $0.halt = .init("no-new, model drift (cli)", since: at("13:20:00")) },
      status: .warn,
      findings: ["halt": "on since 2026-11-20T13:20:00Z: no-new, model drift (cli)"]),
    Case(
      title: "the settings have changed",
      change: { $0.settingsChanged = .init("carillon.yaml", since: at("13:20:00")) },
      status: .warn,
      findings: ["settings": "carillon.yaml has changed since it was read: restart needed"]),
    Case(
      title: "the clock is suspicious",
      change: { $0.clockSuspicion = .init("it shows 1970", since: $0.now - .minutes(5)) },
      status: .warn, findings: ["clock": "orders wait: it shows 1970"]),
    Case(
      title: "the clock is suspicious for longer than a grace",
      change: {
        $0.clockSuspicion = .init("it shows 1970", since: $0.now - .minutes(5) - .milliseconds(1))
      }, status: .fail, findings: ["clock": "orders wait: it shows 1970"]),
    Case(
      title: "the clock is suspicious for less than the grace that was set",
      change: {
        $0.clockSuspicion = .init("it shows 1970", since: $0.now - .minutes(30))
        $0.clockGrace = .minutes(30)
      }, status: .warn, findings: ["clock": "orders wait: it shows 1970"]),
    Case(
      title: "the candles ended ten days ago",
      change: { $0.data = DataAge(newestClose: at("14:00:00") - .days(10), allowed: .days(6)) },
      status: .fail,
      findings: ["data": "closed at 2026-11-10T14:00:00Z (10d00h ago), and may be 6d old at most"]),
    Case(
      title: "the candles are fresh",
      change: { $0.data = DataAge(newestClose: at("14:00:00"), allowed: .days(6)) },
      status: .pass, findings: [:]),
    Case(
      title: "the clock is trusted by hand",
      change: { $0.clockTrust = .init("the battery was empty", since: at("13:20:00")) },
      status: .warn,
      findings: ["clock": "trusted by hand since 2026-11-20T13:20:00Z: the battery was empty"]),

    // Runs.
    Case(
      title: "the newest run was blocked",
      change: {
        $0.newest[job("rebalance")] = .init(
          state: .succeeded, reason: "blocked: halted", ended: at("14:01:09"))
      }, status: .warn, findings: ["rebalance": "blocked: halted"]),
    Case(
      title: "the newest run failed, and there is time for the next",
      change: {
        $0.newest[job("fetch")] = .init(
          state: .failed, reason: "cannot reach the exchange", ended: at("14:01:09"))
      }, status: .warn, findings: ["fetch": "failed at 2026-11-20T14:01:09Z: cannot reach"]),
    Case(
      title: "a venue lets nothing through",
      change: {
        $0.bans = [.init(venue: "binance", until: at("14:20:00"), reason: "HTTP 418\nteapot")]
      }, status: .warn,
      findings: ["ban": "asked of binance until 2026-11-20T14:20:00Z: HTTP 418 teapot"]),
    Case(
      title: "a run within its time-out",
      change: {
        $0.running = [
          .init(slot: Slot(job: job("fetch"), time: at("14:01:00")), started: at("14:02:30"))
        ]
      }, status: .pass, findings: [:]),
    // Started 14:01:00, may take 5 m, has 30 s to stop: 14:06:30.
    Case(
      title: "a run past its time-out",
      change: {
        $0.running = [
          .init(slot: Slot(job: job("fetch"), time: at("14:01:00")), started: at("14:01:00"))
        ]
      }, status: .fail,
      findings: ["fetch": "runs since 2026-11-20T14:01:00Z (6m31s), past its time-out"]),
    Case(
      title: "a pause by hand is not stale",
      change: { facts in
        let mark = facts.marks.firstIndex { $0.job == job("snapshot") }!
        facts.marks[mark].lastSuccess = nil
        facts.marks[mark].pausedUntil = .distantFuture
      }, status: .pass, findings: [:]),
  ]

  @Test(arguments: cases) func decides(_ example: Case) throws { try example.check() }

  @Test func saysWhatToDo() throws {
    var facts = try Self.facts(Self.at("14:07:31"))
    Self.succeeded("fetch", "12:01:00")(&facts)
    func next() -> String? {
      HealthReport(of: facts).checks.first { $0.name == "fetch" }?.next
    }
    #expect(next() == "carillon job history fetch")
    facts.newest[Self.job("fetch")] = .init(state: .failed, ended: Self.at("14:01:09"))
    #expect(next() == "carillon job history fetch --failed")
  }

  @Test func reportsOnOneJob() throws {
    var facts = try Self.facts(Self.at("14:07:31"))
    Self.succeeded("rebalance", "12:01:00")(&facts)
    let report = HealthReport(of: facts)
    #expect(report.only(Self.job("fetch"))?.status == .pass)
    #expect(report.only(Self.job("rebalance"))?.status == .fail)
    #expect(report.only(Self.job("rebalance"))?.checks.count == 1)
    #expect(report.only(Self.job("fecth")) == nil)
  }
}
