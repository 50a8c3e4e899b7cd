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
    if let newest, newest != record.watermark {
      try transaction.series.advance(record, watermark: newest)
    }
    let begun = reached ?? (record.reached == nil && newest != nil ? span.forward : nil)
    if let begun { try transaction.series.reach(record, back: begun) }
    let due = owedAfter
    if due != record.owed || (due != nil && span.asksForOwed) {
      try transaction.series.owe(record, from: due, asked: due == nil ? nil : slot)
    }
    return record
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
    pending = []
    rejected = []
  }
}
