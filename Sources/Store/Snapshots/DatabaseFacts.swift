import GRDB

/// What a database says of itself: what a snapshot's description tells, and what its proof compares.
struct DatabaseFacts: Sendable {
  /// The version of the schema.
  var schemaVersion: Int
  /// The number of rows of each table.
  var rows: [String: Int64]
  /// What is held, and where the books do not add up; nil before there were entries.
  var books: BooksProof?

  /// Counts and adds up.
  init(_ db: Database) throws {
    schemaVersion = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    rows = [:]
    let tables = try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    for table in tables {
      rows[table] = try Int64.fetchOne(
        db, sql: "SELECT count(*) FROM \(table.quotedDatabaseIdentifier)")
    }
    if schemaVersion >= BooksProof.firstSchema { books = try BooksProof(db) }
  }
}
