import Domain
import Foundation
import Scheduler
import StrictYAML
import Testing

/// The files in schedules/: each is right, and the JSON Schema says what the reader says.
struct ScheduleExamplesTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "schedules")

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test(arguments: ["carillon.yaml", "crypto-hourly.yaml", "demo.yaml", "shares-daily.yaml"])
  func isRight(name: String) throws {
    let schedule = try Schedule.parse(try Self.text(name), file: name)
    #expect(schedule.warnings == [])
    // All that works on the market on paper; statements want an exchange, and what a command would run is its user's.
    #expect(
      Set(schedule.jobs.map(\.kind))
        == Set(JobKind.allCases).subtracting([.reconcile, .report, .command]))
    // Shares are decided on after the close, and traded when the market opens.
    let isOfShares = name == "shares-daily.yaml"
    #expect(
      schedule.descendants(of: "fetch").map(\.text)
        == ["compute", "infer"] + (isOfShares ? [] : ["rebalance"]))
  }

  @Test func knowsEveryExample() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(
      names.filter { $0.hasSuffix(".yaml") }.sorted() == [
        "carillon.yaml", "crypto-hourly.yaml", "demo.yaml", "shares-daily.yaml",
      ])
  }

  /// JSON is YAML, so the schema is read by the same reader.
  @Test func schemaKnowsTheKeysOfTheReader() throws {
    let schema = try YAMLDocument.parse(
      try Self.text("schemas/schedules.schema.json"), file: "schema")
    func keys(_ path: String...) throws -> Set<String> {
      var node = schema
      for key in path { node = try #require(node[key], "\(path)") }
      return Set(node["properties"]?.entries?.compactMap(\.key.text) ?? [])
    }
    /// What the reader lists as known where it meets an unknown key.
    func known(_ text: String) throws -> Set<String> {
      let thrown = #expect(throws: Diagnostics.self) { try Schedule.parse(text, file: "f") }
      let mend = try #require(thrown?.items.compactMap(\.mend).first { $0.hasPrefix("known are ") })
      return Set(
        mend.dropFirst("known are ".count).split(separator: ", ").map { $0.filter { $0 != "`" } })
    }
    #expect(try keys() == known("{ version: 1, qqqqqqqq: 1, jobs: { fetch: { every: 1h } } }"))
    #expect(
      try keys("properties", "defaults")
        == known("{ version: 1, defaults: { qqqqqqqq: 1 }, jobs: { fetch: { every: 1h } } }"))
    #expect(
      try keys("$defs", "job")
        == known("{ version: 1, jobs: { fetch: { every: 1h, qqqqqqqq: 1 } } }"))
    #expect(
      try keys("$defs", "retry")
        == known("{ version: 1, jobs: { fetch: { every: 1h, retry: { qqqqqqqq: 1 } } } }"))
    #expect(
      try keys("$defs", "onFailure")
        == known("{ version: 1, jobs: { fetch: { every: 1h, on-failure: { qqqqqqqq: 1 } } } }"))
    let kinds = schema["$defs"]?["job"]?["properties"]?["job"]?["enum"]?.elements?.compactMap(
      \.text)
    #expect(kinds == JobKind.allCases.map(\.rawValue))
  }
}
