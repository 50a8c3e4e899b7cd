import Domain
import Service
import Simulation
import Store

/// What a demo shows when it is done: runs, candles, portfolio, equity, and where to go on.
struct DemoReport {
  private let demo: Demo
  private let store: Store
  private let runs: Int
  private let took: TimeSpan
  private let source: DemoFiles.Source

  init(_ demo: Demo, _ store: Store, runs: Int, took: TimeSpan, source: DemoFiles.Source) {
    self.demo = demo
    self.store = store
    self.runs = runs
    self.took = took
    self.source = source
  }

  /// Prints it.
  func print() throws {
    let seconds = "\(took.milliseconds / 1000).\(took.milliseconds / 100 % 10) s"
    Console.out("\(runs) runs in \(seconds), all times UTC")
    for group in demo.groups {
      Console.out("")
      try print(group)
    }
    Console.out("")
    Console.out("database  \(store.path)")
    let newest = try store.read { try $0.snapshots.latest(limit: 1) }.first
    if let newest {
      let proof = newest.verified == nil ? "not verified" : "verified by restoring it"
      Console.out("snapshot  \(demo.folder)/snapshots/\(newest.file) (\(proof))")
    }
    printSuggestions()
    let listing = try store.read { try OrderListing($0) }
    Console.out("orders sha256 \(listing.sha256)")
  }

  private func print(_ group: DemoGroup) throws {
    Console.out(
      "── \(group.name) · \(Self.day(group.start)) to \(Self.day(group.end)) · paper · "
        + "\(group.symbols.count) symbols ──")
    try printJobs(group)
    try printCandles(group)
    try printPortfolio(group)
  }

  private func printJobs(_ group: DemoGroup) throws {
    var table = Table("JOB", ">OK", ">NOT OK", "LAST SLOT", "LAST RESULT")
    // The demo runs no programs, and a month is too young to prune.
    let others: Set<JobKind> = [.command, .prune, .reconcile, .report]
    for kind in JobKind.allCases where !others.contains(kind) {
      let job = DemoFiles.jobName(kind, group)
      let (totals, last) = try store.read {
        (try $0.runs.totals(), try $0.runs.history(job: job, limit: 1).first)
      }
      let own = totals.filter { $0.job == job }
      let good = own.filter { $0.state == .succeeded }.reduce(0) { $0 + $1.runs }
      let other = own.filter { $0.state != .succeeded }.reduce(0) { $0 + $1.runs }
      table.add(
        job.text, "\(good)", "\(other)", last.map { "\($0.slot.time)" } ?? "",
        last.flatMap { $0.result ?? $0.reason } ?? "")
    }
    table.lines().forEach { Console.out($0) }
  }

  private func printCandles(_ group: DemoGroup) throws {
    var (candles, rejected, gaps, missing) = (0, 0, 0, 0)
    try store.read { transaction in
      for symbol in group.symbols {
        let series = Series(venue: "demo", symbol: symbol, timeframe: group.timeframe)
        guard let record = try transaction.series.find(series) else { continue }
        candles += try transaction.candles.count(record)
        rejected += try transaction.quarantine.count(record)
        let holes = try transaction.candles.gaps(record, limit: 1_000_000)
        gaps += holes.count
        missing += holes.reduce(0) { $0 + $1.missing }
      }
    }
    Console.out(
      "candles \(candles) read, \(rejected) rows quarantined, \(gaps) gaps (\(missing) candles missing)"
    )
  }

  private func printPortfolio(_ group: DemoGroup) throws {
    let answer = try store.read { try PortfolioAnswer($0, account: group.name) }
    guard let portfolio = answer.map(PortfolioView.init) else {
      Console.out("no portfolio: rebalance never ran")
      return
    }
    let counts = try store.read { try $0.orders.counts(group.name) }
    let orders = counts.values.reduce(0, +)
    Console.out("orders \(orders), \(counts[.filled] ?? 0) filled · fees \(portfolio.feesText)")
    portfolio.table.lines().forEach { Console.out($0) }
    Console.out(portfolio.summary)
    let points = try store.read { try $0.equity.range(group.name) }
    let chart = EquityChart(points.map(\.equity.double))
    chart.lines.forEach { Console.out($0) }
  }

  private func printSuggestions() {
    let settings = "-c \(demo.folder)/carillon.yaml"
    let candles: String
    switch source {
    case .csv(let path): candles = path
    case .simulated, .exchange: candles = "\(demo.folder)/\(Demo.candleFolder)"
    }
    Console.out("")
    Console.out("next:")
    Console.out("  carillon run \(settings)    and open http://127.0.0.1:8787/")
    Console.out("      (until the next full hour its rebalance is told as stale)")
    Console.out("  carillon portfolio \(settings)")
    let job = DemoFiles.jobName(.rebalance, demo.groups[0])
    Console.out("  carillon job history \(job) \(settings)")
    Console.out(
      "  carillon exchange --port 9050 --candles \(candles) & "
        + "carillon demo --out demo-exchange --exchange http://127.0.0.1:9050")
    Console.out("")
  }

  private static func day(_ instant: Instant) -> String { String("\(instant)".prefix(10)) }
}
