public import Domain
import GRDB

/// A series as the database knows it.
public struct SeriesRecord: Hashable, Sendable, Identifiable {
  /// Its number, by which candles and features refer to it.
  public var id: Int64
  /// What it is a series of.
  public var series: Series
  /// The opening time of the newest candle up to which the source was read whole; nil: not yet.
  public var watermark: Instant?
  /// The opening time from which on the source was asked; nil: not yet.
  public var reached: Instant?
  /// The opening time of the first place from which the source gave no candle, but a row that was
  /// refused; nil: none.
  public var owed: Instant?
  /// The slot at which that place was last asked for again.
  public var owedAsked: Instant?

  /// The columns of a record, in its order.
  static let columns = "id, venue, symbol, timeframe, watermark, reached, owed, owed_asked"

  init(_ row: inout RowReader) throws {
    id = row.int64()
    series = try Series(&row)
    watermark = row.instantIfAny()
    reached = row.instantIfAny()
    owed = row.instantIfAny()
    owedAsked = row.instantIfAny()
  }
}

extension Series {
  /// The columns `venue, symbol, timeframe` of the table of series.
  init(_ row: inout RowReader) throws {
    let (venue, symbol) = (try row.text(), try row.symbol())
    guard let timeframe = Timeframe(milliseconds: row.int64()) else {
      throw Fault(
        "read the database", "the series of \(symbol)", cause: "its timeframe is none", exit: .data)
    }
    self.init(venue: venue, symbol: symbol, timeframe: timeframe)
  }
}

/// The series of candles.
public struct SeriesTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// A series; nil when it has never been fetched.
  public func find(_ series: Series) throws -> SeriesRecord? {
    try db.row(
      """
      SELECT \(SeriesRecord.columns) FROM series
      WHERE venue = ? AND symbol = ? AND timeframe = ?
      """, series.venue, series.symbol, series.timeframe.span.milliseconds
    ) { try SeriesRecord(&$0) }
  }

  /// The series of a number.
  public func find(id: Int64) throws -> SeriesRecord? {
    try db.row("SELECT \(SeriesRecord.columns) FROM series WHERE id = ?", id) {
      try SeriesRecord(&$0)
    }
  }

  /// All series, in their order.
  public func all() throws -> [SeriesRecord] {
    try db.rows("SELECT \(SeriesRecord.columns) FROM series") { try SeriesRecord(&$0) }
      .sorted { $0.series < $1.series }
  }

  /// The series of a venue and timeframe, oldest first.
  public func all(at venue: String, _ timeframe: Timeframe) throws -> [SeriesRecord] {
    try db.rows(
      "SELECT \(SeriesRecord.columns) FROM series WHERE venue = ? AND timeframe = ? ORDER BY id",
      venue, timeframe.span.milliseconds
    ) { try SeriesRecord(&$0) }
  }
}

extension SeriesTable where Tx == WriteTransaction {
  /// The record of a series, made when there is none.
  public func register(_ series: Series) throws -> SeriesRecord {
    try db.executeCached(
      sql: "INSERT INTO series (venue, symbol, timeframe) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      arguments: [
        series.venue, series.symbol.description, series.timeframe.span.milliseconds,
      ])
    guard let record = try find(series) else {
      preconditionFailure("a series that was inserted is there")
    }
    return record
  }

  /// Moves the watermark of a series forward; it never moves back.
  public func advance(_ record: SeriesRecord, watermark: Instant) throws {
    try db.executeCached(
      sql:
        "UPDATE series SET watermark = ?2 WHERE id = ?1 AND (watermark IS NULL OR watermark < ?2)",
      arguments: [record.id, watermark.milliseconds])
  }

  /// Notes that the source was asked from an instant on; it never moves forward.
  public func reach(_ record: SeriesRecord, back time: Instant) throws {
    try db.executeCached(
      sql: "UPDATE series SET reached = ?2 WHERE id = ?1 AND (reached IS NULL OR reached > ?2)",
      arguments: [record.id, time.milliseconds])
  }

  /// Notes the first place that is owed, and the slot at which it was asked for in vain; nil when
  /// nothing is owed any more.
  public func owe(_ record: SeriesRecord, from time: Instant?, asked: Instant?) throws {
    try db.executeCached(
      sql: "UPDATE series SET owed = ?2, owed_asked = ?3 WHERE id = ?1",
      arguments: [record.id, time?.milliseconds, asked?.milliseconds])
  }
}
