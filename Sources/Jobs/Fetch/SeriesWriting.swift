import Domain
import Store
import Venues

extension SeriesReading {
  /// Writes what waits, and moves the marks with it, in one transaction.
  func write(to transaction: WriteTransaction, run: Int64) throws -> SeriesRecord? {
    guard record != nil || !pending.isEmpty || !rejected.isEmpty || isForwardDone else {
      return nil
    }
    let record = try self.record ?? transaction.series.register(series)
    if !pending.isEmpty { _ = try transaction.candles.upsert(pending, series: record, run: run) }
    for row in rejected {
      _ = try transaction.quarantine.insert(
        place: row.place, text: row.text, reason: row.reason, series: record, run: run)
    }
    let marks = marks(of: record)
    // Most series are done with when others still come: their marks stand as they were written.
    if marks == written { return record }
    if let newest = marks.newest, newest != record.watermark {
      try transaction.series.advance(record, watermark: newest)
    }
    if let reached = marks.reached { try transaction.series.reach(record, back: reached) }
    if marks.owed != record.owed || (marks.owed != nil && span.asksForOwed) {
      try transaction.series.owe(
        record, from: marks.owed, asked: marks.owed == nil ? nil : slot)
    }
    return record
  }

  /// What is written of a series beside its candles.
  struct Marks: Hashable, Sendable {
    /// The newest candle.
    var newest: Instant?
    /// From when on the source was asked; nil: that stays as it is.
    var reached: Instant?
    /// The first place that is owed.
    var owed: Instant?
  }

  private func marks(of record: SeriesRecord) -> Marks {
    Marks(
      newest: newest,
      reached: reached ?? (record.reached == nil && newest != nil ? span.forward : nil),
      owed: owedAfter)
  }

  /// The first place that is owed after this run. What lies beyond the newest candle is asked for
  /// anyway.
  private var owedAfter: Instant? {
    let found = owed.flatMap { owed in newest.map { owed <= $0 } == true ? owed : nil }
    guard let before = record?.owed else { return found }
    if isForwardDone, fault == nil, span.forward <= before { return found }
    return min(before, found ?? before)
  }

  /// Forgets what was written.
  mutating func forgetWritten(_ record: SeriesRecord?) {
    self.record = self.record ?? record
    written = self.record.map(marks)
    if !pending.isEmpty { pending = [] }
    if !rejected.isEmpty { rejected = [] }
  }
}
