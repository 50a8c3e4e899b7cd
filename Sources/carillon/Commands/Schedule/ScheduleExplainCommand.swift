import ArgumentParser
import Domain
import Scheduler

/// `carillon schedule explain`
struct ScheduleExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say in words when an expression fires, and what daylight saving does to it.")

  @Argument(help: "The expression in quotes, like \"30 2 * * *\".")
  var expression: String

  @Option(help: "The zone in which it is evaluated.")
  var timezone = "UTC"

  @Option(help: "As of this time, like 2026-03-08T07:00:00Z; now unless given.")
  var from: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let from, Instant(rfc3339: from) == nil {
      throw ValidationError("--from \(from) is no time; write it like 2026-03-08T07:00:00Z")
    }
  }

  func run() throws {
    let now = from.flatMap { Instant(rfc3339: $0) } ?? SystemTime().now
    let cadence = try FireQuestion.cadence(expression, timezone)
    let explanation = CronExplanation(of: cadence, at: now)
    if output.json { return Console.out(json(explanation)) }
    let clock = Clock(zone: cadence.zone)
    Console.out(explanation.words)
    explanation.warnings.forEach { Console.out("warning: \($0.message)") }
    if explanation.next.isEmpty { Console.out("it never fires again") }
    for (index, fire) in explanation.next.enumerated() {
      Console.out((index == 0 ? "next      " : "          ") + text(fire, clock))
    }
    for (index, fire) in explanation.previous.enumerated() {
      Console.out((index == 0 ? "previous  " : "          ") + text(fire, clock))
    }
    if explanation.clockEffects.isEmpty {
      Console.out("changes of the clocks touch no fire of the next 400 days")
    } else {
      Console.out("changes of the clocks, next 400 days:")
      explanation.clockEffects.forEach { Console.out("  \($0)") }
    }
  }

  private func text(_ fire: Instant, _ clock: Clock) -> String {
    clock.zone == .utc ? clock.text(fire) : "\(clock.text(fire))  (\(fire))"
  }

  private func json(_ explanation: CronExplanation) -> JSONValue {
    func times(_ fires: [Instant]) -> JSONValue { .array(fires.map { .string("\($0)") }) }
    return .object([
      .init("schema", .string("carillon.schedule.explain/1")),
      .init("expression", .string(expression)), .init("timezone", .string(timezone)),
      .init("words", .string(explanation.words)),
      .init("warnings", .array(explanation.warnings.map { .string($0.message) })),
      .init("next", times(explanation.next)), .init("previous", times(explanation.previous)),
      .init(
        "clock_effects", .array(explanation.clockEffects.map { .string($0.description) })),
    ])
  }
}
