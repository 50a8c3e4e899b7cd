public import Domain
public import StrictYAML

/// What a schedules file says: jobs, what makes them due, and how they are treated.
///
/// Read it with `Schedule.parse(_:file:)`. It is never empty, every name in it is known, and its
/// chains have no cycle and one head each.
public struct Schedule: Hashable, Sendable {
  /// The file as the user named it.
  public let file: String
  /// The zone of jobs that name none.
  public let zone: Zone
  /// The jobs in the order of the file.
  public let jobs: [ScheduledJob]
  /// What is legal in the file, but probably not meant.
  public let warnings: [Diagnostic]
  /// A hash of the file's text: 16 hexadecimal digits.
  public let contentHash: String

  private let indexes: [JobName: Int]
  private let followerIndexes: [[Int]]

  /// - Precondition: Names are unique, and parents and heads are among the jobs.
  init(
    file: String, zone: Zone, jobs: [ScheduledJob], warnings: [Diagnostic], contentHash: String
  ) {
    (self.file, self.zone, self.jobs) = (file, zone, jobs)
    (self.warnings, self.contentHash) = (warnings, contentHash)
    var indexes: [JobName: Int] = [:]
    for (index, job) in jobs.enumerated() { indexes[job.name] = index }
    var followers = [[Int]](repeating: [], count: jobs.count)
    for (index, job) in jobs.enumerated() {
      for parent in job.parents {
        guard let parent = indexes[parent] else { preconditionFailure("an unknown parent") }
        followers[parent].append(index)
      }
    }
    (self.indexes, self.followerIndexes) = (indexes, followers)
  }

  /// The job of a name.
  public subscript(_ name: JobName) -> ScheduledJob? { indexes[name].map { jobs[$0] } }

  /// The place of a job in `jobs`.
  func index(of name: JobName) -> Int? { indexes[name] }

  /// The head of a job's chain; the job itself when it has a cadence of its own.
  public func head(of name: JobName) -> ScheduledJob? {
    self[name].flatMap { self[$0.head] }
  }

  /// The cadence that makes a job due: its own, or that of the head of its chain.
  public func cadence(of name: JobName) -> Cadence? { head(of: name)?.cadence }

  /// The jobs that follow a job directly, in the order of the file, each with all its parents.
  public func followers(of name: JobName) -> [Follower] {
    guard let index = indexes[name] else { return [] }
    return followerIndexes[index].map { Follower(job: jobs[$0].name, parents: jobs[$0].parents) }
  }

  /// All jobs that come after a job in its chain, parents before their followers.
  public func descendants(of name: JobName) -> [JobName] {
    guard let start = indexes[name] else { return [] }
    var waiting = parentCounts(below: start)
    var ready = [start]
    var result: [JobName] = []
    var next = 0
    while next < ready.count {
      let index = ready[next]
      next += 1
      if index != start { result.append(jobs[index].name) }
      for follower in followerIndexes[index] {
        waiting[follower, default: 0] -= 1
        if waiting[follower] == 0 { ready.append(follower) }
      }
    }
    return result
  }

  /// For each job after `start`, how many of its parents are `start` or after it.
  private func parentCounts(below start: Int) -> [Int: Int] {
    var counts: [Int: Int] = [:]
    var stack = [start]
    while let index = stack.popLast() {
      for follower in followerIndexes[index] {
        counts[follower, default: 0] += 1
        if counts[follower] == 1 { stack.append(follower) }
      }
    }
    return counts
  }

  /// The longest time-out of one attempt of any job, from which the time to drain is derived.
  public var longestTimeout: TimeSpan { jobs.map(\.policy.timeout).max() ?? .zero }

  /// The instant after which no attempt of a slot may start; nil when there is no such instant.
  ///
  /// The rules that go by the interval take the next slot of the head of the chain; where there is
  /// none any more, jobs that place orders have `DeadlineRule.longestForOrders` and the others no
  /// limit.
  public func latestStart(of name: JobName, slot: Instant) -> Instant? {
    guard let job = self[name] else { return nil }
    func next() -> Instant? { cadence(of: name)?.next(after: slot) }
    switch job.deadline {
    case .explicit(let span): return slot + span
    case .unlimited: return nil
    case .untilNextSlot: return next()
    case .quarterOfInterval:
      let longest = DeadlineRule.longestForOrders
      guard let next = next() else { return slot + longest }
      return slot + min(.milliseconds((next - slot).milliseconds / 4), longest)
    }
  }

  /// A slot of a job as the runner needs it; nil for an unknown job.
  ///
  /// - Parameter latestStart: The limit, as `latestStart(of:slot:)` tells it; nil for a run by hand,
  ///   which is never late.
  public func firing(
    of name: JobName, slot: Instant, trigger: Trigger, latestStart: Instant?
  ) -> Firing? {
    guard let job = self[name] else { return nil }
    var policy = job.policy
    if let latestStart { policy.deadline = latestStart - slot }
    return Firing(
      slot: Slot(job: name, time: slot), trigger: trigger, policy: policy,
      latestStart: latestStart, followers: followers(of: name), onFailure: job.onFailure)
  }
}
