public import Domain
import GRDB

/// A row of a source that was no candle.
public struct QuarantineRecord: Hashable, Sendable {
  /// The number of its series.
  public var series: Int64
  /// Where it stood: `ETH_BTC_5m.csv:17`.
  public var place: String
  /// The beginning of the row as it came.
  public var text: String
  /// What was wrong with it.
  public var reason: String
  /// When it was first met.
  public var created: Instant
}

/// Rows that were refused, kept to be shown.
public struct QuarantineTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// How many rows of a series were refused; of all series when it is nil.
  public func count(_ series: SeriesRecord? = nil) throws -> Int {
    try Int.fetchOneCached(
      db, sql: "SELECT count(*) FROM quarantine WHERE ?1 IS NULL OR series = ?1",
      arguments: [series?.id]) ?? 0
  }

  /// Whether a row of a series is known.
  public func contains(place: String, text: String, series: SeriesRecord) throws -> Bool {
    try Bool.fetchOneCached(
      db,
      sql: """
        SELECT EXISTS (SELECT 1 FROM quarantine WHERE series = ? AND place = ? AND text = ?)
        """, arguments: [series.id, place, text]) ?? false
  }

  /// The rows of a series that were refused, newest first; of all series when it is nil.
  public func rows(_ series: SeriesRecord?, limit: Int) throws -> [QuarantineRecord] {
    try Row.fetchAllCached(
      db,
      sql: """
        SELECT * FROM quarantine WHERE ?1 IS NULL OR series = ?1
        ORDER BY created DESC, place, text LIMIT ?2
        """, arguments: [series?.id, limit]
    ).map {
      QuarantineRecord(
        series: $0["series"], place: $0["place"], text: $0["text"], reason: $0["reason"],
        created: $0.instant("created"))
    }
  }
}

extension QuarantineTable where Tx == WriteTransaction {
  /// Keeps a row, unless the same text is known from the same place.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  public func insert(
    place: String, text: String, reason: String, series: SeriesRecord, run: Int64?
  ) throws -> Bool {
    try db.execute(
      sql: """
        INSERT INTO quarantine (series, place, text, reason, run, created)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """, arguments: [series.id, place, text, reason, run, tx.now.milliseconds])
    return db.changesCount == 1
  }
}
