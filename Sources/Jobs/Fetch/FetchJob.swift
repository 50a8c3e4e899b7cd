import Domain
import Settings
import Store
import StrictYAML
import Venues

/// Brings closed candles from a source into the database.
///
/// Each series is asked for what lies beyond its watermark, and nothing that closes after the job's
/// slot. Writing is idempotent, so a batch that was read twice does no harm; the watermark moves with
/// the last batch, in the transaction that ends the run.
struct FetchJob: Job {
  let kind = JobKind.fetch
  let universe: Universe
  let history: TimeSpan

  /// How far back the first fetch of a series reaches, unless `history` says otherwise.
  static let defaultHistory = TimeSpan.days(30)
  /// The candles of one question to the source.
  static let batchCandles = 1000
  /// So many candles are held in memory at most; a longer back-fill commits in between.
  static let heldCandles = 50_000
  /// How old the venue's trading rules may be before they are asked for again.
  static let rulesAge = TimeSpan.days(1)

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    guard let universe = Universe(reader, settings.market, sources) else { return nil }
    self.universe = universe
    history = reader.span("history") ?? Self.defaultHistory
  }

  func run(_ context: JobContext) async throws -> JobResult {
    let symbols = try await universe.symbols()
    let rules = try await freshRules(of: symbols, context)
    // Questions to the source overlap; what they bring is handled on this run's own thread.
    let catches = try await withThrowingTaskGroup(of: Catch.self) { group in
      for symbol in symbols {
        group.addTask { try await fetch(symbol, context) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }.sorted { $0.series < $1.series }
    let total = catches.reduce(into: Tally()) { $0.add($1.tally) }
    return JobResult(
      summary: "\(catches.count) series, \(total)",
      details: catches.map { "\($0.series.symbol) \($0.series.timeframe): \($0.tally)" },
      caveat: total.rejected > 0 ? "quarantined \(total.rejected) bad rows" : nil
    ) { transaction in
      for rule in rules { try transaction.instruments.save(rule, at: universe.venue) }
      for one in catches {
        let series = try one.write(to: transaction, run: context.run)
        if let watermark = one.watermark {
          try transaction.series.advance(series, watermark: watermark)
        }
      }
    }
  }

  /// The venue's rules for the symbols, if what is on record is missing or old.
  private func freshRules(of symbols: [Symbol], _ context: JobContext) async throws -> [Instrument]
  {
    let known = try context.store.read {
      try $0.instruments.symbols(at: universe.venue, since: context.slot - Self.rulesAge)
    }
    let isFresh = symbols.allSatisfy(known.contains)
    return isFresh ? [] : try await universe.source.instruments(symbols)
  }

  /// Everything that a series' source has between the watermark and the slot.
  private func fetch(_ symbol: Symbol, _ context: JobContext) async throws -> Catch {
    let series = universe.series(symbol)
    let mark = try context.store.read { try $0.series.find(series)?.watermark }
    let step = series.timeframe.span
    var from = mark.map { $0 + step } ?? series.timeframe.open(at: context.slot - history)
    var caught = Catch(series: series, previous: mark)
    while true {
      try context.checkpoint()
      let batch = try await universe.source.candles(
        symbol, series.timeframe, from: from, closedBy: context.slot, limit: Self.batchCandles)
      caught.take(batch)
      guard let next = batch.resumeFrom, next > from else { break }
      from = next
      if caught.candles.count >= Self.heldCandles {
        try context.store.write(at: context.time.now) {
          _ = try caught.write(to: $0, run: context.run)
        }
        caught.forgetWritten()
      }
    }
    return caught
  }
}

/// What one series' source brought.
private struct Catch: Sendable {
  var series: Series
  /// The newest candle before these.
  var previous: Instant?
  var candles: [Candle] = []
  var rejected: [RejectedRow] = []
  var tally = Tally()

  /// The newest candle caught.
  var watermark: Instant? { tally.fetched > 0 ? previous : nil }

  mutating func take(_ batch: CandleBatch) {
    for candle in batch.candles {
      if let previous {
        let steps = (candle.time - previous).milliseconds / series.timeframe.span.milliseconds
        if steps > 1 {
          tally.gaps += 1
          tally.missing += Int(steps - 1)
        }
      }
      previous = candle.time
    }
    candles += batch.candles
    rejected += batch.rejected
    tally.fetched += batch.candles.count
    tally.rejected += batch.rejected.count
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

/// Counts of one run.
private struct Tally: Sendable, CustomStringConvertible {
  var fetched = 0
  var rejected = 0
  var gaps = 0
  var missing = 0

  mutating func add(_ other: Tally) {
    fetched += other.fetched
    rejected += other.rejected
    gaps += other.gaps
    missing += other.missing
  }

  var description: String {
    "\(fetched) new, \(gaps) gaps (\(missing) missing), \(rejected) rejected"
  }
}
