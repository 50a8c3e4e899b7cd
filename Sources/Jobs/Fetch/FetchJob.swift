import Calendars
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
///
/// The newest candles on record are asked for once more in the same question: sources correct them,
/// and tell late of some.
struct FetchJob: Job {
  let kind = JobKind.fetch
  let universe: Universe
  let history: TimeSpan
  let recheck: Int

  /// How far back the first fetch of a series reaches, unless `history` says otherwise.
  static let defaultHistory = TimeSpan.days(30)
  /// How many candles on record are read again, unless `recheck` says otherwise.
  static let defaultRecheckCandles = 3
  /// The most candles that are read again: they are compared in memory.
  static let maximumRecheckCandles = 100_000
  /// The candles of one question to the source.
  static let batchCandles = 1000
  /// So many candles are held in memory at most; a longer back-fill commits in between.
  static let heldCandles = 50_000
  /// How old the venue's trading rules may be before they are asked for again.
  static let rulesAge = TimeSpan.days(1)

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    guard let universe = Universe(reader, settings, sources) else { return nil }
    self.universe = universe
    history = reader.span("history") ?? Self.defaultHistory
    recheck =
      reader.integer("recheck", in: 0...Self.maximumRecheckCandles) ?? Self.defaultRecheckCandles
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
    let total = catches.reduce(into: FetchTally()) { $0.add($1.tally) }
    return JobResult(
      summary: "\(catches.count) series, \(total)",
      details: catches.map { "\($0.series.symbol) \($0.series.timeframe): \($0.tally)" },
      caveat: total.caveat
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

  /// Everything that a series' source has between the watermark and the slot, and the candles before
  /// it that are read again.
  private func fetch(_ symbol: Symbol, _ context: JobContext) async throws -> Catch {
    let series = universe.series(symbol)
    let step = series.timeframe.span
    var (caught, from) = try context.store.read { transaction in
      let record = try transaction.series.find(series)
      guard let record, let mark = record.watermark else {
        return (Catch(series: series), series.timeframe.open(at: context.slot - history))
      }
      // To look for corrections alone is worth a question only to a person who asks for it.
      let isDue =
        universe.clock.lastClosed(at: context.slot) > mark || context.firing.trigger == .manual
      let known =
        isDue && recheck > 0
        ? try transaction.candles.last(record, count: recheck, closedBy: mark + step) : []
      return (
        Catch(series: series, record: record, watermark: mark, known: known),
        known.first?.time ?? mark + step
      )
    }
    while true {
      try context.checkpoint()
      let batch = try await universe.source.candles(
        symbol, series.timeframe, from: from, closedBy: universe.clock.horizon(at: context.slot),
        limit: Self.batchCandles)
      try caught.take(batch, universe.clock, context.store)
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
