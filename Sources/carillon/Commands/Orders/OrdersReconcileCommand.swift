import ArgumentParser
import Domain
import Jobs
import Service
import Store

/// `carillon orders reconcile`
struct OrdersReconcileCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile",
    abstract: "Ask the exchange what became of our orders, and hold its books against ours.",
    discussion: """
      The first step of every rebalance, alone, and then a statement: each asset and each trade since the \
      last one, to the last unit. It goes on record; carillon statement shows it again. A difference is \
      told (exit 1), raises the alert reconcile:ACCOUNT, and of an account of real money halts trading. \
      Nothing is sent. A job of the kind `reconcile` does the same on its schedule.
      """)

  @Argument(
    help: ArgumentHelp(
      "The account or the job; needed where there are several.",
      valueName: "account-or-job"), completion: Completions.job)
  var subject: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func work(on worker: WorkerThread) async throws {
    let workspace = try Workspace(global)
    let jobs = try Daemon.jobs(of: try workspace.schedule(), try workspace.catalog())
    let job = try chosen(jobs)
    let (store, lock) = try workspace.openForWriting("carillon orders reconcile")
    let result: (statement: VenueStatement, warnings: [String])?
    do {
      result = try await job.reconcile(in: store, time: SystemTime(), log: workspace.logger())
    } catch {
      try store.close()
      throw error
    }
    try store.close()
    withExtendedLifetime(lock) {}
    guard let (statement, warnings) = result else {
      throw Fault(
        "reconcile", "account \(job.reconciled)",
        cause: "it is on paper: there is nobody to hold it against", exit: .refused)
    }
    for warning in warnings { Console.say(warning) }
    try StatementView(statement).show(output, try global.clock())
    if statement.differences > 0 { throw leave(.no) }
  }

  private func chosen(_ jobs: [JobName: any Job]) throws(Fault) -> any ReconcilingJob {
    let all = jobs.compactMap { name, job in (job as? any ReconcilingJob).map { (name, $0) } }
      .sorted { $0.0 < $1.0 }
    let found = all.filter { name, job in
      subject.map { name.text == $0 || job.reconciled == $0 } ?? true
    }
    guard let first = found.first else {
      throw Fault(
        "reconcile", subject ?? "an account",
        cause: all.isEmpty
          ? "the schedule has neither a rebalance nor a reconcile job"
          : "no account and no rebalance or reconcile job is called so",
        remedy: all.isEmpty
          ? "add one: rebalance: { after: infer }"
          : "known are: \(all.map { "\($0.0) (account \($0.1.reconciled))" }.joined(separator: ", "))",
        exit: .usage)
    }
    guard found.allSatisfy({ $0.1.reconciled == first.1.reconciled }) else {
      throw Fault(
        "reconcile", "an account", cause: "there are several accounts",
        remedy: "name one: carillon orders reconcile \(first.1.reconciled)", exit: .usage)
    }
    return first.1
  }
}
