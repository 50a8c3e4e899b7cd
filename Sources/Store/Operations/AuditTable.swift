public import Domain
import GRDB

/// What somebody or the process did, and when.
public struct AuditRecord: Hashable, Sendable {
  /// Its number, from 1, without gaps.
  public var id: Int64
  /// When.
  public var time: Instant
  /// What kind of event: `start`, `clock_jump`, `halt`.
  public var kind: String
  /// What happened, and why.
  public var text: String
  /// What it is about: a job, a slot, an account; nil where it is about all, or not noted.
  public var subject: String?
  /// Who did it; nil in rows from before that was noted.
  public var who: String?
  /// From where; nil in rows from before that was noted.
  public var origin: String?
  /// Its link of the chain, in hexadecimal; nil where none follows it yet that is chained.
  public var hash: String?

  init(row: Row) {
    (id, time, kind, text) = (row["id"], row.instant("time"), row["kind"], row["text"])
    (subject, who, origin, hash) = (row["subject"], row["who"], row["origin"], row["hash"])
  }
}

/// What people and the process did. Nothing is ever changed or deleted: triggers refuse it, and where
/// they are got round, the chain of hashes shows it (`AuditChain`).
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
    ).map(AuditRecord.init)
  }

  /// The newest events of a kind about a subject, newest first.
  public func latest(limit: Int, kind: String, about subject: String) throws -> [AuditRecord] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM audit WHERE subject = ? AND kind = ? ORDER BY id DESC LIMIT ?",
      arguments: [subject, kind, limit]
    ).map(AuditRecord.init)
  }

  /// Hands all events over, oldest first.
  public func forEach(_ body: (AuditRecord) throws -> Void) throws {
    let rows = try Row.fetchCursor(db, sql: "SELECT * FROM audit ORDER BY id")
    while let row = try rows.next() { try body(AuditRecord(row: row)) }
  }

  /// The newest link of the chain; nil where nothing is chained yet.
  public var head: String? { get throws { try AuditChain.head(db) } }

  /// The number of the row that has a link; nil where none has it.
  public func row(linked hash: String) throws -> Int64? {
    try Int64.fetchOne(db, sql: "SELECT id FROM audit WHERE hash = ?", arguments: [hash])
  }

  /// Goes through the chain.
  public func verify() throws -> AuditVerdict { try AuditChain.verify(db) }

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
  /// Adds an event, linked to those before it.
  ///
  /// - Parameters:
  ///   - kind: what kind of event, as one word.
  ///   - text: what happened, and why.
  ///   - subject: what it is about: a job, a slot, an account; nil when about none of them.
  ///   - actor: who did it; the process, unless somebody else is known.
  public func append(
    _ kind: String, _ text: String, of subject: String? = nil, by actor: Actor = .process
  ) throws {
    try Self.append(kind, text, of: subject, by: actor, at: tx.now, to: db)
  }

  static func append(
    _ kind: String, _ text: String, of subject: String? = nil, by actor: Actor, at now: Instant,
    to db: Database
  ) throws {
    let previous = try AuditChain.extend(db)
    let id = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM audit") ?? 1
    let link = AuditChain.Link(id: id, time: now, kind: kind, text: text, of: subject, by: actor)
    let hash = link.hash(after: previous)
    try db.execute(
      sql: """
        INSERT INTO audit (id, time, kind, text, who, origin, subject, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [id, now.milliseconds, kind, text, actor.who, actor.origin, subject, hash])
  }
}
