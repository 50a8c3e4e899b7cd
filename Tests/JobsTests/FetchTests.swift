import Domain
import Foundation
import Settings
import Store
import StrictYAML
import Synchronization
import Testing
import Venues

@testable import Jobs

/// What a fetch brings, and what becomes of the run, when sources are not as they should be.
@Suite struct FetchTests {
  static let hour = TimeSpan.hours(1).milliseconds
  static let start = Workbench.start.milliseconds

  /// Rows of hourly candles, so many hours after the start, each closing at 100.
  static func rows(_ hours: some Sequence<Int64>, close: Double = 100) -> [String] {
    hours.map { "\(start + $0 * hour),\(close),\(close),\(close),\(close),1" }
  }

  static func file(_ rows: [String]) -> String {
    "time_ms,open,high,low,close,volume\n" + rows.joined(separator: "\n") + "\n"
  }

  func closes(_ bench: Workbench, _ base: String = "AAA") throws -> [Int64: Double] {
    try bench.store.read { transaction in
      let all = try transaction.series.all()
      let series = try #require(all.first { $0.series.symbol.base == base })
      let candles = try transaction.candles.range(series, limit: 100_000)
      return Dictionary(
        uniqueKeysWithValues: candles.map {
          (($0.time.milliseconds - Self.start) / Self.hour, $0.close)
        })
    }
  }

  func quarantine(_ bench: Workbench) throws -> [String] {
    try bench.store.read { try $0.quarantine.rows(nil, limit: 1000).map(\.reason) }
  }

  @Test(arguments: [
    // symbols, of which so many are bad; whether it succeeds with a quorum of 0.8
    (5, 1, true), (5, 2, false), (4, 1, false), (1, 1, false), (6, 0, true),
  ])
  func oneBadSeriesStopsNoOther(_ count: Int, _ bad: Int, _ succeeds: Bool) async throws {
    let bench = try Workbench()
    for n in 0..<count {
      let rows = n < bad ? ["1,2,3,4,5,6", "x", "y"] : Self.rows(0..<5)
      try bench.write(Self.file(rows), to: "candles/S\(n)_1h.csv")
    }
    let end = try await bench.run(bench.job(.fetch, try bench.settings()), hours: 5)
    #expect(end?.state == (succeeds ? .succeeded : .failed))
    for n in bad..<count { #expect(try closes(bench, "S\(n)").count == 5) }
    if bad > 0, succeeds {
      #expect(end?.reason?.hasPrefix("partial: 1 of 5 series failed: S0-USD: ") == true)
    }
    if !succeeds, count > 1 { #expect(end?.reason?.contains("\(bad) of \(count) series") == true) }
    let lower = try bench.job(.fetch, try bench.settings(), with: "{ quorum: 0.5 }")
    let again = try await bench.run(lower, hours: 6)
    #expect(again?.state == (2 * bad <= count ? .succeeded : .failed))
  }

  /// Rows that were bad are read again once they are mended, wherever they stand.
  @Test(arguments: [[239], [0], [0, 1, 2], Array(stride(from: 1, to: 240, by: 3)), [5, 100, 238]])
  func whatWasRejectedCanBeMended(_ bad: [Int]) async throws {
    let bench = try Workbench()
    let whole = Self.rows(0..<240)
    var rows = whole
    for n in bad { rows[n] = whole[n].replacing(",100.0,100.0,", with: ",nan,nan,") }
    try bench.write(Self.file(rows), to: "candles/AAA_1h.csv")
    let fetch = try bench.job(.fetch, try bench.settings())
    _ = try await bench.run(fetch, hours: 240)
    #expect(try closes(bench).count == 240 - bad.count)
    #expect(try quarantine(bench).count == min(bad.count, SeriesReading.keptRows))
    try bench.write(Self.file(whole + Self.rows(240..<242)), to: "candles/AAA_1h.csv")
    let end = try await bench.run(fetch, hours: 242)
    #expect(end?.state == .succeeded)
    #expect(try closes(bench).count == 242)
    // And nothing is owed any more.
    let owed = try bench.store.read { try $0.series.all().map(\.owed) }
    #expect(owed == [nil])
  }

  @Test(arguments: [false, true])
  func aFileThatWasTheWrongWayRoundCanBeMended(_ hasOpenCandle: Bool) async throws {
    let bench = try Workbench()
    let rows = Self.rows(0..<(hasOpenCandle ? 9 : 8))
    try bench.write(Self.file(rows.reversed()), to: "candles/AAA_1h.csv")
    let fetch = try bench.job(.fetch, try bench.settings(symbols: "[AAA-USD]"))
    let end = try await bench.run(fetch, hours: 8)
    #expect(end?.state == .failed)
    #expect(end?.reason?.contains("newest to the oldest") == true)
    try bench.write(Self.file(rows), to: "candles/AAA_1h.csv")
    #expect(try await bench.run(fetch, hours: 8, force: true)?.state == .succeeded)
    #expect(try closes(bench).count == 8)
  }

  @Test func aCandleThatMovesTooFarWaitsForTheNext() async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings())
    let calm = Self.rows(0..<5)
    let far = Self.rows([5], close: 10_000)
    try bench.write(Self.file(calm + far), to: "candles/AAA_1h.csv")
    let held = try await bench.run(fetch, hours: 6)
    #expect(held?.state == .succeeded)
    #expect(held?.result?.summary.hasSuffix(", 1 held") == true)
    #expect(try closes(bench)[5] == nil)
    #expect(try quarantine(bench).contains { $0.contains("moved by a factor of 100.0 from 100.0") })
    // The next one says the same: both are written.
    try bench.write(
      Self.file(calm + far + Self.rows([6], close: 9900)), to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 7)
    #expect(try closes(bench)[5] == 10_000)
    #expect(try closes(bench)[6] == 9900)
  }

  @Test func aSlipIsSetApartAndComesBackWhenItIsMended() async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings())
    let calm = Self.rows(0..<5)
    let (slip, right) = (Self.rows([5], close: 1e300), Self.rows([5]))
    try bench.write(Self.file(calm + slip + Self.rows(6..<8)), to: "candles/AAA_1h.csv")
    let end = try await bench.run(fetch, hours: 8)
    #expect(end?.result?.summary.contains("1 rejected") == true)
    #expect(try closes(bench).keys.sorted() == [0, 1, 2, 3, 4, 6, 7])
    // Read again, it is no candle that came late.
    try bench.write(Self.file(calm + slip + Self.rows(6..<9)), to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 9)
    #expect(try closes(bench)[5] == nil)
    try bench.write(Self.file(calm + right + Self.rows(6..<10)), to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 10)
    #expect(try closes(bench)[5] == 100)
  }

  @Test func aPersonMayAcceptAHeldCandle() async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings())
    try bench.write(
      Self.file(Self.rows(0..<5) + Self.rows([5], close: 10_000)), to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 6)
    try bench.store.write(at: bench.time.now) { transaction in
      let series = try #require(try transaction.series.all().first)
      try transaction.acceptances.accept(Workbench.start + .hours(5), of: series)
    }
    _ = try await bench.run(fetch, hours: 6, force: true)
    #expect(try closes(bench)[5] == 10_000)
  }

  /// 4 for 1: prices of a quarter are held until the split is booked, and believed then, whether the source
  /// goes on telling the old prices of before or adjusts them. Neither is a correction.
  @Test(arguments: [false, true])
  func aSplitReleasesAHeldCandle(_ isAdjusted: Bool) async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings())
    let before = Self.rows(0..<5)
    let after = Self.rows([5], close: 25)
    try bench.write(Self.file(before + after), to: "candles/AAA_1h.csv")
    let held = try await bench.run(fetch, hours: 6)
    #expect(held?.result?.summary.hasSuffix(", 1 held") == true)
    #expect(try closes(bench)[5] == nil)
    let split = CandleSplit(time: Workbench.start + .hours(5), ratio: 4)
    try bench.store.write(at: bench.time.now) {
      let changed = try $0.candles.adjust(try #require(Symbol("AAA-USD")), for: split)
      #expect(changed == 5)
    }
    if isAdjusted {
      // A quarter of the price, four times the units.
      let adjusted = Self.rows(0..<5, close: 25).map { String($0.dropLast()) + "4" }
      try bench.write(Self.file(adjusted + after), to: "candles/AAA_1h.csv")
    }
    let released = try await bench.run(fetch, hours: 6, force: true)
    #expect(released?.state == .succeeded)
    #expect(released?.result?.summary.contains("held") == false)
    #expect(try closes(bench) == [0: 25, 1: 25, 2: 25, 3: 25, 4: 25, 5: 25])
    let corrections = try bench.store.read { transaction in
      try transaction.corrections.all(try #require(try transaction.series.all().first))
    }
    #expect(corrections.count == 5)
  }

  /// A split explains the move of its ratio and no other.
  @Test func aSplitExplainsNoOtherMove() async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings())
    try bench.write(Self.file(Self.rows(0..<5)), to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 5)
    let split = CandleSplit(time: Workbench.start + .hours(5), ratio: 4)
    try bench.store.write(at: bench.time.now) {
      _ = try $0.candles.adjust(try #require(Symbol("AAA-USD")), for: split)
    }
    let other = Self.rows(0..<5) + Self.rows([5], close: 2)
    try bench.write(Self.file(other), to: "candles/AAA_1h.csv")
    let held = try await bench.run(fetch, hours: 6)
    #expect(held?.result?.summary.hasSuffix(", 1 held") == true)
    #expect(try closes(bench)[5] == nil)
  }

  /// A candle on record is not replaced by one that its neighbours contradict; a history that was
  /// adjusted throughout is taken.
  @Test func correctionsAreBelievedWhereTheNeighboursAgree() async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings())
    try bench.write(Self.file(Self.rows(0..<5)), to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 5)
    let one = Self.rows(0..<3) + Self.rows([3], close: 10_000) + Self.rows(4..<6)
    try bench.write(Self.file(one), to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 6)
    #expect(try closes(bench)[3] == 100)
    try bench.write(Self.file(Self.rows(0..<8, close: 10)), to: "candles/AAA_1h.csv")
    let adjusted = try bench.job(.fetch, try bench.settings(), with: "{ recheck: 50 }")
    _ = try await bench.run(adjusted, hours: 8)
    #expect(try closes(bench).values.allSatisfy { $0 == 10 })
    #expect(try closes(bench).count == 8)
  }

  @Test func aSourceThatHasNothingAnyMoreFails() async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings(symbols: "[AAA-USD]"))
    try bench.write(Self.file(Self.rows(0..<5)), to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 5)
    try bench.write(Self.file([]), to: "candles/AAA_1h.csv")
    let end = try await bench.run(fetch, hours: 7)
    #expect(end?.state == .failed)
    #expect(end?.reason?.contains("has nothing where it had 3 candles") == true)
    #expect(try closes(bench).count == 5)
  }

  /// Hours after the newest candle closed; state, and a part of the reason.
  @Test(
    arguments: [
      (3, RunState.succeeded, nil), (4, .failed, "is missing for 4h"), (200, .failed, "is missing"),
    ] as [(Int64, RunState, String?)])
  func aSourceThatStandsStillFails(_ late: Int64, _ state: RunState, _ why: String?) async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings(symbols: "[AAA-USD]"))
    try bench.write(Self.file(Self.rows(0..<100)), to: "candles/AAA_1h.csv")
    let end = try await bench.run(fetch, hours: 100 + late)
    #expect(end?.state == state)
    if let why { #expect(end?.reason?.contains(why) == true) }
    let patient = try bench.job(
      .fetch, try bench.settings(symbols: "[AAA-USD]"), with: "{ max-age: 30d }")
    #expect(try await bench.run(patient, hours: 101 + late)?.state == .succeeded)
  }

  /// Among others that go on, a symbol that ended long ago fails nothing.
  @Test func aSymbolThatIsGoneFailsNothing() async throws {
    let bench = try Workbench()
    let fetch = try bench.job(.fetch, try bench.settings())
    try bench.write(Self.file(Self.rows(0..<100)), to: "candles/OLD_1h.csv")
    try bench.write(Self.file(Self.rows(0..<400)), to: "candles/NEW_1h.csv")
    _ = try await bench.run(fetch, hours: 100)
    #expect(try await bench.run(fetch, hours: 110)?.state == .failed)
    let end = try await bench.run(fetch, hours: 400)
    #expect(end?.state == .succeeded)
    #expect(end?.reason?.hasPrefix("OLD-USD has had no candle for 12d") == true)
    // And one whose file is gone as well.
    try FileManager.default.removeItem(at: bench.folder.appending(path: "candles/OLD_1h.csv"))
    let listed = try bench.job(.fetch, try bench.settings(symbols: "[NEW-USD, OLD-USD]"))
    let gone = try await bench.run(listed, hours: 401)
    #expect(gone?.state == .succeeded)
    #expect(gone?.reason?.contains("OLD-USD is gone") == true)
  }

  @Test func aSymbolThatNeverWasFails() async throws {
    let bench = try Workbench()
    try bench.write(Self.file(Self.rows(0..<5)), to: "candles/NEW_1h.csv")
    let fetch = try bench.job(.fetch, try bench.settings(symbols: "[NEW-USD, NWE-USD]"))
    let end = try await bench.run(fetch, hours: 5)
    #expect(end?.state == .failed)
    #expect(end?.reason?.contains("NWE-USD") == true)
    #expect(try closes(bench, "NEW").count == 5)
  }
}
