import Dashboard
import Domain
import Store
import Testing

@testable import Service

/// Which candles a page of the market looks at.
@Suite struct MarketWindowTests {
  private func query(_ values: [String: String]) -> PageQuery {
    var query = PageQuery()
    query.values = values
    return query
  }

  @Test(
    arguments: [
      ([:], "7d", "range=7d"), (["range": "30d"], "30d", "range=30d"),
      (["range": "2d"], "7d", "range=7d"),
      (["range": "all"], "all", "range=all"),
      (
        ["range": "1d", "from": "1970-01-01T02:00:00Z", "to": "1970-01-01T05:00:00Z"], "window",
        "from=1970-01-01T02:00:00Z&to=1970-01-01T05:00:00Z"
      ),
      // No span, or half of one, is none.
      (["from": "1970-01-01T05:00:00Z", "to": "1970-01-01T02:00:00Z"], "7d", "range=7d"),
      (["from": "yesterday", "to": "1970-01-01T02:00:00Z"], "7d", "range=7d"),
    ] as [([String: String], String, String)])
  func anAddressNamesOne(_ values: [String: String], _ name: String, _ text: String) {
    let window = MarketWindow(query(values))
    #expect(window.name == name)
    #expect(window.text == text)
  }

  private static func at(_ hour: Int64) -> Instant { Instant(seconds: hour * 3600) }

  /// Forty candles of an hour: those that open from 02:00 and close by 05:00 open at 2, 3 and 4.
  @Test func itsCandles() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let record = try store.write(at: Self.at(40)) { tx in
      let record = try tx.series.register(
        Series(venue: "files", symbol: Symbol("ACME-USD")!, timeframe: .hour))
      let candles = (0..<40).map { hour in
        Candle(time: Self.at(hour), open: 19, high: 21, low: 18, close: 20, volume: 5)
      }
      try tx.candles.upsert(candles, series: record, run: nil)
      return record
    }
    func hours(_ values: [String: String], now: Instant) throws -> [Int64] {
      try store.read { try MarketWindow(query(values)).candles(record, now, $0) }
        .map { $0.time.seconds / 3600 }
    }
    let bounds = ["from": "1970-01-01T02:00:00Z", "to": "1970-01-01T05:00:00Z"]
    #expect(try hours(bounds, now: Self.at(40)) == [2, 3, 4])
    // What is not closed yet is not there.
    #expect(try hours(bounds, now: Self.at(4)) == [2, 3])
    #expect(
      try hours(["from": "1980-01-01T00:00:00Z", "to": "1980-01-02T00:00:00Z"], now: Self.at(40))
        == [])
    #expect(try hours(["range": "all"], now: Self.at(40)) == Array(0..<40))
    #expect(try hours(["range": "1d"], now: Self.at(40)) == Array(16..<40))
    let links = try store.read { tx in
      let window = MarketWindow(query(bounds))
      return window.links("/market/ACME-USD", try window.candles(record, Self.at(40), tx), .hour)
        .text
    }
    // From 02:00 to 05:00: a quarter of three hours is 45 minutes.
    #expect(
      links.contains("?from=1970-01-01T02:45:00Z&amp;to=1970-01-01T04:15:00Z\">closer</a>"))
    #expect(links.contains("?range=all\">all</a>"))
    try store.close()
  }
}
