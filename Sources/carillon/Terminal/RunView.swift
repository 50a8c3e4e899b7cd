import Domain
import Service
import Store

/// Shows one run to people.
struct RunView {
  private let detail: RunDetail
  private let clock: Clock
  private var run: RunRecord { detail.run }

  init(_ detail: RunDetail, _ clock: Clock) { (self.detail, self.clock) = (detail, clock) }

  /// The lines for people; `plain` gives the table of attempts alone, separated by tabs.
  func lines(plain: Bool) -> [String] {
    var table = Table(">ATTEMPT", "STARTED", "ENDED", ">TOOK", "OUTCOME", "REASON")
    for attempt in detail.attempts {
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
    if let reason = run.reason { add("reason", clock.localised(reason)) }
    if let result = run.result { add("result", result) }
    if run.state.isDebt { add("owed", HandRun.owed(run.id)) }
    if let ahead = run.ahead {
      add("clock", "run under a clock that was ahead, and set back at \(clock.text(ahead))")
    }
    add("trigger", run.trigger.rawValue)
    if let deadline = detail.deadline {
      add("deadline", "no attempt starts after \(clock.text(deadline))")
    }
    for parent in detail.parents { add("due after", Self.line(parent)) }
    for follower in detail.followers { add("then", Self.line(follower)) }
    return table.isEmpty
      ? lines + ["no attempt was made"] : lines + [""] + table.lines(on: Screen(.output))
  }

  private static func line(_ run: RunRecord) -> String {
    "\(run.slot.job) \(run.state) (run \(run.id))" + (run.reason.map { ": \($0)" } ?? "")
  }
}
