public import Domain
public import Jobs
public import Scheduler
public import StrictYAML

/// The jobs of a schedule, made and held against each other.
public struct JobSet {
  /// Those that could be made.
  public let jobs: [JobName: any Job]
  /// The same, as they are listed.
  public let listed: [(listing: JobListing, job: any Job)]
  /// Every mistake in their parameters; where there is none, in what they are to each other.
  public let diagnostics: Diagnostics

  /// Makes the jobs.
  public init(of schedule: Schedule, _ catalog: any JobMaker) {
    let log = DiagnosticLog()
    var jobs: [JobName: any Job] = [:]
    for job in schedule.jobs {
      // A log of its own, or one job's mistake would hide those that come after it.
      let own = DiagnosticLog()
      jobs[job.name] = catalog.job(job.name, job.kind, parameters: job.parameters, log: own)
      own.diagnostics.items.forEach(log.add)
    }
    let listed = schedule.jobs.compactMap { job in
      jobs[job.name].map { (listing: JobListing(job, in: schedule), job: $0) }
    }
    if !log.hasErrors {
      catalog.complaints(about: listed).forEach(log.add)
    }
    (self.jobs, self.listed) = (jobs, listed)
    diagnostics = log.diagnostics
  }
}

extension JobListing {
  /// A job of a schedule.
  fileprivate init(_ job: ScheduledJob, in schedule: Schedule) {
    self.init(
      name: job.name, kind: job.kind, parameters: job.parameters, location: job.location,
      ancestors: Set(schedule.ancestors(of: job.name).map(\.name)),
      needs: Set(job.policy.needs.keys))
  }
}
