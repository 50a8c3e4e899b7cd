import Domain
import Logging
import Store
import StrictYAML

/// Drops old runs with their attempts and output, and old scores that nothing was traded by, some at a
/// time. What is bought, sold, planned, worth and audited stays for ever.
struct PruneJob: Job {
  let kind = JobKind.prune
  /// How long runs are kept.
  let runs: TimeSpan
  /// How long scores are kept.
  let scores: TimeSpan

  private static let standard = TimeSpan.days(365)
  /// Less than a day would take what health, explanations and a replay of yesterday look at.
  private static let bounds = TimeSpan.days(1)...TimeSpan.days(36_525)

  init?(_ reader: MappingReader) {
    runs = reader.span("runs", in: Self.bounds) ?? Self.standard
    scores = reader.span("scores", in: Self.bounds) ?? Self.standard
  }

  func run(_ context: JobContext) async throws -> JobResult {
    // What is old is told by the clock: ahead by a year, it would make all of a year old.
    if let suspicion = context.conditions.clockSuspicion {
      return JobResult(summary: "nothing dropped", caveat: "blocked: \(suspicion)")
    }
    let jobs = try context.store.read { try $0.jobsOnRecord() }
    // Scores first: they name the runs that gave them.
    let scores = try drop(jobs, context) {
      try context.store.pruneScores(of: $0, before: context.slot - self.scores, at: $1)
    }
    let runs = try drop(jobs, context) {
      try context.store.pruneRuns(of: $0, before: context.slot - self.runs, at: $1)
    }
    return JobResult(
      summary: "\(runs) runs and the scores of \(scores) slots dropped")
  }

  private func drop(
    _ jobs: [JobName], _ context: JobContext, _ step: (JobName, Instant) throws -> PruneStep
  ) throws -> Int {
    var dropped = 0
    for job in jobs {
      var isUnfinished = true
      while isUnfinished {
        try context.checkpoint()
        let step = try step(job, context.time.now)
        dropped += step.dropped
        context.log.debug("looked", metadata: ["job": "\(job)", "dropped": "\(step.dropped)"])
        isUnfinished = step.isUnfinished
      }
    }
    return dropped
  }
}
