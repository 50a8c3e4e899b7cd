import Calendars
import Domain
import Indicators
import Logging
import Settings
import Store
import StrictYAML

/// Turns new candles into rows of features.
///
/// Each series goes on from a state that was saved before its first candle without a row, so the cost
/// depends on the new candles alone; the same candles from scratch give the same rows bit for bit.
/// A corrected or late candle takes the rows and states from it on with it (`CandleTable.upsert`),
/// and what is missing then is made here like any other.
struct ComputeJob: Job {
  let kind = JobKind.compute
  let universe: Universe
  let features: FeatureRecipe
  /// So many rows are held in memory at most; a longer back-fill commits in between.
  var heldRows = 100_000

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    guard let universe = Universe(reader, settings, sources),
      let features = FeatureRecipe(reader, settings.market, calendar: universe.clock.calendar)
    else { return nil }
    self.universe = universe
    self.features = features
  }

  func run(_ context: JobContext) async throws -> JobResult {
    let symbols = try context.store.read { try universe.symbols(in: $0, at: context.slot) }
    let span = FeatureSpan(
      features: features, series: symbols.map(universe.series),
      newest: universe.clock.lastClosed(at: context.slot), heldRows: heldRows)
    var committed = 0
    while true {
      try context.checkpoint()
      context.log.debug("computing", metadata: ["rows": "\(committed)"])
      let part = try context.store.read { try span.next(in: $0) }
      if part.isLast {
        return JobResult(
          summary: "\(symbols.count) series, \(committed + part.rowCount) rows of "
            + "\(features.specification.names.count) features",
          details: part.series.map { "\($0.series.series.symbol): \($0.times.count) rows" }
        ) { transaction in
          try span.write(part, to: transaction, run: context.run)
        }
      }
      try context.store.write(at: context.time.now) {
        try span.write(part, to: $0, run: context.run)
      }
      committed += part.rowCount
    }
  }
}
