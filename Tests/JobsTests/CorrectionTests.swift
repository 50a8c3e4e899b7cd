import Domain
import Foundation
import Store
import Testing

@testable import Jobs

/// Candles that change, or come late, after features were made of them: the rows must become those of
/// a computation that never knew better.
@Suite struct CorrectionTests {
  /// Random corrections and late candles at random places, computed in parts of random length, with
  /// crashes between the parts and changes between reading and writing.
  @Test(arguments: 0..<4)
  func whatFollowsACorrectionEqualsComputingFromScratch(seed: UInt64) throws {
    var world = try CorrectedWorld(seed: seed)
    world.append(count: 1300)
    try world.save()
    for _ in 0..<12 {
      switch world.random(in: 0..<9) {
      case 0, 1: world.correct(count: world.random(in: 1...3))
      case 2, 3: world.arriveLate()
      case 4, 5: world.append(count: world.random(in: 1...4))
      case 6: world.join()
      default: world.correct(count: 1, near: 5)
      }
      try world.save()
      try world.computeInPartsOrNotAtAll()
    }
    try world.compute()
    let found = try world.rows(world.bench.store)
    let expected = try world.rowsFromScratch()
    #expect(found.count == expected.count, "seed \(seed)")
    #expect(found == expected, "seed \(seed)")
    #expect(expected.count > 3 * 4 * 1000)
  }

  /// A candle before the state that a part went on from, among its own, and the first of all.
  @Test(arguments: [3, 1, 700], [0, 1])
  func aPartIsMadeAgainWhenACandleChangesBeforeItIsWritten(fromEnd: Int, set: Int) throws {
    var world = try CorrectedWorld(seed: 1)
    world.append(count: 700)
    try world.save()
    try world.compute()
    world.append(count: 2)
    try world.save()
    try world.computeOnePart(of: set, changing: fromEnd)
    try world.compute()
    #expect(try world.rows(world.bench.store) == (try world.rowsFromScratch()))
  }

  @Test func aSymbolThatJoinsIsComparedFromItsFirstCandleOn() throws {
    var world = try CorrectedWorld(seed: 2)
    world.append(count: 50)
    try world.save()
    try world.compute()
    world.join()
    try world.save()
    try world.compute()
    #expect(try world.rows(world.bench.store) == (try world.rowsFromScratch()))
  }

  @Test func rowsThatWereComparedWithAChangedOneGoWithIt() throws {
    var world = try CorrectedWorld(seed: 3)
    world.append(count: 40)
    try world.save()
    try world.compute()
    try world.correctFirst(at: 30)
    // The set of index 1 compares; the others lose the rows of the first series alone.
    for (set, others) in [(0, true), (1, false), (2, true), (3, true)] {
      #expect(try world.hasRow(set: set, series: 0, at: 29))
      #expect(try !world.hasRow(set: set, series: 0, at: 30))
      #expect(try world.hasRow(set: set, series: 1, at: 29))
      #expect(try world.hasRow(set: set, series: 1, at: 30) == others, "set \(set)")
    }
  }

  @Test func whatACandleSaidIsKept() async throws {
    let bench = try Workbench()
    try bench.candles("AAA", [10, 11, 12, 13])
    let fetch = try bench.job(.fetch, try bench.settings())
    let first = try await bench.run(fetch, hours: 3)
    // 01:00 closes at 11.5 now, and 02:00 opens there: by 4.5 % of 11.
    try bench.candles("AAA", [10, 11.5, 12, 13])
    let second = try await bench.run(fetch, hours: 4)
    #expect(
      second?.result?.summary == "1 series, 1 new, 0 gaps (0 missing), 0 rejected, 2 corrected")
    #expect(
      second?.reason
        == "corrected 2 candles, the largest by 4.5 % in AAA-USD at 2026-01-01T01:00:00Z")
    try bench.store.read { transaction in
      let series = try #require(try transaction.series.all().first)
      let kept = try transaction.corrections.all(series)
      #expect(kept.map(\.before.close) == [11, 12])
      #expect(kept.map(\.before.open) == [10, 11])
      #expect(kept.map(\.run) == [first?.run, first?.run])
      #expect(kept.map(\.correctedBy) == [second?.run, second?.run])
      #expect(
        try transaction.candles.range(series, limit: 9).map(\.close) == [10, 11.5, 12, 13])
    }
  }

  @Test func onlyTheNewestCandlesAreReadAgain() async throws {
    let bench = try Workbench()
    let settings = try bench.settings()
    try bench.candles("AAA", [10, 11, 12, 13, 14, 15])
    let careless = try bench.job(.fetch, settings, with: "{ recheck: 0 }")
    let usual = try bench.job(.fetch, settings)
    let careful = try bench.job(.fetch, settings, with: "{ recheck: 5 }")
    _ = try await bench.run(usual, hours: 4)
    // The candles of 00:00 and 01:00 change, of which 01:00 is among the last three at 04:00.
    try bench.candles("AAA", [10.01, 11, 12, 13, 14, 15])
    #expect(try await bench.run(careless, hours: 5)?.result?.summary.contains("corrected") == false)
    #expect(try await bench.run(usual, hours: 6)?.result?.summary.contains("corrected") == false)
    try bench.candles("AAA", [10.01, 11, 12, 13, 14, 15, 16])
    let end = try await bench.run(careful, hours: 7)
    #expect(end?.result?.summary.hasSuffix("1 new, 0 gaps (0 missing), 0 rejected") == false)
    // 10.01 for 10 is a thousandth: told, and nothing to worry about.
    #expect(end?.result?.summary.contains("corrected") == true)
    #expect(end?.reason == nil)
  }

  @Test func aCandleThatComesLateFillsItsGap() async throws {
    let bench = try Workbench()
    let settings = try bench.settings()
    let (fetch, compute) = (try bench.job(.fetch, settings), try bench.job(.compute, settings))
    try bench.candles("AAA", [10, 11, 12, 13, 14])
    let url = bench.folder.appending(path: "candles/AAA_1h.csv")
    let whole = try String(contentsOf: url, encoding: .utf8)
    var lines = whole.split(separator: "\n")
    lines.remove(at: 3)  // 02:00
    try bench.write(lines.joined(separator: "\n") + "\n", to: "candles/AAA_1h.csv")
    _ = try await bench.run(fetch, hours: 4)
    _ = try await bench.run(compute, hours: 4)
    try bench.write(whole, to: "candles/AAA_1h.csv")
    let end = try await bench.run(fetch, hours: 5)
    #expect(end?.result?.summary == "1 series, 1 new, 0 gaps (0 missing), 0 rejected, 1 late")
    // Between the two jobs nothing is known of what followed 01:00.
    func means() throws -> [Double] {
      try bench.store.read { transaction in
        let series = try #require(try transaction.series.all().first)
        let set = try #require(try transaction.features.sets().first)
        return try transaction.features.range(set, series, limit: 9).map { $0.values[0] }
      }
    }
    #expect(try means().count == 2)
    _ = try await bench.run(compute, hours: 5)
    // Means of two closes.
    #expect(try means().dropFirst() == [10.5, 11.5, 12.5, 13.5])
  }

  @Test func badRowsThatAreReadAgainAreNotNews() async throws {
    let bench = try Workbench()
    let bad = "1767236400000,13,12,14,13,1\n"
    try bench.candles("AAA", [10, 11, 12], extra: bad)
    let fetch = try bench.job(.fetch, try bench.settings())
    #expect(try await bench.run(fetch, hours: 3)?.reason == "quarantined 1 bad rows")
    try bench.candles("AAA", [10, 11, 12], extra: bad + "1767240000000,12,12,12,12,1\n")
    let end = try await bench.run(fetch, hours: 5)
    #expect(end?.result?.summary == "1 series, 1 new, 1 gaps (1 missing), 0 rejected")
    #expect(end?.reason == nil)
  }

  @Test func inferenceDoesNotReadWhatACorrectionMadeWrong() async throws {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11, 12, 13, 14, 15])
    let settings = try bench.settings()
    let (fetch, infer) = (try bench.job(.fetch, settings), try bench.job(.infer, settings))
    for job in [fetch, try bench.job(.compute, settings)] {
      _ = try await bench.run(job, hours: 6)
    }
    // Rows from 03:00 on are gone; that of 02:00 closed at 03:00, and three hours are allowed.
    try bench.candles("AAA", [10, 11, 12, 13.5, 14, 15, 16])
    _ = try await bench.run(fetch, hours: 7)
    let end = try await bench.run(infer, hours: 7)
    #expect(end?.reason?.contains("stale: the last candle closed at 2026-01-01T03:00:00Z") == true)
  }
}
