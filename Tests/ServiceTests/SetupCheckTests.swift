import Disk
import Domain
import Glibc
import Jobs
import Net
import Scheduler
import Settings
import Store
import StrictYAML
import Testing

@testable import Service

/// What `carillon check` tells of a set-up, every mistake at once.
@Suite struct SetupCheckTests {
  private static let settings = """
    version: 1
    database: { path: carillon.db }
    venues: { files: { kind: csv, path: candles } }
    accounts: { main: { quote: USD, cash: "1000" } }
    market: { venue: files, symbols: [AAA-USD, BBB-USD], timeframe: 1h, features: { up: roc(1) } }
    defaults: { infer: { model: model.json }, rebalance: { top: 1 } }
    """
  private static let schedules = """
    version: 1
    jobs:
      fetch:     { cron: "1 * * * *" }
      compute:   { after: fetch }
      infer:     { after: compute }
      rebalance: { after: infer }
      snapshot:  { cron: "30 3 * * *" }
    """
  private static let model = #"{"kind":"linear","version":1,"features":["up"],"weights":[1]}"#
  private static let candles = """
    time_ms,open,high,low,close,volume
    1767225600000,10,12,9,11,5

    """

  private let folder: ServiceFolder

  init() throws { folder = try ServiceFolder() }

  /// Looks at the set-up in the folder.
  private func look(
    settings text: String = SetupCheckTests.settings,
    schedules: String = SetupCheckTests.schedules
  ) async throws -> SetupReport {
    var check = SetupCheck()
    let file = folder.path + "/carillon.yaml"
    let (settings, warnings) = try Settings.read(text, file: file, environment: [:])
    check.settings(file, warnings)
    let sources = MarketSources(settings, transport: NoExchange(), time: SystemTime())
    let catalog = JobCatalog(settings, sources: sources)
    check.schedules(schedules, at: folder.schedulesFile, catalog, now: ServiceFolder.start)
    check.database(settings)
    check.surroundings(catalog)
    for found in await catalog.examineVenues(of: check.jobs, time: SystemTime()) {
      check.add(found)
    }
    return check.report
  }

  private func write(_ name: String, _ text: String) throws {
    try TextFile.create("\(folder.path)/\(name)", text, replace: true)
  }

  /// Candles and a model, as the set-up wants them.
  private func furnish() throws {
    try TextFile.makeDirectory(folder.path + "/candles")
    for name in ["AAA", "BBB"] { try write("candles/\(name)_1h.csv", Self.candles) }
    try write("model.json", Self.model)
  }

  private func clearCandles() throws {
    try Folder.clear(folder.path + "/candles")
    rmdir(folder.path + "/candles")
  }

  @Test func aGoodSetUpPasses() async throws {
    try furnish()
    let report = try await look()
    #expect(report.findings.filter { $0.status != .pass }.map(\.text) == [])
    #expect(report.exit == .done)
    #expect(report.status(of: .venues) == .pass && report.status(of: .models) == .pass)
    #expect(report.json["valid"] == .bool(true))
    #expect(report.json["areas"]?["schedules"]?.string == "pass")
    try clearCandles()
  }

  /// A file of users that a start would refuse: the hash lost its dollars in a file of Compose.
  @Test func whoComesInIsLookedAt() async throws {
    try furnish()
    try write("users", "kim:2y.05.abc/def\n")
    let web = Self.settings + "\nweb: { users-file: users }\n"
    let found = try await look(settings: web).findings.first { $0.status == .fail }
    #expect(found?.area == .settings)
    #expect(found?.text.contains("took $2b$ or $y$ for a variable") == true)
    try write("users", "")
    #expect(try await look(settings: web).exit == .configuration)
    try clearCandles()
  }

  /// No model, no candles, an account on record with other cash, a program that is not there: four
  /// mistakes of four kinds, all told.
  @Test func everyMistakeIsToldAtOnce() async throws {
    let store = try Store.open(folder.database, mode: .readWrite)
    try store.write(at: ServiceFolder.start) {
      try $0.accounts.open("main", quote: "USD", mode: .paper, initial: Amount(500))
    }
    try store.close()
    let report = try await look(
      schedules: Self.schedules
        + "\n  train: { every: 1d, job: command, with: { run: [no-such-program-anywhere] } }\n")
    func texts(_ area: SetupReport.Area) -> [String] {
      report.findings.filter { $0.area == area && $0.status != .pass }.map(\.text)
    }
    #expect(texts(.models).first?.contains("model.json: there is no such file") == true)
    #expect(texts(.programs).first?.contains("no such program on the PATH") == true)
    #expect(texts(.venues).count == 1)
    #expect(
      texts(.accounts) == [
        "the account `main` exists since 2026-11-20T12:00:00Z with 500 USD: `cash: 1000` is not read "
          + "again"
      ])
    // The model may be one that `train` writes: a warning.
    #expect(report.status(of: .models) == .warn && report.status(of: .accounts) == .warn)
    #expect(report.status(of: .programs) == .fail && report.exit == .no)
    let places = report.diagnostics.items.map { "\($0.location.line):\($0.location.column)" }
    #expect(places.contains("4:39"))  // `"1000"` in the settings
  }

  /// A model that wants what is not computed, and wiring that cannot work.
  @Test func modelsAndWiringAreHeldAgainstTheFeatures() async throws {
    try furnish()
    try write("model.json", Self.model.replacing(#""up""#, with: #""upp""#))
    var report = try await look()
    let model = report.findings.first { $0.area == .models }
    #expect(
      model?.status == .fail && model?.text.contains("features that are not computed") == true)
    #expect(model?.place?.location.line == 6)
    #expect(report.exit == .no)
    report = try await look(
      schedules: Self.schedules.replacing(
        "rebalance: { after: infer }", with: "rebalance: { after: infer, with: { scores: fetch } }")
    )
    #expect(report.status(of: .schedules) == .fail && report.exit == .configuration)
    try clearCandles()
  }

  /// A symbol that the venue does not have, with the one that was meant.
  @Test func symbolsAreHeldAgainstTheVenue() async throws {
    try furnish()
    let report = try await look(settings: Self.settings.replacing("BBB-USD", with: "BBBB-USD"))
    let finding = report.findings.first { $0.area == .venues }
    #expect(finding?.status == .fail && finding?.mend == "did you mean `BBB-USD`?")
    #expect(finding?.place.map { "\($0.location.line):\($0.location.column)" } == "5:44")
    try clearCandles()
  }

  @Test func aScheduleThatIsWrongHidesNothingElse() async throws {
    let report = try await look(
      schedules: "version: 1\njobs: { fetch: { cron: \"61 * * * *\" } }\n")
    #expect(report.exit == .configuration)
    #expect(report.status(of: .database) == .pass && report.status(of: .disk) != nil)
  }
}

private struct NoExchange: HTTPTransport {
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    throw Fault("ask", request.url, cause: "no question is expected", exit: .internal)
  }
}
