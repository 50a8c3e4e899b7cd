import Dashboard
import Domain
import Scheduler
import Store

/// What was computed from the candles of a window: its features, as indicators, and the scores that models
/// gave by them.
struct MarketStudies {
  /// A drawing for each feature and each job that scores.
  private(set) var charts = HTML()
  /// The columns that they add to a table of candles.
  private(set) var columns: [String] = []
  private var values: [Instant: [String]] = [:]

  /// Features and jobs of a page at most.
  private static let shownFeatures = 8
  private static let shownJobs = 3
  /// Points of all drawings together and of each, so that a page with many of them stays small.
  private static let (allPoints, mostPoints) = (512, 128)
  /// So many candles of a window are asked for their scores.
  private static let shownScores = 240

  /// The studies of candles in order of time; `rows` are those whose values the table tells.
  init(
    _ candles: [Candle], rows: ArraySlice<Candle>, _ record: SeriesRecord, _ source: PageSource,
    _ clock: PageClock, _ transaction: ReadTransaction
  ) throws {
    guard let first = candles.first, let last = candles.last else { return }
    let newest = try transaction.features.sets().reversed().first {
      try transaction.features.newest($0, record) != nil
    }
    let jobs = (source.facts.schedule?.jobs.filter { $0.kind == .infer } ?? []).prefix(
      Self.shownJobs)
    let count = min(newest?.names.count ?? 0, Self.shownFeatures) + jobs.count
    let points = min(Self.mostPoints, Self.allPoints / max(1, count))
    if let newest {
      let known = try transaction.features.range(
        newest, record, after: first.time - .milliseconds(1), through: last.time,
        limit: MarketWindow.maximumCandles)
      let byTime = Dictionary(known.map { ($0.time, $0.values) }) { _, last in last }
      for (index, name) in newest.names.enumerated().prefix(Self.shownFeatures) {
        let line = Chart.Line(name, known.map { $0.values[index] })
        charts +=
          Chart(
            name, times: known.map(\.time), lines: [line], clock: clock, points: points
          ) { $0.short }.html
        columns.append(name)
        for row in rows {
          values[row.time, default: []].append(byTime[row.time].map { $0[index].short } ?? "")
        }
      }
    }
    let span = record.series.timeframe.span
    for job in jobs {
      func score(from candle: Candle, _ count: Int) throws -> Double? {
        let closed = candle.time + span
        return try transaction.predictions.first(
          job.name, record, from: closed, before: closed + span * Int64(count))
      }
      let stride = (candles.count + Self.shownScores - 1) / Self.shownScores
      let drawn = Swift.stride(from: 0, to: candles.count, by: stride).map { candles[$0] }
      let scores = try drawn.map { try score(from: $0, stride) }
      guard scores.contains(where: { $0 != nil }) else { continue }
      let title = "Score by \(job.name)"
      charts +=
        Chart(
          title, times: drawn.map(\.time), lines: [.init("score", scores)], clock: clock,
          points: points
        ) { $0.short }.html
      columns.append(title)
      for row in rows {
        values[row.time, default: []].append(try score(from: row, 1)?.short ?? "")
      }
    }
  }

  /// The cells of a candle, as many as there are columns.
  func cells(_ candle: Candle) -> [HTML] {
    values[candle.time]?.map { HTML(escaping: $0) } ?? columns.map { _ in HTML() }
  }
}
