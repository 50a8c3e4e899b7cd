import ArgumentParser
import Domain
import Store

/// `carillon job log`
struct JobLogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Show what a run printed.",
    discussion: """
      What Carillon itself noted stands between the program's lines. With --json, each line of output \
      is an object on a line of its own; of a run that printed nothing one object says \
      so.
      """)

  @Argument(
    help: ArgumentHelp(
      "The run's number, JOB@SLOT like fetch@2026-11-20T14:01:00Z, or a job: its newest run.",
      valueName: "run"), completion: Completions.job)
  var target: String

  @Flag(name: [.customShort("f"), .long], help: "Go on until the run ends.")
  var follow = false

  @Flag(help: "Print one JSON object per line of output.")
  var json = false

  @OptionGroup var global: GlobalOptions

  /// How often the database is looked at while following.
  static let period = TimeSpan.milliseconds(500)

  func validate() throws {
    guard RunArgument(text: target).meaning != nil else {
      throw ValidationError("\(target): \(RunArgument.form)")
    }
  }

  func run() throws {
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    let record = try find(in: store, of: workspace)
    var reading = RunOutputReading(store, OutputPrinter(run: record.id, asJSON: json))
    while true {
      // The state before the output: what a run that has ended printed is all there.
      let isRunning = try store.read { try $0.runs.run(record.id)?.state == .running }
      _ = try reading.printNew()
      try StandardOutput.check()
      guard follow, isRunning else { break }
      SystemTime.block(for: Self.period)
    }
    reading.finish()
    if reading.isEmpty, json {
      // A log of no lines is an object all the same, so that who reads JSON is given some.
      Console.out(
        .object([
          .init("schema", .string("carillon.job.log.end/1")), .init("run", .number(record.id)),
          .init("slot", .string("\(record.slot)")), .init("state", .string(record.state.rawValue)),
          .init("lines", .number(0)),
        ]))
    }
    if reading.isEmpty {
      Console.say("run \(record.id) (\(record.slot), \(record.state)) printed nothing")
    }
  }

  private func find(in store: Store, of workspace: Workspace) throws -> RunRecord {
    let operation = "show the output of"
    let slot = try RunArgument(text: target).slot(in: store, of: workspace, to: operation)
    guard let record = try store.read({ try $0.runs.run(slot) }) else {
      throw Fault(
        operation, "run \(target)", cause: "there is no such run",
        remedy: "see the runs: carillon job history", exit: .no)
    }
    return record
  }
}
