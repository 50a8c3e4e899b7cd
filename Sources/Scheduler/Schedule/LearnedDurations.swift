public import Domain
public import StrictYAML

/// How long the newest successful runs of jobs took, and what that means for their schedule.
public struct LearnedDurations: Hashable, Sendable {
  /// How long runs of each job took; jobs that never succeeded are left out.
  public var jobs: [JobName: DurationSample]

  /// So many of the newest successes of a job are learned from.
  public static let learnedRuns = 200
  /// Fewer successes than this say little, and give no warning.
  public static let fewestRuns = 20

  /// The durations of these jobs.
  public init(_ jobs: [JobName: DurationSample]) { self.jobs = jobs }

  /// Chains that mostly need longer than the time to their next slot, and jobs that a stop may not
  /// wait for, each told at the job that it concerns.
  ///
  /// - Parameters:
  ///   - schedule: What the durations are held against.
  ///   - now: From when on the slots are looked at.
  ///   - stopGrace: How long the supervisor waits after SIGTERM before it kills, if that is known.
  public func warnings(
    of schedule: Schedule, now: Instant, stopGrace: TimeSpan? = nil
  ) -> [Diagnostic] {
    guard !jobs.isEmpty else { return [] }
    return schedule.jobs.compactMap { job in
      guard !job.paused else { return nil }
      return chainWarning(job, schedule, now: now)
    }
      + schedule.jobs.compactMap { job in
        stopGrace.flatMap { stopWarning(job, stopGrace: $0) }
      }
  }

  private func chainWarning(
    _ head: ScheduledJob, _ schedule: Schedule, now: Instant
  ) -> Diagnostic? {
    guard let cadence = head.cadence else { return nil }
    let (path, total) = longestPath(from: head.name, in: schedule)
    guard total > .zero, let interval = Self.shortestInterval(of: cadence, after: now),
      total > interval
    else { return nil }
    let names = path.map { "`\($0)`" }.joined(separator: " → ")
    return Diagnostic(
      .warning, at: head.location, length: head.name.text.count,
      "\(names): 95 of 100 runs take up to \(total.rounded), and slots follow each other after \(interval)",
      mend: "give the chain a longer interval, or expect skipped slots")
  }

  private func stopWarning(_ job: ScheduledJob, stopGrace: TimeSpan) -> Diagnostic? {
    guard let longest = reliable(job.name)?.nearlyAll, longest > stopGrace else { return nil }
    return Diagnostic(
      .warning, at: job.location, length: job.name.text.count,
      "`\(job.name)`: 95 of 100 runs take up to \(longest.rounded), longer than the stop grace of \(stopGrace)",
      mend: "raise CARILLON_STOP_GRACE (and stop_grace_period), or a stop may interrupt it")
  }

  private func reliable(_ job: JobName) -> DurationSample? {
    jobs[job].flatMap { $0.count >= Self.fewestRuns ? $0 : nil }
  }

  /// The path through a chain that takes longest, by the 95th percentiles of its jobs.
  private func longestPath(
    from head: JobName, in schedule: Schedule
  ) -> (path: [JobName], total: TimeSpan) {
    var longest: [JobName: (path: [JobName], total: TimeSpan)] = [:]
    let names = [head] + schedule.descendants(of: head)
    for name in names {
      let before = (schedule[name]?.parents ?? []).compactMap { longest[$0] }
        .max { $0.total < $1.total }
      let own = reliable(name)?.nearlyAll ?? .zero
      longest[name] = ((before?.path ?? []) + [name], (before?.total ?? .zero) + own)
    }
    // Of equal paths the first in the file: the same file gives the same words.
    return names.sorted { (schedule.index(of: $0) ?? 0) < (schedule.index(of: $1) ?? 0) }
      .compactMap { longest[$0] }
      .reduce(([], .zero)) { $1.total > $0.1 ? ($1.path, $1.total) : $0 }
  }

  /// The shortest time between two of the next slots.
  private static func shortestInterval(of cadence: Cadence, after now: Instant) -> TimeSpan? {
    var shortest: TimeSpan?
    guard var slot = cadence.next(after: now) else { return nil }
    for _ in 0..<lookAheadSlots {
      guard let next = cadence.next(after: slot) else { break }
      shortest = min(shortest ?? next - slot, next - slot)
      slot = next
    }
    return shortest
  }

  /// Two days of a slot an hour.
  private static let lookAheadSlots = 48
}

/// How long the newest successes of a job took.
public struct DurationSample: Hashable, Sendable {
  private let sorted: [TimeSpan]

  /// A sample of durations, in any order.
  public init(_ durations: [TimeSpan]) { sorted = durations.sorted() }

  /// How many runs it is of.
  public var count: Int { sorted.count }
  /// Half of the runs took no longer.
  public var median: TimeSpan? { within(0.5) }
  /// 95 of 100 runs took no longer.
  public var nearlyAll: TimeSpan? { within(0.95) }

  /// The duration that so much of the runs do not exceed (nearest rank); nil without any.
  ///
  /// - Parameter part: From 0 to 1.
  public func within(_ part: Double) -> TimeSpan? {
    guard !sorted.isEmpty else { return nil }
    let rank = Int((part * Double(sorted.count)).rounded(.up))
    return sorted[min(max(rank, 1), sorted.count) - 1]
  }
}
