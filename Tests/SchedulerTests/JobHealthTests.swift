import Domain
import Scheduler
import Testing

/// Staleness by arithmetic, from the formula of the design.
struct JobHealthTests {
  private static func at(_ text: String) -> Instant { Instant(rfc3339: text)! }

  private static func schedule(_ jobs: String) throws -> Schedule {
    try PlannerBench.parse(jobs)
  }

  private static func mark(
    _ job: ScheduledJob, since: String, success: String? = nil, pausedUntil: Instant? = nil
  ) -> JobMark {
    let slot = success.map { at($0) }
    return JobMark(
      job: job.name, since: at(since), timing: job.timingIdentity, pausedUntil: pausedUntil,
      lastSuccess: slot.map { ($0, $0 + .seconds(9)) })
  }

  /// `infer` may take 3 attempts of 5 m with pauses of 10 s and 20 s, after `fetch` and `compute` of
  /// 5 m each: 15 m 30 s + 10 m = 25 m 30 s after the slot, and 10 m of grace.
  static let chain = """
    fetch: { cron: "1 * * * *" }
    compute: { after: fetch }
    infer: { after: compute, retry: { max: 3 } }
    """

  static let rows: [(now: String, running: Bool, state: JobHealth.State)] = [
    ("2026-11-20T12:02:00Z", false, .up),
    ("2026-11-20T13:01:00Z", false, .up),
    ("2026-11-20T13:26:30Z", false, .up),
    ("2026-11-20T13:26:30.001Z", false, .late),
    ("2026-11-20T13:26:31Z", true, .running),
    ("2026-11-20T13:36:30Z", false, .late),
    ("2026-11-20T13:36:30.001Z", false, .down),
    ("2026-11-20T13:37:00Z", true, .down),
  ]

  @Test(arguments: rows)
  func goesByTheChain(row: (now: String, running: Bool, state: JobHealth.State)) throws {
    let schedule = try Self.schedule(Self.chain)
    let marks = schedule.jobs.map {
      Self.mark($0, since: "2026-11-01", success: "2026-11-20T12:01:00Z")
    }
    let running: Set<JobName> = row.running ? ["infer"] : []
    let health = JobHealth.all(of: schedule, marks: marks, running: running, now: Self.at(row.now))
    #expect(health.map(\.job.text) == ["fetch", "compute", "infer"])
    #expect(health[2].timeAllowed == .seconds(25 * 60 + 30))
    #expect(health[2].due == Self.at("2026-11-20T13:01:00Z"))
    #expect(health[2].staleAfter == Self.at("2026-11-20T13:36:30Z"))
    #expect(health[2].state == row.state)
  }

  @Test func explainsItself() throws {
    let schedule = try Self.schedule("fetch: { cron: \"1 * * * *\" }\ncompute: { after: fetch }")
    let marks = schedule.jobs.map {
      Self.mark($0, since: "2026-11-01", success: "2026-11-20T12:01:00Z")
    }
    func text(_ now: String, _ marks: [JobMark]) -> String {
      JobHealth.all(of: schedule, marks: marks, running: [], now: Self.at(now))[0]
        .explanation(now: Self.at(now))
    }
    // 13:01 + 5 m + 10 m = 13:16; 51 m 31 s later it is 14:07:31.
    #expect(
      text("2026-11-20T14:07:31Z", marks)
        == "stale: last success 2026-11-20T12:01:09Z, due 2026-11-20T13:01:00Z + 5m to run + grace 10m = 2026-11-20T13:16:00Z (51m31s ago)"
    )
    #expect(text("2026-11-20T13:10:00Z", marks).hasPrefix("late: last success"))
    #expect(text("2026-11-20T12:16:00Z", marks).hasSuffix("= 2026-11-20T13:16:00Z (in 1h00m)"))
    #expect(
      text("2026-11-20T12:16:00Z", []).hasPrefix("no success since 2026-11-20T12:16:00Z, due"))
    let paused = Self.mark(
      schedule.jobs[0], since: "2026-11-01", pausedUntil: Self.at("2026-11-20T15:00:00Z"))
    let health = JobHealth.all(
      of: schedule, marks: [paused], running: [], now: Self.at("2026-11-20T14:00:00Z"))
    #expect(health.map(\.state) == [.paused, .paused])
    #expect(
      health[1].explanation(now: Self.at("2026-11-20T14:00:00Z"))
        == "fetch is paused until 2026-11-20T15:00:00Z; no success since 2026-11-20T14:00:00Z")
  }

  /// Hours of an exchange: Friday's last slot is fresh until Monday's first.
  @Test func isNotStaleOnAWeekend() throws {
    let schedule = try Self.schedule(
      "fetch: { cron: \"35 9-16 * * mon-fri\", timezone: America/New_York }")
    // Friday 2026-11-20 16:35 EST is 21:35 UTC; Monday 9:35 EST is 14:35 UTC.
    let mark = Self.mark(
      schedule.jobs[0], since: "2026-11-01", success: "2026-11-20T21:35:00Z")
    func state(_ now: String) -> JobHealth.State {
      JobHealth.all(of: schedule, marks: [mark], running: [], now: Self.at(now))[0].state
    }
    #expect(state("2026-11-22T12:00:00Z") == .up)
    #expect(state("2026-11-23T14:35:00Z") == .up)
    #expect(state("2026-11-23T14:45:00Z") == .late)
    #expect(state("2026-11-23T14:50:01Z") == .down)
  }

  /// Five minutes late on a job of every minute.
  @Test func isStaleSoonWhereTheCadenceIsFast() throws {
    let schedule = try Self.schedule("fetch: { every: 1m, timeout: 30s, grace: 2m }")
    let mark = Self.mark(schedule.jobs[0], since: "2026-11-01", success: "2026-11-20T12:00:00Z")
    func state(_ now: String) -> JobHealth.State {
      JobHealth.all(of: schedule, marks: [mark], running: [], now: Self.at(now))[0].state
    }
    #expect(state("2026-11-20T12:01:30Z") == .up)
    #expect(state("2026-11-20T12:03:30Z") == .late)
    #expect(state("2026-11-20T12:05:00Z") == .down)
  }

  /// A new job, an edit and a resume begin anew, for the job and for what follows it.
  @Test func beginsAnew() throws {
    let schedule = try Self.schedule(Self.chain)
    let now = Self.at("2026-11-20T18:30:00Z")
    func states(_ since: [String]) -> [JobHealth.State] {
      let marks = zip(schedule.jobs, since).map { Self.mark($0, since: $1) }
      return JobHealth.all(of: schedule, marks: marks, running: [], now: now).map(\.state)
    }
    #expect(states(["2026-11-01", "2026-11-01", "2026-11-01"]) == [.down, .down, .down])
    let edited = "2026-11-20T18:20:00Z"
    #expect(states([edited, edited, edited]) == [.new, .new, .new])
    // The head was resumed: its followers could not have run either.
    #expect(states([edited, "2026-11-01", "2026-11-01"]) == [.new, .new, .new])
    #expect(states(["2026-11-01", "2026-11-01", edited]) == [.down, .down, .new])
    #expect(
      JobHealth.all(of: schedule, marks: [], running: [], now: now).map(\.state) == [
        .new, .new, .new,
      ])
  }

  @Test func knowsPausesOfTheFile() throws {
    let schedule = try Self.schedule(
      "fetch: { every: 1h, paused: true }\ncompute: { after: fetch }\nsnapshot: { every: 1h }")
    let health = JobHealth.all(
      of: schedule, marks: [], running: [], now: Self.at("2026-11-20T18:30:00Z"))
    #expect(health.map(\.state) == [.paused, .paused, .new])
    #expect(health.map(\.pausedJob) == ["fetch", "fetch", nil])
  }
}
