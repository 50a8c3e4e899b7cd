import Domain
import Indicators
import Store

/// New rows of all series over a span of time, and what they were made from.
struct FeaturePart: Sendable {
  /// The rows, one element for each series that has some.
  var series: [SeriesRows] = []
  /// What was looked at, of every series.
  var bases: [Basis] = []
  /// Whether these are the last rows of the span.
  var isLast: Bool

  init(isLast: Bool) { self.isLast = isLast }

  var rowCount: Int { series.reduce(0) { $0 + $1.times.count } }

  /// The candles that rows were made from: those after a state. Candles are never deleted, and every
  /// change of one is on record, so that two counts tell whether they are still the same.
  struct Basis: Sendable {
    var series: SeriesRecord
    /// The state that was gone on from; nil when there was none.
    var state: FeatureState?
    var through: Instant
    var candles: Int
    var corrections: Int
  }

  /// Whether the candles are still those that the rows were made from.
  func isCurrent(_ set: FeatureSet, _ transaction: ReadTransaction) throws -> Bool {
    for basis in bases {
      let after = basis.state?.time
      if let state = basis.state {
        let known = try transaction.states.state(set, basis.series, atOrBefore: state.time)
        guard known?.time == state.time, known?.bytes == state.bytes else { return false }
      }
      let candles = try transaction.candles.count(
        basis.series, after: after, through: basis.through)
      let corrections = try transaction.corrections.count(
        basis.series, after: after, through: basis.through)
      guard candles == basis.candles, corrections == basis.corrections else { return false }
    }
    return true
  }

  func write(_ set: FeatureSet, to transaction: WriteTransaction, run: Int64?) throws {
    for rows in series {
      try transaction.features.upsert(rows.rows, set: set, series: rows.series, run: run)
      for state in rows.states {
        try transaction.states.save(state, set: set, series: rows.series)
      }
    }
  }

  /// Features that compare the series with one another, for each time at which there are rows.
  mutating func compare(_ specification: FeatureSpecification) {
    let width = specification.names.count
    var places: [Instant: [(series: Int, row: Int)]] = [:]
    for (index, rows) in series.enumerated() {
      for (row, time) in rows.times.enumerated() { places[time, default: []].append((index, row)) }
    }
    for members in places.values {
      var table: [Double] = []
      for (index, row) in members {
        table += series[index].values[row * width..<(row + 1) * width]
      }
      table.withUnsafeMutableBufferPointer { specification.crossSection.apply(to: $0) }
      for (place, (index, row)) in members.enumerated() {
        series[index].values.replaceSubrange(
          row * width..<(row + 1) * width, with: table[place * width..<(place + 1) * width])
      }
    }
  }
}

/// New rows of one series, row after row, with the states to keep.
struct SeriesRows: Sendable {
  let series: SeriesRecord
  private(set) var times: [Instant] = []
  /// One number per feature, row after row.
  var values: [Double]
  private(set) var states: [FeatureState] = []
  private let width: Int

  /// A state is kept at every so many candles, beside the newest: what follows a corrected candle is
  /// made anew from the one before it.
  static let stateEveryCandles: Int64 = 1000
  /// So many candles lie between two looks at whether to stop.
  private static let candlesPerLook = 1024

  /// The rows of the candles that open at or after `from`, made of these and the basis' state.
  init(
    _ specification: FeatureSpecification, basis: FeaturePart.Basis, candles: [Candle],
    from: Instant
  ) throws {
    series = basis.series
    width = specification.names.count
    let width = width
    let timeframe = series.series.timeframe
    var pipeline =
      try basis.state.map {
        try FeaturePipeline(specification, timeframe: timeframe, restoring: $0.bytes)
      } ?? FeaturePipeline(specification, timeframe: timeframe)
    let first = candles.firstIndex { $0.time >= from } ?? candles.count
    values = [Double](repeating: .nan, count: width * max(1, candles.count - first))
    times.reserveCapacity(candles.count - first)
    for (index, candle) in candles.enumerated() {
      // A part may take seconds where features are many; whoever is told to stop stops within it.
      if index % Self.candlesPerLook == 0 { try Task.checkCancellation() }
      let row = max(0, index - first)
      values.withUnsafeMutableBufferPointer {
        // Before the first row the numbers are of no interest, and the first row's place is free.
        pipeline.push(
          candle,
          into: UnsafeMutableBufferPointer(rebasing: $0[row * width..<(row + 1) * width]))
      }
      if index >= first { times.append(candle.time) }
      let number = candle.time.milliseconds / timeframe.span.milliseconds
      let isKept = number % Self.stateEveryCandles == 0
      if isKept || index == candles.count - 1 {
        states.append(
          FeatureState(time: candle.time, bytes: pipeline.savedState(), isKept: isKept))
      }
    }
  }

  /// The rows as the database takes them.
  var rows: [FeatureRow] {
    times.indices.map { index in
      FeatureRow(time: times[index], values: Array(values[index * width..<(index + 1) * width]))
    }
  }
}
