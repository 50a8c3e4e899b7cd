public import Domain

extension CandleTable where Tx == WriteTransaction {
  /// Divides the prices of all candles of a symbol that open before a time by a ratio, and multiplies
  /// their volumes by it: the rule of back-adjustment, by which a series has no jump at a split.
  ///
  /// What they said before is kept as corrections, and what was made of them is computed anew. A
  /// source that goes on telling unadjusted candles corrects them back when they are fetched again.
  ///
  /// - Returns: how many candles changed.
  public func divide(_ symbol: Symbol, before time: Instant, by ratio: Double) throws -> Int {
    precondition(ratio > 0 && ratio.isFinite, "a ratio of a split is above zero")
    var changed = 0
    for series in try tx.series.all() where series.series.symbol == symbol {
      let candles = try range(series, through: time - .milliseconds(1), limit: .max).map { candle in
        Candle(
          time: candle.time, open: candle.open / ratio, high: candle.high / ratio,
          low: candle.low / ratio, close: candle.close / ratio, volume: candle.volume * ratio)
      }
      changed += try upsert(candles, series: series, run: nil).changed
    }
    return changed
  }
}
