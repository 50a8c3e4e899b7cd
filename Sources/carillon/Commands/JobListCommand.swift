import ArgumentParser
import Disk
import Domain
import Scheduler
import Service
import Settings
import Store

/// `carillon job list`
struct JobListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the jobs of the schedules file, and how long their runs take.")

  @OptionGroup var list: JobTable

  func run() throws { try list.show() }
}

/// The list of the jobs, with the options of the commands that show it.
struct JobTable: ParsableArguments {
  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func show() throws {
    let workspace = try Workspace(global)
    let schedule = try workspace.schedule()
    let learned = try workspace.learnedDurations(of: schedule).jobs
    let pauses = try pauses(workspace)
    let clock = try global.clock()
    if output.json {
      let jobs = schedule.jobs.map { job in
        let until = pauses[job.name]
        return JSONValue.object([
          .init("job", .string(job.name.text)), .init("kind", .string(job.kind.rawValue)),
          .init("when", .string(job.reason)), .init("timeout", .string("\(job.policy.timeout)")),
          .init("grace", .string("\(job.grace)")), .init("paused", .bool(job.paused)),
          .init("paused_by_hand", .bool(until != nil)),
          .init(
            "paused_until",
            until.flatMap { $0 == .distantFuture ? nil : .string("\($0)") } ?? .null),
          .init("p50_ms", Self.json(learned[job.name]?.median)),
          .init("p95_ms", Self.json(learned[job.name]?.nearlyAll)),
        ])
      }
      Console.out(
        .object([
          .init("schema", .string("carillon.job.list/1")), .init("file", .string(schedule.file)),
          .init("jobs", .array(jobs)),
        ]))
      return
    }
    var table = Table(
      "JOB", "KIND", "WHEN", ">TIMEOUT", ">GRACE", "CATCHUP", ">P50", ">P95", "PAUSED")
    for job in schedule.jobs {
      table.add(
        job.name.text, job.kind.rawValue, job.reason, "\(job.policy.timeout)", "\(job.grace)",
        job.cadence == nil ? "" : job.catchup.rawValue, learned[job.name]?.median?.brief ?? "",
        learned[job.name]?.nearlyAll?.brief ?? "", pause(of: job, in: schedule, pauses, clock))
    }
    output.print(table)
  }

  private static func json(_ span: TimeSpan?) -> JSONValue {
    span.map { .number($0.milliseconds) } ?? .null
  }

  /// The jobs that are paused by hand, and until when.
  private func pauses(_ workspace: Workspace) throws -> [JobName: Instant] {
    guard TextFile.exists(workspace.settings.database) else { return [:] }
    let now = SystemTime().now
    let store = try workspace.existingStore()
    let marks = try store.read { try $0.marks.all() }.filter { $0.isPaused(at: now) }
    try store.close()
    return marks.reduce(into: [:]) { $0[$1.job] = $1.pausedUntil }
  }

  private func pause(
    of job: ScheduledJob, in schedule: Schedule, _ pauses: [JobName: Instant], _ clock: Clock
  ) -> String {
    if let until = pauses[job.name] {
      return until == .distantFuture ? "by hand" : "until \(clock.text(until))"
    }
    if job.paused { return "in the file" }
    let resting = schedule.ancestors(of: job.name).first { $0.paused || pauses[$0.name] != nil }
    return resting.map { "with \($0.name)" } ?? ""
  }
}
