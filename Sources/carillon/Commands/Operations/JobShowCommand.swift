import ArgumentParser
import Domain
import Scheduler
import Service
import Settings
import Store

/// `carillon job show`
struct JobShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run: its slot, attempts, end, and what followed.")

  @Argument(
    help: ArgumentHelp(
      "The run's number, JOB@SLOT like fetch@2026-11-20T14:01:00Z, or a job: its newest run.",
      valueName: "run"), completion: Completions.job)
  var target: String

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard RunArgument(text: target).meaning != nil else {
      throw ValidationError("\(target): \(RunArgument.form)")
    }
  }

  func run() throws {
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    let schedule = try workspace.followedSchedule(store)
    let slot = try RunArgument(text: target).slot(in: store, of: workspace, to: "show")
    let detail = try store.read { transaction -> RunDetail in
      guard let run = try transaction.runs.run(slot) else {
        throw Fault(
          "show", "\(slot)", cause: "no run of it is on record",
          remedy: "carillon why \(slot)", exit: .no)
      }
      return try RunDetail(run, schedule, transaction)
    }
    try store.close()
    if output.json {
      Console.out(detail.json)
    } else {
      try RunView(detail, global.clock()).lines(plain: output.plain).forEach { Console.out($0) }
    }
  }
}
