import ArgumentParser
import Domain
import Jobs
import Portfolio
import Service
import Settings
import Store

/// `carillon rebalance`
struct RebalanceCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebalance",
    abstract: "Carry out the plan that `carillon plan` showed, and no other.",
    discussion: """
      The plan is made again, in the transaction that commits it. Where it is not the same any more \
      nothing is sent: exit 1, and the reason names what has changed: prices, scores, holdings, rules, \
      limits, settings, decisions. Purchases that wait for the sales of the plan are part of it. \
      Without a plan to hold to, see carillon job run.
      """)

  @Argument(
    help: ArgumentHelp(
      "The account or the rebalance job; needed where there are several.",
      valueName: "account-or-job"), completion: Completions.job)
  var subject: String?

  @Option(help: "The id of the plan.")
  var plan: String

  @Option(help: "How long to wait while the job is running already, like 30s.")
  var wait: String?

  @OptionGroup var live: LiveOptions
  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard PlanID(plan) != nil else {
      throw ValidationError("--plan \(plan) is no id of a plan; carillon plan prints one")
    }
    if let wait, TimeSpan(wait) == nil {
      throw SpanMistake.error("--wait", wait, like: "30s")
    }
  }

  func work(on worker: WorkerThread) async throws {
    StandardOutput.outliveReaders()
    let workspace = try Workspace(global)
    let schedule = try workspace.schedule()
    var jobs = try Daemon.jobs(of: schedule, try workspace.catalog())
    let chosen = try PlannedJobs(jobs).named(subject, to: "carry out")
    guard chosen.count == 1, let (name, job) = chosen.first, let id = PlanID(plan) else {
      throw Fault(
        "carry out", plan,
        cause: "there are several rebalances: "
          + chosen.map(\.name.text).joined(separator: ", "), remedy: "name one", exit: .usage)
    }
    try live.check([job.account].compactMap(\.self), workspace)
    jobs[name] = job.holding(to: id)
    let time = SystemTime()
    let (store, lock) = try workspace.openForWriting("carillon rebalance")
    try HandRun.checkClock(of: "\(name)", insisting: nil, store)
    let log = workspace.logger()
    let runner = Runner(
      store: store, holder: lock.holder, time: time,
      conditions: try workspace.conditions(), log: log)
    var runs = HandRuns(
      runner: runner, store: store, schedule: schedule, jobs: jobs, time: time, log: log,
      report: JobRunReport(output: output, clock: try global.clock()))
    runs.patience = wait.flatMap { TimeSpan($0) } ?? .zero
    try await runs.run([name], at: time.now, on: worker)
    try store.close()
    withExtendedLifetime(lock) {}
  }
}
