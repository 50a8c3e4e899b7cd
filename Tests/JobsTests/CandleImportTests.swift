import Domain
import Foundation
import Jobs
import Settings
import Store
import Testing
import Venues

/// What a file of candles fills of a series, and what is held against it.
@Suite struct CandleImportTests {
  private static let start = Workbench.start

  /// Hours of a file: open and close 10, but of one hour another.
  private static func rows(_ hours: [Int], close: [Int: String] = [:]) -> String {
    hours.map { hour in
      let time = start.milliseconds + Int64(hour) * 3_600_000
      return "\(time),10,11,9,\(close[hour] ?? "10"),\(hour == 0 ? 1 : 2)\n"
    }.joined()
  }

  private static func file(_ bench: Workbench, _ rows: String, _ name: String = "A_USD_1h.csv")
    throws -> CandleImport
  {
    try bench.write("time_ms,open,high,low,close,volume\n" + rows, to: "import/\(name)")
    return try CandleImport(
      path: bench.folder.appendingPathComponent("import/\(name)").path, venue: "files")
  }

  /// A series with the hours 5, 6, 9 and 10, of which 10 is the newest that was fetched.
  private static func series(_ bench: Workbench) throws -> SeriesRecord {
    try bench.store.write(at: start + .hours(11)) { transaction in
      let record = try transaction.series.register(
        Series(venue: "files", symbol: try #require(Symbol("A-USD")), timeframe: .hour))
      _ = try transaction.candles.upsert(
        [5, 6, 9, 10].map { hour in
          Candle(
            time: start + .hours(hour), open: 10, high: 11, low: 9, close: 10, volume: 2)
        }, series: record, run: nil)
      try transaction.series.advance(record, watermark: start + .hours(10))
      return record
    }
  }

  /// The file's hours; what is taken, known and newer by 14:30.
  @Test(
    arguments: [
      // Older history, both gaps, what is there, and what the next fetch brings.
      (Array(0...13), [0, 1, 2, 3, 4, 7, 8], 4, 3), ([7], [7], 0, 0), ([5, 6, 9, 10], [], 4, 0),
      ([11, 12], [], 0, 2),
    ] as [([Int], [Int], Int, Int)])
  func fillsWhatIsMissing(_ hours: [Int], taken: [Int], known: Int, newer: Int) throws {
    let bench = try Workbench()
    let record = try Self.series(bench)
    let file = try Self.file(bench, Self.rows(hours))
    let now = Self.start + .hours(14) + .minutes(30)
    let planned = try bench.store.read { try file.outcome(in: $0, at: now) }
    let done = try bench.store.write(at: now) { try file.write(to: $0, at: now) }
    #expect(planned == done)
    #expect(done.inserted == taken.count && done.known == known && done.newer == newer)
    #expect(done.first == taken.first.map { Self.start + .hours(Int64($0)) })
    #expect(done.last == taken.last.map { Self.start + .hours(Int64($0)) })
    let (times, mark, audit) = try bench.store.read { transaction in
      (
        try transaction.candles.range(record, limit: 100).map(\.time),
        try transaction.series.find(id: record.id)?.watermark,
        try transaction.audit.latest(limit: 10).filter { $0.kind == "candles" }.map(\.text)
      )
    }
    #expect(times == Set(taken + [5, 6, 9, 10]).sorted().map { Self.start + .hours(Int64($0)) })
    // What was fetched ends where it did.
    #expect(mark == Self.start + .hours(10))
    #expect(audit.count == (taken.isEmpty ? 0 : 1))
    if let words = audit.first {
      #expect(words.contains("imported \(taken.count) of"))
      #expect(words.contains("A_USD_1h.csv (SHA-256 "))
    }
    // The same file again fills nothing more.
    let again = try bench.store.write(at: now) { try file.write(to: $0, at: now) }
    #expect(again.inserted == 0 && again.known == taken.count + known)
  }

  /// A candle that both have, and of which they say different things.
  @Test func aFileThatContradictsIsRefusedWhole() throws {
    let bench = try Workbench()
    let record = try Self.series(bench)
    let file = try Self.file(bench, Self.rows(Array(0...8), close: [6: "10.5"]))
    let now = Self.start + .hours(14)
    do {
      _ = try bench.store.write(at: now) { try file.write(to: $0, at: now) }
      Issue.record("hour 6 closes at 10 and at 10.5")
    } catch let fault as Fault {
      #expect(fault.exit == .data)
      #expect(fault.cause.contains("\(Self.start + .hours(6)) it has 10.0, 11.0, 9.0, 10.5, 2.0"))
    }
    #expect(try bench.store.read { try $0.candles.count(record) } == 4)
  }

  /// A series that nobody fetched begins with its file, up to the last candle that is closed.
  @Test func aNewSeriesBeginsWithItsFile() throws {
    let bench = try Workbench()
    let file = try Self.file(bench, Self.rows(Array(0...13)))
    let now = Self.start + .hours(13)
    let done = try bench.store.write(at: now) { try file.write(to: $0, at: now) }
    #expect(done.inserted == 13 && done.newer == 1)
    let record = try bench.store.read { try $0.series.find(file.series) }
    #expect(record?.watermark == Self.start + .hours(12))
  }

  @Test(arguments: ["A.csv", "candles.txt", "A_USD_1x.csv"])
  func aNameThatTellsNoSeriesIsRefused(_ name: String) throws {
    let bench = try Workbench()
    #expect(throws: Fault.self) { _ = try Self.file(bench, Self.rows([1]), name) }
  }
}
