import Calendars
import Domain
import Foundation
import Settings
import Store
import StrictYAML
import Testing

@testable import Jobs

/// Daily shares of New York: each session decides on its own close, on Mondays and after holidays too.
@Suite struct ShareSessionTests {
  /// The sessions of the first quarter of 2026: 61, after the holidays of 01-01, 01-19 and 02-16.
  private static func sessions() throws -> [TradingSession] {
    let end = try #require(Instant(rfc3339: "2026-04-01"))
    return try TradingCalendar.builtIn("XNYS").sessions(meeting: Workbench.start..<end)
  }

  /// A bench with a daily candle of each session, stamped with the midnight of its date; the n-th, from
  /// 0, closes at 100 + n.
  private static func bench(without missing: Set<Int> = []) throws -> (Workbench, Settings) {
    let bench = try Workbench()
    var text = "time_ms,open,high,low,close,volume\n"
    for (index, session) in try sessions().enumerated() where !missing.contains(index) {
      let close = 100 + index
      text += "\(label(session).milliseconds),\(close - 1),\(close),\(close - 1),\(close),1000\n"
    }
    try bench.write(text, to: "candles/GOOG_1d.csv")
    try bench.write(
      #"{"kind":"linear","version":1,"features":["up"],"weights":[1]}"#, to: "model.json")
    let settings = try Settings.read(
      """
      version: 1
      database: { path: carillon.db }
      venues: { files: { kind: csv, path: candles } }
      accounts: { main: { quote: USD, cash: "10000" } }
      market:
        venue: files
        symbols: [GOOG-USD]
        timeframe: 1d
        calendar: XNYS
        features: { up: roc(1) }
      defaults:
        infer: { model: model.json }
        rebalance: { top: 1, max-weight: 1, max-age: 6h }
      """, file: bench.folder.appendingPathComponent("carillon.yaml").path, environment: [:]
    ).settings
    return (bench, settings)
  }

  private static func label(_ session: TradingSession) -> Instant {
    Instant(seconds: Int64(session.date.daysSinceEpoch) * 86_400)
  }

  private static func hours(_ time: Instant) -> Int64 {
    (time - Workbench.start).milliseconds / 3_600_000
  }

  private static func decide(
    _ bench: Workbench, _ settings: Settings, at time: Instant
  ) async throws -> [Prediction] {
    for kind in [JobKind.fetch, .compute, .infer] {
      let end = try await bench.run(try bench.job(kind, settings), hours: hours(time))
      #expect(end?.state == .succeeded, "\(kind) at \(time): \(end?.reason ?? "")")
    }
    let job = try #require(JobName("infer"))
    return try bench.store.read {
      try $0.predictions.latest(job, atOrBefore: time)?.predictions ?? []
    }
  }

  @Test func everySessionDecidesOnItsOwnClose() async throws {
    let (bench, settings) = try Self.bench()
    let sessions = try Self.sessions()
    try #require(sessions.count == 61)
    var decided = 0
    for (index, session) in sessions.enumerated() {
      // Two hours and more after the close.
      let evening = session.close + .hours(3)
      let rows = try await Self.decide(bench, settings, at: evening)
      guard index > 0 else { continue }
      let row = try #require(rows.first)
      #expect(row.time == Self.label(session), "\(session.date): \(row.reason ?? "")")
      // From one session's close to the next: 100 + n over 99 + n, in percent.
      let score = (Double(100 + index) / Double(99 + index) - 1) * 100
      #expect(((row.score ?? .nan) - score).magnitude < 1e-9, "\(session.date)")
      decided += 1
    }
    #expect(decided == 60)
    // No weekend was taken for a gap.
    let series = Series(venue: "files", symbol: try #require(Symbol("GOOG-USD")), timeframe: .day)
    let watermark = try bench.store.read { try $0.series.find(series)?.watermark }
    #expect(watermark == Self.label(try #require(sessions.last)))
  }

  /// Before the cut-off of the close auction the day's candle is no input, though a file has it.
  @Test func beforeTheCloseTheDayIsNoInput() async throws {
    let (bench, settings) = try Self.bench()
    let sessions = try Self.sessions()
    for (before, session) in zip(sessions.dropFirst(), sessions.dropFirst(2)) {
      let rows = try await Self.decide(bench, settings, at: session.close - .hours(1))
      #expect(rows.first?.time == Self.label(before), "\(session.date)")
      #expect(rows.first?.score != nil, "\(session.date): \(rows.first?.reason ?? "")")
    }
  }

  /// Decided in the evening before a weekend and a holiday, traded when the market opens; a decision of
  /// two sessions ago is too old.
  @Test func ordersWaitForTheOpening() async throws {
    let (bench, settings) = try Self.bench()
    let sessions = try Self.sessions()
    let friday = try #require(sessions.firstIndex { $0.date.description == "2026-01-16" })
    _ = try await Self.decide(bench, settings, at: sessions[friday].close + .hours(3))
    let tuesday = sessions[friday + 1]
    #expect(tuesday.date.description == "2026-01-20")
    let rebalance = try bench.job(.rebalance, settings)
    // 14:30Z is the opening.
    let opened = try await bench.run(rebalance, hours: Self.hours(tuesday.open + .minutes(30)))
    #expect(opened?.result?.caveat == nil, "\(opened?.result?.caveat ?? "")")
    #expect(opened?.result?.summary.hasPrefix("1 order") == true, "\(String(describing: opened))")
    let late = try await bench.run(
      rebalance, hours: Self.hours(sessions[friday + 2].open + .minutes(30)))
    #expect(late?.result?.caveat?.hasPrefix("abstained: the newest scores") == true)
  }

  /// What is missing while the market is open is a gap.
  @Test func aSessionWithoutACandleIsAGap() async throws {
    let (bench, settings) = try Self.bench(without: [7])
    let sessions = try Self.sessions()
    let end = try await bench.run(
      try bench.job(.fetch, settings), hours: Self.hours(sessions[12].close + .hours(3)))
    #expect(end?.result?.summary.contains("12 new, 1 gaps (1 missing)") == true)
  }

  /// A window of rows with a hole in it is not what a model was trained on.
  @Test(arguments: [false, true]) func aWindowOverAGapAbstains(hasGap: Bool) async throws {
    let bench = try Workbench()
    let goldens =
      "\(#filePath)".split(separator: "/").dropLast(2)
      .reduce("") { "\($0)/\($1)" } + "/InferenceTests/Goldens/"
    try FileManager.default.copyItem(
      atPath: goldens + "lstm_plain.safetensors",
      toPath: bench.folder.appendingPathComponent("model.safetensors").path)
    var text = "time_ms,open,high,low,close,volume\n"
    for hour in 0..<24 where !(hasGap && hour == 20) {
      let time = Workbench.start.milliseconds + Int64(hour) * 3_600_000
      text += "\(time),1,2,1,\(hour % 2 + 1),1\n"
    }
    try bench.write(text, to: "candles/AAA_1h.csv")
    let settings = try Settings.read(
      """
      version: 1
      venues: { files: { kind: csv, path: candles } }
      accounts: { main: { quote: USD, cash: "1000" } }
      market: { venue: files, symbols: [AAA-USD], features: { a: close, b: open, c: high } }
      defaults: { infer: { model: model.safetensors } }
      """, file: bench.folder.appendingPathComponent("carillon.yaml").path, environment: [:]
    ).settings
    let rows = try await Self.decide(bench, settings, at: Workbench.start + .hours(24))
    let row = try #require(rows.first)
    #expect(
      row.reason == (hasGap ? "2026-01-01T20:00:00Z is missing in the window of 7 rows" : nil))
    #expect((row.score == nil) == hasGap)
  }

  @Test func settingsRefuseACalendarThatThereIsNot() throws {
    let thrown = #expect(throws: Diagnostics.self) {
      try Settings.read(
        """
        version: 1
        venues: { files: { kind: csv, path: candles, calendar: XNYC } }
        accounts: { main: { quote: USD, cash: "1000" } }
        market: { venue: files, calendar: xnys }
        """, file: "carillon.yaml", environment: [:])
    }
    #expect(
      thrown?.items.map { "\($0.location.line):\($0.location.column) \($0.message)" } == [
        "2:56 calendar `XNYC`: there is no such calendar",
        "4:35 calendar `xnys`: there is no such calendar",
      ])
  }

  /// A read that failed for a passing reason says nothing of the file; one that is no model does.
  @Test(arguments: [true, false]) func onlyLastingFaultsAreRemembered(isTransient: Bool) throws {
    var state = ModelSwap.State()
    let fault = Fault("read the model", "m", cause: "c", exit: .io, isTransient: isTransient)
    state.refuse(try ModelStamp("/nowhere/m.json"), for: fault, caveat: "stays")
    #expect(state.refused?.caveat == (isTransient ? nil : "stays"))
  }
}
