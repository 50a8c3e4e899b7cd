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
    // Two statements: one for both could not be answered from the index of kinds.
    let condition = kind == nil ? "" : "WHERE kind = ?"
    return try Row.fetchAll(
      db, sql: "SELECT * FROM audit \(condition) ORDER BY id DESC LIMIT ?",
      arguments: StatementArguments([kind].compactMap(\.self)) + [limit]
    ).map { AuditRecord(time: $0.instant("time"), kind: $0["kind"], text: $0["text"]) }
  }

  /// The kind of the events that say that a row of failures was answered with a halt.
  public static var haltAfterKind: String { "halt-after" }

  /// Whether the service's newest start was followed by its stop; true where it never started.
  public var wasStopped: Bool {
    get throws {
      let newest = try ["start", "stop"].map { kind in
        try Int64.fetchOne(
          db, sql: "SELECT max(id) FROM audit WHERE kind = ?", arguments: [kind]) ?? 0
      }
      return newest[0] <= newest[1]
    }
  }

  /// Whether a row of failures was answered with a halt, by its event, word for word.
  public func wasAnswered(_ text: String) throws -> Bool {
    // The kind stands in the statement, since an index of some rows serves no bound value.
    try Bool.fetchOne(
      db,
      sql: """
        SELECT EXISTS (SELECT 1 FROM audit INDEXED BY audit_halt_after
          WHERE kind = 'halt-after' AND text = ?)
        """, arguments: [text]) ?? false
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
