import ArgumentParser
import Domain
import Scheduler

/// `carillon job list`
struct JobListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the jobs of the schedules file.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let schedule = try Workspace(global).schedule()
    if output.json {
      let jobs = schedule.jobs.map { job in
        JSONValue.object([
          .init("job", .string(job.name.text)), .init("kind", .string(job.kind.rawValue)),
          .init("when", .string(job.reason)), .init("timeout", .string("\(job.policy.timeout)")),
          .init("grace", .string("\(job.grace)")), .init("paused", .bool(job.paused)),
        ])
      }
      Console.out(
        .object([
          .init("schema", .string("carillon.job.list/1")), .init("file", .string(schedule.file)),
          .init("jobs", .array(jobs)),
        ]))
      return
    }
    var table = Table("JOB", "KIND", "WHEN", ">TIMEOUT", ">GRACE", "CATCHUP")
    for job in schedule.jobs {
      table.add(
        job.name.text, job.kind.rawValue, job.reason, "\(job.policy.timeout)", "\(job.grace)",
        job.cadence == nil ? "" : job.catchup.rawValue)
    }
    output.print(table)
  }
}
