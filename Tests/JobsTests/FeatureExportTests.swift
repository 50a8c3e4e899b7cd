import Domain
import Jobs
import Settings
import Store
import StrictYAML
import Testing

/// What a model is trained on, against what the tables hold.
@Suite struct FeatureExportTests {
  /// Two series, the second of which begins at 02:00 and lacks 05:00, with their rows.
  private func bench() async throws -> (Workbench, FeatureSelection) {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11, 12, 13, 14, 15, 16])
    var text = "time_ms,open,high,low,close,volume\n"
    for (hour, close) in [(2, 22), (3, 23), (4, 24), (6, 26)] {
      let time = Workbench.start.milliseconds + Int64(hour) * 3_600_000
      text += "\(time),\(close),\(close),\(close),\(close),1\n"
    }
    try bench.write(text, to: "candles/BBB_1h.csv")
    let settings = try bench.settings()
    for kind in [JobKind.fetch, .compute] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 7)?.state == .succeeded)
    }
    return (bench, try selection(settings, bench))
  }

  private func selection(_ settings: Settings, _ bench: Workbench) throws -> FeatureSelection {
    let sources = MarketSources(settings, transport: NoNetwork(), time: bench.time)
    let name = try #require(JobName("compute"))
    return try #require(
      JobCatalog(settings, sources: sources)
        .features(name, .compute, parameters: nil, log: DiagnosticLog()))
  }

  private func symbols(_ names: String...) throws -> [Symbol] {
    try names.map { try #require(Symbol($0)) }
  }

  @Test(arguments: [1, 2, 5, 1000])
  func rowsComeInOrderOfTimeThenSymbolInPagesOfAnySize(page: Int) async throws {
    let (bench, selection) = try await bench()
    let export = FeatureExport(
      selection, symbols: try symbols("BBB-USD", "AAA-USD"), from: nil, to: nil)
    var lines: [String] = []
    try bench.store.read { transaction in
      #expect(try export.shortfalls(in: transaction).isEmpty)
      let count = try export.forEachRow(in: transaction, withClose: true, pageRows: page) { row in
        let hour = (row.time - Workbench.start).milliseconds / 3_600_000
        lines.append("\(hour) \(row.symbol.base) \(row.close ?? .nan) \(row.values[0])")
      }
      #expect(count == lines.count)
    }
    // The mean of two closes: AAA closes at 10 + n, BBB at 20 + n. The flat candle that stands in for
    // BBB's 05:00 closes at 24 as the one before it.
    #expect(
      lines == [
        "0 AAA 10.0 nan", "1 AAA 11.0 10.5", "2 AAA 12.0 11.5", "2 BBB 22.0 nan",
        "3 AAA 13.0 12.5", "3 BBB 23.0 22.5", "4 AAA 14.0 13.5",
        "4 BBB 24.0 23.5", "5 AAA 15.0 14.5", "6 AAA 16.0 15.5", "6 BBB 26.0 25.0",
      ])
  }

  @Test func theRangeIsHalfOpen() async throws {
    let (bench, selection) = try await bench()
    let export = FeatureExport(
      selection, symbols: try symbols("AAA-USD"), from: Workbench.start + .hours(2),
      to: Workbench.start + .hours(4))
    var hours: [Int64] = []
    try bench.store.read { transaction in
      _ = try export.forEachRow(in: transaction, withClose: false) { row in
        hours.append((row.time - Workbench.start).milliseconds / 3_600_000)
        #expect(row.close == nil)
      }
    }
    #expect(hours == [2, 3])
  }

  @Test func candlesWithoutRowsAreTold() async throws {
    let (bench, selection) = try await bench()
    // Two more candles of AAA are fetched, and not computed.
    try bench.candles("AAA", [10, 11, 12, 13, 14, 15, 16, 17, 18])
    _ = try await bench.run(try bench.job(.fetch, try bench.settings()), hours: 9)
    let all = try symbols("AAA-USD", "BBB-USD", "CCC-USD")
    try bench.store.read { transaction in
      let export = FeatureExport(selection, symbols: all, from: nil, to: nil)
      let lacking = try export.shortfalls(in: transaction)
      #expect(lacking.map(\.symbol.base) == ["AAA", "CCC"])
      #expect(lacking.map(\.missing) == [2, 0])
      #expect(lacking.map(\.first) == [Workbench.start + .hours(7), nil])
      let earlier = FeatureExport(
        selection, symbols: all, from: nil, to: Workbench.start + .hours(8))
      #expect(try earlier.shortfalls(in: transaction).first?.missing == 1)
      let before = FeatureExport(
        selection, symbols: Array(all.prefix(2)), from: nil, to: Workbench.start + .hours(7))
      #expect(try before.shortfalls(in: transaction).isEmpty)
    }
  }

  @Test func aSetThatWasNeverComputedLacksEverything() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11, 12])
    let settings = try bench.settings()
    _ = try await bench.run(try bench.job(.fetch, settings), hours: 3)
    let export = FeatureExport(
      try selection(settings, bench), symbols: try symbols("AAA-USD"), from: nil, to: nil)
    try bench.store.read { transaction in
      #expect(try export.shortfalls(in: transaction).map(\.missing) == [3])
      let count = try export.forEachRow(in: transaction, withClose: false) { _ in }
      #expect(count == 0)
    }
  }
}
