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
      throw ValidationError("--wait \(wait) is no span; write it like 30s")
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
    let lock = try ProcessLock.acquire(
      beside: workspace.settings.database, purpose: "carillon job run", now: time.now)
    let store = try Store.open(workspace.settings.database, mode: .create)
    let log = workspace.logger()
    let runner = Runner(
      store: store, holder: lock.holder, time: time,
      conditions: Conditions(halt: workspace.standingHalt), log: log)
    var jobs = try Daemon.jobs(of: schedule, try workspace.catalog(trace: trace))
    if let from = from.flatMap({ Instant(rfc3339: $0) }) {
      guard let reader = jobs[job.name] as? any RereadingJob else {
        throw Fault(
          "read again", "job \(name)", cause: "only a fetch job takes --from",
          remedy: "leave out --from", exit: .usage)
      }
      jobs[job.name] = reader.reading(from: from)
    }
    let interruption = Interruption { runner.interrupt() }
    defer { interruption.end() }

    let usual = try store.read { try LearnedDurations(of: schedule, in: $0) }.jobs
    var report = JobRunReport(output: output, clock: try global.clock())
    var names = [job.name] + (chain ? schedule.descendants(of: job.name) : [])
    try HandRun.check(
      names, at: slot, in: schedule, jobs, store, force: force, now: time.now)
    // However it ends, what has run is told, as text and as JSON.
    defer {
      report.close()
      RequestBell(database: workspace.settings.database).ringIfHeard()
    }
    while !names.isEmpty {
      let name = names.removeFirst()
      guard let job = jobs[name],
        var firing = schedule.firing(
          of: name, slot: slot, trigger: .manual,
          latestStart: job.account == nil || force
            ? nil : schedule.latestStart(of: name, slot: slot))
      else { preconditionFailure("a job of the schedule has a firing") }
      firing.followers = []
      let claimed = try await claim(firing, runner, time)
      guard let claimed else {
        report.alreadyDone(firing.slot)
        continue
      }
      // What was waited for another run is no part of this one.
      let began = time.uptime
      report.begin(claimed)
      let follower =
        output.json
        ? nil : RunFollower(claimed: claimed, store: store, usual: usual[name]?.median)
      let listener = CancelListener(firing.slot, store, runner, log: log, now: time.now)
      let end = try await listener.during(time) {
        guard let follower else { return try await runner.run(claimed, job: job, on: worker) }
        return try await follower.during(time) {
          try await runner.run(claimed, job: job, on: worker)
        }
      }
      report.add(claimed, end, took: time.uptime - began)
      report.notStarted = names
      if let number = interruption.signal {
        let isOver =
          end.state.isFinal ? true : try HandRun.end(firing.slot, store, now: time.now)
        report.cut(claimed, isOver: isOver)
        throw ArgumentParser.ExitCode(Domain.ExitCode.cut(by: number))
      }
      if end.state.isDebt { report.owed(claimed) }
      guard end.state == .succeeded else {
        throw leave(end.fault.map { $0.exit == .internal ? .internal : .no } ?? .no)
      }
    }
    report.followers = chain ? [] : schedule.followers(of: job.name).map(\.job)
    report.close()
    try store.close()
    withExtendedLifetime(lock) {}
  }

  private func scheduled(in schedule: Schedule) throws -> ScheduledJob {
    if let name = JobName(name), let job = schedule[name] { return job }
    throw Fault(
      "run", "job \(name)", cause: "there is no such job in \(schedule.file)",
      remedy: "known are: " + schedule.jobs.map(\.name.text).joined(separator: ", "), exit: .usage)
  }

  /// Claims the slot, waiting for another run to end for as long as was asked. Nil when the slot had
  /// succeeded before.
  private func claim(
    _ firing: Firing, _ runner: Runner, _ time: SystemTime
  ) async throws -> ClaimedRun? {
    let limit = time.uptime + (wait.flatMap { TimeSpan($0) } ?? .zero)
    var isTold = false
    while true {
      switch try runner.claim(firing, force: force) {
      case .claimed(let run, let attempt):
        return ClaimedRun(firing: firing, run: run, attempt: attempt)
      case .already(let record) where record.state == .succeeded:
        return nil
      case .already(let record):
        throw Fault(
          "run", "\(firing.slot)",
          cause: "the slot has ended: \(record.state)"
            + (record.reason.map { " (\($0))" } ?? ""),
          remedy: "run it again: carillon job run \(name) --at \(firing.slot.time) --force",
          exit: .no)
      case .busy(let other), .groupBusy(let other):
        guard time.uptime < limit else {
          let age = other.started.map { ", \((time.now - $0).rounded)" } ?? ""
          throw Fault(
            "run", "\(firing.slot.job)",
            cause: "\(other.slot.job) is already running (run \(other.id)\(age))",
            remedy: "wait for it:  carillon job run \(name) --wait 60s", exit: .tryAgain,
            isTransient: true)
        }
        if !isTold { Console.say("waiting for run \(other.id) of \(other.slot.job) to end") }
        isTold = true
        try await time.sleep(for: .milliseconds(200))
      case .early:
        throw HandRun.notYet(firing.slot.time, now: time.now)
      case .pruned:
        throw Fault(
          "run", "\(firing.slot)",
          cause: "what became of it, or of a newer slot, was pruned: it may have run",
          remedy: "run it all the same: carillon job run \(name) --at \(firing.slot.time) --force",
          exit: .no)
      case .tooLate:
        throw Fault(
          "run", "\(firing.slot)", cause: "it is too late for its orders",
          remedy: "carillon job run \(name)", exit: .refused)
      case .crashedTooOften:
        throw Fault(
          "run", "\(firing.slot)", cause: "each attempt at this slot took its process down",
          remedy: "carillon job run \(name) --at \(firing.slot.time) --force", exit: .no)
      }
    }
  }
}
