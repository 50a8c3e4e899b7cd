public import Domain
import GRDB

/// What a candle said before other numbers took their place.
public struct CandleCorrection: Hashable, Sendable {
  /// The candle as it stood.
  public var before: Candle
  /// When it was replaced.
  public var corrected: Instant
  /// The run that had brought it; nil when none did.
  public var run: Int64?
  /// The run that replaced it; nil when none did.
  public var correctedBy: Int64?
}

/// The candles that were corrected, as they stood. Nothing is ever changed or deleted, so that a
/// decision made on a candle can still be understood.
public struct CandleCorrectionTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The corrections of a series, by the candle's time and then the order in which they came.
  public func all(_ series: SeriesRecord) throws -> [CandleCorrection] {
    try Row.fetchAllCached(
      db, sql: "SELECT * FROM candle_correction WHERE series = ? ORDER BY time, corrected",
      arguments: [series.id]
    ).map { row in
      CandleCorrection(
        before: Candle(
          time: row.instant("time"), open: row["open"], high: row["high"], low: row["low"],
          close: row["close"], volume: row["volume"]),
        corrected: row.instant("corrected"), run: row["run"], correctedBy: row["corrected_by"])
    }
  }

  /// How many corrections there were of candles that open later than `after` (nil: of any) and at or
  /// before `through`.
  public func count(_ series: SeriesRecord, after: Instant?, through: Instant) throws -> Int {
    let statement = try HotStatement(
      db,
      "SELECT count(*) FROM candle_correction WHERE series = ?1 AND time > ?2 AND time <= ?3")
    statement.bind(1, series.id)
    statement.bind(2, after?.milliseconds ?? .min)
    statement.bind(3, through.milliseconds)
    return try statement.step() ? Int(statement.int64(0)) : 0
  }
}
