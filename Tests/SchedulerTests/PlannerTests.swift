import Domain
import Scheduler
import Testing

/// How slots fire, and what becomes of those that were missed, one story each. Times are of
/// 2026-11-20, UTC.
struct PlannerTests {
  // Firing.

  @Test func firesAHeadAtItsSlotsAndTheChainAfterIt() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "13:30")
    #expect(bench.look() == [])
    #expect(bench.planner.nextWake == PlannerBench.instant("14:01"))
    bench.tick("14:00:59")
    #expect(bench.look() == [])
    bench.tick("14:01")
    #expect(bench.look() == ["start fetch 14:01 cron"])
    #expect(bench.planner.nextWake == PlannerBench.instant("15:01"))
    bench.tick("14:01:10")
    #expect(bench.look() == [])
    bench.finish("fetch", "14:01")
    #expect(bench.look() == ["start compute 14:01 after"])
    bench.finish("compute", "14:01")
    #expect(bench.look() == ["start rebalance 14:01 after"])
    let firing = bench.firings[Slot(job: "rebalance", time: PlannerBench.instant("14:01"))]
    #expect(firing?.latestStart == PlannerBench.instant("14:16"))
    bench.finish("rebalance", "14:01")
    #expect(bench.look() == [])
    #expect(bench.ledger.violations == [])
  }

  @Test func doesNotRunWhatFollowsAFailure() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "14:00")
    bench.tick("14:01")
    bench.finish("fetch", "14:01", .failed)
    #expect(bench.look() == ["start fetch 14:01 cron"])
    bench.tick("15:01")
    #expect(bench.look() == ["start fetch 15:01 cron"])
  }

  @Test func joinsADiamondWhenBothSidesAreDone() throws {
    var bench = try PlannerBench(
      """
      fetch: { every: 1h }
      left: { job: compute, after: fetch }
      right: { job: compute, after: fetch }
      infer: { after: [left, right] }
      """, at: "13:59")
    bench.tick("14:00")
    bench.finish("fetch", "14:00")
    bench.finish("right", "14:00")
    #expect(
      bench.look() == [
        "start fetch 14:00 cron", "start left 14:00 after", "start right 14:00 after",
      ])
    bench.finish("left", "14:00")
    #expect(bench.look() == ["start infer 14:00 after"])
  }

  @Test func movesStartsByJitterAndKeepsSlots() throws {
    var bench = try PlannerBench("fetch: { every: 1h, jitter: 10m }", at: "13:30")
    let wake = try #require(bench.planner.nextWake)
    let offset = try #require(bench.schedule["fetch"]?.offset)
    #expect(offset > .zero && offset < .minutes(10))
    #expect(wake == PlannerBench.instant("14:00") + offset)
    bench.now = wake
    bench.perform(bench.planner.tick(now: wake))
    #expect(bench.look() == ["start fetch 14:00 cron"])
  }

  // Missed slots.

  @Test func catchesUpTheLatest() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "13:30")
    bench.tick("14:01")
    bench.finish("fetch", "14:01", .failed)
    bench.restart("17:20")
    #expect(
      bench.look() == [
        "start fetch 14:01 cron", "coalesced fetch 15:01", "coalesced fetch 16:01",
        "start fetch 17:01 catchup",
      ])
    #expect(bench.reason("fetch", "15:01") == "covered by the slot of 2026-11-20T17:01:00Z")
  }

  @Test func catchesUpNone() throws {
    var bench = try PlannerBench("rebalance: { every: 1h }", at: "13:30")
    bench.restart("15:00:20")
    #expect(bench.look() == ["missed rebalance 14:00", "missed rebalance 15:00"])
    #expect(
      bench.reason("rebalance", "15:00") == "fell due while nothing was running (catchup: none)")
    bench.tick("16:00")
    #expect(bench.look() == ["start rebalance 16:00 cron"])
  }

  @Test func catchesUpAllInOrder() throws {
    var bench = try PlannerBench(
      "fetch: { every: 1h, catchup: all }\ncompute: { after: fetch }", at: "13:30")
    bench.restart("16:20")
    #expect(bench.look() == ["start fetch 14:00 catchup"])
    bench.finish("fetch", "14:00")
    #expect(bench.look() == ["start compute 14:00 after", "start fetch 15:00 catchup"])
    bench.finish("fetch", "15:00")  // compute at 14:00 still runs
    #expect(bench.look() == ["start fetch 16:00 catchup"])
    bench.finish("compute", "14:00")
    #expect(bench.look() == ["start compute 15:00 after"])
    // A crash loses none of what waited.
    bench.restart("16:30")
    #expect(bench.look() == ["start compute 15:00 after", "start fetch 16:00 catchup"])
  }

  @Test func boundsWhatItRecordsOfALongGap() throws {
    var bench = try PlannerBench("fetch: { every: 1m }", at: "13:30:30")
    bench.restart("30T13:30:30")  // ten days of minutes: 14,400 slots
    let news = bench.look()
    #expect(news.count == Planner.maximumRecordedSlots)
    #expect(news.last == "start fetch 30T13:30 catchup")
    let first = try #require(bench.ledger.rows.keys.min())
    // 10,000 minutes (6 d 22 h 40 min) before and with 13:30 on the 30th.
    #expect(first.time == PlannerBench.instant("23T14:51"))
    #expect(
      bench.ledger.rows[first]?.reason?.contains(
        "stands also for the slots from 2026-11-20T13:31:00Z on") == true)
    #expect(bench.ledger.rows.values.count { $0.reason?.contains("stands also") == true } == 1)
  }

  @Test func boundsWhatWaitsUnderCatchupAll() throws {
    var bench = try PlannerBench("fetch: { every: 1m, catchup: all }", at: "00:00:30")
    bench.restart("18:00:30")  // 1,080 minutes
    let news = bench.look()
    #expect(news.count { $0.hasPrefix("coalesced") } == 80)
    #expect(news.last == "start fetch 01:21 catchup")  // 01:20 is the 80th minute
    #expect(bench.planner.waiting.count == 999)
    bench.tick("18:01")
    #expect(bench.look() == [])
    bench.tick("18:02")
    #expect(bench.look() == ["coalesced fetch 01:22"])
  }

  @Test func neverCatchesUpANewOrEditedJob() throws {
    var bench = try PlannerBench("fetch: { every: 1h }", at: "13:30")
    bench.schedule = try PlannerBench.parse("fetch: { every: 30m }\ncompute: { every: 1h }")
    bench.restart("17:20")
    #expect(bench.look() == [])
    bench.tick("17:30")
    #expect(bench.look() == ["start fetch 17:30 cron"])
    #expect(bench.ledger.marks["fetch"]?.since == PlannerBench.instant("17:20"))
  }

  // The clock.

  @Test func neverFiresASlotAgainWhenTheClockStepsBack() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "14:00")
    bench.tick("14:01")
    bench.finish("fetch", "14:01", .failed)
    bench.tick("13:00")
    bench.tick("14:01")
    #expect(bench.look() == ["start fetch 14:01 cron"])
    bench.restart("13:10")
    bench.tick("14:01")
    #expect(bench.look() == [])
    bench.tick("15:01")
    #expect(bench.look() == ["start fetch 15:01 cron"])
  }

  @Test func treatsAJumpAheadAsAGap() throws {
    var bench = try PlannerBench("fetch: { every: 1h }\nrebalance: { every: 1h }", at: "13:30")
    bench.tick("21T13:30")
    let news = bench.look()
    #expect(news.count { $0.hasPrefix("coalesced fetch") } == 23)
    #expect(news.count { $0.hasPrefix("missed rebalance") } == 24)
    #expect(news.contains("start fetch 21T13:00 catchup"))
  }

  @Test func holdsOrdersWhileTheClockIsSuspect() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "14:00")
    bench.perform(bench.planner.handle(.clockSuspect(true), now: bench.now))
    bench.tick("14:01")
    bench.finish("fetch", "14:01")
    bench.finish("compute", "14:01")
    #expect(bench.look() == ["start fetch 14:01 cron", "start compute 14:01 after"])
    #expect(bench.planner.waiting.map(\.reason) == ["the clock to be trusted"])
    bench.perform(bench.planner.handle(.clockSuspect(false), now: PlannerBench.instant("14:05")))
    #expect(bench.look() == ["start rebalance 14:01 after"])
    bench.finish("rebalance", "14:01")
    bench.perform(bench.planner.handle(.clockSuspect(true), now: bench.now))
    bench.tick("15:01")
    bench.finish("fetch", "15:01")
    bench.finish("compute", "15:01")
    #expect(bench.planner.nextWake == PlannerBench.instant("15:16") + .milliseconds(1))
    bench.tick("15:16")
    bench.news = []
    bench.now = PlannerBench.instant("15:16") + .milliseconds(1)
    bench.perform(bench.planner.tick(now: bench.now))
    #expect(bench.look() == ["missed rebalance 15:01"])
    #expect(
      bench.reason("rebalance", "15:01")
        == "too late: the latest start was 2026-11-20T15:16:00Z; it waited for the clock to be trusted"
    )
  }

  /// A process that started under a clock hours ahead does not take the slots after the correction
  /// for missed ones.
  @Test func forgetsAFutureBeginning() throws {
    var bench = try PlannerBench("rebalance: { every: 1h }", at: "18:30")
    bench.tick("13:30")
    bench.tick("14:00")
    #expect(bench.look() == ["start rebalance 14:00 cron"])
  }
}
