import Domain
import Glibc
import Testing

@testable import Venues

/// Files that are not as they should be, and what is kept of them.
extension CSVMarketTests {
  /// Newest first, with and without a candle on top that is still open: nothing of it is taken.
  @Test(arguments: [3, 4, 9])
  func refusesAFileThatBeginsWithTheNewest(_ count: Int64) async throws {
    let rows = (0..<count).reversed().map { Self.row($0) }.joined()
    let folder = try CandleFolder(["ETH_BTC_5m.csv": Self.header + rows])
    let market = CSVMarket(directory: folder.path)
    func read() async throws -> Int {
      try await market.candles(
        ethbtc, fiveMinutes, from: nil, closedBy: Instant(milliseconds: Self.start) + .minutes(15),
        limit: 99
      ).candles.count
    }
    let refused = await fault { _ = try await read() }
    #expect(refused?.exit == .data)
    #expect(refused?.cause == "its rows run from the newest to the oldest")
    #expect(refused?.remedy?.contains("sort") == true)
    try folder.write("ETH_BTC_5m.csv", Self.header + (0..<count).map { Self.row($0) }.joined())
    #expect(try await read() == 3)
  }

  @Test(arguments: [
    // per second of the start, times so many; the unit that is told
    (1, "seconds"), (1_000_000, "microseconds"), (1_000_000_000, "nanoseconds"),
  ])
  func tellsTimesInAnotherUnit(_ perSecond: Int64, _ unit: String) async throws {
    for (step, name) in [(Int64(300), "5m"), (3600, "1h"), (86_400, "1d")] {
      let first = Self.start / 1000 / step * step
      let rows = (0..<Int64(5)).map { "\((first + $0 * step) * perSecond),1,1,1,1,1\n" }.joined()
      let folder = try CandleFolder(["ETH_BTC_\(name).csv": Self.header + rows])
      let fault = await fault {
        _ = try await CSVMarket(directory: folder.path).candles(
          ethbtc, #require(Timeframe(name)), from: nil, closedBy: Self.closedLater, limit: 1)
      }
      #expect(fault?.cause == "its times are in \(unit), not milliseconds", "\(name)")
    }
  }

  /// Milliseconds of the years 1969 to 1971 are small numbers, and right.
  @Test func readsTimesNearTheEpoch() async throws {
    let day: Int64 = 86_400_000
    let rows = (Int64(-400)..<400).map { "\($0 * day),1,1,1,1,1\n" }.joined()
    let folder = try CandleFolder(["GE_1d.csv": Self.header + rows])
    let batch = try await CSVMarket(directory: folder.path).candles(
      #require(Symbol("GE-USD")), .day, from: nil, closedBy: Self.closedLater, limit: 1000)
    #expect(batch.candles.count == 800)
    #expect(batch.rejected == [])
  }

  @Test(arguments: ["9223372036854775807", "-9223372036854775808", "99999999999999999999", "1e3"])
  func noTimeTraps(_ time: String) async throws {
    let folder = try CandleFolder([
      "ETH_BTC_5m.csv": Self.header + Self.row(0) + Self.row(1) + "\(time),1,1,1,1,1\n"
        + Self.row(2)
    ])
    let batch = try await CSVMarket(directory: folder.path).candles(
      ethbtc, fiveMinutes, from: nil, closedBy: Self.closedLater, limit: 9)
    #expect(batch.candles.count == 3)
    #expect(batch.rejected.map(\.reason) == ["time_ms is not a time in milliseconds"])
    // Asked again from there, the row would be read again.
    #expect(
      batch.rejected.map(\.askFrom) == [Instant(milliseconds: Self.start) + .minutes(10)])
  }

  @Test(arguments: [("60m", "1h"), ("1H", "1h"), ("24h", "1d"), ("1D", "1d"), ("7d", "1w")])
  func readsOtherSpellingsOfATimeframe(_ written: String, _ name: String) async throws {
    let timeframe = try #require(Timeframe(name))
    let time = timeframe.open(at: Instant(milliseconds: Self.start)).milliseconds
    let folder = try CandleFolder(["ETH_BTC_\(written).csv": Self.header + "\(time),1,1,1,1,1\n"])
    let market = CSVMarket(directory: folder.path)
    #expect(try market.series().map(\.timeframe) == [timeframe])
    let batch = try await market.candles(
      ethbtc, timeframe, from: nil, closedBy: Self.closedLater + .days(9), limit: 9)
    #expect(batch.candles.count == 1)
    try folder.write("ETH_BTC_\(written == "7d" ? "168h" : "1440m").csv", Self.header)
    #expect(CandleFileName("ETH_BTC_1M.csv") == nil)
  }

  @Test func saysWhichTimeframesThereAre() async throws {
    let folder = try CandleFolder(["ETH_BTC_5m.csv": "", "GOOG_1d.csv": "", "ORCL_1d.csv": ""])
    let market = CSVMarket(directory: folder.path)
    #expect(try await market.symbols(with: .day).map(\.base) == ["GOOG", "ORCL"])
    let fault = await fault { _ = try await market.symbols(with: .hour) }
    #expect(fault?.remedy?.contains("5m, 1d") == true)
  }

  @Test func keepsNoMoreCandlesThanItMay() throws {
    let folder = try CandleFolder([
      "A_5m.csv": Self.header + Self.row(0) + Self.row(1), "B_5m.csv": Self.header + Self.row(0),
    ])
    var cache = CandleFileCache(maximumCandles: 3)
    func keep(_ name: String) throws {
      let path = "\(folder.path)/\(name)_5m.csv"
      cache.keep(
        try CandleFile(path: path, timeframe: fiveMinutes), at: name,
        try #require(try FileStamp(path: path)))
    }
    func isKept(_ name: String) throws -> Bool {
      cache.file(at: name, try #require(try FileStamp(path: "\(folder.path)/\(name)_5m.csv")))
        != nil
    }
    try keep("A")
    try keep("B")
    #expect(cache.candles == 3)
    #expect(try isKept("A"))
    try keep("B")
    #expect(cache.candles == 3)
    cache.keep(
      try CandleFile(path: "\(folder.path)/B_5m.csv", timeframe: fiveMinutes), at: "C",
      try #require(try FileStamp(path: "\(folder.path)/B_5m.csv")))
    // A was asked for longest ago.
    #expect(try !isKept("A"))
    #expect(try isKept("B"))
    #expect(cache.candles == 2)
  }
}
