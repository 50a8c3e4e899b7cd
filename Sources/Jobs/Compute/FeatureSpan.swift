import Domain
import Indicators
import Store

/// The rows that series lack up to a time, made part by part.
struct FeatureSpan: Sendable {
  let features: FeatureRecipe
  let series: [Series]
  /// The opening time of the newest candle that may be used.
  let newest: Instant
  let heldRows: Int

  private var timeframe: Timeframe? { series.first?.timeframe }
  /// Whether a row depends on the other series' rows of its time.
  private var isComparing: Bool { !features.specification.crossSection.isEmpty }

  /// The next rows of all series, about `heldRows` at most. All series go through the same span of
  /// time, so that what compares them finds them together.
  func next(in transaction: ReadTransaction) throws -> FeaturePart {
    let set = try transaction.features.set(sha256: features.sha256)
    let starts = try series.compactMap { try start(of: $0, set, transaction) }
    var part = FeaturePart(isLast: true)
    guard let timeframe, let earliest = starts.compactMap(\.next).min(), earliest <= newest else {
      return part
    }
    let share = Int64(max(1, heldRows / max(1, series.count)))
    let end = min(newest, earliest + timeframe.span * (share - 1))
    part.isLast = end == newest
    for start in starts {
      // A row that is compared with others is made anew together with them.
      guard let from = isComparing ? earliest : start.next, from <= end else { continue }
      let state = try set.flatMap {
        try transaction.states.state($0, start.series, atOrBefore: from - .milliseconds(1))
      }
      let candles = try transaction.candles.range(
        start.series, after: state?.time, through: end, limit: .max)
      let basis = FeaturePart.Basis(
        series: start.series, state: state, through: end, candles: candles.count,
        corrections: try transaction.corrections.count(
          start.series, after: state?.time, through: end))
      part.bases.append(basis)
      guard let last = candles.last, last.time >= from else { continue }
      part.series.append(
        try SeriesRows(features.specification, basis: basis, candles: candles, from: from))
    }
    if isComparing { part.compare(features.specification) }
    return part
  }

  /// Where a series goes on.
  private struct Start {
    var series: SeriesRecord
    /// The first candle without a row; nil when all have one.
    var next: Instant?
  }

  private func start(
    of series: Series, _ set: FeatureSet?, _ transaction: ReadTransaction
  ) throws -> Start? {
    guard let record = try transaction.series.find(series) else { return nil }
    let known = try set.flatMap { try transaction.features.newest($0, record) }
    let next = try transaction.candles.range(record, after: known, limit: 1).first?.time
    return Start(series: record, next: next)
  }

  /// Writes a part that was made in another transaction. Where a candle of it came or changed since,
  /// it is made once more under the lock of this one, in which nothing can change.
  func write(_ part: FeaturePart, to transaction: WriteTransaction, run: Int64?) throws {
    let set = try transaction.features.register(
      sha256: features.sha256, specification: features.specification.canonicalText,
      names: features.specification.names,
      comparesSeries: !features.specification.crossSection.isEmpty)
    if try part.isCurrent(set, transaction) {
      return try part.write(set, to: transaction, run: run)
    }
    while true {
      let part = try next(in: transaction)
      try part.write(set, to: transaction, run: run)
      if part.isLast { return }
    }
  }
}
