import Domain

/// The rows of an answer of `OHLC`: seconds, open, high, low, close, mean, volume, number of trades.
enum KrakenCandles {
  static let dialect = CandleRows.Dialect(
    name: "OHLC", interface: "Kraken Spot", maximumRows: KrakenInterval.maximumCandles,
    timeUnit: 1000, candle: candle)

  private static func candle(
    _ row: JSONValue, _ timeframe: Timeframe
  ) throws(RowDefect) -> Candle {
    guard let fields = row.array else { throw RowDefect("not a list") }
    guard fields.count >= 7 else { throw RowDefect("\(fields.count) fields instead of 8") }
    guard let time = time(of: row) else {
      throw RowDefect("the open time is not a time in seconds")
    }
    let candle = Candle(
      time: time, open: try fields[1].price("open"), high: try fields[2].price("high"),
      low: try fields[3].price("low"), close: try fields[4].price("close"),
      volume: try fields[6].price("volume"))
    if let defect = candle.defect(in: timeframe) { throw RowDefect(defect) }
    return candle
  }

  /// When the candle of a row opens; nil where that is no time.
  static func time(of row: JSONValue) -> Instant? {
    row.array?.first?.int64.flatMap { $0.magnitude < 1 << 40 ? Instant(told: $0 * 1000) : nil }
  }
}
