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
        ["Instrument", "Venue", "Timeframe", .number("Last close"), "Closed at"],
        empty: "no series of that name")
      let find = query.values["find"] ?? ""
      let found = try transaction.series.all().filter {
        find.isEmpty || "\($0.series.symbol)".lowercased().contains(find.lowercased())
      }
      for record in found.prefix(shownSeries) {
        let last = try transaction.candles.last(record, closedBy: source.now)
        table.add(
          .link("/market", "\(record.series.symbol)"), HTML(escaping: record.series.venue),
          HTML(escaping: "\(record.series.timeframe)"), HTML(escaping: last?.close.short ?? ""),
          query.clock.shown(
            last.map { $0.time + record.series.timeframe.span }, or: "no candle yet"))
      }
      let cut: HTML? =
        found.count > shownSeries
        ? "<p class=\"dim\">The first \(shownSeries) of \(found.count): find others by name.</p>"
        : nil
      return """
        <form class="act" action="/market" method="get" role="search"><label>Find <input type="search" \
        name="find" value="\(find)" size="16" maxlength="64" autocomplete="off" spellcheck="false"></label>\
        <button>Show</button></form>\(table.html)\(cut)
        """
    }
  }
}

/// One instrument: its candles with what was traded.
enum InstrumentPage {
  private static let shownRows = 48
  private static let shownFills = 240

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    guard let symbol = Symbol(query.subject) else { return nil }
    let clock = query.clock
    let window = MarketWindow(query)
    return try source.store.read { transaction -> HTML? in
      guard let record = try series(symbol, query, transaction) else { return nil }
      let candles = try window.candles(record, source.now, transaction)
      let rows = candles.suffix(shownRows)
      let studies = try MarketStudies(candles, rows: rows, record, source, clock, transaction)
      var facts = Facts()
      facts.add("Series", "\(record.series)")
      if let last = candles.last, let first = candles.first {
        facts.add("Last close", last.close.short)
        facts.add("Closed at", clock.shown(last.time + record.series.timeframe.span))
        facts.add(window.name, (last.close / first.open - 1).changeOnPage)
        facts.add("Highest", (candles.map(\.high).max() ?? 0).short)
        facts.add("Lowest", (candles.map(\.low).min() ?? 0).short)
        let isCut = candles.count == MarketWindow.maximumCandles
        facts.add("Candles", "\(candles.count)\(isCut ? ", the newest of it" : "")")
      }
      var fills: [FillRecord] = []
      if let first = candles.first, let last = candles.last {
        fills = try transaction.fills.latest(
          of: symbol, after: first.time - .milliseconds(1),
          through: last.time + record.series.timeframe.span, limit: shownFills + 1)
        facts.add(
          "Trades", fills.count > shownFills ? "the newest \(shownFills)" : "\(fills.count)")
      }
      let marks = fills.prefix(shownFills).map { fill in
        CandleChart.Mark(
          time: fill.fill.time, price: fill.fill.price.double, isPurchase: fill.side == .buy)
      }
      let chart = CandleChart(
        "\(record.series)", candles: candles, marks: marks, clock: clock
      ) { $0.short }
      var table = DataTable(
        "Newest \(min(shownRows, candles.count)) candles (times of opening)",
        [
          "Opened", .number("Open"), .number("High"), .number("Low"), .number("Close"),
          .number("Volume"),
        ] + studies.columns.map { .number($0) })
      for candle in rows.reversed() {
        table.add(
          [
            clock.shown(candle.time), HTML(escaping: candle.open.short),
            HTML(escaping: candle.high.short), HTML(escaping: candle.low.short),
            HTML(escaping: candle.close.short), HTML(escaping: candle.volume.short),
          ] + studies.cells(candle))
      }
      let path = "/market/\(PercentEncoding.encoded(query.subject, .path))"
      return """
        \(facts.html)\(window.links(path, candles, record.series.timeframe))\(chart.html)\(studies.charts)
        <details><summary>Table</summary>\(table.html)</details>
        <p><a href="/csv/candles/\(record.id)?\(window.text)">CSV</a> · \
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
}
