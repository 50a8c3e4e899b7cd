import Calendars
import Domain
import Store
import Venues

/// What one series' source brought.
struct Catch: Sendable {
  let series: Series
  private(set) var candles: [Candle] = []
  private(set) var tally = FetchTally()
  /// Of one gap so many missing candles are counted at most.
  private static let countedMissing = 1_000_000
  private let record: SeriesRecord?
  /// The newest candle before these: everything up to it was read before.
  private let mark: Instant?
  /// The candles on record that are read again.
  private let known: [Instant: Candle]
  private var newest: Instant?
  private var rejected: [RejectedRow] = []

  /// Of a series that was never fetched.
  init(series: Series) {
    self.series = series
    (record, mark, known) = (nil, nil, [:])
  }

  /// Of a series that was read up to a watermark, of which these candles are read again.
  init(series: Series, record: SeriesRecord, watermark: Instant, known: [Candle]) {
    self.series = series
    self.record = record
    mark = watermark
    newest = watermark
    self.known = Dictionary(uniqueKeysWithValues: known.map { ($0.time, $0) })
  }

  /// The newest candle caught; nil when none is new.
  var watermark: Instant? { tally.fetched > 0 ? newest : nil }

  mutating func take(_ batch: CandleBatch, _ clock: CandleClock, _ store: Store) throws {
    for candle in batch.candles {
      if let mark, candle.time <= mark { takeAgain(candle) } else { takeNew(candle, clock) }
    }
    guard !batch.rejected.isEmpty else { return }
    // A bad row among candles that are read again was told of when it was new.
    let unknown = try record.map { record in
      try store.read { transaction in
        try batch.rejected.filter {
          try !transaction.quarantine.contains(place: $0.place, text: $0.text, series: record)
        }
      }
    }
    rejected += unknown ?? batch.rejected
    tally.rejected += (unknown ?? batch.rejected).count
  }

  private mutating func takeNew(_ candle: Candle, _ clock: CandleClock) {
    if let newest, candle.time - newest > series.timeframe.span {
      let missing = clock.missing(after: newest, before: candle.time, limit: Self.countedMissing)
      if !missing.isEmpty {
        tally.gaps += 1
        tally.missing += missing.count
      }
    }
    newest = candle.time
    tally.fetched += 1
    candles.append(candle)
  }

  /// A candle at or before the watermark: written only where it says something else.
  private mutating func takeAgain(_ candle: Candle) {
    guard let before = known[candle.time] else {
      tally.late += 1
      return candles.append(candle)
    }
    guard before != candle else { return }
    tally.note(Correction(series: series, before: before, after: candle))
    candles.append(candle)
  }

  func write(to transaction: WriteTransaction, run: Int64) throws -> SeriesRecord {
    let record = try transaction.series.register(series)
    _ = try transaction.candles.upsert(candles, series: record, run: run)
    for row in rejected {
      _ = try transaction.quarantine.insert(
        place: row.place, text: row.text, reason: row.reason, series: record, run: run)
    }
    return record
  }

  mutating func forgetWritten() {
    candles = []
    rejected = []
  }
}
