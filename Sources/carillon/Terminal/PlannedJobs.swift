import Domain
import Jobs
import Scheduler
import Service

/// The jobs of a schedule that plan before they trade.
struct PlannedJobs {
  private let jobs: [(name: JobName, job: any PlanningJob)]

  /// Those of all jobs.
  init(_ jobs: [JobName: any Job]) {
    self.jobs = jobs.compactMap { name, job in (job as? any PlanningJob).map { (name, $0) } }
      .sorted { $0.name < $1.name }
  }

  /// Those of a schedule.
  init(of schedule: Schedule, _ catalog: any JobMaker) throws {
    self.init(try Daemon.jobs(of: schedule, catalog))
  }

  /// Those of an account.
  func of(account: String) -> [(name: JobName, job: any PlanningJob)] {
    jobs.filter { $0.job.account == account }
  }

  /// Those of an account, or the one of a name; all of them where nothing is named.
  ///
  /// - Throws: exit 64 when there is none.
  func named(
    _ subject: String?, to operation: String
  ) throws(Fault) -> [(name: JobName, job: any PlanningJob)] {
    guard let subject else {
      guard !jobs.isEmpty else {
        throw Fault(
          operation, "a rebalance", cause: "the schedule has no rebalance job",
          remedy: "add one: rebalance: { after: infer }", exit: .usage)
      }
      return jobs
    }
    let found = jobs.filter { $0.name.text == subject || $0.job.account == subject }
    guard found.isEmpty else { return found }
    let known = jobs.map { "\($0.name) (account \($0.job.account ?? "none"))" }
    throw Fault(
      operation, subject, cause: "there is no rebalance job and no account of that name",
      remedy: "known are: " + known.joined(separator: ", "), exit: .usage)
  }
}
