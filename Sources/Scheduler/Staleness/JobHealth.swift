public import Domain

/// Whether a job's work is being done, told from its last success and its own schedule.
///
/// `staleAfter = next(max(last successful slot, since)) + time allowed + grace`, with the cadence of
/// the head of its chain, so that a weekend, a new job, an edit and a pause that ended are not stale,
/// and a job of every minute that is five minutes late is. A run by hand counts as a success; a slot that
/// has not come never does, whatever the ledger says of it.
public struct JobHealth: Hashable, Sendable {
  /// The states of a job.
  public enum State: String, CaseIterable, Sendable, CustomStringConvertible {
    /// It never succeeded, and need not have.
    case new
    /// Its last success is as fresh as its schedule asks.
    case up
    /// A run is under way, and there is time left for it.
    case running
    /// A run should have succeeded by now; its grace lasts.
    case late
    /// Stale: the grace is over.
    case down
    /// It, or a job before it in its chain, is paused.
    case paused

    /// The text on the screen.
    public var description: String { rawValue }
  }

  /// The job.
  public var job: JobName
  /// Its state.
  public var state: State
  /// The newest slot that succeeded.
  public var lastSuccessSlot: Instant?
  /// When that success ended.
  public var lastSuccess: Instant?
  /// Since when its timing holds: first seen, changed, or resumed, it or a job before it.
  public var since: Instant
  /// The slot whose success is awaited; nil when none comes any more.
  public var due: Instant?
  /// The time that its runs, and those before it in the chain, may take.
  public var timeAllowed: TimeSpan
  /// Its grace.
  public var grace: TimeSpan
  /// The instant after which it is stale; nil when it never is.
  public var staleAfter: Instant?
  /// The job of its chain that is paused.
  public var pausedJob: JobName?
  /// Until when, if the pause has an end.
  public var pausedUntil: Instant?

  /// The health of a job.
  ///
  /// - Parameters:
  ///   - job: A job of the schedule.
  ///   - schedule: The schedule.
  ///   - marks: The marks of the ledger; a job without one is as new as `now`.
  ///   - isRunning: Whether an attempt of it is under way.
  ///   - now: The time.
  public init(
    of job: ScheduledJob, in schedule: Schedule, marks: [JobName: JobMark], isRunning: Bool,
    now: Instant
  ) {
    let mark = marks[job.name]
    let chain = [job] + schedule.ancestors(of: job.name)
    self.job = job.name
    let success = mark?.lastSuccess.flatMap { $0.slot.isFromTheFuture(at: now) ? nil : $0 }
    (lastSuccessSlot, lastSuccess) = (success?.slot, success?.ended)
    // What began in the future, which a clock set back can leave, has begun.
    let began = chain.map { min(marks[$0.name]?.since ?? now, now) }.max() ?? now
    since = began
    (timeAllowed, grace) = (job.timeAllowed, job.grace)
    let due = schedule.cadence(of: job.name)?.next(after: max(lastSuccessSlot ?? began, began))
    let finished = due.map { [timeAllowed] in $0 + timeAllowed }
    self.due = due
    staleAfter = finished.map { [grace] in $0 + grace }

    let paused = chain.first { $0.paused || marks[$0.name]?.isPaused(at: now) == true }
    pausedJob = paused?.name
    pausedUntil = paused.flatMap { paused in
      paused.paused
        ? nil : marks[paused.name]?.pausedUntil.flatMap { $0 == .distantFuture ? nil : $0 }
    }
    state =
      if paused != nil {
        .paused
      } else if let staleAfter, now > staleAfter {
        .down
      } else if isRunning {
        .running
      } else if let finished, now > finished {
        .late
      } else {
        lastSuccess == nil ? .new : .up
      }
  }

  /// The health of all jobs, in the order of the file.
  ///
  /// - Parameters:
  ///   - schedule: The schedule.
  ///   - marks: The marks of the ledger.
  ///   - running: The jobs of which an attempt is under way.
  ///   - now: The time.
  public static func all(
    of schedule: Schedule, marks: [JobMark], running: Set<JobName>, now: Instant
  ) -> [JobHealth] {
    let marks = Dictionary(marks.map { ($0.job, $0) }, uniquingKeysWith: { first, _ in first })
    return schedule.jobs.map { job in
      JobHealth(
        of: job, in: schedule, marks: marks, isRunning: running.contains(job.name), now: now)
    }
  }

  /// In words, for a line of `health`: `stale: last success 2026-11-20T12:01:09Z, due
  /// 2026-11-20T13:01:00Z + 5m to run + grace 10m = 2026-11-20T13:16:00Z (51m31s ago)`.
  public func explanation(now: Instant) -> String {
    let last = lastSuccess.map { "last success \($0)" } ?? "no success since \(since)"
    guard state != .paused else {
      let which = pausedJob == job ? "paused" : "\(pausedJob?.text ?? "its chain") is paused"
      return which + (pausedUntil.map { " until \($0)" } ?? "") + "; \(last)"
    }
    guard let due, let staleAfter else { return "\(last), nothing is due any more" }
    let gone = now - staleAfter
    let distance = gone > .zero ? "\(gone.rounded) ago" : "in \((TimeSpan.zero - gone).rounded)"
    let sum = "due \(due) + \(timeAllowed) to run + grace \(grace) = \(staleAfter) (\(distance))"
    return switch state {
    case .down: "stale: \(last), \(sum)"
    case .late: "late: \(last), \(sum)"
    case .new, .up, .running, .paused: "\(last), \(sum)"
    }
  }
}

extension JobMark {
  /// Whether a pause by hand holds at an instant.
  public func isPaused(at time: Instant) -> Bool { pausedUntil.map { $0 >= time } ?? false }
}

extension Schedule {
  /// The jobs before a job in its chain, each once, nearest first.
  public func ancestors(of name: JobName) -> [ScheduledJob] {
    var result: [ScheduledJob] = []
    var seen: Set<JobName> = [name]
    var next = self[name]?.parents ?? []
    while !next.isEmpty {
      var further: [JobName] = []
      for parent in next where seen.insert(parent).inserted {
        guard let job = self[parent] else { continue }
        result.append(job)
        further += job.parents
      }
      next = further
    }
    return result
  }
}
