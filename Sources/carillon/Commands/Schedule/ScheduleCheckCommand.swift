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
    abstract: "Say whether a schedules file is right, and what it changes in the next 24 hours.",
    discussion: """
      A running carillon takes up the active file as soon as it is saved. To know before, check a copy, \
      or pipe the text: carillon schedule check - < draft.yaml. `carillon schedule edit` does both.
      """)

  @Argument(
    help: ArgumentHelp(
      "The file; - for standard input; the active one unless named.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @OptionGroup var global: SetupOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var options = global
    if let file, file != "-" { options.schedules = file }
    let workspace = try Workspace(options)
    let path = workspace.schedulesPath
    let text = file == "-" ? try StandardInput.text() : try workspace.schedulesText()
    let schedule: Schedule
    do {
      schedule = try workspace.schedule(text, at: path)
    } catch let diagnostics as Diagnostics {
      if output.json {
        Console.out(answer(isValid: false, diagnostics, lines: []))
      } else {
        Console.report(diagnostics, sources: [path: text])
        Console.say("the file is invalid; a running carillon keeps its previous schedule")
      }
      throw leave(.configuration)
    }
    let now = SystemTime().now
    let (lines, learned) = againstTheDatabase(schedule, workspace, now: now)
    let wiring = JobSet(of: schedule, try workspace.catalog()).diagnostics.items
    let warnings = Diagnostics(schedule.warnings + schedule.warnings(now: now) + wiring + learned)
    if output.json {
      Console.out(answer(isValid: true, warnings, lines: lines))
      return
    }
    if !warnings.items.isEmpty { Console.report(warnings, sources: [path: text]) }
    let count = schedule.jobs.count == 1 ? "1 job" : "\(schedule.jobs.count) jobs"
    Console.out("\(file == "-" ? StandardInput.name : schedule.file): \(count), no errors")
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
        .array(diagnostics.items.map(\.json))),
      .init("changes", .array(lines.map { .string($0) })),
    ])
  }
}
