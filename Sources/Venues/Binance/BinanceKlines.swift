import Domain

/// The rows of an answer of `klines`.
enum BinanceKlines {
  static let dialect = CandleRows.Dialect(
    name: "klines", interface: "Binance Spot", maximumRows: BinanceInterval.maximumCandles,
    timeUnit: 1, candle: candle, plainCandle: plainCandle)

  private static func candle(
    _ row: JSONValue, _ timeframe: Timeframe
  ) throws(RowDefect) -> Candle {
    guard let fields = row.array else { throw RowDefect("not a list") }
    guard fields.count >= 7 else { throw RowDefect("\(fields.count) fields instead of 12") }
    guard let time = fields[0].int64.flatMap({ Instant(told: $0) }) else {
      throw RowDefect("the open time is not a time in milliseconds")
    }
    let candle = Candle(
      time: time, open: try fields[1].price("open"), high: try fields[2].price("high"),
      low: try fields[3].price("low"), close: try fields[4].price("close"),
      volume: try fields[5].price("volume"))
    if let defect = candle.defect(in: timeframe) { throw RowDefect(defect) }
    // Some old candles close early, when the exchange was halted; none may close late.
    guard let close = fields[6].int64, close < (time + timeframe.span).milliseconds else {
      throw RowDefect("the close time is more than \(timeframe) after the open time")
    }
    return candle
  }

  private static func plainCandle(_ row: inout JSONFields, _ timeframe: Timeframe) -> Candle? {
    guard let written = row.integer(), let time = Instant(told: written),
      let open = row.decimal(), let high = row.decimal(), let low = row.decimal(),
      let close = row.decimal(), let volume = row.decimal(), let end = row.integer(),
      row.skipAll()
    else { return nil }
    let candle = Candle(
      time: time, open: open, high: high, low: low, close: close, volume: volume)
    guard candle.isSound(in: timeframe), end < (time + timeframe.span).milliseconds else {
      return nil
    }
    return candle
  }
}
