import Domain
import Foundation
import Settings
import Store
import StrictYAML
import Synchronization
import Testing
import Venues

@testable import Jobs

/// How far a fetch reaches, what it holds in memory meanwhile, and which symbols it looks at.
extension FetchTests {
  /// The history is made longer: what lies before is fetched, in parts.
  @Test func aLongerHistoryIsFetched() async throws {
    let bench = try Workbench(at: Workbench.start + .hours(5000))
    try bench.write(Self.file(Self.rows(0..<5000)), to: "candles/AAA_1h.csv")
    let settings = try bench.settings()
    let short = try bench.job(.fetch, settings, with: "{ history: 10h }")
    _ = try await bench.run(short, hours: 4990)
    #expect(try closes(bench).count == 10)
    let long = try bench.job(.fetch, settings, with: "{ history: 150d }")
    _ = try await bench.run(long, hours: 4991)
    #expect(try closes(bench).keys.min() == 4991 - 3600)
    #expect(try closes(bench).count == 3600)
    // Beyond the beginning of the source, which is looked for once.
    let longest = try bench.job(.fetch, settings, with: "{ history: 900d }")
    _ = try await bench.run(longest, hours: 4992)
    #expect(try closes(bench).count == 4992)
    let reached = try bench.store.read { try $0.series.all().first?.reached }
    #expect(reached == Workbench.start + .hours(4992) - .days(900))
  }

  @Test func everythingFromATimeCanBeReadAgain() async throws {
    let bench = try Workbench()
    let settings = try bench.settings()
    var rows = Self.rows(0..<300)
    rows.removeSubrange(10..<20)
    try bench.write(Self.file(rows), to: "candles/AAA_1h.csv")
    _ = try await bench.run(bench.job(.fetch, settings), hours: 300)
    #expect(try closes(bench).count == 290)
    try bench.write(Self.file(Self.rows(0..<300)), to: "candles/AAA_1h.csv")
    _ = try await bench.run(bench.job(.fetch, settings), hours: 300, force: true)
    #expect(try closes(bench).count == 290)
    let again = try bench.job(.fetch, settings, with: "{ from: 2026-01-01T05:00:00Z }")
    _ = try await bench.run(again, hours: 300, force: true)
    #expect(try closes(bench).count == 300)
  }

  /// A source that is cut off after so many questions, again and again, as by a time-out.
  @Test func aLongBackFillMakesProgressAlthoughItIsCutOff() async throws {
    let bench = try Workbench()
    let market = CountingMarket(candles: 10_000, questionsUntilCut: 3)
    let fetch = try bench.fetch(market, held: 1_000_000)
    var counts: [Int] = []
    for attempt in Int64(0)..<4 {
      let end = try await bench.run(fetch, hours: 10_000 + attempt)
      counts.append(try closes(bench, "S0").count)
      if end?.state == .succeeded { break }
    }
    // Three pages of 1,000 each time, of which three are read again.
    #expect(counts == [3000, 5997, 8994, 10_003])
  }

  /// Two hundred series of 3,000 candles: no more wait in memory than may, and no more questions are
  /// under way than may.
  @Test func memoryDoesNotGrowWithTheNumberOfSeries() async throws {
    let bench = try Workbench()
    let market = CountingMarket(candles: 3000, series: 50)
    let before = bench.store.commits
    let fetch = try bench.fetch(market, held: 5000)
    let end = try await bench.run(fetch, hours: 3000)
    #expect(end?.state == .succeeded)
    #expect(market.mostAtOnce <= FetchJob.maximumQuestions)
    // 150,000 candles: at least one transaction for each 6,000 of them.
    #expect(bench.store.commits - before >= 25)
    let counts = try bench.store.read { transaction in
      try transaction.series.all().map { try transaction.candles.count($0) }
    }
    #expect(counts == Array(repeating: 3000, count: 50))
  }

  /// Jobs that only compute never ask the venue which symbols there are.
  @Test func theSymbolsOfASlotAreResolvedOnceAndRecorded() async throws {
    let bench = try Workbench()
    let market = CountingMarket(candles: 100, series: 3)
    let settings = try bench.settings()
    let sources = MarketSources(settings, transport: NoNetwork(), time: bench.time)
      .wrapped { _ in market }
    func job(_ kind: JobKind) throws -> any Job {
      let log = DiagnosticLog()
      let name = try #require(JobName(kind.rawValue))
      let made = JobCatalog(settings, sources: sources).job(name, kind, parameters: nil, log: log)
      return try #require(made)
    }
    _ = try await bench.run(job(.fetch), hours: 50)
    #expect(market.listsAsked == 1)
    market.series.store(5, ordering: .relaxed)
    _ = try await bench.run(job(.compute), hours: 50)
    #expect(market.listsAsked == 1)
    let found = try bench.store.read {
      try $0.universes.symbols(at: "files", .hour, slot: Workbench.start + .hours(50))
    }
    #expect(found?.map(\.base) == ["S0", "S1", "S2"])
    _ = try await bench.run(job(.fetch), hours: 51)
    // The slot before keeps its own.
    for (hour, count) in [(Int64(49), nil), (50, 3), (51, 5), (99, 5)] as [(Int64, Int?)] {
      let at = try bench.store.read {
        try $0.universes.symbols(at: "files", .hour, slot: Workbench.start + .hours(hour))
      }
      #expect(at?.count == count)
    }
  }
}
