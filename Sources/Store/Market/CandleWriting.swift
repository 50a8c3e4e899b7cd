public import Domain
import GRDB

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
    var counts = UpsertCounts()
    // The earliest candle that is new or another one: what was made of those before it stands.
    var earliest: Instant?
    func write(_ rows: ArraySlice<Candle>, by insert: borrowing HotStatement) throws {
      let written = try upsert(rows, series, run, by: insert)
      counts = counts + written
      guard written.unchanged < rows.count, let first = rows.map(\.time).min() else { return }
      earliest = min(earliest ?? first, first)
    }
    // What is later than all that is there is written many rows at a time.
    let newest = try newestTime(series)
    let known = candles.prefix { candle in newest.map { candle.time <= $0 } ?? false }.count
    let whole = known + (candles.count - known) / Self.insertedAtOnce * Self.insertedAtOnce
    if whole > known {
      let insert = try HotStatement(db, Self.insert(rows: Self.insertedAtOnce))
      for start in stride(from: known, to: whole, by: Self.insertedAtOnce) {
        try write(candles[start..<(start + Self.insertedAtOnce)], by: insert)
      }
    }
    if known > 0 || whole < candles.count {
      let insert = try HotStatement(db, Self.insert(rows: 1))
      for place in Array(0..<known) + Array(whole..<candles.count) {
        try write(candles[place...place], by: insert)
      }
    }
    if let earliest {
      try tx.runs.noteThatItWrote(run)
      try tx.features.invalidate(series, from: earliest)
    }
    return counts
  }

  private func newestTime(_ series: SeriesRecord) throws -> Instant? {
    let statement = try HotStatement(
      db, "SELECT time FROM candle WHERE series = ?1 ORDER BY time DESC LIMIT 1")
    statement.bind(all: series.id)
    return try statement.step() ? Instant(milliseconds: statement.int64(0)) : nil
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
