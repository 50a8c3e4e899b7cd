import Domain
import Net
import Settings
import Synchronization
import Testing

@testable import Service

/// What `carillon doctor` tells of channels.
@Suite struct DoctorChannelTests {
  /// Answers each address by its path, and counts what is sent.
  private final class Receivers: HTTPTransport {
    let sent = Mutex(0)

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
      sent.withLock { $0 += 1 }
      return HTTPResponse(
        status: request.url.hasSuffix("/well") ? 204 : 404, body: Array("no such hook".utf8))
    }
  }

  private func setup(_ notify: String, messenger: (any HTTPTransport)?) throws -> ExaminedSetup {
    let settings = try Settings.read(
      BuiltInSettings.text + notify, file: "/etc/c/carillon.yaml", environment: [:]
    ).settings
    var setup = ExaminedSetup(
      version: "1", check: SetupReport(), settings: settings, schedule: nil, jobs: [],
      schedulesPath: "schedules.yaml", time: SystemTime())
    setup.messenger = messenger
    return setup
  }

  private static let two = """

    notify:
      channels:
        good: { kind: webhook, url: "https://example.org/well" }
        bad: { kind: webhook, url: "https://example.org/gone" }
        wall: { kind: program, run: ["/bin/true"] }
    """

  @Test func aTestGoesThroughEachAndItsLineSaysWhatCameOfIt() async throws {
    let receivers = Receivers()
    let report = await DoctorReport.examine(
      try setup(Self.two, messenger: receivers), [.channels], isForProduction: false)
    #expect(receivers.sent.withLock(\.self) == 2)
    let lines = report.lines.map(\.text)
    try #require(lines.count == 3)
    #expect(lines[0] == "✓ channel good: a test was taken (https://example.org)")
    #expect(lines[1].hasPrefix("✗ channel bad: a test was not taken (https://example.org): "))
    #expect(lines[1].contains("404"))
    #expect(lines[1].hasSuffix(", mend it, and try again: carillon notify test bad"))
    #expect(lines[2] == "✓ channel wall: a test was taken (/bin/true)")
    #expect(report.exit == .no)
  }

  @Test func nothingIsSentUnlessItIsAsked() async throws {
    let report = await DoctorReport.examine(
      try setup(Self.two, messenger: nil), [.channels], isForProduction: true)
    #expect(report.lines.isEmpty)
  }

  @Test func askedWithoutAChannelItIsNotWell() async throws {
    let report = await DoctorReport.examine(
      try setup("", messenger: Receivers()), [.channels], isForProduction: false)
    #expect(report.lines.count == 1 && report.exit == .no)
  }
}
