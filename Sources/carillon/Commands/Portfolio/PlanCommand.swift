import ArgumentParser
import Domain
import Jobs
import Service
import Settings
import Store

/// `carillon plan`
struct PlanCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a rebalance would do now, and why; nothing is written, nothing is sent.",
    discussion: """
      Each order with its reason and each limit that changed it: caps, the band, least orders, cash, \
      limits of risk, halts, and what the gate would refuse. Orders that work and would be taken back \
      first count as taken back. The id under it says by what it was made: the command rebalance, given \
      that id, carries out the plan or says what has changed.
      """)

  @Argument(
    help: ArgumentHelp(
      "An account or a rebalance job; all of them unless named.", valueName: "account-or-job"),
    completion: Completions.job)
  var subject: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func work(on worker: WorkerThread) async throws {
    let workspace = try Workspace(global)
    let schedule = try workspace.schedule()
    let jobs = try PlannedJobs(of: schedule, try workspace.catalog())
    let chosen = try jobs.named(subject, to: "plan")
    let store = try workspace.existingStore()
    let time = SystemTime()
    let now = time.now
    var previews: [PlanPreview] = []
    for (name, job) in chosen {
      previews.append(
        try await job.preview(
          Slot(job: name, time: now), in: store, time: time, conditions: workspace.conditions()))
    }
    try store.close()
    if output.json { return Console.out(previews.json) }
    for preview in previews {
      try PlanView(preview: preview, clock: try global.clock(), output: output)
        .print(isOne: previews.count == 1)
    }
  }
}
