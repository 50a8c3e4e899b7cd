import Domain
import Settings
import StrictYAML
import Testing

@testable import Jobs

/// What a job of kind `report` may say, and what it asks for.
@Suite struct ReportJobTests {
  private struct NoReport: ReportMaker {
    func make(_ request: ReportRequest, _ context: JobContext) async throws -> JobResult {
      JobResult(summary: "")
    }
  }

  private func request(_ with: String) throws -> ReportRequest {
    let text = """
      version: 1
      database: { path: carillon.db }
      venues: { sim: { kind: simulated } }
      accounts: { main: { quote: USD, cash: "1000" } }
      market: { venue: sim, symbols: [AAA-USD], timeframe: 1h }
      notify:
        channels:
          mail: { kind: email, host: m.example.org, from: a@example.org, to: [b@example.org] }
          chat: { kind: slack, url-file: x }
      """
    let settings = try Settings.read(text, file: "/etc/c/carillon.yaml", environment: [:]).settings
    let log = DiagnosticLog()
    let reader = MappingReader(
      try YAMLDocument.parse(with, file: "with.yaml"), "`with`", log: log)
    let job = ReportJob(reader, settings, NoReport())
    reader.finish()
    if log.hasErrors { throw log.diagnostics }
    return try #require(job).request
  }

  @Test func whatIsAskedFor() throws {
    #expect(
      try request("{ folder: reports }")
        == ReportRequest(
          account: nil, period: .days(90), folder: "/etc/c/reports", channels: []))
    #expect(
      try request("{ period: 7d, account: main, folder: /r, notify: [mail] }")
        == ReportRequest(account: "main", period: .days(7), folder: "/r", channels: ["mail"]))
  }

  @Test(arguments: [
    ("{}", "goes nowhere"), ("{ period: 7d }", "goes nowhere"),
    ("{ notify: [post] }", "`post` is no channel of kind `email`"),
    ("{ notify: [chat] }", "`chat` is no channel of kind `email`"),
    ("{ folder: r, account: mian }", "did you mean `main`?"),
    ("{ folder: r, period: 1h }", "period"), ("{ folder: r, period: soon }", "period"),
    ("{ folder: r, emial: true }", "emial"),
  ])
  func whatIsAMistake(_ with: String, _ words: String) {
    let found = #expect(throws: Diagnostics.self) { try request(with) }
    let text = (found?.items ?? []).map { $0.message + ($0.mend.map { " | \($0)" } ?? "") }
    #expect(text.contains { $0.contains(words) }, "\(text)")
  }
}
