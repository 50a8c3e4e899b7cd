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
  let features: FeatureSet

  /// A state is kept at every so many candles, beside the newest: a late correction of a candle
  /// starts from the one before it.
  static let stateEveryCandles = 1000
  /// So many rows are held in memory at most; a longer back-fill commits in between.
  static let heldRows = 100_000

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    let universe = Universe(reader, settings.market, sources)
    guard let features = FeatureSet(reader, settings.market), let universe else { return nil }
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
      details: last.series.map { "\($0.series.symbol): \($0.times.count) rows" }
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
      let starts = try symbols.map { symbol in
        let series = universe.series(symbol)
        let saved = try transaction.features.tip(of: series, set: features.id)
        let first =
          try saved?.time
          ?? transaction.candles.range(series, after: nil, through: newest, limit: 1).first?.time
        return (series, saved, first)
      }
      guard let earliest = starts.compactMap(\.2).min() else { return }
      let end = min(newest, earliest + universe.timeframe.span * share)
      isComplete = end == newest
      for (series, saved, _) in starts {
        let candles = try transaction.candles.range(series, after: saved?.time, through: end)
        guard !candles.isEmpty else { continue }
        tail.series.append(try rows(of: series, candles, from: saved?.bytes))
      }
    }
    compare(&tail)
    return (tail, isComplete)
  }

  /// The rows of one series' candles, continuing from a saved state.
  private func rows(
    of series: Series, _ candles: [Candle], from state: [UInt8]?
  ) throws -> SeriesRows {
    var pipeline =
      try state.map {
        try FeaturePipeline(
          features.specification, timeframe: series.timeframe, restoring: $0)
      } ?? FeaturePipeline(features.specification, timeframe: series.timeframe)
    let width = features.specification.names.count
    var rows = SeriesRows(series: series, width: width, count: candles.count)
    try rows.values.withUnsafeMutableBufferPointer { values in
      for (index, candle) in candles.enumerated() {
        pipeline.push(
          candle,
          into: UnsafeMutableBufferPointer(rebasing: values[index * width..<(index + 1) * width]))
        rows.times.append(candle.time)
        let number = candle.time.milliseconds / series.timeframe.span.milliseconds
        if number % Int64(Self.stateEveryCandles) == 0 {
          rows.states.append((candle.time, pipeline.savedState()))
        }
      }
    }
    rows.tip = pipeline.savedState()
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
    try transaction.features.register(
      set: features.id, specification: features.specification.canonicalText,
      names: features.specification.names)
    for rows in tail.series {
      try transaction.features.insert(
        rows.times, values: rows.values, width: rows.width, series: rows.series, set: features.id,
        run: run)
      for (time, bytes) in rows.states {
        try transaction.features.keep(bytes, at: time, series: rows.series, set: features.id)
      }
      if let newest = rows.times.last {
        try transaction.features.saveTip(
          rows.tip, at: newest, series: rows.series, set: features.id)
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
  var series: Series
  var width: Int
  var times: [Instant] = []
  var values: [Double]
  var states: [(time: Instant, bytes: [UInt8])] = []
  var tip: [UInt8] = []

  init(series: Series, width: Int, count: Int) {
    self.series = series
    self.width = width
    values = [Double](repeating: .nan, count: width * count)
    times.reserveCapacity(count)
  }
}
