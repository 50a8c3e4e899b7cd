import ArgumentParser
import Disk
import Domain
import Scheduler
import Service
import Settings
import Store
import StrictYAML

/// `carillon schedule check`
struct ScheduleCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say whether a schedules file is right, and what it changes in the next 24 hours.")

  @Argument(help: "The file; the active one unless named.")
  var file: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var options = global
    if let file { options.schedules = file }
    let workspace = try Workspace(options)
    let schedule: Schedule
    do {
      schedule = try workspace.schedule()
    } catch let diagnostics as Diagnostics {
      if output.json {
        Console.out(answer(isValid: false, diagnostics, lines: []))
      } else {
        Console.report(diagnostics)
        Console.say("the file is invalid; a running carillon keeps its previous schedule")
      }
      throw leave(.configuration)
    }
    let now = SystemTime().now
    let (lines, learned) = againstTheDatabase(schedule, workspace, now: now)
    let warnings = Diagnostics(schedule.warnings + schedule.warnings(now: now) + learned)
    if output.json {
      Console.out(answer(isValid: true, warnings, lines: lines))
      return
    }
    if !warnings.items.isEmpty { Console.report(warnings) }
    Console.out("\(schedule.file): \(schedule.jobs.count) jobs, no errors")
    if !lines.isEmpty {
      Console.out("against the running schedule, over the next 24 hours:")
      lines.forEach { Console.out("  \($0)") }
    }
  }

  /// What the file changes against the schedule that the running service follows, and what the
  /// durations of runs so far have to say; nothing where there is no database.
  private func againstTheDatabase(
    _ schedule: Schedule, _ workspace: Workspace, now: Instant
  ) -> (changes: [String], warnings: [Diagnostic]) {
    guard TextFile.exists(workspace.settings.database) else { return ([], []) }
    do {
      let store = try workspace.existingStore()
      let learned = try workspace.learnedDurations(of: schedule)
        .warnings(of: schedule, now: now, stopGrace: try workspace.stopGrace())
      guard try DaemonLock.isHeld(workspace.settings.database),
        let text = try store.read({ try $0.service.fact(.schedule)?.text })
      else { return ([], learned) }
      let calendars = CalendarFolder(beside: workspace.schedulesPath)
      let active = try Schedule.parse(text, file: "the running schedule") {
        (name: String) throws(Fault) in try calendars.calendar(name)
      }
      let difference = ScheduleDifference(from: active, to: schedule, now: now)
      return (difference.isEmpty ? [] : difference.lines, learned)
    } catch {
      Console.say("note: the file cannot be compared with the running schedule: \(error)")
      return ([], [])
    }
  }

  private func answer(isValid: Bool, _ diagnostics: Diagnostics, lines: [String]) -> JSONValue {
    .object([
      .init("schema", .string("carillon.schedule.check/1")), .init("valid", .bool(isValid)),
      .init(
        "diagnostics",
        .array(
          diagnostics.items.map { item in
            .object([
              .init("severity", .string(item.severity.rawValue)),
              .init("file", .string(item.location.file)),
              .init("line", .number(item.location.line)),
              .init("column", .number(item.location.column)),
              .init("message", .string(item.message)),
              .init("mend", item.mend.map { .string($0) } ?? .null),
            ])
          })),
      .init("changes", .array(lines.map { .string($0) })),
    ])
  }
}
