import Domain
import Indicators
import Settings
import Store
import StrictYAML

/// Turns new candles into rows of features.
///
/// Each series goes on from the state that was saved with its newest row, so the cost depends on the
/// new candles alone; the same candles from scratch give the same rows bit for bit.
struct ComputeJob: Job {
  let kind = JobKind.compute
  let universe: Universe
  let features: FeatureRecipe

  /// A state is kept at every so many candles, beside the newest: a late correction of a candle
  /// starts from the one before it.
  static let stateEveryCandles: Int64 = 1000
  /// So many rows are held in memory at most; a longer back-fill commits in between.
  static let heldRows = 100_000

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    let universe = Universe(reader, settings.market, sources)
    guard let features = FeatureRecipe(reader, settings.market), let universe else { return nil }
    self.universe = universe
    self.features = features
  }

  func run(_ context: JobContext) async throws -> JobResult {
    let symbols = try await universe.symbols()
    let newest = universe.timeframe.lastClosedOpen(at: context.slot)
    var tail = Tail()
    var committed = 0
    while true {
      try context.checkpoint()
      let (part, isComplete) = try part(of: symbols, through: newest, context)
      if isComplete {
        tail = part
        break
      }
      try context.store.write(at: context.time.now) { try write(part, to: $0, run: context.run) }
      committed += part.rowCount
    }
    let last = tail
    return JobResult(
      summary: "\(symbols.count) series, \(committed + last.rowCount) rows of "
        + "\(features.specification.names.count) features",
      details: last.series.map { "\($0.series.series.symbol): \($0.times.count) rows" }
    ) { transaction in
      try write(last, to: transaction, run: context.run)
    }
  }

  /// The next rows of all series, about `heldRows` at most, and whether that is all there is. All
  /// series go through the same span of time, so that what compares them finds them together.
  private func part(
    of symbols: [Symbol], through newest: Instant, _ context: JobContext
  ) throws -> (Tail, isComplete: Bool) {
    let share = Int64(max(1, Self.heldRows / max(1, symbols.count)))
    var tail = Tail()
    var isComplete = true
    try context.store.read { transaction in
      let set = try transaction.features.set(sha256: features.sha256)
      let starts = try symbols.compactMap { symbol -> Start? in
        guard let series = try transaction.series.find(universe.series(symbol)) else { return nil }
        let saved = try set.flatMap { try transaction.states.state($0, series) }
        let first =
          try saved?.time ?? transaction.candles.range(series, limit: 1).first?.time
        return first.map { Start(series: series, state: saved, time: $0) }
      }
      guard let earliest = starts.map(\.time).min(),
        earliest < newest || starts.contains(where: { $0.state == nil })
      else { return }
      let end = min(newest, earliest + universe.timeframe.span * share)
      isComplete = end == newest
      for start in starts {
        let candles = try transaction.candles.range(
          start.series, after: start.state?.time, through: end, limit: .max)
        guard !candles.isEmpty else { continue }
        tail.series.append(try rows(of: start.series, candles, from: start.state?.bytes))
      }
    }
    compare(&tail)
    return (tail, isComplete)
  }

  /// Where a series goes on: after its newest state, or with its first candle.
  private struct Start {
    var series: SeriesRecord
    var state: FeatureState?
    var time: Instant
  }

  /// The rows of one series' candles, continuing from a saved state.
  private func rows(
    of series: SeriesRecord, _ candles: [Candle], from state: [UInt8]?
  ) throws -> SeriesRows {
    var pipeline =
      try state.map {
        try FeaturePipeline(
          features.specification, timeframe: universe.timeframe, restoring: $0)
      } ?? FeaturePipeline(features.specification, timeframe: universe.timeframe)
    let width = features.specification.names.count
    var rows = SeriesRows(series: series, width: width, count: candles.count)
    rows.values.withUnsafeMutableBufferPointer { values in
      for (index, candle) in candles.enumerated() {
        pipeline.push(
          candle,
          into: UnsafeMutableBufferPointer(rebasing: values[index * width..<(index + 1) * width]))
        rows.times.append(candle.time)
        let number = candle.time.milliseconds / universe.timeframe.span.milliseconds
        let isKept = number % Self.stateEveryCandles == 0
        if isKept || index == candles.count - 1 {
          rows.states.append(
            FeatureState(time: candle.time, bytes: pipeline.savedState(), isKept: isKept))
        }
      }
    }
    return rows
  }

  /// Features that compare the series with one another, for each time at which there are rows.
  private func compare(_ tail: inout Tail) {
    let section = features.specification.crossSection
    guard !section.isEmpty else { return }
    let width = features.specification.names.count
    var places: [Instant: [(series: Int, row: Int)]] = [:]
    for (index, rows) in tail.series.enumerated() {
      for (row, time) in rows.times.enumerated() { places[time, default: []].append((index, row)) }
    }
    for members in places.values {
      var table: [Double] = []
      for (series, row) in members {
        table += tail.series[series].values[row * width..<(row + 1) * width]
      }
      table.withUnsafeMutableBufferPointer { section.apply(to: $0) }
      for (place, (series, row)) in members.enumerated() {
        tail.series[series].values.replaceSubrange(
          row * width..<(row + 1) * width, with: table[place * width..<(place + 1) * width])
      }
    }
  }

  private func write(_ tail: Tail, to transaction: WriteTransaction, run: Int64) throws {
    let set = try transaction.features.register(
      sha256: features.sha256, specification: features.specification.canonicalText,
      names: features.specification.names)
    for rows in tail.series {
      try transaction.features.upsert(rows.rows, set: set, series: rows.series, run: run)
      for state in rows.states {
        try transaction.states.save(state, set: set, series: rows.series)
      }
    }
  }
}

/// New rows of all series.
private struct Tail: Sendable {
  var series: [SeriesRows] = []

  var rowCount: Int { series.reduce(0) { $0 + $1.times.count } }
}

/// New rows of one series, row after row, with the states to keep.
private struct SeriesRows: Sendable {
  var series: SeriesRecord
  var width: Int
  var times: [Instant] = []
  var values: [Double]
  var states: [FeatureState] = []

  /// The rows as the database takes them.
  var rows: [FeatureRow] {
    times.indices.map { index in
      FeatureRow(
        time: times[index], values: Array(values[index * width..<(index + 1) * width]))
    }
  }

  init(series: SeriesRecord, width: Int, count: Int) {
    self.series = series
    self.width = width
    values = [Double](repeating: .nan, count: width * count)
    times.reserveCapacity(count)
  }
}
