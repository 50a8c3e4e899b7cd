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

/// What an insertion of rows did.
public struct UpsertCounts: Hashable, Sendable {
  /// Rows that were not there.
  public var inserted = 0
  /// Rows that were there with other values.
  public var changed = 0
  /// Rows that were there as they are.
  public var unchanged = 0

  /// No rows.
  public init() {}

  /// The sum of two.
  public static func + (a: UpsertCounts, b: UpsertCounts) -> UpsertCounts {
    var sum = a
    sum.inserted += b.inserted
    sum.changed += b.changed
    sum.unchanged += b.unchanged
    return sum
  }
}

extension CandleTable where Tx == WriteTransaction {
  /// Inserts candles, and replaces those whose numbers have changed; the same batch again does
  /// nothing.
  ///
  /// What a replaced candle said is kept as a correction, and rows of features that were made without
  /// these candles are dropped, so that the next compute makes them anew: a candle that comes late
  /// changes all that follows it as much as one that changes.
  ///
  /// - Throws: exit 65 when a candle breaks its invariants: nothing of the transaction stays.
  @discardableResult
  public func upsert(
    _ candles: [Candle], series: SeriesRecord, run: Int64?
  ) throws -> UpsertCounts {
    for candle in candles { try candle.check(in: series.series) }
    guard let earliest = candles.map(\.time).min() else { return UpsertCounts() }
    var counts = UpsertCounts()
    let whole = candles.count / Self.insertedAtOnce * Self.insertedAtOnce
    if whole > 0 {
      let insert = try HotStatement(db, Self.insert(rows: Self.insertedAtOnce))
      for start in stride(from: 0, to: whole, by: Self.insertedAtOnce) {
        let rows = candles[start..<(start + Self.insertedAtOnce)]
        counts = counts + (try upsert(rows, series, run, by: insert))
      }
    }
    if whole < candles.count {
      let insert = try HotStatement(db, Self.insert(rows: 1))
      for place in whole..<candles.count {
        counts = counts + (try upsert(candles[place...place], series, run, by: insert))
      }
    }
    try tx.runs.noteThatItWrote(run)
    try tx.features.invalidate(series, from: earliest)
    return counts
  }

  /// So many rows are one statement: a third less of SQLite's time than one by one.
  private static var insertedAtOnce: Int { 20 }

  private static func insert(rows: Int) -> String {
    let values = (0..<rows).map { row in
      "(?1, " + (1...6).map { "?\(2 + row * 6 + $0)" }.joined(separator: ", ") + ", ?2)"
    }
    return "INSERT INTO candle (series, time, open, high, low, close, volume, run) VALUES "
      + values.joined(separator: ", ") + " ON CONFLICT DO NOTHING"
  }

  /// Inserts candles by a statement of as many rows. Where some of their times were there, the numbers of
  /// all are compared, in order: those that were inserted are then found unchanged.
  private func upsert(
    _ candles: ArraySlice<Candle>, _ series: SeriesRecord, _ run: Int64?,
    by insert: borrowing HotStatement
  ) throws -> UpsertCounts {
    var counts = UpsertCounts()
    insert.bind(1, series.id)
    insert.bind(2, run)
    var place: Int32 = 3
    for candle in candles {
      insert.bind(place, candle.time.milliseconds)
      insert.bind(place + 1, candle.open)
      insert.bind(place + 2, candle.high)
      insert.bind(place + 3, candle.low)
      insert.bind(place + 4, candle.close)
      insert.bind(place + 5, candle.volume)
      place += 6
    }
    counts.inserted = try insert.run()
    guard counts.inserted < candles.count else { return counts }
    let keep = try HotStatement(db, Self.keep)
    let update = try HotStatement(
      db,
      """
      UPDATE candle SET open = ?3, high = ?4, low = ?5, close = ?6, volume = ?7, run = ?8
      WHERE series = ?1 AND time = ?2
      """)
    for candle in candles {
      Self.bind(candle, series, run, to: keep)
      keep.bind(9, tx.now.milliseconds)
      guard try keep.run() == 1 else { continue }
      Self.bind(candle, series, run, to: update)
      _ = try update.run()
      counts.changed += 1
    }
    counts.unchanged = candles.count - counts.inserted - counts.changed
    return counts
  }

  /// Keeps what a candle says that is about to be replaced by other numbers. Two corrections within a
  /// millisecond keep their order.
  private static var keep: String {
    """
    INSERT INTO candle_correction
      (series, time, corrected, open, high, low, close, volume, run, corrected_by)
    SELECT series, time,
      max(?9, coalesce((SELECT max(corrected) + 1 FROM candle_correction AS c
        WHERE c.series = ?1 AND c.time = ?2), ?9)),
      open, high, low, close, volume, run, ?8
    FROM candle WHERE series = ?1 AND time = ?2
      AND (open, high, low, close, volume) IS NOT (?3, ?4, ?5, ?6, ?7)
    """
  }

  private static func bind(
    _ candle: Candle, _ series: SeriesRecord, _ run: Int64?, to statement: borrowing HotStatement
  ) {
    statement.bind(1, series.id)
    statement.bind(2, candle.time.milliseconds)
    statement.bind(3, candle.open)
    statement.bind(4, candle.high)
    statement.bind(5, candle.low)
    statement.bind(6, candle.close)
    statement.bind(7, candle.volume)
    statement.bind(8, run)
  }
}

extension Candle {
  /// Refuses a candle that breaks its invariants, on either side of the disk.
  fileprivate func check(in series: Series) throws {
    guard !isSound(in: series.timeframe) else { return }
    throw Fault(
      "use candles of", "\(series)",
      cause: "at \(time): \(defect(in: series.timeframe) ?? "it is no candle")",
      remedy: "the file was changed by hand or is damaged: carillon snapshot restore", exit: .data)
  }
}
