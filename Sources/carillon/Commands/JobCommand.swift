import ArgumentParser
import Domain
import Jobs
import Logging
import Scheduler
import Service
import Settings
import Store

/// `carillon job ...`
struct JobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "List the jobs, run one by hand, show what ran, pause, cancel.",
    subcommands: [
      JobListCommand.self, JobRunCommand.self, JobHistoryCommand.self, JobShowCommand.self,
      JobLogCommand.self, JobPauseCommand.self, JobResumeCommand.self, JobCancelCommand.self,
    ])
}

/// `carillon job run`
struct JobRunCommand: WorkerCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run one job now, by hand.",
    discussion: """
      Without --at the slot is this moment; with --at it is exactly that time, which must have come, \
      and a slot that has succeeded before is left alone. Runs by hand never move the schedule. Jobs \
      that place orders run for a past slot only within their deadline and not before the account's \
      newest plan, unless --force insists. Ctrl-C ends the run for good; one that is killed is owed, \
      and the next carillon run tries it again.
      """)

  @Argument(help: "The job's name in the schedules file.", completion: Completions.job)
  var name: String

  @Option(help: "The slot, like 2026-03-08T07:00:00Z.")
  var at: String?

  @Option(help: "For a fetch job: read everything again from this time on.")
  var from: String?

  @Flag(help: "Tell each request to an exchange and its answer, without what may be secret.")
  var trace = false

  @Flag(help: "Also run what follows it.")
  var chain = false

  @Flag(help: "Run a slot again that has ended.")
  var force = false

  @Option(help: "How long to wait while the job is running already, like 30s.")
  var wait: String?

  @OptionGroup var live: LiveOptions
  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let at, Instant(rfc3339: at) == nil {
      throw ValidationError("--at \(at) is no time; write it like 2026-03-08T07:00:00Z")
    }
    if let from, Instant(rfc3339: from) == nil {
      throw ValidationError("--from \(from) is no time; write it like 2026-01-01T00:00:00Z")
    }
    if let wait, TimeSpan(wait) == nil {
      throw SpanMistake.error("--wait", wait, like: "30s")
    }
  }

  func work(on worker: WorkerThread) async throws {
    StandardOutput.outliveReaders()
    let workspace = try Workspace(global)
    let schedule = try workspace.schedule()
    let job = try scheduled(in: schedule)
    let time = SystemTime()
    let slot = at.flatMap { Instant(rfc3339: $0) } ?? time.now
    guard slot <= time.now + HandRun.longestAhead else {
      throw HandRun.notYet(slot, now: time.now)
    }
    var jobs = try Daemon.jobs(of: schedule, try workspace.catalog(trace: trace))
    let names = [job.name] + (chain ? schedule.descendants(of: job.name) : [])
    try live.check(names.compactMap { jobs[$0]?.account }, workspace)
    let lock = try ProcessLock.acquire(
      beside: workspace.settings.database, purpose: "carillon job run", now: time.now)
    let store = try Store.open(workspace.settings.database, mode: .create)
    let log = workspace.logger()
    let runner = Runner(
      store: store, holder: lock.holder, time: time,
      conditions: try workspace.conditions(), log: log)
    if let from = from.flatMap({ Instant(rfc3339: $0) }) {
      guard let reader = jobs[job.name] as? any RereadingJob else {
        throw Fault(
          "read again", "job \(name)", cause: "only a fetch job takes --from",
          remedy: "leave out --from", exit: .usage)
      }
      jobs[job.name] = reader.reading(from: from)
    }
    try HandRun.check(
      names, at: slot, in: schedule, jobs, store, force: force, now: time.now)
    var runs = HandRuns(
      runner: runner, store: store, schedule: schedule, jobs: jobs, time: time, log: log,
      report: JobRunReport(output: output, clock: try global.clock()))
    runs.isForced = force
    runs.patience = wait.flatMap { TimeSpan($0) } ?? .zero
    runs.followers = chain ? [] : schedule.followers(of: job.name).map(\.job)
    try await runs.run(names, at: slot, on: worker)
    try store.close()
    withExtendedLifetime(lock) {}
  }

  private func scheduled(in schedule: Schedule) throws -> ScheduledJob {
    if let name = JobName(name), let job = schedule[name] { return job }
    throw Fault(
      "run", "job \(name)", cause: "there is no such job in \(schedule.file)",
      remedy: "known are: " + schedule.jobs.map(\.name.text).joined(separator: ", "), exit: .usage)
  }
}
