import Domain
import Scheduler
import StrictYAML
import Testing

/// The planner's rules, one story each. Times are of 2026-11-20, UTC.
struct PlannerTests {
  /// A planner with a ledger, driven by hand.
  struct Bench {
    var schedule: Schedule
    var ledger = TestLedger()
    var planner: Planner
    var now: Instant
    var workers: Int
    /// What happened since the last look, one line each: `start fetch 14:01`, `coalesced ...`.
    var news: [String] = []
    var firings: [Slot: Firing] = [:]

    init(_ jobs: String, at time: String, workers: Int = .max) throws {
      schedule = try Self.parse(jobs)
      now = Self.instant(time)
      self.workers = workers
      planner = ledger.planner(for: schedule, workers: workers, now: now)
      tick(time)
    }

    static func parse(_ jobs: String) throws -> Schedule {
      let lines = jobs.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
      return try Schedule.parse("version: 1\njobs:\n\(lines)\n", file: "f")
    }

    /// `14:01`, `14:01:30`, or with a day: `21T14:01`.
    static func instant(_ text: String) -> Instant {
      let day = text.contains("T") ? "2026-11-\(text)" : "2026-11-20T\(text)"
      return Instant(rfc3339: day + "Z")!
    }

    mutating func tick(_ time: String) {
      now = Self.instant(time)
      perform(planner.tick(now: now))
    }

    mutating func finish(_ job: String, _ slot: String, _ state: RunState = .succeeded) {
      let slot = Slot(job: JobName(job)!, time: Self.instant(slot))
      let due = ledger.finish(slot, state, followers: firings[slot]?.followers ?? [])
      perform(planner.handle(.finished(slot, state, due: due), now: now))
    }

    mutating func perform(_ actions: [PlannerAction]) {
      for action in actions {
        switch action {
        case .start(let firing):
          firings[firing.slot] = firing
          let claim = ledger.claim(firing, now: now)
          switch claim {
          case .claimed: news.append("start \(short(firing.slot)) \(firing.trigger)")
          case .refused(let obstacle):
            perform(planner.handle(.couldNotStart(firing.slot, because: obstacle), now: now))
          }
        case .record(let slot, let trigger, let state, let reason):
          ledger.record(slot, trigger, state, reason)
          news.append("\(state) \(short(slot))")
        case .saveMark(let mark): ledger.save(mark)
        }
      }
    }

    /// The process dies, and another one starts.
    mutating func restart(_ time: String) {
      ledger.crash()
      now = Self.instant(time)
      planner = ledger.planner(for: schedule, workers: workers, now: now)
      tick(time)
    }

    /// What happened since the last look.
    mutating func look() -> [String] {
      defer { news = [] }
      return news
    }

    func reason(_ job: String, _ slot: String) -> String? {
      ledger.rows[Slot(job: JobName(job)!, time: Self.instant(slot))]?.reason
    }

    private func short(_ slot: Slot) -> String {
      let text = slot.time.description
      let day = text.dropFirst(8).prefix(2)
      let time = text.dropFirst(11).dropLast(text.hasSuffix(":00Z") ? 4 : 1)
      return "\(slot.job) \(day == "20" ? "" : day + "T")\(time)"
    }
  }

  static let chain = """
    fetch: { cron: "1 * * * *" }
    compute: { after: fetch }
    rebalance: { after: compute }
    """

  // Firing.

  @Test func firesAHeadAtItsSlotsAndTheChainAfterIt() throws {
    var bench = try Bench(Self.chain, at: "13:30")
    #expect(bench.look() == [])
    #expect(bench.planner.nextWake == Bench.instant("14:01"))
    bench.tick("14:00:59")
    #expect(bench.look() == [])
    bench.tick("14:01")
    #expect(bench.look() == ["start fetch 14:01 cron"])
    #expect(bench.planner.nextWake == Bench.instant("15:01"))
    bench.tick("14:01:10")
    #expect(bench.look() == [])
    bench.finish("fetch", "14:01")
    #expect(bench.look() == ["start compute 14:01 after"])
    bench.finish("compute", "14:01")
    #expect(bench.look() == ["start rebalance 14:01 after"])
    let firing = bench.firings[Slot(job: "rebalance", time: Bench.instant("14:01"))]
    #expect(firing?.latestStart == Bench.instant("14:16"))
    bench.finish("rebalance", "14:01")
    #expect(bench.look() == [])
    #expect(bench.ledger.violations == [])
  }

  @Test func doesNotRunWhatFollowsAFailure() throws {
    var bench = try Bench(Self.chain, at: "14:00")
    bench.tick("14:01")
    bench.finish("fetch", "14:01", .failed)
    #expect(bench.look() == ["start fetch 14:01 cron"])
    bench.tick("15:01")
    #expect(bench.look() == ["start fetch 15:01 cron"])
  }

  @Test func joinsADiamondWhenBothSidesAreDone() throws {
    var bench = try Bench(
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
    var bench = try Bench("fetch: { every: 1h, jitter: 10m }", at: "13:30")
    let wake = try #require(bench.planner.nextWake)
    let offset = try #require(bench.schedule["fetch"]?.offset)
    #expect(offset > .zero && offset < .minutes(10))
    #expect(wake == Bench.instant("14:00") + offset)
    bench.now = wake
    bench.perform(bench.planner.tick(now: wake))
    #expect(bench.look() == ["start fetch 14:00 cron"])
  }

  // Missed slots.

  @Test func catchesUpTheLatest() throws {
    var bench = try Bench(Self.chain, at: "13:30")
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
    var bench = try Bench("rebalance: { every: 1h }", at: "13:30")
    bench.restart("15:00:20")
    #expect(bench.look() == ["missed rebalance 14:00", "missed rebalance 15:00"])
    #expect(
      bench.reason("rebalance", "15:00") == "fell due while nothing was running (catchup: none)")
    bench.tick("16:00")
    #expect(bench.look() == ["start rebalance 16:00 cron"])
  }

  @Test func catchesUpAllInOrder() throws {
    var bench = try Bench(
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
    var bench = try Bench("fetch: { every: 1m }", at: "13:30:30")
    bench.restart("30T13:30:30")  // ten days of minutes: 14,400 slots
    let news = bench.look()
    #expect(news.count == Planner.maximumRecordedSlots)
    #expect(news.last == "start fetch 30T13:30 catchup")
    let first = try #require(bench.ledger.rows.keys.min())
    // 10,000 minutes (6 d 22 h 40 min) before and with 13:30 on the 30th.
    #expect(first.time == Bench.instant("23T14:51"))
    #expect(
      bench.ledger.rows[first]?.reason?.contains(
        "stands also for the slots from 2026-11-20T13:31:00Z on") == true)
    #expect(bench.ledger.rows.values.count { $0.reason?.contains("stands also") == true } == 1)
  }

  @Test func boundsWhatWaitsUnderCatchupAll() throws {
    var bench = try Bench("fetch: { every: 1m, catchup: all }", at: "00:00:30")
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
    var bench = try Bench("fetch: { every: 1h }", at: "13:30")
    bench.schedule = try Bench.parse("fetch: { every: 30m }\ncompute: { every: 1h }")
    bench.restart("17:20")
    #expect(bench.look() == [])
    bench.tick("17:30")
    #expect(bench.look() == ["start fetch 17:30 cron"])
    #expect(bench.ledger.marks["fetch"]?.since == Bench.instant("17:20"))
  }

  // The clock.

  @Test func neverFiresASlotAgainWhenTheClockStepsBack() throws {
    var bench = try Bench(Self.chain, at: "14:00")
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
    var bench = try Bench("fetch: { every: 1h }\nrebalance: { every: 1h }", at: "13:30")
    bench.tick("21T13:30")
    let news = bench.look()
    #expect(news.count { $0.hasPrefix("coalesced fetch") } == 23)
    #expect(news.count { $0.hasPrefix("missed rebalance") } == 24)
    #expect(news.contains("start fetch 21T13:00 catchup"))
  }

  @Test func holdsOrdersWhileTheClockIsSuspect() throws {
    var bench = try Bench(Self.chain, at: "14:00")
    bench.perform(bench.planner.handle(.clockSuspect(true), now: bench.now))
    bench.tick("14:01")
    bench.finish("fetch", "14:01")
    bench.finish("compute", "14:01")
    #expect(bench.look() == ["start fetch 14:01 cron", "start compute 14:01 after"])
    #expect(bench.planner.waiting.map(\.reason) == ["the clock to be trusted"])
    bench.perform(bench.planner.handle(.clockSuspect(false), now: Bench.instant("14:05")))
    #expect(bench.look() == ["start rebalance 14:01 after"])
    bench.finish("rebalance", "14:01")
    bench.perform(bench.planner.handle(.clockSuspect(true), now: bench.now))
    bench.tick("15:01")
    bench.finish("fetch", "15:01")
    bench.finish("compute", "15:01")
    #expect(bench.planner.nextWake == Bench.instant("15:16") + .milliseconds(1))
    bench.tick("15:16")
    bench.news = []
    bench.now = Bench.instant("15:16") + .milliseconds(1)
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
    var bench = try Bench("rebalance: { every: 1h }", at: "18:30")
    bench.tick("13:30")
    bench.tick("14:00")
    #expect(bench.look() == ["start rebalance 14:00 cron"])
  }

  // Overlap, groups, workers, runs by hand.

  @Test func skipsOrQueuesOverlaps() throws {
    var bench = try Bench(
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
    var bench = try Bench(
      """
      fetch: { every: 1h, group: net }
      snapshot: { every: 1h, group: net }
      compute: { every: 1h, group: net, deadline: 10m }
      """, at: "13:59")
    bench.tick("14:00")
    #expect(bench.look() == ["start fetch 14:00 cron"])
    bench.finish("fetch", "14:00")
    #expect(bench.look() == ["start snapshot 14:00 cron"])
    #expect(bench.planner.nextWake == Bench.instant("14:10") + .milliseconds(1))
    bench.tick("14:11")
    #expect(bench.look() == ["missed compute 14:00"])
    bench.finish("snapshot", "14:00")
    bench.tick("15:00")
    #expect(bench.look() == ["start fetch 15:00 cron"])
  }

  @Test func startsNoMoreThanTheWorkersOldestFirst() throws {
    var bench = try Bench(
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
    var bench = try Bench("fetch: { every: 1h }", at: "13:59")
    let manual = Slot(job: "fetch", time: Bench.instant("13:59:30"))
    bench.ledger.startManual(manual, group: nil)
    bench.tick("14:00")
    #expect(bench.look() == [])
    #expect(bench.planner.nextWake == Bench.instant("14:00:01"))
    bench.tick("14:00:01")
    #expect(bench.look() == [])
    bench.ledger.endManual(manual)
    bench.perform(bench.planner.handle(.finished(manual, .succeeded, due: []), now: bench.now))
    #expect(bench.look() == ["start fetch 14:00 cron"])
  }

  @Test func waitsForAGroupThatAnotherProcessHolds() throws {
    var bench = try Bench(
      "a: { job: fetch, every: 1h, group: g }\nb: { job: fetch, every: 1h, group: g }", at: "13:59")
    let manual = Slot(job: "x", time: Bench.instant("13:59:30"))
    bench.ledger.startManual(manual, group: "g")
    bench.tick("14:00")
    bench.tick("14:00:01")
    #expect(bench.look() == [])
    bench.ledger.endManual(manual)
    bench.tick("14:00:02")
    #expect(bench.look() == ["start a 14:00 cron"])
    bench.finish("a", "14:00")
    #expect(bench.look() == ["start b 14:00 cron"])
  }

  @Test func offersAgainWhenNoWorkerWasFree() throws {
    var bench = try Bench("fetch: { every: 1h }", at: "13:59")
    let actions = bench.planner.tick(now: Bench.instant("14:00"))
    guard case .start(let firing)? = actions.first else {
      Issue.record("\(actions)")
      return
    }
    let now = Bench.instant("14:00")
    #expect(bench.planner.handle(.couldNotStart(firing.slot, because: .noWorker), now: now) == [])
    #expect(bench.planner.nextWake == Bench.instant("14:00:01"))
    #expect(bench.planner.tick(now: Bench.instant("14:00:01")) == [.start(firing)])
  }

  // Debts.

  @Test func paysDebtsWithinTheirDeadlines() throws {
    var bench = try Bench(Self.chain, at: "14:00")
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
    var bench = try Bench(
      Self.chain
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
    var bench = try Bench(Self.chain, at: "14:00")
    bench.tick("14:01")
    bench.perform(bench.planner.drain(now: bench.now))
    bench.finish("fetch", "14:01", .timedOut)
    #expect(bench.look().suffix(2) == ["skipped compute 14:01", "skipped rebalance 14:01"])
    #expect(bench.reason("rebalance", "14:01") == "fetch ended timed-out at this slot")
  }

  @Test func endsTheDeferredRestWhenTheDebtBeforeItIsTooLate() throws {
    var bench = try Bench(Self.chain, at: "14:00")
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
    var bench = try Bench(Self.chain, at: "14:00")
    bench.tick("14:01")
    bench.perform(bench.planner.drain(now: bench.now))
    _ = bench.ledger.finish(
      Slot(job: "fetch", time: Bench.instant("14:01")), .failed, followers: [])
    bench.news = []
    bench.restart("14:02")
    #expect(bench.look() == ["skipped compute 14:01", "skipped rebalance 14:01"])
    #expect(bench.reason("compute", "14:01") == "fetch ended failed at this slot")
  }

  @Test func paysAnOlderDebtBeforeANewerSlot() throws {
    var bench = try Bench("fetch: { cron: \"1 * * * *\", deadline: 5h }", at: "14:00")
    bench.tick("14:01")
    bench.news = []
    bench.restart("16:30")
    #expect(bench.look() == ["coalesced fetch 15:01", "start fetch 14:01 cron"])
    bench.finish("fetch", "14:01")
    #expect(bench.look() == ["start fetch 16:01 catchup"])
  }

  @Test func takesUpADebtThatAroseMeanwhile() throws {
    var bench = try Bench("fetch: { every: 1h }", at: "13:30")
    let slot = Slot(job: "fetch", time: Bench.instant("13:30:05"))
    bench.ledger.startManual(slot, group: nil)
    bench.ledger.crash()
    bench.perform(bench.planner.handle(.owed(bench.ledger.debts[0]), now: bench.now))
    #expect(bench.look() == ["start fetch 13:30:05 manual"])
    #expect(bench.firings[slot]?.followers == [])
  }

  // Edits and pauses.

  @Test func reloadsWithoutDisturbing() throws {
    var bench = try Bench(
      "fetch: { every: 1h }\ncompute: { after: fetch }\nsnapshot: { every: 1h }", at: "13:59")
    bench.tick("14:00")
    bench.news = []
    let new = try Bench.parse(
      "infer: { every: 10m }\nfetch: { every: 1h, timeout: 9m }\ncompute: { after: fetch, paused: true }"
    )
    bench.now = Bench.instant("14:05")
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
    var bench = try Bench(
      "a: { job: fetch, every: 1h, group: g }\nb: { job: fetch, every: 1h, group: g }", at: "13:59")
    bench.tick("14:00")
    bench.perform(
      bench.planner.reload(try Bench.parse("a: { job: fetch, every: 1h }"), now: bench.now))
    #expect(bench.look() == ["start a 14:00 cron", "skipped b 14:00"])
    #expect(bench.reason("b", "14:00") == "no longer in the schedules file")
    // It returns: new, and never at slots that it had.
    bench.tick("13:00")
    bench.perform(
      bench.planner.reload(try Bench.parse("b: { job: fetch, every: 1h }"), now: bench.now))
    bench.tick("14:00")
    #expect(bench.look() == [])
    bench.tick("15:00")
    #expect(bench.look() == ["start b 15:00 cron"])
    #expect(bench.ledger.violations == [])
  }

  @Test func keepsWaitingSlotsOverAReload() throws {
    var bench = try Bench(
      "a: { job: fetch, every: 1h, group: g }\nb: { job: fetch, every: 1h, group: g }", at: "13:59")
    bench.tick("14:00")
    bench.news = []
    bench.perform(
      bench.planner.reload(
        try Bench.parse(
          "b: { job: fetch, every: 1h, group: g, timeout: 1m }\na: { job: fetch, every: 1h, group: g }"
        ), now: bench.now))
    #expect(bench.look() == [])
    bench.finish("a", "14:00")
    #expect(bench.look() == ["start b 14:00 cron"])
  }

  @Test func recordsTheSlotsOfAPause() throws {
    var bench = try Bench("fetch: { every: 1h }", at: "13:30")
    bench.perform(bench.planner.pause("fetch", until: Bench.instant("15:30"), now: bench.now))
    bench.tick("14:00")
    #expect(bench.look() == ["skipped fetch 14:00"])
    #expect(bench.reason("fetch", "14:00") == "paused until 2026-11-20T15:30:00Z")
    bench.restart("16:40")  // the pause ended while nothing ran
    #expect(bench.look() == ["skipped fetch 15:00", "start fetch 16:00 catchup"])
    #expect(bench.ledger.marks["fetch"]?.since == Bench.instant("15:30"))
    #expect(bench.ledger.marks["fetch"]?.pausedUntil == nil)
    bench.perform(bench.planner.pause("fetch", now: bench.now))
    bench.tick("17:00")
    bench.perform(bench.planner.resume("fetch", now: Bench.instant("17:30")))
    bench.finish("fetch", "16:00")
    #expect(bench.look() == ["skipped fetch 17:00"])
    #expect(bench.reason("fetch", "17:00") == "paused")
    bench.tick("18:00")
    #expect(bench.look() == ["start fetch 18:00 cron"])
    #expect(bench.ledger.marks["fetch"]?.since == Bench.instant("17:30"))
  }
}
