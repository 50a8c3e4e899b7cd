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

/// Hourly candles of series S0, S1 and so on from the start on, all closing at 1; it counts what it is
/// asked, and may be cut off.
final class CountingMarket: MarketData {
  let name = "files"
  let series: Atomic<Int>
  private let candles: Int64
  private let questionsUntilCut: Int
  private let state = Mutex((asked: 0, now: 0, most: 0, lists: 0))

  init(candles: Int64, series: Int = 1, questionsUntilCut: Int = .max) {
    self.candles = candles
    self.series = Atomic(series)
    self.questionsUntilCut = questionsUntilCut
  }

  var mostAtOnce: Int { state.withLock { $0.most } }
  var listsAsked: Int { state.withLock { $0.lists } }

  func symbols() async throws -> [Symbol] {
    state.withLock { $0.lists += 1 }
    return (0..<series.load(ordering: .relaxed)).compactMap { Symbol(base: "S\($0)", quote: "USD") }
  }

  func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    symbols.map { InstrumentRules.defaults(for: $0) }
  }

  func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    let asked = state.withLock { state in
      state.asked += 1
      state.now += 1
      state.most = max(state.most, state.now)
      return state.asked
    }
    defer { state.withLock { $0.now -= 1 } }
    if asked % (questionsUntilCut == .max ? .max : questionsUntilCut + 1) == 0 {
      throw CancellationError()
    }
    await Task.yield()
    let first = max(from ?? Workbench.start, Workbench.start)
    let all = min(closedBy, Workbench.start + .hours(candles + 10))
    var found: [Candle] = []
    var time = first
    while found.count < limit, time + .hours(1) <= all {
      found.append(Candle(time: time, open: 1, high: 1, low: 1, close: 1, volume: 1))
      time = time + .hours(1)
    }
    return CandleBatch(candles: found, resumeFrom: time + .hours(1) <= all ? time : nil)
  }

  func serverTime() async throws -> Instant? { nil }
}

extension Workbench {
  /// A fetch job over a market of the test, with all the history there is.
  func fetch(_ market: any MarketData, held: Int) throws -> any Job {
    let settings = try settings()
    let sources = MarketSources(settings, transport: NoNetwork(), time: time).wrapped { _ in market
    }
    let log = DiagnosticLog()
    let made = JobCatalog(settings, sources: sources).job(
      try #require(JobName("fetch")), .fetch,
      parameters: try YAMLDocument.parse("{ history: 9000d }", file: "with.yaml"), log: log)
    if log.hasErrors { throw log.diagnostics }
    var job = try #require(made as? FetchJob)
    job.heldCandles = held
    return job
  }
}
