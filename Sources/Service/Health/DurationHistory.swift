public import Scheduler
public import Store

extension LearnedDurations {
  /// What the ledger remembers of the jobs of a schedule.
  ///
  /// - Throws: a `Fault` of the database.
  public init(of schedule: Schedule, in transaction: ReadTransaction) throws {
    self.init(
      try schedule.jobs.reduce(into: [:]) { samples, job in
        let durations = try transaction.runs.lastDurations(job.name, limit: Self.learnedRuns)
        if !durations.isEmpty { samples[job.name] = DurationSample(durations) }
      })
  }
}
