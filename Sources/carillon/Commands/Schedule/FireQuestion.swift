import Domain
import Scheduler

/// A question for the next fires of an expression.
struct FireQuestion {
  private let cadence: Cadence
  private let from: Instant
  private let count: Int

  /// The fires of an expression in a zone.
  ///
  /// - Throws: exit 64 for a bad expression, with the place in it; 78 for an unknown zone.
  init(cron: String, timezone: String, from: Instant, count: Int) throws(Fault) {
    cadence = try Self.cadence(cron, timezone)
    self.from = from
    self.count = count
  }

  /// A question as one line of JSON: `{"cron", "timezone", "from", "n"}`; the zone is UTC unless
  /// given, and `n` 1.
  init(json line: String) throws(Fault) {
    func bad(_ cause: String) -> Fault { Fault("read", "the question", cause: cause, exit: .data) }
    let object: JSONValue
    do {
      object = try JSONValue.parse(Array(line.utf8))
    } catch {
      throw bad("\(error)")
    }
    guard let cron = object["cron"]?.string else { throw bad("`cron` is missing") }
    guard let from = object["from"]?.string.flatMap({ Instant(rfc3339: $0) }) else {
      throw bad("`from` must be a time like 2026-03-08T07:00:00Z")
    }
    let count = object["n"].map { $0.int } ?? 1
    guard let count, (1...ScheduleNextCommand.maximumCount).contains(count) else {
      throw bad("`n` is from 1 to \(ScheduleNextCommand.maximumCount)")
    }
    cadence = try Self.cadence(cron, object["timezone"]?.string ?? "UTC")
    self.from = from
    self.count = count
  }

  /// The fires, strictly after the start.
  func fires() -> [Instant] {
    var fires: [Instant] = []
    while fires.count < count, let next = cadence.next(after: fires.last ?? from) {
      fires.append(next)
    }
    return fires
  }

  /// A cadence of an expression, `@every` included.
  static func cadence(_ text: String, _ timezone: String) throws(Fault) -> Cadence {
    let zone = try ZoneDatabase.zone(timezone)
    do {
      return .cron(try CronExpression(text), zone: zone, calendar: nil)
    } catch {
      let pointer =
        String(repeating: " ", count: error.columns.lowerBound)
        + String(repeating: "^", count: max(1, error.columns.count))
      throw Fault(
        "read the expression", "\"\(text)\"", cause: error.message,
        remedy: "\(text)\n  \(pointer) \(error.mend ?? "")", exit: .usage)
    }
  }
}
