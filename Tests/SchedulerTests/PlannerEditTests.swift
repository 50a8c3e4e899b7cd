import Domain
import Scheduler
import Testing

/// An edited file, a job that is gone, a pause.
struct PlannerEditTests {
  @Test func reloadsWithoutDisturbing() throws {
    var bench = try PlannerBench(
      "fetch: { every: 1h }\ncompute: { after: fetch }\nsnapshot: { every: 1h }", at: "13:59")
    bench.tick("14:00")
    bench.news = []
    let new = try PlannerBench.parse(
      "infer: { every: 10m }\nfetch: { every: 1h, timeout: 9m }\ncompute: { after: fetch, paused: true }"
    )
    bench.now = PlannerBench.instant("14:05")
    bench.perform(bench.planner.reload(new, now: bench.now))
    #expect(bench.look() == [])
    #expect(bench.planner.inFlight.count == 2)
    bench.finish("snapshot", "14:00")  // gone, but in flight
    bench.finish("fetch", "14:00")
    #expect(bench.look() == ["skipped compute 14:00"])
    bench.tick("14:10")
    bench.finish("infer", "14:10")
    bench.tick("15:00")
    #expect(
      bench.look() == [
        "start infer 14:10 cron", "coalesced infer 14:20", "coalesced infer 14:30",
        "coalesced infer 14:40", "coalesced infer 14:50", "start infer 15:00 cron",
        "start fetch 15:00 cron",
      ])
    #expect(bench.ledger.violations == [])
  }

  @Test func endsWhatWaitsOfAJobThatIsGone() throws {
    var bench = try PlannerBench(
      "a: { job: fetch, every: 1h, group: g }\nb: { job: fetch, every: 1h, group: g }", at: "13:59")
    bench.tick("14:00")
    bench.perform(
      bench.planner.reload(try PlannerBench.parse("a: { job: fetch, every: 1h }"), now: bench.now))
    #expect(bench.look() == ["start a 14:00 cron", "skipped b 14:00"])
    #expect(bench.reason("b", "14:00") == "no longer in the schedules file")
    // It returns: new, and never at slots that it had.
    bench.tick("13:00")
    bench.perform(
      bench.planner.reload(try PlannerBench.parse("b: { job: fetch, every: 1h }"), now: bench.now))
    bench.tick("14:00")
    #expect(bench.look() == [])
    bench.tick("15:00")
    #expect(bench.look() == ["start b 15:00 cron"])
    #expect(bench.ledger.violations == [])
  }

  @Test func keepsWaitingSlotsOverAReload() throws {
    var bench = try PlannerBench(
      "a: { job: fetch, every: 1h, group: g }\nb: { job: fetch, every: 1h, group: g }", at: "13:59")
    bench.tick("14:00")
    bench.news = []
    bench.perform(
      bench.planner.reload(
        try PlannerBench.parse(
          "b: { job: fetch, every: 1h, group: g, timeout: 1m }\na: { job: fetch, every: 1h, group: g }"
        ), now: bench.now))
    #expect(bench.look() == [])
    bench.finish("a", "14:00")
    #expect(bench.look() == ["start b 14:00 cron"])
  }

  @Test func recordsTheSlotsOfAPause() throws {
    var bench = try PlannerBench("fetch: { every: 1h }", at: "13:30")
    bench.perform(
      bench.planner.pause("fetch", until: PlannerBench.instant("15:30"), now: bench.now))
    bench.tick("14:00")
    #expect(bench.look() == ["skipped fetch 14:00"])
    #expect(bench.reason("fetch", "14:00") == "paused until 2026-11-20T15:30:00Z")
    bench.restart("16:40")  // the pause ended while nothing ran
    #expect(bench.look() == ["skipped fetch 15:00", "start fetch 16:00 catchup"])
    #expect(bench.ledger.marks["fetch"]?.since == PlannerBench.instant("15:30"))
    #expect(bench.ledger.marks["fetch"]?.pausedUntil == nil)
    bench.perform(bench.planner.pause("fetch", now: bench.now))
    bench.tick("17:00")
    bench.perform(bench.planner.resume("fetch", now: PlannerBench.instant("17:30")))
    bench.finish("fetch", "16:00")
    #expect(bench.look() == ["skipped fetch 17:00"])
    #expect(bench.reason("fetch", "17:00") == "paused")
    bench.tick("18:00")
    #expect(bench.look() == ["start fetch 18:00 cron"])
    #expect(bench.ledger.marks["fetch"]?.since == PlannerBench.instant("17:30"))
  }
}
