import Domain
import Jobs
import Scheduler
import Testing

@testable import Service

@Suite struct ShutdownStateTests {
  private let timeout = TimeSpan.seconds(60)

  @Test func drainsThenInterruptsThenAbandons() {
    var state = ShutdownState(drainTimeout: timeout)
    #expect(!state.isDraining)
    #expect(state.signal(at: .seconds(10)) == .drain)
    #expect(state.tick(at: .seconds(69)) == nil)
    #expect(state.nextDeadline == .seconds(70))
    #expect(state.tick(at: .seconds(70)) == .interrupt)
    #expect(state.tick(at: .seconds(79)) == nil)
    #expect(state.tick(at: .seconds(80)) == .abandon)
    #expect(state.tick(at: .seconds(90)) == nil)
    #expect(state.isInterrupted)
  }

  @Test func theSecondSignalInterruptsAtOnceAndFurtherOnesDoNothing() {
    var state = ShutdownState(drainTimeout: timeout)
    #expect(state.signal(at: .zero) == .drain)
    #expect(state.signal(at: .seconds(1)) == .interrupt)
    #expect(state.signal(at: .seconds(2)) == nil)
    #expect(state.nextDeadline == .seconds(11))
  }
}

@Suite struct ClockWatchTests {
  private let start = Instant(seconds: 1_700_000_000)

  @Test(
    arguments: [
      // wall seconds gone by, uptime seconds gone by, jump in seconds or nil
      (30, 30, nil), (32, 30, nil), (33, 30, 3), (86_430, 30, 86_400), (-7170, 30, -7200),
      (27, 30, -3), (3600, 3600, nil),  // a suspend: both clocks count it
    ] as [(Int64, Int64, Int64?)])
  func tellsJumpsFromTimePassing(_ wall: Int64, _ uptime: Int64, _ jump: Int64?) {
    var watch = ClockWatch(now: start, uptime: .zero)
    let seen = watch.look(now: start + .seconds(wall), uptime: .seconds(uptime))
    #expect(seen == jump.map { .seconds($0) })
  }

  @Test func whatAPersonOverruledIsKept() throws {
    let written = ClockTrust(overruled: start + .hours(5), reason: "the battery was empty")
    #expect(ClockTrust(written.text) == written)
    #expect(ClockTrust("yesterday it rained") == nil)
    #expect(ClockTrust("2026-01-01T00:00:00Z") == nil)
  }
}

@Suite struct WatchdogTests {
  private func activity(since: TimeSpan, timeout: TimeSpan) throws -> Runner.Activity {
    let slot = Slot(job: try #require(JobName("fetch")), time: .epoch)
    let policy = JobPolicy(kind: .fetch, timeout: timeout)
    return Runner.Activity(
      firing: Firing(slot: slot, trigger: .cron, policy: policy), since: since)
  }

  @Test func bitesWhenTheLoopStandsStill() {
    var judgement = WatchdogJudgement()
    var verdict: String?
    var ticks = 0
    while verdict == nil, ticks < 1000 {
      verdict = judgement.tick(beats: 7, activity: [], uptime: .seconds(Int64(ticks)))
      ticks += 1
    }
    #expect(ticks == Watchdog.loopLimitTicks + 1)
    #expect(verdict == "the scheduler loop has not turned for 90 s")
  }

  @Test func isQuietWhileTheLoopTurns() {
    var judgement = WatchdogJudgement()
    for tick in 0..<1000 {
      // The loop's longest sleep is 30 s.
      #expect(
        judgement.tick(beats: tick / 30, activity: [], uptime: .seconds(Int64(tick))) == nil)
    }
  }

  @Test func bitesWhenAJobDoesNotStopAtItsTimeout() throws {
    var judgement = WatchdogJudgement()
    let run = try activity(since: .seconds(100), timeout: .seconds(10))
    var verdict: String?
    var uptime: Int64 = 100
    while verdict == nil, uptime < 1000 {
      uptime += 1
      verdict = judgement.tick(beats: Int(uptime), activity: [run], uptime: .seconds(uptime))
    }
    // Past the time-out at 111, then 30 ticks, the first of them at 111.
    #expect(uptime == 140)
    #expect(verdict?.contains("past its time-out of 10s") == true)
  }

  @Test func aProcessThatWasSuspendedGetsItsTicksAnew() throws {
    var judgement = WatchdogJudgement()
    let run = try activity(since: .zero, timeout: .seconds(10))
    // One tick after an hour's suspend is one tick.
    #expect(judgement.tick(beats: 1, activity: [run], uptime: .hours(1)) == nil)
  }
}
