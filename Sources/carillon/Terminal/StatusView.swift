import Domain
import Scheduler
import Service
import Store

/// Shows the overview to people.
struct StatusView {
  private let overview: ServiceOverview
  private let mode: String
  private let clock: Clock
  private let screen: Screen
  private let zones = ZoneDatabase.version ?? "unknown"

  init(_ overview: ServiceOverview, mode: String, clock: Clock, screen: Screen = .none) {
    (self.overview, self.mode, self.clock, self.screen) = (overview, mode, clock, screen)
  }

  /// The lines for people; `plain` gives the table of jobs alone, separated by tabs.
  func lines(plain: Bool) -> [String] {
    if plain { return table.lines(plain: true) }
    let head = (headline + accounts + [safety]).flatMap { screen.wrapped($0, indent: 2) }
    return head + [""] + table.lines(on: screen) + footer
  }

  private var headline: [String] {
    let version = overview.started?.text ?? Version.text
    let state =
      overview.isRunning
      ? "RUNNING" + (overview.since.map { " · up \((overview.time - $0).rounded)" } ?? "")
      : "STOPPED" + (overview.since.map { " · last seen \(clock.text($0))" } ?? "")
    return ["Carillon \(version) · \(mode) · \(state) · \(clock.text(overview.time))"]
  }

  private var accounts: [String] {
    overview.accounts.map { figures in
      let name = overview.accounts.count > 1 ? "\(figures.account.name): " : ""
      guard let latest = figures.latest else {
        let initial = figures.account.initial.formatted(places: 2)
        return "\(name)\(initial) \(figures.account.quote), not valued yet"
      }
      var line = "\(name)Equity \(latest.equity.formatted(places: 2)) \(figures.account.quote)"
      if let change = figures.dayChange { line += "  day \(percent(change, signed: true))" }
      if let drawdown = figures.drawdown { line += "  drawdown \(percent(drawdown))" }
      return line + "  (\(clock.text(latest.time)))"
    }
  }

  private var safety: String {
    var parts: [String] = []
    let halt = overview.health.checks.first { $0.name == "halt" }
    parts.append(halt.map { "Halt \($0.text)" } ?? "Halt off")
    if let snapshot = overview.snapshot {
      let verified = snapshot.verified == nil ? "not verified" : "verified"
      parts.append("snapshot \(snapshot.id) \(clock.text(snapshot.taken)) \(verified)")
    } else {
      parts.append("no snapshot yet")
    }
    let open = overview.accounts.map(\.openOrders).reduce(0, +)
    parts.append(open == 1 ? "1 open order" : "\(open) open orders")
    return parts.joined(separator: " · ")
  }

  private var table: Table {
    var table = Table(
      "JOB", "STATE", "LAST OK", ">AGO", ">TOOK", "NEXT", ">IN", "LAST \(ServiceOverview.shownRuns)"
    )
    let now = overview.time
    for job in overview.jobs {
      let last = job.health.lastSuccess
      table.add(
        job.job.name.text, job.health.state.rawValue,
        last.map { clock.short($0, now: now) } ?? "never",
        last.map { (now - $0).coarse } ?? "", job.durations.first.map(\.brief) ?? "",
        job.next.map { clock.short($0, now: now) } ?? next(job),
        job.next.map { ($0 - now).coarse } ?? "",
        String(job.runs.reversed().map(\.state.sign)))
    }
    return table
  }

  private func next(_ job: ServiceOverview.JobOverview) -> String {
    if job.health.state == .paused { return "paused" }
    return job.job.parents.isEmpty ? "never" : job.job.reason
  }

  private var footer: [String] {
    let zone = clock.zone.name
    var lines = screen.wrapped(
      ". ok  x failed  ~ skipped  m missed  o owed  r running   "
        + "(all times \(zone), time zones \(zones))")
    for job in overview.jobs where job.health.state == .paused {
      lines.append("paused: " + job.pauseWords(clock))
    }
    let health = overview.health
    if health.status != .pass { lines += [""] + HealthView(health, clock, on: screen).lines }
    return lines
  }

  /// `+0.42%`.
  private func percent(_ ratio: Double, signed: Bool = false) -> String {
    let hundredths = Int((ratio * 10_000).rounded())
    let sign = hundredths < 0 ? "-" : signed ? "+" : ""
    let rest = hundredths.magnitude % 100
    return "\(sign)\(hundredths.magnitude / 100).\(rest < 10 ? "0" : "")\(rest)%"
  }
}

extension ServiceOverview.JobOverview {
  /// `compute, since fetch is paused until 2026-11-20 18:00:00Z`.
  fileprivate func pauseWords(_ clock: Clock) -> String {
    let end =
      health.pausedUntil.map { "until \(clock.text($0))" }
      ?? (self.job.paused ? "by the schedules file" : "until it is resumed")
    guard let paused = health.pausedJob, paused != job.name else { return "\(job.name) \(end)" }
    return "\(job.name), since \(paused) is paused"
      + (health.pausedUntil == nil ? "" : " \(end)")
  }
}

extension RunState {
  /// One character for a row of runs.
  var sign: Character {
    switch self {
    case .succeeded: "."
    case .failed, .timedOut: "x"
    case .skipped, .coalesced: "~"
    case .missed: "m"
    case .deferred, .interrupted: "o"
    case .running: "r"
    }
  }
}

extension TimeSpan {
  /// `38ms`, `3.9s`, `4m02s`.
  var brief: String {
    if milliseconds < 1000 { return "\(milliseconds)ms" }
    return milliseconds < 60_000
      ? "\(milliseconds / 1000).\(milliseconds / 100 % 10)s" : rounded
  }
}
