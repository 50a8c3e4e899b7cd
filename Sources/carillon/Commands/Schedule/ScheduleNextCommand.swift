import ArgumentParser
import Domain
import Scheduler
import Service

/// `carillon schedule next`
struct ScheduleNextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "Show what runs next.",
    discussion: """
      Without --cron: the whole schedules file, or one job of it. With --cron: the fires of an \
      expression in --timezone. Always strictly after --from. With --stdin: one JSON object \
      {"cron","timezone","from","n"} a line, one answer a line.
      """)

  @Option(name: [.customShort("n"), .customLong("count")], help: "How many.")
  var count = 10

  @Option(help: "Only this job.")
  var job: String?

  @Option(help: "An expression instead of the file, like \"30 9 * * 1-5\".")
  var cron: String?

  @Option(help: "The zone in which the expression is evaluated.")
  var timezone = "UTC"

  @Option(help: "Strictly after this time, like 2026-03-08T07:00:00Z; now unless given.")
  var from: String?

  @Flag(name: .customLong("stdin"), help: "Answer one question a line from standard input.")
  var standardInput = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  /// The most fires of one answer.
  static let maximumCount = 100_000

  func validate() throws {
    guard (1...Self.maximumCount).contains(count) else {
      throw ValidationError("-n is from 1 to \(Self.maximumCount)")
    }
    if let from, Instant(rfc3339: from) == nil {
      throw ValidationError("--from \(from) is no time; write it like 2026-03-08T07:00:00Z")
    }
    if let job, JobName(job) == nil { throw ValidationError("\(job) is no name of a job") }
  }

  func run() throws {
    if standardInput { return try answerLines() }
    let start = from.flatMap { Instant(rfc3339: $0) } ?? SystemTime().now
    if let cron {
      let fires = try FireQuestion(cron: cron, timezone: timezone, from: start, count: count)
        .fires()
      if output.json {
        Console.out(fires.json)
      } else {
        let clock = try global.clock()
        fires.forEach { Console.out(clock.text($0)) }
      }
      return
    }
    try showFile(from: start)
  }

  private func showFile(from start: Instant) throws {
    let schedule = try Workspace(global).schedule()
    let name = job.flatMap { JobName($0) }
    if let name, schedule[name] == nil {
      throw Fault(
        "show", "job \(name)", cause: "there is no such job in \(schedule.file)",
        remedy: "carillon job list", exit: .usage)
    }
    let fires = schedule.upcoming(from: start, count: count, job: name)
    if output.json {
      Console.out(fires.json)
      return
    }
    let clock = try global.clock()
    let now = SystemTime().now
    var table = Table("NEXT (\(clock.zone.name))", ">IN", "JOB", "WHY")
    for fire in fires {
      table.add(clock.text(fire.at), (fire.at - now).rounded, fire.job.text, fire.why)
    }
    output.print(table)
    schedule.chainNotes.forEach { Console.say("note: \($0)") }
  }

  /// Answers one question a line; an invalid one with an error, and goes on.
  private func answerLines() throws {
    while let line = readLine() {
      try StandardOutput.check()
      do {
        Console.out(try FireQuestion(json: line).fires().json)
      } catch {
        Console.out(.object([.init("error", .string("\(error)"))]))
      }
    }
  }
}
