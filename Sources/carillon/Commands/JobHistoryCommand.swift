import ArgumentParser
import Domain
import Store

/// `carillon job history`
struct JobHistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show a job's slots, newest first, each with its end.")

  @Argument(help: "The job; all of them unless one is named.")
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
    let store = try Workspace(global).existingStore()
    let clock = try global.clock()
    let runs = try store.read {
      try $0.runs.history(
        job: name.flatMap { JobName($0) }, limit: limit, failedOnly: failed)
    }
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.job.history/1")),
          .init("runs", .array(runs.map(\.json))),
        ]))
      return
    }
    var table = Table("SLOT", "JOB", "STATE", ">RUN", ">TRIES", ">TOOK", "TRIGGER", "RESULT")
    for run in runs {
      table.add(
        clock.text(run.slot.time), run.slot.job.text, run.state.rawValue, "\(run.id)",
        "\(run.attempts)", run.duration.map { "\($0)" } ?? "", run.trigger.rawValue,
        run.reason ?? run.result ?? "")
    }
    if table.isEmpty {
      Console.say(failed ? "no failed runs" : "no runs yet")
    } else {
      output.print(table)
    }
  }
}

extension RunRecord {
  /// The run for machines.
  var json: JSONValue {
    func time(_ instant: Instant?) -> JSONValue { instant.map { .string("\($0)") } ?? .null }
    func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    return .object([
      .init("run", .number(id)), .init("job", .string(slot.job.text)),
      .init("slot", .string("\(slot.time)")), .init("state", .string(state.rawValue)),
      .init("trigger", .string(trigger.rawValue)), .init("attempts", .number(attempts)),
      .init("started", time(started)), .init("ended", time(ended)), .init("reason", text(reason)),
      .init("result", text(result)),
    ])
  }
}
