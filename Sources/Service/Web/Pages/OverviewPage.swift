import Dashboard
import Domain
import Scheduler
import Store

/// The first page: what it is worth, how the jobs stand, what is held, what health says.
enum OverviewPage {
  /// Runs of a job that are shown as marks.
  private static let shownRuns = 16
  private static let shownAudit = 6

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let clock = query.clock
    let range = query.range(standard: .month)
    return try source.store.read { transaction in
      let account = try source.account(query, transaction)
      var left: HTML = ""
      if let account {
        left = try money(source, account, range, query, transaction)
      } else {
        left = PageSource.noAccount
      }
      let jobs = try jobs(source, clock, transaction)
      let checks = health(source, clock)
      let events = try audit(clock, transaction)
      return "\(left)<div class=\"two\"><div>\(jobs)</div><div>\(checks)\(events)</div></div>"
    }
  }

  private static func money(
    _ source: PageSource, _ account: Account, _ range: PageRange, _ query: PageQuery,
    _ transaction: ReadTransaction
  ) throws -> HTML {
    let (clock, now) = (query.clock, source.now)
    let equity = transaction.equity
    let latest = try equity.latest(account.name)
    let through = latest?.time ?? now
    let points =
      if let begin = range.begin(before: through) {
        try equity.range(account.name, from: begin, through: through)
      } else {
        try equity.whole(account.name, most: PageRange.mostPoints).points
      }
    let before = try equity.latest(account.name, by: through - .days(1))
    let risk = try transaction.risk.find(account.name)
    var facts = Facts()
    facts.add(
      "Equity",
      latest.map { "\($0.equity.onPage) \(account.quote)" as HTML } ?? "not valued yet")
    if let latest, let before, before.equity > .zero {
      facts.add("24 h", (latest.equity.double / before.equity.double - 1).changeOnPage)
    }
    if let latest, let first = points.first, first.equity > .zero, points.count > 1 {
      facts.add(range.rawValue, (latest.equity.double / first.equity.double - 1).changeOnPage)
    }
    if let latest, let risk, risk.peak > .zero {
      let fall = max(0, 1 - latest.equity.double / risk.peak.double)
      facts.add("Drawdown", fall.percentOnPage)
    }
    if let latest, latest.equity > .zero {
      facts.add("Cash", (latest.cash.double / latest.equity.double).percentOnPage)
    }
    let standing =
      source.facts.halt == nil
      ? Standing.good.shown("not halted") : Standing.warning.shown("halted")
    facts.add(
      "Trading",
      source.isObserver ? standing : "\(standing) <a href=\"/halt\">Halt</a>")
    facts.add("Open orders", "\(try transaction.orders.working(account.name).count)")
    facts.add("Valued", latest.map { clock.shown($0.time) } ?? "never")
    let chart = Chart(
      "Equity of \(account.name), \(account.quote)", times: points.map(\.time),
      lines: [.init("equity", points.map(\.equity.double))], clock: clock
    ) { $0.fixed(2) }
    let links = range.links("/", query: "account=\(PercentEncoding.encoded(account.name))")
    let more: HTML = """
      <p><a href="/performance?account=\(PercentEncoding.encoded(account.name))">Table, figures and \
      drawdowns</a> · <a href="/csv/equity?account=\(PercentEncoding.encoded(account.name))&amp;range=\
      \(range.rawValue)">CSV</a></p>
      """
    let held = try holdings(account, transaction)
    return """
      \(try source.accountLinks("/", chosen: account.name, transaction))\(facts.html)
      <div class="two"><div>\(links)\(chart.html)\(more)</div><div>\(held)</div></div>
      """
  }

  private static func holdings(
    _ account: Account, _ transaction: ReadTransaction
  ) throws -> HTML {
    guard let plan = try transaction.plans.latest(account: account.name) else { return "" }
    var table = DataTable(
      "Weights at the newest plan",
      ["Instrument", .number("Weight"), .number("Target"), "Decision"], empty: "nothing is held")
    let lines = try transaction.plans.lines(plan.id)
      .filter { $0.weight > .zero || $0.targetWeight > .zero }
      .sorted { $0.targetWeight > $1.targetWeight }
    for line in lines.prefix(12) {
      table.add(
        .link("/decisions", "\(line.symbol)"), HTML(escaping: line.weight.percentOnPage),
        HTML(escaping: line.targetWeight.percentOnPage),
        HTML(escaping: line.decision.rawValue + (line.hold.map { ", \($0.rawValue)" } ?? "")))
    }
    return "\(table.html)<p><a href=\"/portfolio\">All of it</a></p>"
  }

  private static func jobs(
    _ source: PageSource, _ clock: PageClock, _ transaction: ReadTransaction
  ) throws -> HTML {
    var table = DataTable(
      "Jobs", ["Job", "State", "Last success", "Next", .text("Last \(shownRuns) slots")])
    for (job, health) in source.jobs {
      let runs = try transaction.runs.history(job: job.name, limit: shownRuns)
      table.add(
        .link("/jobs", job.name.text), health.state.shown,
        health.lastSuccess.map { "\((source.now - $0).coarse) ago" as HTML } ?? "never",
        source.next(job, health).map { "in \(($0 - source.now).coarse)" as HTML }
          ?? HTML(escaping: health.state == .paused ? "paused" : job.reason),
        JobMarks.summary(runs.reversed()))
    }
    return "\(table.html)<p><a href=\"/jobs\">Grid of all slots</a></p>"
  }

  private static func health(_ source: PageSource, _ clock: PageClock) -> HTML {
    var table = DataTable("Health", ["Check", "Status", "Why"])
    for check in source.health.checks where check.job == nil || check.status != .pass {
      let next: HTML? = check.next.map { "<br><span class=\"dim\">next: \($0)</span>" }
      table.add(
        HTML(escaping: check.name), check.status.shown,
        "<span class=\"wrap\">\(check.text)</span>\(next)")
    }
    return table.html
  }

  private static func audit(_ clock: PageClock, _ transaction: ReadTransaction) throws -> HTML {
    var table = DataTable("Last events", ["When", "Event", "What"])
    for event in try transaction.audit.latest(limit: shownAudit) {
      table.add(clock.shown(event.time), HTML(escaping: event.kind), HTML(escaping: event.text))
    }
    return table.html
  }
}

extension PageSource {
  /// The jobs of the schedule with their health, in the order of the file.
  var jobs: [(ScheduledJob, JobHealth)] {
    let healths = Dictionary(
      health.checks.compactMap(\.job).map { ($0.job, $0) }, uniquingKeysWith: { a, _ in a })
    return (facts.schedule?.jobs ?? []).compactMap { job in healths[job.name].map { (job, $0) } }
  }

  /// The next slot of a job's own; nil for one that follows others, or that is paused without an end.
  func next(_ job: ScheduledJob, _ health: JobHealth) -> Instant? {
    if health.state == .paused, health.pausedUntil == nil { return nil }
    return job.cadence?.next(after: max(now, health.pausedUntil ?? now))
  }
}
