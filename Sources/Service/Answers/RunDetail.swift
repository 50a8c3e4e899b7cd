public import Domain
public import Scheduler
public import Store

/// The answer to `job show`: one run, with its attempts and its neighbours in the chain.
public struct RunDetail: Sendable {
  /// The run.
  public let run: RunRecord
  /// Its attempts, in order.
  public let attempts: [AttemptRecord]
  /// The rows of its parents, at the same slot.
  public let parents: [RunRecord]
  /// The rows of what comes after it, at the same slot.
  public let followers: [RunRecord]
  /// The instant after which no attempt may start; nil where there is none, or none is known.
  public let deadline: Instant?

  /// Reads what belongs to a run.
  ///
  /// - Throws: a `Fault` of the database.
  public init(_ run: RunRecord, _ schedule: Schedule, _ transaction: ReadTransaction) throws {
    func rows(_ jobs: [JobName]) throws -> [RunRecord] {
      try jobs.compactMap { try transaction.runs.run(Slot(job: $0, time: run.slot.time)) }
    }
    let job = run.slot.job
    self.run = run
    attempts = try transaction.runs.attempts(of: run.id)
    parents = try rows(schedule[job]?.parents ?? [])
    followers = try rows(schedule.descendants(of: job))
    deadline =
      run.trigger == .manual ? nil : schedule.latestStart(of: job, slot: run.slot.time)
  }

  /// The run for machines.
  public var json: JSONValue {
    let attempts = attempts.map { attempt in
      JSONValue.object([
        .init("attempt", .number(attempt.number)), .init("started", .time(attempt.started)),
        .init("ended", .time(attempt.ended)), .init("outcome", .text(attempt.outcome?.rawValue)),
        .init("reason", .text(attempt.reason)),
      ])
    }
    return .object([
      .init("schema", .string("carillon.job.show/1")), .init("run", run.json),
      .init("created", .time(run.created)), .init("deadline", .time(deadline)),
      .init("attempts", .array(attempts)), .init("due_after", .array(parents.map(\.json))),
      .init("followed_by", .array(followers.map(\.json))),
    ])
  }
}
