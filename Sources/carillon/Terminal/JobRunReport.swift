import Domain
import Jobs
import Service

/// Tells of runs by hand as they end.
struct JobRunReport {
  let output: OutputOptions
  let clock: Clock
  /// What of the chain did not start.
  var notStarted: [JobName] = []
  /// What would follow, had it been asked for.
  var followers: [JobName] = []
  private var objects: [JSONValue] = []
  private var last: JobName?
  private var isClosed = false

  init(output: OutputOptions, clock: Clock) {
    self.output = output
    self.clock = clock
  }

  /// A slot that had succeeded before.
  mutating func alreadyDone(_ slot: Slot) {
    objects.append(
      .object([
        .init("job", .string(slot.job.text)), .init("slot", .string("\(slot.time)")),
        .init("state", .string("succeeded")), .init("nothing_to_do", .bool(true)),
      ]))
    if !output.json { Console.out("\(slot.job) · nothing to do: \(slot.time) has succeeded") }
  }

  /// A run that begins.
  func begin(_ run: ClaimedRun) {
    guard !output.json else { return }
    let slot = run.firing.slot
    Console.out("run \(run.run) · \(slot.job) · \(clock.text(slot.time)) · manual by cli")
  }

  /// A run that ended.
  mutating func add(_ run: ClaimedRun, _ end: RunEnd, took: TimeSpan) {
    let slot = run.firing.slot
    last = slot.job
    var members: [JSONValue.Member] = [
      .init("run", .number(run.run)), .init("job", .string(slot.job.text)),
      .init("slot", .string("\(slot.time)")), .init("attempt", .number(run.attempt)),
      .init("state", .string(end.state.rawValue)),
      .init("took_ms", .number(took.milliseconds)),
    ]
    if let result = end.result { members.append(.init("result", .string(result.summary))) }
    if let reason = end.reason { members.append(.init("reason", .string(reason))) }
    objects.append(.object(members))
    guard !output.json else { return }
    for line in end.result?.details ?? [] { Console.out("  \(line)") }
    let seconds = took.brief
    switch end.state {
    case .succeeded:
      Console.out("ok in \(seconds): \(end.result?.summary ?? "")")
      if let caveat = end.result?.caveat { Console.out("note: \(caveat)") }
    default:
      Console.say("carillon: \(slot.job) \(end.state) in \(seconds): \(end.reason ?? "")")
      if let remedy = end.fault?.remedy {
        Console.say("  \(CommandHint.own.completed(remedy))")
      }
    }
  }

  /// A run that a person cut short at the keyboard.
  mutating func cut(_ run: ClaimedRun, isOver: Bool) {
    guard !output.json else { return }
    Console.say(
      isOver
        ? "  it is over, and nothing is owed"
        : "  orders of it have no answer yet; \(HandRun.owed(run.run))")
  }

  /// A run that is owed another attempt.
  mutating func owed(_ run: ClaimedRun) {
    guard !output.json else { return }
    Console.say("  \(HandRun.owed(run.run))")
  }

  /// The end, told once, with the jobs that were not started or would follow.
  mutating func close() {
    guard !isClosed else { return }
    isClosed = true
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.job.run/1")), .init("runs", .array(objects)),
          .init("not_started", .array((notStarted + followers).map { .string($0.text) })),
        ]))
      return
    }
    func list(_ names: [JobName]) -> String { names.map(\.text).joined(separator: ", ") }
    if !notStarted.isEmpty, let last {
      Console.out("(\(list(notStarted)) not started, since \(last) did not succeed)")
    } else if !followers.isEmpty {
      Console.out("(\(list(followers)) not started; add --chain to run what follows)")
    }
  }
}
