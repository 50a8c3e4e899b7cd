import Domain
import Glibc
import Testing

@testable import Venues

@Suite struct CSVMarketTests {
  // 2018-01-10T04:55:00Z, a multiple of five minutes.
  static let start: Int64 = 1_515_560_100_000
  static let header = "time_ms,open,high,low,close,volume\n"
  static let closedLater = Instant(milliseconds: start + 86_400_000)
  let ethbtc = Symbol(base: "ETH", quote: "BTC")!
  let fiveMinutes = Timeframe("5m")!

  static func row(_ n: Int64, close: String = "0.1") -> String {
    "\(start + n * 300_000),0.1,0.2,0.05,\(close),12.5\n"
  }

  func fault(_ body: () async throws -> Void) async -> Fault? {
    do {
      try await body()
      return nil
    } catch let fault as Fault {
      return fault
    } catch {
      Issue.record(error)
      return nil
    }
  }

  @Test func readsNumbersAsTheyAreWritten() async throws {
    let folder = try CandleFolder([
      "ETH_BTC_5m.csv": Self.header
        + "\(Self.start),0.00266985,0.0027300000000000002,0.002666,0.0027199900000000003,28133.5\n"
    ])
    let batch = try await CSVMarket(directory: folder.path).candles(
      ethbtc, fiveMinutes, from: nil, closedBy: Self.closedLater, limit: 10)
    #expect(
      batch
        == CandleBatch(candles: [
          Candle(
            time: Instant(milliseconds: Self.start), open: 0.00266985, high: 0.0027300000000000002,
            low: 0.002666, close: 0.0027199900000000003, volume: 28133.5)
        ]))
  }

  @Test(
    arguments: [
      // closed by, limit -> number of candles and where to resume (in candles after the first)
      (299_999, 10, 0, nil), (300_000, 10, 1, nil), (899_999, 10, 2, nil), (900_000, 10, 3, nil),
      (900_000, 2, 2, 2), (1_500_000, 2, 2, 2), (1_500_000, 5, 5, nil),
    ] as [(Int64, Int, Int, Int64?)])
  func neverGivesACandleThatIsNotClosed(
    _ closedBy: Int64, _ limit: Int, _ count: Int, _ resume: Int64?
  ) async throws {
    let rows = (0..<5).map { Self.row($0) }.joined()
    let folder = try CandleFolder(["ETH_BTC_5m.csv": Self.header + rows])
    let batch = try await CSVMarket(directory: folder.path).candles(
      ethbtc, fiveMinutes, from: nil, closedBy: Instant(milliseconds: Self.start + closedBy),
      limit: limit)
    #expect(batch.candles.count == count)
    #expect(batch.resumeFrom == resume.map { Instant(milliseconds: Self.start + $0 * 300_000) })
  }

  @Test func setsBadRowsApartAndSaysWhy() async throws {
    let time = { (n: Int64) in "\(Self.start + n * 300_000)" }
    let bad: [(row: String, reason: String)] = [
      ("\(time(1)),1,2,0.5,1", "5 fields instead of 6"),
      ("\(time(1)),1,2,0.5,1,3,4", "7 fields instead of 6"),
      ("\(time(1)),1,2,0.5,one,3", "close is not a number"),
      ("\(time(1)),1,nan,0.5,1,3", "high is not a number"),
      ("yesterday,1,2,0.5,1,3", "time_ms is not a time in milliseconds"),
      ("\(time(1)),1,2,0.5,1,-3", "volume -3.0 is negative"),
      ("\(time(1)),1,2,3,1,3", "low 3.0 is above high 2.0"),
      ("\(time(1)),0,2,0.5,1,3", "open 0.0 is not positive"),
      ("\(Self.start + 1),1,2,0.5,1,3", "time 2018-01-10T04:55:00.001Z is not aligned to 5m"),
      ("\(time(0)),1,2,0.5,1,3", "time 2018-01-10T04:55:00Z is that of line 2 again"),
      ("\(time(-1)),1,2,0.5,1,3", "time 2018-01-10T04:50:00Z is before that of line 2"),
      (String(repeating: "9", count: 2000), "longer than 1024 bytes"),
    ]
    let folder = try CandleFolder([
      "ETH_BTC_5m.csv": Self.header + Self.row(0) + bad.map { $0.row + "\n" }.joined()
        + Self.row(1) + "1,2\n"
    ])
    let market = CSVMarket(directory: folder.path)
    let first = try await market.candles(
      ethbtc, fiveMinutes, from: nil, closedBy: Self.closedLater, limit: 1)
    #expect(first.candles.count == 1)
    #expect(first.rejected == [])
    let second = try await market.candles(
      ethbtc, fiveMinutes, from: first.resumeFrom, closedBy: Self.closedLater, limit: 1)
    #expect(second.candles.count == 1)
    #expect(second.rejected.map(\.reason) == bad.map(\.reason) + ["2 fields instead of 6"])
    #expect(
      second.rejected.map(\.place) == (3...14).map { "ETH_BTC_5m.csv:\($0)" } + [
        "ETH_BTC_5m.csv:16"
      ])
    #expect(second.rejected.allSatisfy { $0.text.utf8.count <= RejectedRow.maximumTextBytes })
    #expect(second.rejected[2].text == bad[2].row)
    let third = try await market.candles(
      ethbtc, fiveMinutes, from: Instant(milliseconds: Self.start + 600_000),
      closedBy: Self.closedLater, limit: 1)
    #expect(third == CandleBatch(candles: []))
  }

  @Test(
    arguments: [
      // candles after the first, in the order of the file -> those kept, lines set apart
      ([0, 1, 900, 2, 3, 4], [0, 1, 2, 3, 4], [4]),  // one time in the far future
      ([0, 1, 3, 2, 4], [0, 1, 3, 4], [5]),  // two that changed places: one is lost either way
      ([0, 1, 2, 3, 1, 4], [0, 1, 2, 3, 4], [6]),  // an old one again
      ([900, 0, 1, 2], [0, 1, 2], [2]),  // the first of all
      ([4, 0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5], [2]),  // and it comes again
      ([0, 900, 901, 1, 2, 3], [0, 1, 2, 3], [3, 4]),  // two in the future together
      ([0, 900, 900, 1, 2], [0, 1, 2], [3, 4]),
      ([0, 1, 1, 2, 2], [0, 1, 2], [4, 6]),  // of twins the first
    ] as [([Int64], [Int64], [Int])])
  func setsTimesOutOfOrderApart(_ order: [Int64], _ kept: [Int64], _ lines: [Int]) async throws {
    let rows = order.map { Self.row($0) }.joined()
    let folder = try CandleFolder(["ETH_BTC_5m.csv": Self.header + rows])
    let batch = try await CSVMarket(directory: folder.path).candles(
      ethbtc, fiveMinutes, from: nil, closedBy: Self.closedLater + .days(9), limit: 99)
    #expect(
      batch.candles.map(\.time.milliseconds) == kept.map { Self.start + $0 * 300_000 })
    #expect(batch.rejected.map(\.place) == lines.map { "ETH_BTC_5m.csv:\($0)" })
    let texts = rows.split(separator: "\n").map(String.init)
    #expect(batch.rejected.map(\.text) == lines.map { texts[$0 - 2] })
  }

  @Test func acceptsWindowsLineEndsAndAByteOrderMark() async throws {
    let text = "\u{FEFF}" + Self.header + Self.row(0) + Self.row(1)
    let folder = try CandleFolder([
      "ETH_BTC_5m.csv": text.split(separator: "\n").joined(separator: "\r\n")
    ])
    let batch = try await CSVMarket(directory: folder.path).candles(
      ethbtc, fiveMinutes, from: nil, closedBy: Self.closedLater, limit: 5)
    #expect(batch.candles.count == 2)
    #expect(batch.rejected == [])
  }

  /// Rows longer than a block of reading, together: the seams must not show.
  @Test func readsAcrossBlocks() async throws {
    let count = 12_000
    let rows = (0..<Int64(count)).map { Self.row($0, close: "0.1\($0 % 10)") }.joined()
    let folder = try CandleFolder(["ETH_BTC_5m.csv": Self.header + rows])
    let market = CSVMarket(directory: folder.path)
    var from: Instant?
    var candles: [Candle] = []
    repeat {
      let batch = try await market.candles(
        ethbtc, fiveMinutes, from: from, closedBy: Self.closedLater + .days(365), limit: 7000)
      #expect(batch.rejected == [])
      candles += batch.candles
      from = batch.resumeFrom
    } while from != nil
    #expect(candles.count == count)
    #expect(
      candles.map(\.time.milliseconds) == (0..<count).map { Self.start + Int64($0) * 300_000 })
    #expect(candles.enumerated().allSatisfy { $1.close == Double("0.1\($0 % 10)") })
  }

  @Test func readsAFileAgainWhenItChanged() async throws {
    let folder = try CandleFolder(["ETH_BTC_5m.csv": Self.header + Self.row(0)])
    let market = CSVMarket(directory: folder.path)
    func count() async throws -> Int {
      try await market.candles(
        ethbtc, fiveMinutes, from: nil, closedBy: Self.closedLater, limit: 9
      ).candles.count
    }
    #expect(try await count() == 1)
    try folder.write("ETH_BTC_5m.csv", Self.header + Self.row(0) + Self.row(1))
    #expect(try await count() == 2)
  }

  @Test func namesTheSeriesOfADirectory() async throws {
    let folder = try CandleFolder([
      "ETH_BTC_5m.csv": "", "GOOG_1d.csv": "", "BRK.B_USD_1d.csv": "", "notes.txt": "",
      "eth_btc_5m.csv": "", "ETH_BTC_7m.csv": "",
    ])
    let market = CSVMarket(directory: folder.path + "/", name: "drop")
    #expect(
      try market.series().map(\.description) == [
        "drop BRK.B-USD 1d", "drop ETH-BTC 5m", "drop GOOG-USD 1d",
      ])
    let rules = try await market.instruments([ethbtc])
    #expect(rules == [InstrumentRules.defaults(for: ethbtc)])
  }

  @Test func saysWhatIsMissingAndWhatIsThere() async throws {
    let folder = try CandleFolder(["ETH_BTC_5m.csv": Self.header, "GOOG_1d.csv": Self.header])
    let market = CSVMarket(directory: folder.path)
    let file = await fault {
      _ = try await market.candles(
        ethbtc, .hour, from: nil, closedBy: Self.closedLater, limit: 1)
    }
    #expect(file?.exit == .noInput)
    #expect(file?.subject == "\(folder.path)/ETH_BTC_1h.csv")
    #expect(file?.remedy == "of ETH-BTC there is 5m")
    let share = await fault {
      _ = try await market.candles(
        Symbol("ORCL-USD")!, .day, from: nil, closedBy: Self.closedLater, limit: 1)
    }
    #expect(share?.subject == "\(folder.path)/ORCL_USD_1d.csv or ORCL_1d.csv")
    #expect(share?.remedy == "there are ETH-BTC 5m, GOOG-USD 1d")
    let symbol = await fault { _ = try await market.instruments([Symbol("ETC-BTC")!]) }
    #expect(symbol?.exit == .data)
    #expect(symbol?.remedy == "did you mean ETH-BTC?")
    let directory = await fault { _ = try CSVMarket(directory: "/nowhere").series() }
    #expect(directory?.exit == .noInput)
    #expect(directory?.subject == "/nowhere")
    let empty = try CandleFolder(["readme.md": ""])
    let none = await fault { _ = try CSVMarket(directory: empty.path).series() }
    #expect(none?.exit == .data)
    #expect(none?.cause == "no file is named as candles; it holds readme.md")
    let twice = try CandleFolder(["GOOG_1d.csv": Self.header, "GOOG_USD_1d.csv": Self.header])
    let both = await fault {
      _ = try await CSVMarket(directory: twice.path).candles(
        Symbol("GOOG-USD")!, .day, from: nil, closedBy: Self.closedLater, limit: 1)
    }
    #expect(both?.cause == "\(twice.path) has both GOOG_USD_1d.csv and GOOG_1d.csv")
  }

  @Test(arguments: [
    // text, column of the mistake, cause
    ("", 1, "the file is empty"),
    ("time,open,high,low,close,volume\n", 1, "the header is \"time,open,high,low,close,volume\""),
    ("time_ms,open,low,high,close,volume\n", 14, "the header is"),
    ("time_ms,open,high,low,close\n", 28, "the header is"),
  ])
  func refusesAnotherHeader(_ text: String, _ column: Int, _ cause: String) async throws {
    let folder = try CandleFolder(["ETH_BTC_5m.csv": text])
    let fault = await fault {
      _ = try await CSVMarket(directory: folder.path).candles(
        ethbtc, fiveMinutes, from: nil, closedBy: Self.closedLater, limit: 1)
    }
    #expect(fault?.exit == .data)
    #expect(
      fault?.location
        == SourceLocation(file: "\(folder.path)/ETH_BTC_5m.csv", line: 1, column: column))
    #expect(fault?.cause.hasPrefix(cause) == true)
  }

  static let sharedCandles = getenv("CARILLON_SHARED").map { String(cString: $0) + "/candles" }

  /// Every row of the real files, against the standard library's own reading of the same text.
  @Test(.enabled(if: sharedCandles != nil))
  func readsEveryRealRow() async throws {
    let directory = try #require(Self.sharedCandles)
    let market = CSVMarket(directory: directory)
    for available in try market.available() {
      let series = available.series
      let candles = try market.newest(
        series.symbol, series.timeframe, openingBy: available.end, limit: 10_000)
      let names = CandleFileName(symbol: series.symbol, timeframe: series.timeframe).candidates
      let file = try #require(names.lazy.compactMap { fopen("\(directory)/\($0)", "r") }.first)
      defer { fclose(file) }
      var expected: [[Double]] = []
      var line = [CChar](repeating: 0, count: 1024)
      while fgets(&line, Int32(line.count), file) != nil {
        let end = line.firstIndex { $0 == 0 || $0 == 10 } ?? line.count
        let text = String(decoding: line[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let numbers = text.split(separator: ",").compactMap { Double($0) }
        if numbers.count == 6 { expected.append(numbers) }
      }
      #expect(available.candles == candles.count)
      #expect(available.rejected == 0)
      #expect(
        candles.map {
          [Double($0.time.milliseconds), $0.open, $0.high, $0.low, $0.close, $0.volume]
        } == expected, "\(series)")
    }
  }

  @Test func refusesAFileWithoutASingleCandle() async throws {
    let folder = try CandleFolder([
      "ETH_BTC_5m.csv": Self.header + "1515560100001,1,1,1,1,1\n1515560400001,1,1,1,1,1\n"
    ])
    let fault = await fault {
      _ = try await CSVMarket(directory: folder.path).candles(
        ethbtc, fiveMinutes, from: nil, closedBy: Self.closedLater, limit: 1)
    }
    #expect(fault?.exit == .data)
    #expect(
      fault?.cause == "none of its 2 rows is a 5m candle; the first is ETH_BTC_5m.csv:2: "
        + "time 2018-01-10T04:55:00.001Z is not aligned to 5m")
  }
}
