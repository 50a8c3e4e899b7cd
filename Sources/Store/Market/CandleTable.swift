public import Domain
import GRDB

/// The candles of all series.
///
/// What is read is checked: a candle that breaks its invariants was not written by Carillon, and is
/// a fault of exit 65 rather than a number in a decision.
public struct CandleTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// Candles in order of time.
  ///
  /// - Parameters:
  ///   - series: the series.
  ///   - after: only those that open later than this; nil: from the first.
  ///   - through: only those that open at or before this; nil: to the last.
  ///   - limit: how many at most.
  public func range(
    _ series: SeriesRecord, after: Instant? = nil, through: Instant? = nil, limit: Int
  ) throws -> [Candle] {
    let statement = try HotStatement(
      db, Self.select + "time > ?2 AND time <= ?3 ORDER BY time LIMIT ?4")
    statement.bind(1, series.id)
    statement.bind(2, after?.milliseconds ?? .min)
    statement.bind(3, through?.milliseconds ?? .max)
    statement.bind(4, Int64(limit))
    return try candles(statement, series)
  }

  /// The closes of candles in order of time, one after the other: what a curve over a year takes of them
  /// needs no list. Candles are checked as all that is read.
  ///
  /// - Parameters:
  ///   - series: the series.
  ///   - after: only candles that open later than this.
  ///   - through: only those that open at or before this.
  ///   - body: takes the time that a candle opens, and its close.
  public func eachClose(
    _ series: SeriesRecord, after: Instant, through: Instant,
    _ body: (_ opens: Instant, _ close: Double) throws -> Void
  ) throws {
    let statement = try HotStatement(
      db, Self.select + "time > ?2 AND time <= ?3 ORDER BY time")
    statement.bind(all: series.id, after, through)
    while try statement.step() {
      let candle = try candle(statement, series)
      try body(candle.time, candle.close)
    }
  }

  /// The newest candles that are closed at an instant, in order of time.
  ///
  /// - Parameters:
  ///   - series: the series.
  ///   - count: how many at most.
  ///   - closedBy: only those that close at or before this.
  public func last(
    _ series: SeriesRecord, count: Int, closedBy: Instant
  ) throws -> [Candle] {
    let statement = try HotStatement(db, Self.select + "time <= ?2 ORDER BY time DESC LIMIT ?3")
    statement.bind(1, series.id)
    statement.bind(2, (closedBy - series.series.timeframe.span).milliseconds)
    statement.bind(3, Int64(count))
    return try candles(statement, series).reversed()
  }

  /// The newest candle that is closed at an instant.
  public func last(_ series: SeriesRecord, closedBy: Instant) throws -> Candle? {
    try last(series, count: 1, closedBy: closedBy).first
  }

  /// How many candles a series has.
  public func count(_ series: SeriesRecord) throws -> Int {
    try Int.fetchOneCached(
      db, sql: "SELECT count(*) FROM candle WHERE series = ?", arguments: [series.id]) ?? 0
  }

  /// How many candles open later than `after` (nil: from the first) and at or before `through`.
  public func count(_ series: SeriesRecord, after: Instant?, through: Instant) throws -> Int {
    let statement = try HotStatement(
      db, "SELECT count(*) FROM candle WHERE series = ?1 AND time > ?2 AND time <= ?3")
    statement.bind(1, series.id)
    statement.bind(2, after?.milliseconds ?? .min)
    statement.bind(3, through.milliseconds)
    return try statement.step() ? Int(statement.int64(0)) : 0
  }

  /// The opening times of the first and last candle.
  public func span(_ series: SeriesRecord) throws -> ClosedRange<Instant>? {
    let row = try Row.fetchOneCached(
      db, sql: "SELECT min(time) AS first, max(time) AS last FROM candle WHERE series = ?",
      arguments: [series.id])
    guard let row, let first = row.instantIfAny("first"), let last = row.instantIfAny("last")
    else { return nil }
    return first...last
  }

  /// Where candles are missing between two that are there, in order of time.
  ///
  /// - Parameters:
  ///   - series: the series.
  ///   - after: only gaps whose first candle opens at or after this; nil: all.
  ///   - limit: how many at most.
  public func gaps(
    _ series: SeriesRecord, after: Instant? = nil, limit: Int
  ) throws -> [CandleGap] {
    let span = series.series.timeframe.span
    let rows = try Row.fetchAllCached(
      db,
      sql: """
        SELECT previous, time FROM (
          SELECT time, lag(time) OVER (ORDER BY time) AS previous
          FROM candle WHERE series = ? AND time >= ?)
        WHERE time - previous > ? ORDER BY time LIMIT ?
        """,
      arguments: [series.id, after?.milliseconds ?? .min, span.milliseconds, limit])
    return rows.map { row in
      let (before, next) = (row.instant("previous"), row.instant("time"))
      return CandleGap(
        last: before, next: next,
        missing: Int((next - before).milliseconds / span.milliseconds) - 1)
    }
  }

  /// How many candles are missing between the first and the last.
  public func missing(_ series: SeriesRecord) throws -> Int {
    guard let span = try span(series) else { return 0 }
    let length = series.series.timeframe.span.milliseconds
    let places = (span.upperBound - span.lowerBound).milliseconds / length + 1
    return Int(places) - (try count(series))
  }

  private static var select: String {
    "SELECT time, open, high, low, close, volume FROM candle WHERE series = ?1 AND "
  }

  private func candles(
    _ statement: borrowing HotStatement, _ series: SeriesRecord
  ) throws -> [Candle] {
    var candles: [Candle] = []
    while try statement.step() { candles.append(try candle(statement, series)) }
    return candles
  }

  private func candle(
    _ statement: borrowing HotStatement, _ series: SeriesRecord
  ) throws -> Candle {
    let candle = Candle(
      time: Instant(milliseconds: statement.int64(0)), open: statement.double(1),
      high: statement.double(2), low: statement.double(3), close: statement.double(4),
      volume: statement.double(5))
    try candle.check(in: series.series)
    return candle
  }
}

/// A hole in a series.
public struct CandleGap: Hashable, Sendable {
  /// The opening time of the last candle before it.
  public var last: Instant
  /// The opening time of the first candle after it.
  public var next: Instant
  /// How many candles are missing.
  public var missing: Int
}

extension Candle {
  /// Refuses a candle that breaks its invariants, on either side of the disk.
  func check(in series: Series) throws {
    guard !isSound(in: series.timeframe) else { return }
    throw Fault(
      "use candles of", "\(series)",
      cause: "at \(time): \(defect(in: series.timeframe) ?? "it is no candle")",
      remedy: "the file was changed by hand or is damaged: carillon snapshot restore", exit: .data)
  }
}
