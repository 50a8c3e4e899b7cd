import Domain

/// One symbol of `exchangeInfo`.
struct BinanceListing {
  let instrument: Instrument
  let status: String

  /// The finest price and quantity of the venue, where a filter is switched off with a zero.
  private static let finest = Amount(units: 10_000)

  /// Reads an element of `symbols`; nil for a symbol of assets that cannot be written here.
  init?(_ row: JSONValue, venue: String) throws {
    guard let base = row["baseAsset"]?.string, let quote = row["quoteAsset"]?.string,
      let symbol = Symbol(base: base, quote: quote)
    else { return nil }
    let filters = row["filters"]?.array ?? []
    func amount(_ types: [String], _ field: String) throws -> Amount? {
      for filter in filters {
        guard let type = filter["filterType"]?.string, types.contains(type),
          let text = filter[field]?.string
        else { continue }
        guard let amount = Amount(text), !amount.isNegative else {
          throw Fault(
            "read trading rules of", "\(venue) \(symbol)",
            cause: "\(field) of \(type) is \"\(text)\", which is no amount", exit: .data)
        }
        return amount
      }
      return nil
    }
    let tick = try amount(["PRICE_FILTER"], "tickSize") ?? .zero
    let lot = try amount(["LOT_SIZE"], "stepSize") ?? .zero
    instrument = Instrument(
      symbol: symbol, tick: tick > .zero ? tick : Self.finest, lot: lot > .zero ? lot : Self.finest,
      minimumNotional: try amount(["NOTIONAL", "MIN_NOTIONAL"], "minNotional") ?? .zero)
    status = row["status"]?.string ?? ""
  }
}

/// The rows of `klines`.
struct BinanceKlines {
  private let series: String
  private let timeframe: Timeframe
  private let rows: [JSONValue]

  /// - Throws: `Fault` when the answer is not an array.
  init(_ reply: JSONValue, series: String, timeframe: Timeframe) throws {
    guard let rows = reply.array else {
      throw Fault(
        "read candles", series, cause: "the answer is not a list of candles",
        remedy: "check that the address is that of a Binance Spot interface", exit: .unavailable)
    }
    self.series = series
    self.timeframe = timeframe
    self.rows = rows
  }

  /// The candles among them that were asked for, and where to go on when there were as many rows
  /// as could be.
  func batch(from start: Instant, through end: Instant, limit: Int) -> CandleBatch {
    var batch = CandleBatch(candles: [])
    var next = start
    for row in rows.prefix(limit) {
      do throws(RowDefect) {
        let candle = try candle(in: row)
        if candle.time < next { throw RowDefect("time \(candle.time) is before \(next)") }
        if candle.time > end { break }
        batch.candles.append(candle)
        next = candle.time + timeframe.span
      } catch {
        // A row has no number of its own: its time is its place, or that of the row before.
        let time = row.array?.first?.int64 ?? next.milliseconds
        let text = (row.array ?? [row]).map { $0.scalarText ?? "?" }.joined(separator: ",")
        batch.rejected.append(
          RejectedRow(
            place: "klines \(series) \(time)", text: text.utf8, reason: error.reason))
        if row.array?.first?.int64 == next.milliseconds { next = next + timeframe.span }
      }
    }
    if rows.count >= limit, next <= end {
      // A page without a single usable time would be asked for again and again: go past it.
      batch.resumeFrom = next > start ? next : start + timeframe.span * Int64(limit)
    }
    return batch
  }

  private func candle(in row: JSONValue) throws(RowDefect) -> Candle {
    guard let fields = row.array else { throw RowDefect("not a list") }
    guard fields.count >= 7 else { throw RowDefect("\(fields.count) fields instead of 12") }
    guard let time = fields[0].int64, time.magnitude <= 253_402_300_799_999 else {
      throw RowDefect("the open time is not a time in milliseconds")
    }
    func number(_ index: Int, _ name: String) throws(RowDefect) -> Double {
      guard let text = fields[index].scalarText, let value = DecimalText.double(text.utf8) else {
        throw RowDefect("\(name) is not a number")
      }
      return value
    }
    let candle = Candle(
      time: Instant(milliseconds: time), open: try number(1, "open"), high: try number(2, "high"),
      low: try number(3, "low"), close: try number(4, "close"), volume: try number(5, "volume"))
    if let defect = candle.defect(in: timeframe) { throw RowDefect(defect) }
    // Some old candles close early, when the exchange was halted; none may close late.
    guard let close = fields[6].int64, close < time + timeframe.span.milliseconds else {
      throw RowDefect("the close time is more than \(timeframe) after the open time")
    }
    return candle
  }
}

extension JSONValue {
  /// The text of a string or a number, as it came.
  fileprivate var scalarText: String? {
    switch self {
    case .string(let text), .number(let text): text
    default: nil
    }
  }
}
