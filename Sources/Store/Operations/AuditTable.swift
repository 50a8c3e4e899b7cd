public import Domain
import GRDB

/// What somebody or the process did, and when.
public struct AuditRecord: Hashable, Sendable {
  /// When.
  public var time: Instant
  /// What kind of event: `start`, `clock_jump`, `halt`.
  public var kind: String
  /// What happened.
  public var text: String
}

/// What people and the process did. Nothing is ever changed or deleted.
public struct AuditTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The newest events, newest first.
  public func latest(limit: Int, kind: String? = nil) throws -> [AuditRecord] {
    try Row.fetchAll(
      db,
      sql: "SELECT * FROM audit WHERE ?1 IS NULL OR kind = ?1 ORDER BY id DESC LIMIT ?2",
      arguments: [kind, limit]
    ).map { AuditRecord(time: $0.instant("time"), kind: $0["kind"], text: $0["text"]) }
  }

  /// Whether an event is on record, word for word.
  public func contains(_ kind: String, _ text: String) throws -> Bool {
    try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM audit WHERE kind = ? AND text = ?)",
      arguments: [kind, text]) ?? false
  }
}

extension AuditTable where Tx == WriteTransaction {
  /// Adds an event.
  public func append(_ kind: String, _ text: String) throws {
    try db.execute(
      sql: "INSERT INTO audit (time, kind, text) VALUES (?, ?, ?)",
      arguments: [tx.now.milliseconds, kind, text])
  }
}
