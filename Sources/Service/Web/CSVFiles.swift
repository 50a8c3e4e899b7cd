import Domain
import Store

/// What charts are drawn from, as files. Times are in UTC.
enum CSVFiles {
  static let routes: [(path: String, make: @Sendable (PageSource, PageQuery) throws -> String?)] =
    [("/csv/equity", equity), ("/csv/candles/:subject", candles)]

  /// Rows of a file at most; the newest of a range that has more.
  static let maximumRows = 100_000

  private static func equity(_ source: PageSource, _ query: PageQuery) throws -> String? {
    let range = query.range(standard: .month)
    return try source.store.read { transaction -> String? in
      guard let account = try source.account(query, transaction),
        let latest = try transaction.equity.latest(account.name)
      else { return nil }
      let points = try transaction.equity.range(
        account.name, from: latest.time - range.span, through: latest.time, limit: maximumRows)
      return points.reduce(into: "time,equity,cash\n") { text, point in
        text += "\(point.time),\(point.equity),\(point.cash)\n"
      }
    }
  }

  private static func candles(_ source: PageSource, _ query: PageQuery) throws -> String? {
    guard let id = Int64(query.subject) else { return nil }
    return try source.store.read { transaction -> String? in
      guard let record = try transaction.series.find(id: id) else { return nil }
      let candles = try MarketWindow(query).candles(record, source.now, transaction)
      return candles.reduce(into: "time,open,high,low,close,volume\n") { text, candle in
        text += "\(candle.time),\(candle.open),\(candle.high),\(candle.low),\(candle.close),"
        text += "\(candle.volume)\n"
      }
    }
  }
}
