public import Domain
import GRDB

/// That nothing is told of a key until an instant.
public struct Silence: Hashable, Sendable {
  /// The key of an alert, or `SilenceTable.all`.
  public var key: String
  /// Since when.
  public var since: Instant
  /// Until when.
  public var until: Instant
  /// Why.
  public var reason: String
}

/// What is not told for a while. Alerts are raised and shown all the same.
public struct SilenceTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The word for all keys.
  public static var all: String { "all" }
  /// The longest silence.
  public static var longest: TimeSpan { .days(30) }

  /// The silences in force, by key.
  public func inForce(at now: Instant) throws -> [Silence] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM alert_silence WHERE until > ? ORDER BY key",
      arguments: [now.milliseconds]
    ).map {
      Silence(
        key: $0["key"], since: $0.instant("since"), until: $0.instant("until"),
        reason: $0["reason"])
    }
  }
}

extension SilenceTable where Tx == WriteTransaction {
  /// Tells nothing of a key until an instant; one that is past ends the silence.
  public func set(_ key: String, until: Instant, reason: String, by person: String) throws {
    try db.execute(
      sql: """
        INSERT INTO alert_silence (key, since, until, reason) VALUES (?, ?, ?, ?)
        ON CONFLICT (key) DO UPDATE SET since = excluded.since, until = excluded.until,
          reason = excluded.reason
        """, arguments: [key, tx.now.milliseconds, until.milliseconds, reason])
    try db.execute(
      sql: "DELETE FROM alert_silence WHERE until <= ?", arguments: [tx.now.milliseconds])
    try tx.audit.append("silence", "\(key) until \(until) by \(person): \(reason)")
  }
}
