import Dashboard
import Domain
import Scheduler
import Settings
import Store
import StrictYAML

/// What fires next.
enum SchedulePage {
  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let clock = query.clock
    let schedule = try source.schedule()
    let count = query.number("n", in: 1...200, standard: 40)
    var facts = Facts()
    facts.add("File", schedule.file)
    facts.add("Zone of the file", schedule.zone.name)
    facts.add("Jobs", "\(schedule.jobs.count)")
    facts.add("Time zones", ZoneDatabase.version ?? "unknown")
    var table = DataTable(
      "Next \(count) slots", ["When", .number("In"), "Job", "Why"], empty: "nothing will run")
    for fire in schedule.upcoming(from: source.now, count: count) {
      table.add(
        clock.shown(fire.at), HTML(escaping: (fire.at - source.now).coarse),
        .link("/jobs", fire.job.text), HTML(escaping: fire.why))
    }
    let notes = (schedule.chainNotes + schedule.warnings.map { "\($0)" })
      .map { "<li class=\"wrap\">\($0)</li>" as HTML }.joined
    let broken: HTML? = source.facts.reloadError.map { error in
      """
      <h2>\(Standing.warning.shown("The file is not followed"))</h2><p>since \
      \(clock.shown(error.since)); the schedule before it stays active</p><pre>\(error.text)</pre>
      """
    }
    return "\(facts.html)\(broken)<ul>\(notes)</ul>\(table.html)"
  }
}

/// The snapshots that were made.
enum SnapshotsPage {
  private static let shownSnapshots = 100

  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    try source.store.read { transaction in
      var table = DataTable(
        "Newest snapshots",
        [
          "Snapshot", "Taken", "Verified", .number("Bytes"), .number("Bytes raw"), "Kept as",
          "SHA-256",
        ])
      for snapshot in try transaction.snapshots.latest(limit: shownSnapshots) {
        table.add(
          HTML(escaping: "\(snapshot.id)"), query.clock.shown(snapshot.taken),
          snapshot.verified.map { "\(Standing.good.shown("restored")) \(query.clock.shown($0))" }
            ?? Standing.warning.shown("not verified"),
          "\(snapshot.size)", "\(snapshot.rawSize)", HTML(escaping: snapshot.keep ?? ""),
          "<span class=\"mono\">\(String(snapshot.sha256.prefix(16)))…</span>")
      }
      return """
        \(table.html)<p class="dim">To restore one: <code>carillon snapshot restore ID --dry-run\
        </code></p>
        """
    }
  }
}

/// What people and the process did.
enum AuditPage {
  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    let count = query.number("n", in: 1...500, standard: 100)
    return try source.store.read { transaction in
      var table = DataTable("Newest \(count) events", ["When", "Event", "What"])
      for event in try transaction.audit.latest(limit: count) {
        table.add(
          query.clock.shown(event.time), HTML(escaping: event.kind),
          "<span class=\"wrap\">\(event.text)</span>")
      }
      return table.html
    }
  }
}

/// The settings in force; nothing secret is among them.
enum ConfigPage {
  static func html(_ source: PageSource, _ query: PageQuery) throws -> HTML? {
    guard let settings = source.settings else { return "<p>No settings are known.</p>" }
    var table = DataTable("Settings in force, from \(settings.source)", ["Setting", "Value"])
    func add(_ name: String, _ value: String) {
      table.add(
        "<span class=\"mono\">\(name)</span>", "<span class=\"wrap\">\(value)</span>")
    }
    add("mode", settings.modeText)
    add("database.path", settings.database)
    add("web", "\(settings.web.bind) port \(settings.web.port)")
    add("web.users-file", settings.web.usersFile ?? "none: no login")
    add("workers", "\(settings.workers)")
    add("storage-grace", "\(settings.storageGrace)")
    add("log.level", settings.log.level.rawValue)
    add("market.venue", settings.market.venue)
    add(
      "market.symbols",
      settings.market.symbols.map { $0.map(\.description).joined(separator: ", ") } ?? "all")
    add("market.timeframe", "\(settings.market.timeframe)")
    for feature in settings.market.features {
      add("market.features.\(feature.name)", feature.expression)
    }
    for (name, venue) in settings.venues.sorted(by: { $0.key < $1.key }) {
      add("venues.\(name).kind", venue.kind.rawValue)
      if let path = venue.path { add("venues.\(name).path", path) }
      if venue.kind == .binance {
        add("venues.\(name).base-url", venue.baseURL.contains("@") ? "••••" : venue.baseURL)
      }
    }
    for (name, account) in settings.accounts.sorted(by: { $0.key < $1.key }) {
      add("accounts.\(name).quote", account.quote)
      add("accounts.\(name).cash", "\(account.cash)")
      add("accounts.\(name).risk", "\(account.risk.limits.count) limits, see Risk")
    }
    if settings.network.proxy != nil { add("network.proxy", "••••") }
    return """
      \(table.html)<p class="dim">Settings are read at the start; each is the file's, or that of \
      its variable <code>CARILLON_…</code>, or the default. Secrets are never shown.</p>
      """
  }
}
