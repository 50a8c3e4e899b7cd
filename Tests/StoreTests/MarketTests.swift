import Domain
import GRDB
import Testing

@testable import Store

func symbol(_ text: String) -> Symbol {
  guard let symbol = Symbol(text) else { preconditionFailure("\(text) is no symbol") }
  return symbol
}

func hourly(_ name: String = "ETH-BTC") -> Series {
  Series(venue: "box", symbol: symbol(name), timeframe: .hour)
}

/// The candle that opens at an hour since the epoch.
func candle(_ hour: Int64, _ close: Double = 2) -> Candle {
  Candle(
    time: Instant(milliseconds: hour * 3_600_000), open: 1.5, high: 3, low: 1, close: close,
    volume: 10)
}

func hour(_ n: Int64) -> Instant { Instant(milliseconds: n * 3_600_000) }

@Suite("Candles")
struct MarketTests {
  let database = TestDatabase()
  let store: Store
  let series: SeriesRecord

  init() throws {
    store = try database.open()
    series = try store.write(at: at(0)) { try $0.series.register(hourly()) }
  }

  func upsert(_ candles: [Candle]) throws -> [Int] {
    let counts = try store.write(at: at(0)) {
      try $0.candles.upsert(candles, series: series, run: nil)
    }
    return [counts.inserted, counts.changed, counts.unchanged]
  }

  @Test func theSameBatchAgainDoesNothing() throws {
    #expect(try upsert([candle(0), candle(1), candle(2)]) == [3, 0, 0])
    #expect(try upsert([candle(0), candle(1), candle(2)]) == [0, 0, 3])
    #expect(try upsert([candle(2, 2.5), candle(3)]) == [1, 1, 0])
    #expect(try store.read { try $0.candles.count(series) } == 4)
    #expect(
      try store.read { try $0.candles.last(series, closedBy: hour(3)) } == candle(2, 2.5))
  }

  /// Many rows are one statement, and conflict within it: as if each had come alone, in order.
  @Test func aBatchIsItsRowsInOrder() throws {
    _ = try upsert([candle(3), candle(30, 2.5)])
    var batch = (0..<45).map { candle($0) }
    // 3 is there as it is, 30 with another close; 5 comes twice, 6 thrice with another close in between.
    batch.insert(candle(5), at: 6)
    batch.insert(contentsOf: [candle(6, 2.25), candle(6)], at: 8)
    // Of 48 rows 43 are new; 30, and 6 twice, change; 3 and the second 5 are unchanged.
    #expect(try upsert(batch) == [43, 3, 2])
    #expect(try upsert(batch.suffix(20)) == [0, 0, 20])
    let rows = try store.read { try $0.candles.range(series, limit: 100) }
    #expect(rows == (0..<45).map { candle($0) })
    let kept = try store.read { try $0.corrections.all(series) }
    #expect(kept.map(\.before) == [candle(6), candle(6, 2.25), candle(30, 2.5)])
  }

  @Test func rangesAreBounded() throws {
    _ = try upsert((0..<10).map { candle($0) })
    func hours(_ candles: [Candle]) -> [Int64] { candles.map { $0.time.milliseconds / 3_600_000 } }
    let found = try store.read { tx in
      [
        try tx.candles.range(series, limit: 100),
        try tx.candles.range(series, after: hour(2), through: hour(5), limit: 100),
        try tx.candles.range(series, after: hour(2), limit: 2),
        try tx.candles.range(series, after: hour(9), limit: 2),
        // The candle that opens at 4 closes at 5.
        try tx.candles.last(series, count: 3, closedBy: hour(5)),
        try tx.candles.last(series, count: 3, closedBy: hour(5) - .milliseconds(1)),
        try tx.candles.last(series, count: 3, closedBy: hour(0)),
      ].map(hours)
    }
    #expect(
      found == [Array(0..<10), [3, 4, 5], [3, 4], [], [2, 3, 4], [1, 2, 3], []])
    #expect(try store.read { try $0.candles.span(series) } == hour(0)...hour(9))
  }

  @Test func gapsAreFound() throws {
    _ = try upsert([0, 1, 4, 5, 7].map { candle($0) })
    #expect(
      try store.read { try $0.candles.gaps(series, limit: 10) } == [
        CandleGap(last: hour(1), next: hour(4), missing: 2),
        CandleGap(last: hour(5), next: hour(7), missing: 1),
      ])
    #expect(try store.read { try $0.candles.gaps(series, after: hour(4), limit: 10) }.count == 1)
    #expect(try store.read { try $0.candles.missing(series) } == 3)
  }

  @Test func aSeriesKeepsToItself() throws {
    let other = try store.write(at: at(0)) { try $0.series.register(hourly("LTC-BTC")) }
    _ = try upsert([candle(0)])
    #expect(try store.read { try $0.candles.count(other) } == 0)
    #expect(try store.read { try $0.series.all() }.map(\.series) == [hourly(), hourly("LTC-BTC")])
    #expect(try store.write(at: at(0)) { try $0.series.register(hourly()) }.id == series.id)
    #expect(try store.read { try $0.series.find(id: other.id) } == other)
  }

  @Test func theWatermarkOnlyMovesForward() throws {
    for step in [5, 9, 7] as [Int64] {
      try store.write(at: at(0)) { try $0.series.advance(series, watermark: hour(step)) }
    }
    #expect(try store.read { try $0.series.find(hourly()) }?.watermark == hour(9))
  }

  // Broken on the way in, and (written behind our back) on the way out.
  @Test(arguments: [
    Candle(time: hour(0), open: 1, high: 0.5, low: 1, close: 1, volume: 1),
    Candle(time: hour(0), open: 3, high: 2, low: 1, close: 1, volume: 1),
    Candle(time: hour(0), open: 1, high: 2, low: 1, close: 3, volume: 1),
    Candle(time: hour(0), open: 1, high: 2, low: 0, close: 1, volume: 1),
    Candle(time: hour(0), open: 1, high: .infinity, low: 1, close: 1, volume: 1),
    Candle(time: hour(0), open: 1, high: 2, low: 1, close: 1, volume: -1),
    Candle(time: at(1), open: 1, high: 2, low: 1, close: 1, volume: 1),
  ])
  func brokenCandlesAreNeitherWrittenNorRead(broken: Candle) throws {
    #expect(fault { try upsert([candle(5), broken]) }?.exit == .data)
    #expect(try store.read { try $0.candles.count(series) } == 0)
    try store.connections.write { db in
      try db.execute(
        sql: """
          INSERT INTO candle (series, time, open, high, low, close, volume)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          series.id, broken.time.milliseconds, broken.open, broken.high, broken.low, broken.close,
          broken.volume,
        ])
    }
    let found = fault { try store.read { try $0.candles.range(series, limit: 9) } }
    #expect(found?.exit == .data)
    #expect(found?.cause.hasPrefix("at \(broken.time): ") == true)
  }

  @Test func numbersKeepEveryBit() throws {
    let odd = Candle(
      time: hour(0), open: 0.1 + 0.2, high: 1.0e300, low: .leastNonzeroMagnitude, close: 0.1,
      volume: 0)
    _ = try upsert([odd])
    #expect(try store.read { try $0.candles.range(series, limit: 1) } == [odd])
  }

  @Test func instrumentsAreReplaced() throws {
    let rules = Instrument(
      symbol: symbol("ETH-BTC"), tick: Amount("0.000001")!, lot: Amount("0.001")!,
      minimumNotional: Amount("0.0001")!)
    var changed = rules
    changed.lot = Amount("0.01")!
    for rule in [rules, changed] {
      try store.write(at: at(0)) { try $0.instruments.save(rule, at: "box") }
    }
    #expect(try store.read { try $0.instruments.all(at: "box") } == [changed])
    #expect(try store.read { try $0.instruments.instrument(rules.symbol, at: "box") } == changed)
    #expect(try store.read { try $0.instruments.instrument(rules.symbol, at: "other") } == nil)
    try store.write(at: at(60)) { try $0.instruments.save(changed, at: "box") }
    #expect(
      try store.read { try $0.instruments.symbols(at: "box", since: at(60)) } == [rules.symbol])
    #expect(try store.read { try $0.instruments.symbols(at: "box", since: at(61)) }.isEmpty)
  }

  @Test func quarantineKnowsARowAgain() throws {
    let new = try [1, 2].map { time in
      try store.write(at: at(time)) {
        try $0.quarantine.insert(
          place: "ETH_BTC_1h.csv:17", text: "1,2,x", reason: "close is not a number",
          series: series, run: nil)
      }
    }
    #expect(new == [true, false])
    #expect(try store.read { try $0.quarantine.count(series) } == 1)
    #expect(try store.read { try $0.quarantine.rows(series, limit: 9) }.map(\.created) == [at(1)])
  }

  @Test func aCandleNamesTheRunThatFetchedIt() throws {
    // Foreign keys are on: there is no run 7.
    #expect(
      fault {
        try store.write(at: at(0)) { try $0.candles.upsert([candle(0)], series: series, run: 7) }
      }?.exit == .internal)
  }
}
