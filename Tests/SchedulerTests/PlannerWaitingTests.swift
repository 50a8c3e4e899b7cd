import Domain
import Scheduler
import Testing

/// What waits, for whom, and how long: overlaps, groups, workers, runs by hand, debts.
struct PlannerWaitingTests {
  @Test func skipsOrQueuesOverlaps() throws {
    var bench = try PlannerBench(
      "fetch: { every: 1m }\ncompute: { every: 1m, overlap: queue, deadline: 1h }", at: "13:59:30")
    bench.tick("14:00")
    bench.tick("14:01")
    #expect(
      bench.look() == ["start fetch 14:00 cron", "start compute 14:00 cron", "skipped fetch 14:01"])
    #expect(
      bench.reason("fetch", "14:01")
        == "the slot of 2026-11-20T14:00:00Z was still running (overlap: skip)")
    bench.tick("14:02")
    #expect(bench.look() == ["skipped fetch 14:02", "coalesced compute 14:01"])
    bench.finish("fetch", "14:00")
    bench.finish("compute", "14:00")
    #expect(bench.look() == ["start compute 14:02 cron"])
    bench.tick("14:03")
    #expect(bench.look() == ["start fetch 14:03 cron"])
  }

  @Test func runsOneOfAGroup() throws {
    var bench = try PlannerBench(
      """
      fetch: { every: 1h, group: net }
      snapshot: { every: 1h, group: net }
      compute: { every: 1h, group: net, deadline: 10m }
      """, at: "13:59")
    bench.tick("14:00")
    #expect(bench.look() == ["start fetch 14:00 cron"])
    bench.finish("fetch", "14:00")
    #expect(bench.look() == ["start snapshot 14:00 cron"])
    #expect(bench.planner.nextWake == PlannerBench.instant("14:10") + .milliseconds(1))
    bench.tick("14:11")
    #expect(bench.look() == ["missed compute 14:00"])
    bench.finish("snapshot", "14:00")
    bench.tick("15:00")
    #expect(bench.look() == ["start fetch 15:00 cron"])
  }

  @Test func startsNoMoreThanTheWorkersOldestFirst() throws {
    var bench = try PlannerBench(
      """
      a: { job: fetch, every: 1h }
      b: { job: fetch, every: 1h }
      c: { job: fetch, every: 30m }
      d: { job: compute, after: a }
      """, at: "13:45", workers: 2)
    bench.tick("14:00")
    #expect(bench.look() == ["start a 14:00 cron", "start b 14:00 cron"])
    bench.tick("14:30")  // c of 14:00 has waited until its next slot
    bench.finish("a", "14:00")
    #expect(bench.look() == ["coalesced c 14:00", "start d 14:00 after"])
    bench.finish("b", "14:00")
    #expect(bench.look() == ["start c 14:30 cron"])
  }

  @Test func waitsForARunByHand() throws {
    var bench = try PlannerBench("fetch: { every: 1h }", at: "13:59")
    let manual = Slot(job: "fetch", time: PlannerBench.instant("13:59:30"))
    bench.startByHand(manual)
    bench.tick("14:00")
    #expect(bench.look() == [])
    #expect(bench.planner.nextWake == PlannerBench.instant("14:00:01"))
    bench.tick("14:00:01")
    #expect(bench.look() == [])
    _ = bench.ledger.finish(manual, .succeeded, followers: [], now: bench.now)
    bench.perform(bench.planner.handle(.finished(manual, .succeeded, due: []), now: bench.now))
    #expect(bench.look() == ["start fetch 14:00 cron"])
  }

  @Test func waitsForAGroupThatAnotherProcessHolds() throws {
    var bench = try PlannerBench(
      "a: { job: fetch, every: 1h, group: g }\nb: { job: fetch, every: 1h, group: g }", at: "13:59")
    let manual = Slot(job: "x", time: PlannerBench.instant("13:59:30"))
    bench.startByHand(manual, group: "g")
    bench.tick("14:00")
    bench.tick("14:00:01")
    #expect(bench.look() == [])
    _ = bench.ledger.finish(manual, .succeeded, followers: [], now: bench.now)
    bench.tick("14:00:02")
    #expect(bench.look() == ["start a 14:00 cron"])
    bench.finish("a", "14:00")
    #expect(bench.look() == ["start b 14:00 cron"])
  }

  @Test func offersAgainWhenNoWorkerWasFree() throws {
    var bench = try PlannerBench("fetch: { every: 1h }", at: "13:59")
    let actions = bench.planner.tick(now: PlannerBench.instant("14:00"))
    guard case .start(let firing)? = actions.first else {
      Issue.record("\(actions)")
      return
    }
    let now = PlannerBench.instant("14:00")
    #expect(bench.planner.handle(.couldNotStart(firing.slot, because: .noWorker), now: now) == [])
    #expect(bench.planner.nextWake == PlannerBench.instant("14:00:01"))
    #expect(bench.planner.tick(now: PlannerBench.instant("14:00:01")) == [.start(firing)])
  }

  // Debts.

  @Test func paysDebtsWithinTheirDeadlines() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "14:00")
    bench.tick("14:01")
    bench.restart("14:30")
    #expect(bench.look() == ["start fetch 14:01 cron", "start fetch 14:01 cron"])
    bench.finish("fetch", "14:01")
    bench.finish("compute", "14:01")
    // Past 14:16 no orders.
    #expect(bench.look() == ["start compute 14:01 after", "missed rebalance 14:01"])
    bench.tick("15:01")
    bench.restart("16:30")
    #expect(
      bench.look() == [
        "start fetch 15:01 cron", "missed fetch 15:01", "start fetch 16:01 catchup",
      ])
    #expect(bench.reason("fetch", "15:01") == "too late: the latest start was 2026-11-20T16:01:00Z")
  }

  @Test func drainsAndResumesTheRestOfTheChain() throws {
    var bench = try PlannerBench(
      PlannerBench.chain
        + "\nsnapshot: { cron: \"1 * * * *\", group: g }\nother: { job: snapshot, cron: \"1 * * * *\", group: g }",
      at: "14:00")
    bench.tick("14:01")
    #expect(bench.look() == ["start fetch 14:01 cron", "start snapshot 14:01 cron"])
    bench.perform(bench.planner.drain(now: bench.now))
    #expect(
      bench.look() == [
        "deferred other 14:01", "deferred compute 14:01", "deferred rebalance 14:01",
      ])
    bench.finish("fetch", "14:01")
    bench.finish("snapshot", "14:01")
    bench.tick("15:01")
    #expect(bench.look() == [])
    #expect(bench.planner.nextWake == nil)
    #expect(bench.planner.inFlight == [])
    bench.restart("14:05")
    #expect(bench.look() == ["start compute 14:01 after", "start other 14:01 cron"])
    bench.finish("compute", "14:01")
    #expect(bench.look() == ["start rebalance 14:01 after"])
    #expect(bench.ledger.violations == [])
  }

  @Test func endsTheDeferredRestWhenTheRunInFlightFails() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "14:00")
    bench.tick("14:01")
    bench.perform(bench.planner.drain(now: bench.now))
    bench.finish("fetch", "14:01", .timedOut)
    #expect(bench.look().suffix(2) == ["skipped compute 14:01", "skipped rebalance 14:01"])
    #expect(bench.reason("rebalance", "14:01") == "fetch ended timed-out at this slot")
  }

  @Test func endsTheDeferredRestWhenTheDebtBeforeItIsTooLate() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "14:00")
    bench.tick("14:01")
    bench.perform(bench.planner.drain(now: bench.now))
    bench.news = []
    bench.restart("18:00")
    #expect(
      bench.look() == [
        "coalesced fetch 15:01", "coalesced fetch 16:01", "missed fetch 14:01",
        "skipped compute 14:01", "skipped rebalance 14:01", "start fetch 17:01 catchup",
      ])
  }

  /// The process died between the parent's failure and the record of what followed it.
  @Test func endsADebtWhoseParentFailedBefore() throws {
    var bench = try PlannerBench(PlannerBench.chain, at: "14:00")
    bench.tick("14:01")
    bench.perform(bench.planner.drain(now: bench.now))
    _ = bench.ledger.finish(
      Slot(job: "fetch", time: PlannerBench.instant("14:01")), .failed, followers: [],
      now: bench.now)
    bench.news = []
    bench.restart("14:02")
    #expect(bench.look() == ["skipped compute 14:01", "skipped rebalance 14:01"])
    #expect(bench.reason("compute", "14:01") == "fetch ended failed at this slot")
  }

  @Test func paysAnOlderDebtBeforeANewerSlot() throws {
    var bench = try PlannerBench("fetch: { cron: \"1 * * * *\", deadline: 5h }", at: "14:00")
    bench.tick("14:01")
    bench.news = []
    bench.restart("16:30")
    #expect(bench.look() == ["coalesced fetch 15:01", "start fetch 14:01 cron"])
    bench.finish("fetch", "14:01")
    #expect(bench.look() == ["start fetch 16:01 catchup"])
  }

  @Test func takesUpADebtThatAroseMeanwhile() throws {
    var bench = try PlannerBench("fetch: { every: 1h }", at: "13:30")
    let slot = Slot(job: "fetch", time: PlannerBench.instant("13:30:05"))
    bench.startByHand(slot)
    bench.ledger.reap()
    bench.perform(bench.planner.handle(.owed(bench.ledger.debts[0]), now: bench.now))
    #expect(bench.look() == ["start fetch 13:30:05 manual"])
    #expect(bench.firings[slot]?.followers == [])
  }
}
