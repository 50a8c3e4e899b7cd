public import Domain
import Jobs
import Synchronization

/// What the process knows of itself without asking the database: whether its loop turns, whether it
/// drains, how its runs went since it started.
///
/// The loop tells it; the HTTP server reads it from other threads.
public final class Vitals: Sendable {
  /// When the process started.
  public let started: Instant
  private let lastBeat: Atomic<Int64>
  private let lastTurn: Atomic<Int64>
  private let draining = Atomic<Bool>(false)
  private let note = Mutex<StorageNote?>(nil)
  private let runs = Mutex(Runs())
  private let conditions = Mutex<Conditions?>(nil)

  private struct Runs {
    var begun: [Slot: TimeSpan] = [:]
    var figures: [JobName: RunFigures] = [:]
  }

  /// How the runs of one job went since the process started.
  struct RunFigures: Hashable, Sendable {
    /// From claim to end, back-offs included.
    var durations = Histogram(boundsMilliseconds: Histogram.durationBoundsMilliseconds)
    /// From slot to claim.
    var delays = Histogram(boundsMilliseconds: Histogram.delayBoundsMilliseconds)
    /// How long models took to score, of jobs that ask one.
    var scoring = Histogram(boundsMilliseconds: Histogram.answerBoundsMilliseconds)
  }

  /// Vitals of a process that starts now; its loop counts as turned.
  public init(now: Instant, uptime: TimeSpan) {
    started = now
    lastBeat = Atomic(uptime.milliseconds)
    lastTurn = Atomic(now.milliseconds)
  }

  /// Whose jobs' conditions these are: the gate counts there what it refused.
  func watch(_ conditions: Conditions) { self.conditions.withLock { $0 = conditions } }

  /// How often the gate refused an order.
  var refusals: [Conditions.GateRefusals: Int] {
    conditions.withLock { $0?.refusals ?? [:] }
  }

  /// The loop turned.
  func beat(now: Instant, uptime: TimeSpan) {
    lastBeat.store(uptime.milliseconds, ordering: .relaxed)
    lastTurn.store(now.milliseconds, ordering: .relaxed)
  }

  /// When the loop last turned, by the wall clock.
  var turned: Instant { Instant(milliseconds: lastTurn.load(ordering: .relaxed)) }

  /// How long ago the loop turned, whatever was done to the wall clock since.
  func silence(uptime: TimeSpan) -> TimeSpan {
    uptime - TimeSpan(milliseconds: lastBeat.load(ordering: .relaxed))
  }

  /// Whether shutdown has begun.
  var isDraining: Bool {
    get { draining.load(ordering: .relaxed) }
    set { draining.store(newValue, ordering: .relaxed) }
  }

  /// What is wrong with the storage; nil when nothing is.
  var storage: StorageNote? {
    get { note.withLock { $0 } }
    set { note.withLock { $0 = newValue } }
  }

  /// A run was claimed.
  func started(_ run: ClaimedRun, now: Instant, uptime: TimeSpan) {
    let slot = run.firing.slot
    runs.withLock {
      $0.begun[slot] = uptime
      $0.figures[slot.job, default: RunFigures()].delays.observe(now - slot.time)
    }
  }

  /// A run has ended; `scoring` is how long its model took, if it asked one.
  func ended(_ run: ClaimedRun, uptime: TimeSpan, scoring: TimeSpan? = nil) {
    let slot = run.firing.slot
    runs.withLock {
      guard let begun = $0.begun.removeValue(forKey: slot) else { return }
      $0.figures[slot.job, default: RunFigures()].durations.observe(uptime - begun)
      if let scoring { $0.figures[slot.job, default: RunFigures()].scoring.observe(scoring) }
    }
  }

  /// How the runs of a job went; nil when there were none.
  func figures(_ job: JobName) -> RunFigures? { runs.withLock { $0.figures[job] } }
}
