import Domain
import Glibc
import Scheduler
import Testing

/// docs/reference/schedules.md against the JSON Schema and against what the reader does.
@Suite struct ScheduleReferenceTests {
  private struct Row {
    var key: String
    var meaning: String
    var standard: String
  }

  /// The rows of the page's tables, by key; `timezone` stands in two of them.
  private static func rows() throws -> [Row] {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try #require(fopen("/\(folder)/docs/reference/schedules.md", "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes += buffer.prefix(count)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.split(separator: "|").map { cell in
        String(cell.drop { $0 == " " }).trimmingSuffix
      }
      return Row(
        key: String(cells[0].dropFirst().prefix { $0 != "`" }), meaning: cells[1],
        standard: cells.count > 2 ? cells[2] : "")
    }
  }

  @Test func namesTheKeysOfTheSchemaAndNoOther() throws {
    let schema = try JSONValue.parse(Array(ScheduleSchema.text.utf8))
    func keys(_ object: JSONValue?) -> Set<String> {
      Set(object?["properties"]?.object?.map(\.key) ?? [])
    }
    let rows = try Self.rows()
    let job = keys(schema["$defs"]?["job"])
    #expect(keys(schema).union(job) == Set(rows.map(\.key)))
    // Those that `defaults` may hold are marked.
    let page = try Self.rows().filter { keys(schema["properties"]?["defaults"]).contains($0.key) }
    #expect(page.count == 8)
    for nested in ["retry", "onFailure"] {
      let row = try #require(rows.first { $0.key == (nested == "retry" ? "retry" : "on-failure") })
      for key in keys(schema["$defs"]?[nested]) {
        #expect(row.meaning.contains("`\(key)`"), "\(row.key): \(key)")
      }
    }
  }

  /// What the third column says, against a job that says nothing.
  @Test func tellsTheDefaults() throws {
    let schedule = try Schedule.parse(
      "version: 1\njobs:\n  fetch: { every: 1h }\n  rebalance: { every: 1h }\n", file: "f")
    let (job, orders) = (schedule.jobs[0], schedule.jobs[1])
    let rows = Dictionary(
      try Self.rows().map { ($0.key, $0.standard) }, uniquingKeysWith: { first, _ in first })
    let retry = job.policy.retry
    #expect(rows["timezone"] == "`\(schedule.zone.name)`")
    #expect(rows["timeout"] == "`\(job.policy.timeout)`")
    #expect(
      rows["retry"]
        == "`max: \(retry.max)`, `backoff: \(retry.firstBackoff)..\(retry.lastBackoff)`")
    #expect(rows["deadline"]?.hasPrefix("until the next slot;") == true)
    #expect(job.deadline == .untilNextSlot && orders.deadline == .quarterOfInterval)
    #expect(rows["deadline"]?.contains("`\(DeadlineRule.longestForOrders)` at most") == true)
    #expect(
      rows["catchup"]
        == "`\(job.catchup.rawValue)`; `\(orders.catchup.rawValue)` for jobs that place orders")
    #expect(rows["overlap"] == "`\(job.overlap.rawValue)`")
    #expect(rows["jitter"] == "`\(job.jitter)`")
    #expect(rows["grace"] == "`\(job.grace)`")
    #expect(rows["paused"] == "`\(job.paused)`")
    #expect(job.onFailure == FailureResponse() && rows["on-failure"] == "nothing")
  }
}

extension String {
  /// Without spaces at the end.
  fileprivate var trimmingSuffix: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
