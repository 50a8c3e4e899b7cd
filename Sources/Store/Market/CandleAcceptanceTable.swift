public import Domain
import GRDB

/// Candles that a person accepted although they move by more than is believed.
public struct CandleAcceptanceTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The opening times of the accepted candles of a series.
  public func times(_ series: SeriesRecord) throws -> Set<Instant> {
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT time FROM candle_acceptance WHERE series = ?"),
      arguments: [series.id])
    return Set(rows.map { $0.instant("time") })
  }
}

extension CandleAcceptanceTable where Tx == WriteTransaction {
  /// Accepts the candle of a series that opens at a time, whatever it says when it is fetched.
  public func accept(_ time: Instant, of series: SeriesRecord) throws {
    try db.execute(
      sql: """
        INSERT INTO candle_acceptance (series, time, accepted) VALUES (?, ?, ?)
        ON CONFLICT DO NOTHING
        """, arguments: [series.id, time.milliseconds, tx.now.milliseconds])
  }
}
