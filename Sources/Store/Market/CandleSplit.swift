public import Domain
import GRDB

/// A split of an instrument that was booked: candles that open before it are kept as if it had been.
public struct CandleSplit: Hashable, Sendable {
  /// From when on prices are those of the new units.
  public var time: Instant
  /// How many new units one old unit became.
  public var ratio: Double

  /// A split; the ratio is above zero.
  public init(time: Instant, ratio: Double) {
    precondition(ratio > 0 && ratio.isFinite, "a ratio of a split is above zero")
    (self.time, self.ratio) = (time, ratio)
  }

  /// A candle of before in the new units: prices are divided, the volume is multiplied.
  public func adjusting(_ candle: Candle) -> Candle {
    guard candle.time < time else { return candle }
    return Candle(
      time: candle.time, open: candle.open / ratio, high: candle.high / ratio,
      low: candle.low / ratio, close: candle.close / ratio, volume: candle.volume * ratio)
  }
}

extension CandleTable {
  /// The splits of a symbol that were booked, in order.
  public func splits(of symbol: Symbol) throws -> [CandleSplit] {
    try Row.fetchAllCached(
      db, sql: "SELECT time, ratio FROM split WHERE symbol = ? ORDER BY time",
      arguments: [symbol.description]
    ).map { CandleSplit(time: $0.instant("time"), ratio: $0["ratio"]) }
  }
}

extension CandleTable where Tx == WriteTransaction {
  /// Adjusts all candles of a symbol that open before a split: the rule of back-adjustment, by which a
  /// series has no jump there. A candle that is held for its jump is believed when it is fetched again.
  ///
  /// What they said before is kept as corrections, and what was made of them is computed anew. A
  /// source that goes on telling unadjusted candles is understood, since the split is on record.
  ///
  /// - Returns: how many candles changed.
  public func adjust(_ symbol: Symbol, for split: CandleSplit) throws -> Int {
    try db.execute(
      sql: "INSERT INTO split (symbol, time, ratio) VALUES (?, ?, ?)",
      arguments: [symbol.description, split.time.milliseconds, split.ratio])
    var changed = 0
    for series in try tx.series.all() where series.series.symbol == symbol {
      let candles = try range(series, through: split.time - .milliseconds(1), limit: .max)
        .map(split.adjusting)
      changed += try upsert(candles, series: series, run: nil).changed
    }
    return changed
  }
}
