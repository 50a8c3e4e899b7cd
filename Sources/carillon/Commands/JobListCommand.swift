import ArgumentParser
import Domain
import Scheduler

/// `carillon job list`
struct JobListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the jobs of the schedules file, and how long their runs take.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let workspace = try Workspace(global)
    let schedule = try workspace.schedule()
    let learned = try workspace.learnedDurations(of: schedule).jobs
    if output.json {
      let jobs = schedule.jobs.map { job in
        JSONValue.object([
          .init("job", .string(job.name.text)), .init("kind", .string(job.kind.rawValue)),
          .init("when", .string(job.reason)), .init("timeout", .string("\(job.policy.timeout)")),
          .init("grace", .string("\(job.grace)")), .init("paused", .bool(job.paused)),
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
    var table = Table("JOB", "KIND", "WHEN", ">TIMEOUT", ">GRACE", "CATCHUP", ">P50", ">P95")
    for job in schedule.jobs {
      table.add(
        job.name.text, job.kind.rawValue, job.reason, "\(job.policy.timeout)", "\(job.grace)",
        job.cadence == nil ? "" : job.catchup.rawValue, learned[job.name]?.median?.brief ?? "",
        learned[job.name]?.nearlyAll?.brief ?? "")
    }
    output.print(table)
  }

  private static func json(_ span: TimeSpan?) -> JSONValue {
    span.map { .number($0.milliseconds) } ?? .null
  }
}
