import Dashboard
import Domain
import Scheduler
import Settings
import Store
import StrictYAML

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
    var table = DataTable(
      "Settings in force, from \(settings.source)", ["Setting", "Value", "Source"])
    for row in SettingsInForce(settings).rows {
      table.add(
        "<span class=\"mono\">\(row.name)</span>", "<span class=\"wrap\">\(row.value)</span>",
        "<span class=\"wrap\">\(row.source)</span>")
    }
    return """
      \(table.html)<p class="dim">Settings are read at the start: each is from a line of the file, a \
      variable <code>CARILLON_…</code>, or the default. Secrets are never shown.</p>
      """
  }
}
