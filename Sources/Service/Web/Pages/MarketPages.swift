import Dashboard
import Domain
import Store

/// The series that are kept.
enum MarketPage {
  private static let shownSeries = 300

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    try source.store.read { transaction in
      var table = DataTable(
        "Series of candles",
        ["Instrument", "Venue", "Timeframe", .number("Last close"), "Closed at"])
      for record in try transaction.series.all().prefix(shownSeries) {
        let last = try transaction.candles.last(record, closedBy: source.now)
        table.add(
          .link("/market", "\(record.series.symbol)"), HTML(escaping: record.series.venue),
          HTML(escaping: "\(record.series.timeframe)"), HTML(escaping: last?.close.short ?? ""),
          query.clock.shown(
            last.map { $0.time + record.series.timeframe.span }, or: "no candle yet"))
      }
      return table.html
    }
  }
}

/// One instrument: its candles with what was traded.
enum InstrumentPage {
  /// Candles of a page at most: the newest of a range that has more.
  static let maximumCandles = 10_000
  private static let shownRows = 60
  private static let shownFills = 500

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    guard let symbol = Symbol(query.subject) else { return nil }
    let clock = query.clock
    let range = query.range(standard: .week)
    return try source.store.read { transaction -> HTML? in
      guard let record = try series(symbol, query, transaction) else { return nil }
      let candles = try candles(record, range, source.now, transaction)
      var facts = Facts()
      facts.add("Series", "\(record.series)")
      if let last = candles.last, let first = candles.first {
        facts.add("Last close", last.close.short)
        facts.add("Closed at", clock.shown(last.time + record.series.timeframe.span))
        facts.add(range.rawValue, (last.close / first.open - 1).changeOnPage)
        facts.add("Highest", (candles.map(\.high).max() ?? 0).short)
        facts.add("Lowest", (candles.map(\.low).min() ?? 0).short)
        facts.add("Candles", "\(candles.count)")
      }
      let marks = try transaction.accounts.all().flatMap { account in
        try transaction.fills.latest(account.name, limit: shownFills)
          .filter { $0.symbol == symbol }
          .map { fill in
            CandleChart.Mark(
              time: fill.fill.time, price: fill.fill.price.double, isPurchase: fill.side == .buy)
          }
      }
      let chart = CandleChart(
        "\(record.series)", candles: candles, marks: marks, clock: clock
      ) { $0.short }
      var table = DataTable(
        "Newest \(min(shownRows, candles.count)) candles (times of opening)",
        [
          "Opened", .number("Open"), .number("High"), .number("Low"), .number("Close"),
          .number("Volume"),
        ])
      for candle in candles.suffix(shownRows).reversed() {
        table.add(
          clock.shown(candle.time), HTML(escaping: candle.open.short),
          HTML(escaping: candle.high.short), HTML(escaping: candle.low.short),
          HTML(escaping: candle.close.short), HTML(escaping: candle.volume.short))
      }
      let path = "/market/\(PercentEncoding.encoded(query.subject, .path))"
      return """
        \(facts.html)\(range.links(path))\(chart.html)
        <details><summary>Table</summary>\(table.html)</details>
        <p><a href="/csv/candles/\(record.id)?range=\(range.rawValue)">CSV</a> · \
        \(HTML.link("/decisions", query.subject, "Its newest decision"))</p>
        """
    }
  }

  /// The series of a symbol: of the market's venue and timeframe where it has one.
  private static func series(
    _ symbol: Symbol, _ query: PageQuery, _ transaction: ReadTransaction
  ) throws -> SeriesRecord? {
    let all = try transaction.series.all().filter { $0.series.symbol == symbol }
    return all.max { ($0.watermark ?? .epoch) < ($1.watermark ?? .epoch) }
  }

  /// The candles of a range that ends with the newest.
  static func candles(
    _ record: SeriesRecord, _ range: PageRange, _ now: Instant, _ transaction: ReadTransaction
  ) throws -> [Candle] {
    let span = record.series.timeframe.span
    guard let last = try transaction.candles.last(record, closedBy: now) else { return [] }
    let count = min(
      Int(range.span.milliseconds / max(1, span.milliseconds)) + 1, maximumCandles)
    return try transaction.candles.last(record, count: count, closedBy: last.time + span)
      .filter { $0.time > last.time - range.span }
  }
}
