import Domain
import GRDB

/// What a database says of itself: what a snapshot's description tells, and what its proof compares.
struct DatabaseFacts: Sendable {
  /// The version of the schema.
  var schemaVersion: Int
  /// The number of rows of each table.
  var rows: [String: Int64]
  /// What is held of each asset, by account; nothing before there were entries.
  var held: [String: [String: Amount]] = [:]
  /// The newest link of the audit; nil where nothing is chained.
  var auditHead: String?

  /// Counts.
  init(_ db: Database) throws {
    schemaVersion = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    rows = [:]
    let tables = try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    for table in tables {
      rows[table] = try Int64.fetchOne(
        db, sql: "SELECT count(*) FROM \(table.quotedDatabaseIdentifier)")
    }
    if schemaVersion >= BooksProof.schemas.lowerBound { held = try BooksProof.held(db) }
    auditHead = try AuditChain.headOfAnyVersion(db)
  }
}
