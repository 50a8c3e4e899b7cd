import Dashboard
import Domain
import Store

/// Which candles of a series are looked at: a range that ends with the newest, all, or what the address
/// names by `from` and `to`.
struct MarketWindow: Sendable {
  private let range: PageRange
  private let bounds: Range<Instant>?

  /// Candles that are shown at most: the newest of a window that has more.
  static let maximumCandles = 10_000

  /// The window of a query; a week unless it says another.
  init(_ query: PageQuery) {
    let from = query.values["from"].flatMap { Instant(rfc3339: $0) }
    let to = query.values["to"].flatMap { Instant(rfc3339: $0) }
    bounds = if let from, let to, from < to { from..<to } else { nil }
    range = query.range(standard: .week)
  }

  /// In a word: `7d`, `all`, or `window`.
  var name: String { bounds == nil ? range.rawValue : "window" }

  /// What an address says to name it.
  var text: String {
    bounds.map { "from=\($0.lowerBound)&to=\($0.upperBound)" } ?? "range=\(name)"
  }

  /// Its candles that are closed.
  func candles(
    _ record: SeriesRecord, _ now: Instant, _ transaction: ReadTransaction
  ) throws -> [Candle] {
    let span = record.series.timeframe.span
    guard
      let last = try transaction.candles.last(record, closedBy: min(now, bounds?.upperBound ?? now))
    else { return [] }
    let begin =
      bounds?.lowerBound ?? (range == .all ? nil : last.time - range.span + .milliseconds(1))
    let count =
      begin.map { Int((last.time - $0).milliseconds / max(1, span.milliseconds)) + 1 }
      ?? Self.maximumCandles
    guard count > 0 else { return [] }
    return try transaction.candles.last(
      record, count: min(count, Self.maximumCandles), closedBy: last.time + span
    ).filter { candle in begin.map { candle.time >= $0 } ?? true }
  }

  /// Links to the ranges, and by where this window ends to those beside it, half and twice as wide.
  func links(_ path: String, _ candles: [Candle], _ timeframe: Timeframe) -> HTML {
    let names = PageRange.allCases.map(\.rawValue)
    var links = names.map { range -> HTML in
      let current: HTML = range == name ? " aria-current=\"true\"" : ""
      return "<a href=\"\(path)?range=\(range)\"\(current)>\(range)</a>"
    }.joined
    if let first = candles.first, let last = candles.last {
      let (from, to) = (first.time, last.time + timeframe.span)
      let half = TimeSpan(milliseconds: (to - from).milliseconds / 2)
      let quarter = TimeSpan(milliseconds: half.milliseconds / 2)
      let steps: [(String, Instant, Instant)] = [
        ("earlier", from - half, to - half), ("later", from + half, to + half),
        ("closer", from + quarter, to - quarter), ("wider", from - half, to + half),
      ]
      for (word, from, to) in steps where from < to {
        let address = "\(path)?from=\(Self.whole(from))&to=\(Self.whole(to))"
        links += "<a href=\"\(address)\">\(word)</a>"
      }
    }
    return "<nav class=\"tabs\" aria-label=\"Range\">\(links)</nav>"
  }

  /// To the second, as an address reads best.
  private static func whole(_ time: Instant) -> String { "\(Instant(seconds: time.seconds))" }
}
