import Dashboard
import Domain
import Portfolio
import Settings
import Store

/// What is held, what it is worth, and what it should be.
enum PortfolioPage {
  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    try source.store.read { transaction in
      guard let account = try source.account(query, transaction),
        let answer = try PortfolioAnswer(transaction, account: account.name)
      else { return PageSource.noAccount }
      var facts = Facts()
      facts.add(
        "Equity",
        answer.equity.map { "\($0.onPage) \(account.quote)" } ?? "unknown: \(answer.unknown ?? "")")
      facts.add("Cash", "\(answer.cash.onPage) \(account.quote)")
      facts.add("Mode", account.mode.rawValue)
      facts.add("Began with", "\(account.initial.onPage) \(account.quote)")
      let fees = answer.fees.sorted { $0.key < $1.key }.map { "\($0.value.onPage) \($0.key)" }
      facts.add("Fees so far", fees.isEmpty ? "none" : fees.joined(separator: ", "))
      facts.add("Marked at", query.clock.shown(answer.markedAt, or: "not yet"))
      if let shadow = try ShadowReport(transaction, account: account.name) {
        facts.add("Shadow", try shadow.summary)
      }
      try StatementFacts.add(account, query.clock, transaction, to: &facts)
      var table = DataTable(
        "Holdings of \(account.name), values in \(account.quote)",
        [
          "Asset", .number("Quantity"), .number("Price"), .number("Value"), .number("Weight"),
          .number("Target"), .number("Drift"), "Now and wanted",
        ])
      for row in answer.rows {
        let drift = row.weight.flatMap { weight in
          row.target.map { Amount(units: weight.units - $0.units) }
        }
        let name: HTML =
          row.asset == account.quote
          ? HTML(escaping: row.asset)
          : .link("/decisions", "\(row.asset)-\(account.quote)", row.asset)
        table.add(
          name, HTML(escaping: "\(row.quantity)"), HTML(escaping: row.price?.double.short ?? ""),
          HTML(escaping: row.value?.onPage ?? "unknown"),
          HTML(escaping: row.weight?.percentOnPage ?? ""),
          HTML(escaping: row.target?.percentOnPage ?? ""),
          HTML(escaping: drift.map { ($0 > .zero ? "+" : "") + $0.percentOnPage } ?? ""),
          bar(row.weight, row.target))
      }
      return """
        \(try source.accountLinks("/portfolio", chosen: account.name, transaction))\(facts.html)\
        \(table.html)
        """
    }
  }

  /// The weight as a bar, with a line where it should end.
  static func bar(_ weight: Amount?, _ target: Amount?) -> HTML {
    guard let weight else { return "" }
    let width = min(max(weight.double, 0), 1) * 100
    let line: HTML? = target.map { target -> HTML in
      let x = (min(max(target.double, 0), 1) * 100).fixed(1)
      return "<path d=\"M\(x) 0V14\"/>"
    }
    let words =
      "weight \(weight.percentOnPage)" + (target.map { ", target \($0.percentOnPage)" } ?? "")
    return """
      <svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" \
      aria-label="\(words)"><rect class="bt" width="100" height="14"/><rect y="2" \
      width="\(width.fixed(1))" height="10"/>\(line)</svg>
      """
  }
}

/// The newest plan's decisions, and one decision with all that led to it.
enum DecisionsPage {
  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    try source.store.read { transaction in
      guard let account = try source.account(query, transaction),
        let plan = try transaction.plans.latest(account: account.name)
      else { return PageSource.noAccount }
      var facts = Facts()
      facts.add("Plan", "\(plan.id)")
      facts.add("Slot", query.clock.shown(plan.slot.time))
      facts.add("Job", .link("/jobs", plan.slot.job.text))
      facts.add("Round", "\(plan.round)")
      facts.add("Equity", plan.equity.map { "\($0.onPage) \(account.quote)" })
      var table = DataTable(
        "Decisions of the newest plan",
        [
          "Instrument", .number("Score"), .number("Weight"), .number("Target"), "Decision", "Why",
        ])
      for line in try transaction.plans.lines(plan.id).prefix(200) {
        table.add(
          .link("/decisions", "\(line.symbol)"), HTML(escaping: line.score?.short ?? "none"),
          HTML(escaping: line.weight.percentOnPage),
          HTML(escaping: line.targetWeight.percentOnPage), HTML(escaping: line.decision.rawValue),
          "<span class=\"wrap\">\(line.reason ?? line.targetReason)</span>")
      }
      return """
        \(try source.accountLinks("/decisions", chosen: account.name, transaction))\(facts.html)\
        \(table.html)
        """
    }
  }

  /// Why an instrument, an order or a slot went as it did.
  static func why(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let clock = query.clock
    let subject = query.subject
    if let slot = Slot(subject) {
      let schedule = try source.schedule()
      let explanation = try source.store.read { transaction in
        SlotExplanation(
          of: try SlotFacts(
            slot, schedule: schedule, isServed: true, transaction, now: source.now))
      }
      let items = explanation.sentences.map { "<li class=\"wrap\">\($0)</li>" as HTML }.joined
      let run: HTML? = explanation.run.map { "<p><a href=\"/runs/\($0.id)\">Its run</a></p>" }
      return "<ul>\(items)</ul>\(run)"
    }
    guard let subject = TradeExplanation.Subject(subject) else { return nil }
    let explanation = try source.store.read { transaction in
      try TradeExplanation(
        of: subject, account: query.values["account"], by: query.time ?? source.now, transaction)
    }
    guard let explanation else { return nil }
    var table = DataTable("What led to it", ["Step", "What is on record"])
    for (label, text) in explanation.lines(time: clock.text) {
      table.add(HTML(escaping: label), "<span class=\"wrap\">\(text)</span>")
    }
    let runs = explanation.runs.map { run -> HTML in
      "<li><a href=\"/runs/\(run.id)\">\(run.slot.job.text) at \(clock.text(run.slot.time))</a></li>"
    }.joined
    return """
      \(table.html)<h2>Runs behind it</h2><ul>\(runs)</ul>
      <p>\(HTML.link("/market", "\(explanation.symbol)", "Its candles"))</p>
      """
  }
}

/// The newest orders.
enum OrdersPage {
  private static let shownOrders = 80

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    try source.store.read { transaction in
      guard let account = try source.account(query, transaction) else {
        return PageSource.noAccount
      }
      let working = try transaction.orders.working(account.name)
      let latest = try transaction.orders.latest(account.name, limit: shownOrders)
      let one = try table("Orders that may still be filled", working, query.clock)
      let other = try table("Newest \(shownOrders) orders", latest, query.clock)
      return """
        \(try source.accountLinks("/orders", chosen: account.name, transaction))\(one)\(other)
        """
    }
  }

  private static func table(
    _ title: String, _ orders: [OrderRecord], _ clock: PageClock
  ) throws -> HTML {
    var table = DataTable(
      title,
      [
        "Order", "Slot", "Instrument", "Side", .number("Quantity"), .number("Filled"),
        .number("Average price"), "State", "Reason",
      ], empty: "none")
    for record in orders {
      let order = record.order
      table.add(
        .link("/decisions", order.id.text), clock.shown(order.key.slot.time),
        .link("/market", "\(order.key.symbol)"), HTML(escaping: order.side.rawValue),
        HTML(escaping: "\(order.quantity)"), HTML(escaping: "\(record.filled)"),
        HTML(escaping: try record.averagePrice?.double.short ?? ""), order.state.shown,
        "<span class=\"wrap\">\(order.reason ?? "")</span>")
    }
    return table.html
  }
}

/// Each limit of risk, and how much of it is used.
enum RiskPage {
  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    try source.store.read { transaction in
      guard let account = try source.account(query, transaction) else {
        return PageSource.noAccount
      }
      guard let settings = source.settings?.accounts[account.name],
        let answer = try RiskAnswer(
          transaction, account: account.name, settings, now: source.now)
      else {
        return "<p>The settings have no account \(account.name): no limit can be told.</p>"
      }
      var table = DataTable(
        "Limits of \(account.name)",
        ["Limit", .number("Used"), .number("Bound"), "Part", "Does", "Passed since", "Re-arms"],
        empty: "none is set: `risk` in the settings")
      for line in answer.reading.lines {
        let part = try line.part
        table.add(
          HTML(escaping: line.limit.name), HTML(escaping: line.used.map { "\($0)" } ?? "unknown"),
          HTML(escaping: "\(line.limit.bound)"), PortfolioPage.bar(part, nil),
          HTML(escaping: line.limit.action.rawValue),
          line.since.map { "\(Standing.bad.shown("passed")) \(query.clock.shown($0))" }
            ?? Standing.good.shown("within"),
          HTML(escaping: line.limit.kind.rearms))
      }
      var facts = Facts()
      facts.add(
        "In force",
        answer.reading.inForce.map { Standing.bad.shown($0.reason) }
          ?? Standing.good.shown("nothing"))
      facts.add("Day began at", query.clock.shown(answer.baseline?.dayStart, or: "not yet"))
      facts.add("Equity then", answer.baseline?.dayEquity.onPage)
      facts.add("Highest equity", answer.baseline?.peak.onPage)
      let unknown: HTML? = answer.reading.unknown.map { "<p>\($0)</p>" }
      return """
        \(try source.accountLinks("/risk", chosen: account.name, transaction))\(facts.html)\
        \(unknown)\(table.html)
        """
    }
  }
}
