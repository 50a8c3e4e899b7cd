import Domain
import Jobs

/// Tells of runs by hand as they end.
struct JobRunReport {
  let output: OutputOptions
  let clock: Clock
  private var objects: [JSONValue] = []

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

  /// A run that ended.
  mutating func add(_ run: ClaimedRun, _ end: RunEnd, took: TimeSpan) {
    let slot = run.firing.slot
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
    Console.out("run \(run.run) · \(slot.job) · \(clock.text(slot.time)) · manual by cli")
    for line in end.result?.details ?? [] { Console.out("  \(line)") }
    let seconds = "\(took.milliseconds / 1000).\(took.milliseconds / 100 % 10)s"
    switch end.state {
    case .succeeded:
      Console.out("ok in \(seconds): \(end.result?.summary ?? "")")
      if let caveat = end.result?.caveat { Console.out("note: \(caveat)") }
    default:
      Console.say("carillon: \(slot.job) \(end.state) in \(seconds): \(end.reason ?? "")")
      if let remedy = end.fault?.remedy { Console.say("  \(remedy)") }
    }
  }

  /// The end, with the jobs that would follow.
  func finish(notStarted followers: [JobName]) {
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.job.run/1")), .init("runs", .array(objects)),
          .init("not_started", .array(followers.map { .string($0.text) })),
        ]))
    } else if !followers.isEmpty {
      let names = followers.map(\.text).joined(separator: ", ")
      Console.out("(\(names) not started; add --chain to run what follows)")
    }
  }
}
