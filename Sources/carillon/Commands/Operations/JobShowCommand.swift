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
      "The run's number, or JOB@SLOT like fetch@2026-11-20T14:01:00Z.", valueName: "run"))
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
    let slot = try RunArgument(text: target).slot(in: store, to: "show")
    let view = try store.read { transaction -> RunView in
      guard let run = try transaction.runs.run(slot) else {
        throw Fault(
          "show", "\(slot)", cause: "no run of it is on record",
          remedy: "carillon why \(slot)", exit: .no)
      }
      return try RunView(run, schedule, transaction)
    }
    try store.close()
    if output.json {
      Console.out(view.json)
    } else {
      try view.lines(global.clock(), plain: output.plain).forEach { Console.out($0) }
    }
  }
}

/// One run, with its attempts and its neighbours in the chain.
struct RunView {
  private let run: RunRecord
  private let attempts: [AttemptRecord]
  /// The rows of its parents and of what comes after it, at the same slot.
  private let parents: [RunRecord]
  private let followers: [RunRecord]
  /// The instant after which no attempt may start; nil where there is none, or none is known.
  private let deadline: Instant?

  /// Reads what belongs to a run.
  init(_ run: RunRecord, _ schedule: Schedule, _ transaction: ReadTransaction) throws {
    func rows(_ jobs: [JobName]) throws -> [RunRecord] {
      try jobs.compactMap { try transaction.runs.run(Slot(job: $0, time: run.slot.time)) }
    }
    let job = run.slot.job
    self.run = run
    attempts = try transaction.runs.attempts(of: run.id)
    parents = try rows(schedule[job]?.parents ?? [])
    followers = try rows(schedule.descendants(of: job))
    deadline =
      run.trigger == .manual ? nil : schedule.latestStart(of: job, slot: run.slot.time)
  }

  /// The lines for people; `plain` gives the table of attempts alone, separated by tabs.
  func lines(_ clock: Clock, plain: Bool) -> [String] {
    var table = Table(">ATTEMPT", "STARTED", "ENDED", ">TOOK", "OUTCOME", "REASON")
    for attempt in attempts {
      table.add(
        "\(attempt.number)", clock.text(attempt.started),
        attempt.ended.map { clock.text($0) } ?? "",
        attempt.ended.map { ($0 - attempt.started).brief } ?? "",
        attempt.outcome?.rawValue ?? "running", attempt.reason ?? "")
    }
    if plain { return table.lines(plain: true) }
    var lines = ["run \(run.id) · \(run.slot.job) · \(clock.text(run.slot.time)) · \(run.state)"]
    func add(_ title: String, _ text: String) {
      let padding = String(repeating: " ", count: max(0, 10 - title.count))
      lines.append("  \(title)\(padding)\(text)")
    }
    if let reason = run.reason { add("reason", reason) }
    if let result = run.result { add("result", result) }
    if run.state.isDebt { add("owed", HandRun.owed(run.id)) }
    if let ahead = run.ahead {
      add("clock", "run under a clock that was ahead, and set back at \(clock.text(ahead))")
    }
    add("trigger", run.trigger.rawValue)
    if let deadline { add("deadline", "no attempt starts after \(clock.text(deadline))") }
    for parent in parents { add("due after", Self.line(parent)) }
    for follower in followers { add("then", Self.line(follower)) }
    return table.isEmpty ? lines + ["no attempt was made"] : lines + [""] + table.lines()
  }

  private static func line(_ run: RunRecord) -> String {
    "\(run.slot.job) \(run.state) (run \(run.id))" + (run.reason.map { ": \($0)" } ?? "")
  }

  /// The run for machines.
  var json: JSONValue {
    func time(_ instant: Instant?) -> JSONValue { instant.map { .string("\($0)") } ?? .null }
    func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    let attempts = attempts.map { attempt in
      JSONValue.object([
        .init("attempt", .number(attempt.number)), .init("started", time(attempt.started)),
        .init("ended", time(attempt.ended)), .init("outcome", text(attempt.outcome?.rawValue)),
        .init("reason", text(attempt.reason)),
      ])
    }
    return .object([
      .init("schema", .string("carillon.job.show/1")), .init("run", run.json),
      .init("created", time(run.created)), .init("deadline", time(deadline)),
      .init("attempts", .array(attempts)), .init("due_after", .array(parents.map(\.json))),
      .init("followed_by", .array(followers.map(\.json))),
    ])
  }
}
