import Domain
import Scheduler
import Testing

@Suite struct DataAgeTests {
  private let now = PlannerBench.instant("14:00")

  /// The jobs, the timeframe in minutes, and the greatest age in hours that is not stale.
  @Test(
    arguments: [
      // An hour between fetches, two candles of an hour, six days for a market that is closed.
      ("fetch: { every: 1h }", 60, 1 + 2 + 144),
      // A week between fetches, two candles of a day.
      ("fetch: { every: 7d }", 1440, 168 + 48 + 144),
      // The rarest of several.
      ("fetch: { every: 1h }\nmore: { job: fetch, every: 6h }", 60, 6 + 2 + 144),
      // One that follows another has its head's cadence.
      ("a: { job: compute, every: 12h }\nfetch: { after: a }", 60, 12 + 2 + 144),
    ] as [(String, Int64, Int64)])
  func allowsWhatTheScheduleAndAClosedMarketAskFor(
    _ jobs: String, _ minutes: Int64, _ hours: Int64
  ) throws {
    let schedule = try PlannerBench.parse(jobs)
    func age(_ age: TimeSpan) throws -> DataAge {
      try #require(
        DataAge(
          newestClose: now - age, timeframe: .minutes(minutes), fetchedBy: schedule, marks: [],
          now: now))
    }
    #expect(try !age(.hours(hours)).isStale(at: now))
    #expect(try age(.hours(hours) + .milliseconds(1)).isStale(at: now))
    // What closed in the future, under a clock that was ahead, is not old.
    #expect(try !age(.zero - .days(1)).isStale(at: now))
  }

  @Test func nobodyFetchesWhatIsPaused() throws {
    for jobs in ["compute: { every: 1h }", "fetch: { every: 1h, paused: true }"] {
      let schedule = try PlannerBench.parse(jobs)
      #expect(
        DataAge(
          newestClose: now, timeframe: .hours(1), fetchedBy: schedule, marks: [], now: now) == nil)
    }
    let schedule = try PlannerBench.parse("fetch: { every: 1h }")
    let mark = JobMark(job: "fetch", since: now, timing: "", pausedUntil: .distantFuture)
    #expect(
      DataAge(
        newestClose: now, timeframe: .hours(1), fetchedBy: schedule, marks: [mark], now: now) == nil
    )
  }

  @Test func candlesThatEndedTenDaysAgoAreTold() {
    let age = DataAge(newestClose: now - .days(10), allowed: .days(6))
    #expect(age.isStale(at: now))
    #expect(
      age.explanation(now: now)
        == "the newest candle closed at 2026-11-10T14:00:00Z (10d00h ago), and may be 6d old at most"
    )
  }
}
