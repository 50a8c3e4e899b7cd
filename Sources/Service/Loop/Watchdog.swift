import CLinux
import Domain
import Jobs
import Logging
import Synchronization

/// Ends the process when it is alive but no longer works, since Docker restarts what exits and never
/// what is merely unhealthy.
///
/// A plain thread that shares nothing with Swift's executors. It counts its own ticks instead of
/// asking a clock, so a process that was stopped or suspended for an hour is not taken for dead.
final class Watchdog: Sendable {
  /// The loop must turn within this many ticks of a second: three of its longest sleeps.
  static let loopLimitTicks = 3 * Int(Alarm.longestSleepSeconds)
  /// A job that was told to stop at its time-out must do so within this many more ticks.
  static let overdueLimitTicks = 30

  private let beats = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)

  /// The loop turned.
  func beat() { beats.add(1, ordering: .relaxed) }

  /// The process ends in order; the watchdog must not interfere.
  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// Starts the thread. `bite` is called once, with the reason, and must end the process.
  func start(
    activity: @escaping @Sendable () -> [Runner.Activity],
    uptime: @escaping @Sendable () -> TimeSpan,
    bite: @escaping @Sendable (String) -> Never
  ) throws(Fault) {
    try PlainThread { [self] in
      carillon_name_thread("watchdog")
      var judgement = WatchdogJudgement()
      while !isStopped.load(ordering: .relaxed) {
        SystemTime.block(for: .seconds(1))
        let verdict = judgement.tick(
          beats: beats.load(ordering: .relaxed), activity: activity(), uptime: uptime())
        if let verdict, !isStopped.load(ordering: .relaxed) { bite(verdict) }
      }
    }
  }
}

/// What the watchdog concludes from one tick to the next: a value, so that it can be tested.
struct WatchdogJudgement {
  private var lastBeats = -1
  private var silentTicks = 0
  private var overdueTicks: [Slot: Int] = [:]

  /// One tick of about a second. Returns why the process must end, or nil.
  mutating func tick(beats: Int, activity: [Runner.Activity], uptime: TimeSpan) -> String? {
    silentTicks = beats == lastBeats ? silentTicks + 1 : 0
    lastBeats = beats
    if silentTicks >= Watchdog.loopLimitTicks {
      return "the scheduler loop has not turned for \(silentTicks) s"
    }
    var overdue: [Slot: Int] = [:]
    for run in activity where !run.isBackingOff {
      let timeout = run.firing.policy.timeout
      guard uptime - run.since > timeout else { continue }
      let ticks = (overdueTicks[run.firing.slot] ?? 0) + 1
      if ticks >= Watchdog.overdueLimitTicks {
        return "\(run.firing.slot) is past its time-out of \(timeout) and does not stop"
      }
      overdue[run.firing.slot] = ticks
    }
    overdueTicks = overdue
    return nil
  }
}
