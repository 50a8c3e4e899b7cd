import Domain
import GRDB

/// The proof that a file is the sound database that a snapshot was taken of: SQLite's own integrity
/// check, foreign keys, the version of the schema, the number of rows of each table, and of this
/// version's schema the books and the audit's chain. That its
/// bytes are those that were written, `SnapshotFolder.unpack` has compared before.
struct SnapshotProof {
  let snapshot: Snapshot
  let path: String

  init(of snapshot: Snapshot, in path: String) { (self.snapshot, self.path) = (snapshot, path) }

  /// - Parameter checkpoint: called at least every 50 ms; what it throws ends the work.
  /// - Throws: exit 65 when anything is not as it was.
  func check(_ checkpoint: () throws -> Void) throws {
    var configuration = Configuration()
    configuration.readonly = true
    let snapshot = snapshot
    try StoreFault.rethrowing("check the database in snapshot", "\(snapshot.id)") {
      let database = try DatabaseQueue(path: path, configuration: configuration)
      try Interruptible.read(database, checkpoint: checkpoint) { db in
        try Self.check(db, against: snapshot)
      }
      try database.close()
    }
  }

  /// What a database says of itself, which nobody has described.
  ///
  /// - Throws: exit 65 when it is none of Carillon's.
  static func facts(
    of name: String, in path: String, _ checkpoint: () throws -> Void
  ) throws -> (version: Int, rows: [String: Int64]) {
    var configuration = Configuration()
    configuration.readonly = true
    return try StoreFault.rethrowing("read the database in", name) {
      let database = try DatabaseQueue(path: path, configuration: configuration)
      let facts = try Interruptible.read(database, checkpoint: checkpoint) { db in
        guard try Int32.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID else {
          throw SnapshotFolder.unlike(name, "it holds no database of Carillon")
        }
        return (version: try schemaVersion(db), rows: try rowCounts(db))
      }
      try database.close()
      return facts
    }
  }

  private static func check(_ db: Database, against snapshot: Snapshot) throws {
    let findings = try DatabaseProof.findings(db, path: "\(snapshot.id)")
    guard findings.isEmpty else {
      throw SnapshotFolder.unlike("\(snapshot.id)", findings.joined(separator: "; "))
    }
    guard try rowCounts(db) == snapshot.rows, try schemaVersion(db) == snapshot.schemaVersion
    else {
      throw SnapshotFolder.unlike("\(snapshot.id)", "its tables are not those of the manifest")
    }
  }

  /// The number of rows of each table.
  static func rowCounts(_ db: Database) throws -> [String: Int64] {
    let tables = try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    var counts: [String: Int64] = [:]
    for table in tables {
      counts[table] = try Int64.fetchOne(
        db, sql: "SELECT count(*) FROM \(table.quotedDatabaseIdentifier)")
    }
    return counts
  }

  /// The version of the schema.
  static func schemaVersion(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
  }
}
