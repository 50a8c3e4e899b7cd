import Dashboard
import Domain
import Portfolio
import Store

/// How an account did: against having bought and held, under water, by month, with the worst falls.
enum PerformancePage {
  private static let shownRows = 60
  private static let shownFalls = 5
  /// Of a drawing of rolling figures, which change slowly: with those of a whole page, a year stays below 60 KB.
  private static let rollingPoints = 160
  private static let shortestForYears = TimeSpan.days(60)

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let clock = query.clock
    let range = query.range(standard: .quarter)
    return try source.store.read { transaction -> HTML? in
      guard let account = try source.account(query, transaction) else {
        return PageSource.noAccount
      }
      let latest = try transaction.equity.latest(account.name)
      guard let latest,
        let history = try PortfolioHistory(
          transaction, account: account.name, from: range.begin(before: latest.time),
          through: latest.time, mostPoints: PageRange.mostPoints)
      else { return "<p class=\"dim\">\(account.name) is not valued yet.</p>" }
      let name = PercentEncoding.encoded(account.name)
      let daily: HTML? =
        history.isDaily
        ? "<p class=\"dim\">More than \(PageRange.mostPoints) valuations: of each day the last one.</p>"
        : nil
      return """
        \(try source.accountLinks("/performance", chosen: account.name, transaction))\
        \(range.links("/performance", query: "account=\(name)"))\(daily)\(sheet(history, clock))
        <p><a href="/csv/equity?account=\(name)&amp;range=\(range.rawValue)">CSV</a></p>
        """
    }
  }

  /// The tear sheet itself: figures, growth, falls, months.
  static func sheet(_ history: PortfolioHistory, _ clock: PageClock) -> HTML {
    let times = history.points.map(\.time)
    let chart = Chart(
      "Growth of one \(history.account.quote) against buying and holding", times: times,
      lines: [
        .init("account", history.points.map(\.growth)), .init("hold", history.points.map(\.hold)),
      ], clock: clock
    ) { $0.fixed(3) }
    let water = Chart(
      "Under water", times: times,
      lines: [.init("below the peak", underwater(history.points.map(\.growth)))], clock: clock,
      isFilled: true
    ) { ($0 * 100).fixed(1) + "%" }
    return """
      \(figures(history))\(chart.html)\(water.html)
      <details><summary>Table</summary>\(table(history, clock))</details>
      \(rolling(history, clock))<div class="two"><div>\(months(history))</div><div>\(falls(history, clock))</div></div>
      """
  }

  /// How the figures of the last so many days changed, as two drawings and their table.
  private static func rolling(_ history: PortfolioHistory, _ clock: PageClock) -> HTML {
    let (window, points) = history.rolling
    guard points.count > 1 else { return "" }
    let times = points.map(\.time)
    let sharpe = Chart(
      "Sharpe ratio of \(window) days", times: times,
      lines: [.init("Sharpe", points.map { $0.figures.sharpe })], clock: clock,
      points: rollingPoints
    ) { $0.fixed(2) }
    let volatility = Chart(
      "Volatility a year, of \(window) days", times: times,
      lines: [.init("volatility", points.map { $0.figures.volatility })], clock: clock,
      points: rollingPoints
    ) { ($0 * 100).fixed(1) + "%" }
    var table = DataTable(
      "Newest \(min(shownRows, points.count)) windows of \(window) days",
      ["Through", .number("Sharpe"), .number("Volatility a year")])
    for point in points.suffix(shownRows).reversed() {
      table.add(
        clock.shown(point.time), HTML(escaping: point.figures.sharpe.fixed(2)),
        HTML(escaping: point.figures.volatility.percentOnPage))
    }
    return """
      \(sharpe.html)\(volatility.html)
      <details><summary>Table</summary>\(table.html)</details>

      """
  }

  /// How far each point is below the highest before it, from 0 down.
  static func underwater(_ growth: [Double]) -> [Double] {
    var peak = -Double.infinity
    return growth.map { value in
      peak = max(peak, value)
      return peak > 0 ? value / peak - 1 : 0
    }
  }

  private static func figures(_ history: PortfolioHistory) -> HTML {
    var facts = Facts()
    for (name, value) in named(history) { facts.add(name, value) }
    return facts.html
  }

  /// The figures by name; nil where there is none.
  static func named(_ history: PortfolioHistory) -> [(name: String, value: String?)] {
    // A year made of a few days is a number, and no figure.
    let span = (history.points.last?.time ?? .epoch) - (history.points.first?.time ?? .epoch)
    let isLong = span >= shortestForYears
    let figures = history.figures
    return [
      ("Return", history.points.last.map { ($0.growth - 1).changeOnPage }),
      ("Hold", history.points.last?.hold.map { ($0 - 1).changeOnPage }),
      ("A year (CAGR)", isLong ? figures?.annualReturn.changeOnPage : nil),
      ("Volatility a year", figures?.volatility.percentOnPage),
      ("Sharpe", figures?.sharpe.fixed(2)), ("Sortino", figures?.sortino.fixed(2)),
      ("Calmar", isLong ? figures?.calmar.fixed(2) : nil),
      ("Worst fall", (0 - (history.drawdowns.first?.depth ?? 0).magnitude).percentOnPage),
      ("Days won", figures?.winRate.percentOnPage), ("Best day", figures?.best.changeOnPage),
      ("Worst day", figures?.worst.changeOnPage), ("Exposure", history.exposure?.percentOnPage),
      ("Turnover", history.turnover?.fixed(2)),
    ]
  }

  private static func table(_ history: PortfolioHistory, _ clock: PageClock) -> HTML {
    var table = DataTable(
      "Newest \(min(shownRows, history.points.count)) valuations",
      ["Time", .number("Equity"), .number("Cash"), .number("Growth"), .number("Hold")])
    for point in history.points.suffix(shownRows).reversed() {
      table.add(
        clock.shown(point.time), HTML(escaping: point.equity.onPage),
        HTML(escaping: point.cash.onPage), HTML(escaping: point.growth.fixed(5)),
        HTML(escaping: point.hold?.fixed(5) ?? ""))
    }
    return table.html
  }

  /// The returns of each month that the range touches: by the last growth of each month, in UTC.
  static func monthly(_ points: [(time: Instant, growth: Double)]) -> [(
    month: String, part: Double
  )] {
    var months: [(month: String, part: Double)] = []
    var base = points.first?.growth ?? 1
    var last: (month: CivilDate, growth: Double)?
    func end(_ month: CivilDate, _ growth: Double) {
      months.append((String("\(month)".prefix(7)), growth / base - 1))
      base = growth
    }
    for point in points {
      var month = CivilDate(daysSinceEpoch: Int(point.time.seconds.flooringQuotient(86_400)))
      month.day = 1
      if let before = last, before.month != month { end(before.month, before.growth) }
      last = (month, point.growth)
    }
    if let last { end(last.month, last.growth) }
    return months
  }

  private static func months(_ history: PortfolioHistory) -> HTML {
    var table = DataTable("Returns by month (UTC)", ["Month", .number("Return"), "As a bar"])
    for month in monthly(history.points.map { ($0.time, $0.growth) }).reversed() {
      table.add(
        HTML(escaping: month.month), HTML(escaping: month.part.changeOnPage), bar(month.part))
    }
    return table.html
  }

  /// To the right for a gain, to the left, in another colour, for a loss; 10 % fill a half.
  private static func bar(_ part: Double) -> HTML {
    let width = min(part.magnitude / 0.1, 1) * 50
    let x = part < 0 ? 50 - width : 50
    return """
      <svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" \
      aria-label="\(part.changeOnPage)"><rect class="bt" width="100" height="14"/>\
      <rect\(part < 0 ? " class=\"over\"" : HTML()) x="\(x.fixed(1))" y="2" \
      width="\(width.fixed(1))" height="10"/></svg>
      """
  }

  private static func falls(_ history: PortfolioHistory, _ clock: PageClock) -> HTML {
    var table = DataTable(
      "Deepest falls", ["Began", "Deepest", "Recovered", .number("Depth")], empty: "none")
    for fall in history.drawdowns.prefix(shownFalls) {
      table.add(
        clock.shown(fall.start), clock.shown(fall.valley),
        clock.shown(fall.recovered, or: "not yet"),
        HTML(escaping: (0 - fall.depth.magnitude).percentOnPage))
    }
    return table.html
  }
}
