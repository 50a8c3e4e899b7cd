import Domain
import Scheduler
import StrictYAML
import Testing

/// What a good file means.
struct ScheduleTests {
  static let chain = """
    version: 1
    timezone: UTC
    jobs:
      fetch:     { cron: "1 * * * *" }
      compute:   { after: fetch }
      infer:     { after: compute }
      rebalance: { after: infer, needs: { infer: 20m } }
      snapshot:  { cron: "30 3 * * *", with: { keep: { daily: 14, monthly: 12 } } }
    """

  @Test func readsTheExampleOfTheDesign() throws {
    let schedule = try Schedule.parse(Self.chain, file: "schedules.yaml")
    #expect(
      schedule.jobs.map(\.name.text) == ["fetch", "compute", "infer", "rebalance", "snapshot"])
    #expect(schedule.warnings.isEmpty)
    let rebalance = try #require(schedule["rebalance"])
    #expect(rebalance.kind == .rebalance)
    #expect(rebalance.timing == .after(["infer"]))
    #expect(rebalance.head == JobName("fetch"))
    #expect(rebalance.policy.needs == ["infer": .minutes(20)])
    #expect(rebalance.policy.timeout == .minutes(5))
    #expect(rebalance.grace == .minutes(10))
    #expect(rebalance.overlap == .skip)
    let fetch = try #require(schedule["fetch"])
    #expect(fetch.cadence?.description == "cron \"1 * * * *\" UTC")
    #expect(fetch.catchup == .latest)
    #expect(fetch.location == Domain.SourceLocation(file: "schedules.yaml", line: 4, column: 3))
    let with = try #require(schedule["snapshot"]?.parameters)
    #expect(with["keep"]?["daily"]?.location.line == 8)
    #expect(
      schedule.followers(of: "fetch") == [
        Follower(job: "compute", parents: ["fetch"])
      ])
    #expect(schedule.descendants(of: "fetch").map(\.text) == ["compute", "infer", "rebalance"])
    #expect(schedule.longestTimeout == .minutes(5))
  }

  /// A diamond: the last one waits for both sides, which come before it.
  @Test func readsSeveralParentsOfOneHead() throws {
    let schedule = try Schedule.parse(
      """
      version: 1
      jobs:
        last: { job: infer, after: [left, right, fetch] }
        left: { job: compute, after: fetch }
        right: { job: compute, after: fetch }
        fetch: { every: 15m/1m }
      """, file: "f")
    #expect(schedule.descendants(of: "fetch").map(\.text) == ["left", "right", "last"])
    #expect(schedule["last"]?.head == JobName("fetch"))
    #expect(
      schedule.followers(of: "left").first?.parents.map(\.text) == ["left", "right", "fetch"])
  }

  @Test func readsEveryKey() throws {
    let schedule = try Schedule.parse(
      """
      version: 1
      timezone: Europe/Paris
      defaults: { timeout: 2m, grace: 1m, overlap: queue, catchup: none, retry: { max: 3, backoff: 10s..2m } }
      jobs:
        a:
          job: fetch
          cron: "35 9-16 * * mon-fri"
          timezone: America/New_York
          timeout: 60s
          grace: 5m
          retry: { max: 5 }
          overlap: skip
          catchup: all
          deadline: 20m
          group: net
          needs: { b: 4d }
          jitter: 30s
          on-failure: { notify: [telegram, email], severity: critical, halt-after: 2 }
          paused: true
          with: { venue: csv }
        b: { job: fetch, cron: "0 12 * * *" }
      """, file: "f")
    let a = try #require(schedule["a"])
    #expect(a.cadence?.description == "cron \"35 9-16 * * mon-fri\" America/New_York")
    #expect(
      a.policy
        == JobPolicy(
          kind: .fetch, timeout: .seconds(60),
          retry: RetryPolicy(max: 5, firstBackoff: .seconds(10), lastBackoff: .minutes(2)),
          deadline: .minutes(20), group: "net", needs: ["b": .days(4)]))
    #expect(a.grace == .minutes(5))
    #expect(a.catchup == .all)
    #expect(a.overlap == .skip)
    #expect(a.deadline == .explicit(.minutes(20)))
    #expect(a.jitter == .seconds(30))
    #expect(a.offset >= .zero && a.offset < .seconds(30))
    #expect(a.paused)
    #expect(
      a.onFailure
        == FailureResponse(notify: ["telegram", "email"], severity: .critical, haltAfter: 2))
    #expect(a.parameters?["venue"]?.text == "csv")
    let b = try #require(schedule["b"])
    #expect(b.cadence?.zone.name == "Europe/Paris")
    #expect(b.policy.timeout == .minutes(2))
    #expect(b.overlap == .queue)
    #expect(b.catchup == .none)
    #expect(b.policy.retry.max == 3)
    #expect(!b.paused)
  }

  @Test func tellsChangesOfTimingOnly() throws {
    func identity(_ text: String, _ job: JobName) throws -> String? {
      try Schedule.parse(
        "version: 1\njobs:\n  fetch: \(text)\n  compute: { after: fetch }\n", file: "f")[job]?
        .timingIdentity
    }
    let base = "{ cron: \"1 * * * *\" }"
    for job: JobName in ["fetch", "compute"] {
      let before = try identity(base, job)
      #expect(
        try identity("{ cron: \"1  * * * *\", timeout: 9m, grace: 1h, jitter: 5s }", job) == before)
      #expect(try identity("{ cron: \"2 * * * *\" }", job) != before)
      #expect(try identity("{ cron: \"1 * * * *\", timezone: Asia/Kathmandu }", job) != before)
      #expect(try identity("{ every: 1h/1m }", job) != before)
      #expect(try identity("{ cron: \"1 * * * *\", paused: true }", job) != before)
    }
  }

  /// Deadlines by arithmetic: head hourly at :01, slot 14:01.
  @Test func defaultsTheLatestStart() throws {
    let schedule = try Schedule.parse(
      """
      version: 1
      jobs:
        fetch:     { cron: "1 * * * *" }
        compute:   { after: fetch }
        rebalance: { after: compute }
        daily:     { job: rebalance, cron: "0 0 * * *" }
        minutes:   { job: rebalance, every: 8m }
        told:      { job: rebalance, after: fetch, deadline: 45m }
        all:       { job: fetch, cron: "1 * * * *", catchup: all }
        rest:      { job: compute, after: all }
        orders:    { job: rebalance, after: rest }
      """, file: "f")
    let slot = Instant(rfc3339: "2026-11-20T14:01:00Z")!
    func latest(_ job: JobName, _ slot: Instant) -> String? {
      schedule.latestStart(of: job, slot: slot)?.description
    }
    #expect(latest("fetch", slot) == "2026-11-20T15:01:00Z")
    #expect(latest("compute", slot) == "2026-11-20T15:01:00Z")
    #expect(latest("rebalance", slot) == "2026-11-20T14:16:00Z")  // 60 / 4 = 15 minutes
    #expect(latest("daily", Instant(rfc3339: "2026-11-20")!) == "2026-11-20T00:15:00Z")
    #expect(latest("minutes", Instant(rfc3339: "2026-11-20T00:00:00Z")!) == "2026-11-20T00:02:00Z")
    #expect(latest("told", slot) == "2026-11-20T14:46:00Z")
    #expect(latest("all", slot) == nil)
    #expect(latest("rest", slot) == nil)
    #expect(latest("orders", slot) == "2026-11-20T14:16:00Z")
    let firing = schedule.firing(
      of: "rebalance", slot: slot, trigger: .after,
      latestStart: Instant(rfc3339: "2026-11-20T14:16:00Z"))
    #expect(firing?.policy.deadline == .minutes(15))
    #expect(firing?.slot.description == "rebalance@2026-11-20T14:01:00Z")
  }

  /// New York closed early, at 13:00 EST, on the Friday after Thanksgiving of 2025, and not at all on
  /// the Thursday. (NYSE, "Holidays and Trading Hours")
  @Test func followsTheCalendarOfAnExchange() throws {
    let schedule = try Schedule.parse(
      """
      version: 1
      timezone: America/New_York
      jobs:
        fetch: { cron: close+2h30m, calendar: XNYS }
        snapshot: { cron: "35 9-16 * * mon-fri", calendar: XNYS }
      """, file: "f")
    func times(_ job: JobName, _ count: Int) -> [String] {
      schedule.upcoming(from: Instant(rfc3339: "2025-11-26T21:30:00Z")!, count: count, job: job)
        .map(\.at.description)
    }
    #expect(
      times("fetch", 3) == [
        "2025-11-26T23:30:00Z", "2025-11-28T20:30:00Z", "2025-12-01T23:30:00Z",
      ])
    #expect(
      times("snapshot", 6) == [
        "2025-11-26T21:35:00Z", "2025-11-28T14:35:00Z", "2025-11-28T15:35:00Z",
        "2025-11-28T16:35:00Z", "2025-11-28T17:35:00Z", "2025-12-01T14:35:00Z",
      ])
    let end = try #require(schedule["fetch"]?.cadence?.end)
    func notices(_ now: Instant) -> [Diagnostic] {
      schedule.warnings(now: now).filter { $0.message.contains("ends on") }
    }
    #expect(notices(end - .days(365)) == [])
    #expect(notices(end - .days(10)).count == 1)
  }
}
