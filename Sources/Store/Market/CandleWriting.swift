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
    // What is later than all that is there is written many rows at a time.
    let newest = try newestTime(series)
    let isRising = zip(candles, candles.dropFirst()).allSatisfy { $0.time < $1.time }
    let known =
      isRising
      ? candles.prefix { candle in newest.map { candle.time <= $0 } ?? false }.count
      : candles.count
    let whole = known + (candles.count - known) / Self.insertedAtOnce * Self.insertedAtOnce
    var written = Written()
    try upsert(candles[..<known], series, run, &written)
    try insert(candles[known..<whole], series, run, &written)
    try upsert(candles[whole...], series, run, &written)
    if let earliest = written.earliest {
      try tx.runs.noteThatItWrote(run)
      try tx.features.invalidate(series, from: earliest)
    }
    return written.counts
  }

  /// What was written of a batch so far.
  private struct Written {
    var counts = UpsertCounts()
    /// The earliest candle that is new or another one: what was made of those before it stands.
    var earliest: Instant?

    mutating func note(_ candle: Candle) { earliest = min(earliest ?? candle.time, candle.time) }
  }

  private func newestTime(_ series: SeriesRecord) throws -> Instant? {
    try db.row("SELECT time FROM candle WHERE series = ? ORDER BY time DESC LIMIT 1", series.id) {
      $0.instant()
    }
  }

  /// So many rows are one statement: a third less of SQLite's time than one by one.
  private static var insertedAtOnce: Int { 20 }

  private static func insertion(rows: Int) -> String {
    let values = (0..<rows).map { row in
      "(?1, " + (1...6).map { "?\(2 + row * 6 + $0)" }.joined(separator: ", ") + ", ?2)"
    }
    return "INSERT INTO candle (series, time, open, high, low, close, volume, run) VALUES "
      + values.joined(separator: ", ") + " ON CONFLICT DO NOTHING"
  }

  /// Inserts candles of which none is there, a multiple of `insertedAtOnce`, in order of time.
  private func insert(
    _ candles: ArraySlice<Candle>, _ series: SeriesRecord, _ run: Int64?,
    _ written: inout Written
  ) throws {
    guard let first = candles.first else { return }
    let insert = try HotStatement(db, Self.insertion(rows: Self.insertedAtOnce))
    for start in stride(from: candles.startIndex, to: candles.endIndex, by: Self.insertedAtOnce) {
      var bound = insert.bind(from: 0, series.id, run)
      for candle in candles[start..<(start + Self.insertedAtOnce)] {
        bound = insert.bind(
          from: bound, candle.time, candle.open, candle.high, candle.low, candle.close,
          candle.volume)
      }
      written.counts.inserted += try insert.run()
    }
    written.note(first)
  }

  /// Inserts candles one by one, and replaces those that are there with other numbers.
  private func upsert(
    _ candles: ArraySlice<Candle>, _ series: SeriesRecord, _ run: Int64?,
    _ written: inout Written
  ) throws {
    guard !candles.isEmpty else { return }
    let insert = try HotStatement(db, Self.insertion(rows: 1))
    let keep = try HotStatement(db, Self.keep)
    let update = try HotStatement(
      db,
      """
      UPDATE candle SET open = ?3, high = ?4, low = ?5, close = ?6, volume = ?7, run = ?8
      WHERE series = ?1 AND time = ?2
      """)
    for candle in candles {
      insert.bind(
        all: series.id, run, candle.time, candle.open, candle.high, candle.low, candle.close,
        candle.volume)
      if try insert.run() == 1 {
        written.counts.inserted += 1
      } else {
        Self.bind(candle, series, run, to: keep)
        keep.bind(9, tx.now)
        guard try keep.run() == 1 else {
          written.counts.unchanged += 1
          continue
        }
        Self.bind(candle, series, run, to: update)
        _ = try update.run()
        written.counts.changed += 1
      }
      written.note(candle)
    }
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
    statement.bind(
      from: 0, series.id, candle.time, candle.open, candle.high, candle.low, candle.close,
      candle.volume, run)
  }
}
