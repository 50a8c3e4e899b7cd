import Domain
import Scheduler
import Testing

/// Slots that a person cancels while they wait.
struct PlannerCancelTests {
  private static func cancel(_ job: JobName, _ time: String, _ bench: inout PlannerBench) {
    let slot = Slot(job: job, time: PlannerBench.instant(time))
    bench.perform(
      bench.planner.cancel([(slot: slot, reason: .cancelled(nil))], now: bench.now))
  }

  @Test func aWaitingSlotEndsSkippedAndItsGroupGoesOn() throws {
    var bench = try PlannerBench(
      """
      a: { job: fetch, every: 1h, group: g }
      b: { job: fetch, every: 1h, group: g }
      c: { job: fetch, every: 1h, group: g }
      """, at: "13:59")
    bench.tick("14:00")
    Self.cancel("b", "14:00", &bench)
    #expect(bench.look() == ["start a 14:00 cron", "skipped b 14:00"])
    #expect(bench.reason("b", "14:00") == "cancelled by hand")
    bench.finish("a", "14:00")
    #expect(bench.look() == ["start c 14:00 cron"])
    bench.finish("c", "14:00")
    bench.tick("15:00")
    bench.finish("a", "15:00")
    #expect(bench.look() == ["start a 15:00 cron", "start b 15:00 cron"])
    #expect(bench.ledger.violations == [])
  }

  /// What has no place in a queue: unknown, in flight, ended, of the future.
  @Test(arguments: [("nobody", "14:00"), ("a", "14:00"), ("a", "13:00"), ("a", "15:00")])
  func leavesAloneWhatDoesNotWait(_ job: String, _ time: String) throws {
    var bench = try PlannerBench("a: { job: fetch, every: 1h }", at: "12:59")
    bench.tick("13:00")
    bench.finish("a", "13:00")
    bench.tick("14:00")
    bench.news = []
    Self.cancel(try #require(JobName(job)), time, &bench)
    #expect(bench.look() == [])
    bench.finish("a", "14:00")
    bench.tick("15:00")
    #expect(bench.look() == ["start a 15:00 cron"])
    #expect(bench.ledger.violations == [])
  }

  @Test func theMarkNeverPassesASlotWithoutARow() throws {
    var bench = try PlannerBench(
      "a: { job: fetch, every: 1h, catchup: all }", at: "09:30", workers: 1)
    bench.tick("10:00")
    bench.tick("14:30")
    bench.news = []
    Self.cancel("a", "13:00", &bench)
    #expect(bench.look() == ["deferred a 11:00", "deferred a 12:00", "skipped a 13:00"])
    bench.restart("14:31")  // at once: nothing is lost
    bench.finish("a", "10:00")
    bench.finish("a", "11:00")
    bench.finish("a", "12:00")
    #expect(
      bench.look() == [
        "start a 10:00 cron", "start a 11:00 catchup", "start a 12:00 catchup",
        "start a 14:00 catchup",
      ])
    #expect(bench.ledger.violations == [])
  }

  @Test func aDebtThatIsCancelledTakesItsFollowersWithIt() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "14:00")
    bench.tick("14:01")
    bench.perform(bench.planner.drain(now: bench.now))
    bench.ledger.reap()
    bench.news = []
    bench.planner = bench.ledger.planner(for: bench.schedule, workers: .max, now: bench.now)
    Self.cancel("fetch", "14:01", &bench)
    #expect(
      bench.look() == ["skipped fetch 14:01", "skipped compute 14:01", "skipped rebalance 14:01"])
    bench.tick("14:02")
    #expect(bench.look() == [])
    #expect(bench.ledger.violations == [])
  }
}
