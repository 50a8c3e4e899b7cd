import ArgumentParser
import Domain
import Service
import Store

/// `carillon job history`
struct JobHistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show a job's slots, newest first, each with its end.")

  @Argument(help: "The job; all of them unless one is named.", completion: Completions.job)
  var name: String?

  @Flag(help: "Only slots that failed or timed out.")
  var failed = false

  @Option(name: [.customShort("n"), .long], help: "How many at most.")
  var limit = 20

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let name, JobName(name) == nil { throw ValidationError("\(name) is no name of a job") }
    guard (1...100_000).contains(limit) else {
      throw ValidationError("--limit is from 1 to 100000")
    }
  }

  func run() throws {
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    let clock = try global.clock()
    let answer = try store.read {
      try HistoryAnswer(
        $0, job: name.flatMap { JobName($0) }, limit: limit, failedOnly: failed)
    }
    if answer.runs.isEmpty, let name, !failed {
      try KnownJobs(workspace, store).require(name, to: "show the history of")
    }
    if output.json { return Console.out(answer.json) }
    var table = Table("SLOT", "JOB", "STATE", ">RUN", ">TRIES", ">TOOK", "TRIGGER", "RESULT")
    for run in answer.runs {
      table.add(
        clock.text(run.slot.time), run.slot.job.text, run.state.rawValue, "\(run.id)",
        "\(run.attempts)", run.duration.map { "\($0)" } ?? "", run.trigger.rawValue,
        clock.localised(run.reason ?? run.result ?? ""))
    }
    if table.isEmpty {
      Console.say(failed ? "no failed runs" : "no runs yet")
    } else {
      output.print(table)
    }
  }
}
