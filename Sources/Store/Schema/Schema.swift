import Domain
import GRDB

/// The schema's version and how it is reached: numbered migrations, each applied once.
enum Schema {
  /// All migrations, in order. Append only: a released one never changes.
  static let migrations: [Migration] = [
    .migration001, .migration002, .migration003, .migration004, .migration005,
    .migration006, .migration007, .migration008, .migration009, .migration010,
    .migration011, .migration012, .migration013, .migration014, .migration015,
    .migration016, .migration017, .migration018,
  ]

  /// The version that this program writes and reads.
  static let version = migrations.count

  /// Marks the file as ours (`PRAGMA application_id`): "CRLN".
  static let applicationID: Int32 = 0x4352_4C4E

  /// Brings the database to this version, one transaction per migration.
  static func migrate(_ db: Database, path: String) throws {
    while true {
      // Asked without a lock first: a database that is up to date costs no write.
      guard try pending(db, path: path) != nil else { return }
      try db.inTransaction(.immediate) {
        // Asked again under the lock, since another process may have migrated meanwhile.
        if let migration = try pending(db, path: path) {
          try db.execute(sql: migration.sql)
          try migration.fill?(db)
          try db.execute(sql: "PRAGMA application_id = \(applicationID)")
          try db.execute(sql: "PRAGMA user_version = \(migration.number)")
        }
        return .commit
      }
    }
  }

  /// Refuses a database that is not ours or not of this version.
  static func check(_ db: Database, path: String) throws {
    if try pending(db, path: path) != nil {
      throw Fault(
        "read the database", path,
        cause: "its schema is older than this version's (\(version))",
        remedy: "migrate it by starting this version once: carillon run, or carillon job run",
        exit: .data)
    }
  }

  /// The next migration that the database needs; nil when it is up to date.
  private static func pending(_ db: Database, path: String) throws -> Migration? {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    let isEmpty = tables == 0 && application == 0 && found == 0
    guard isEmpty || application == applicationID else {
      throw Fault(
        "open the database", path, cause: "it is a database of another program",
        remedy: "name another file", exit: .data)
    }
    guard found >= 0 else {
      throw Fault(
        "open the database", path, cause: "its version is \(found), which no Carillon writes",
        remedy: "put the newest snapshot back: carillon snapshot restore", exit: .data)
    }
    guard found <= version else {
      throw Fault(
        "open the database", path,
        cause: "it was written by a newer Carillon (schema \(found), this one knows \(version))",
        remedy: "run the newer Carillon, or restore a snapshot of this version", exit: .data)
    }
    return found == version ? nil : migrations[found]
  }
}

/// One step of the schema.
struct Migration: Sendable {
  /// From 1, without gaps.
  var number: Int
  /// The statements.
  var sql: String
  /// What no statement can do, after them in the same transaction; nil where there is nothing.
  var fill: (@Sendable (Database) throws -> Void)?

  init(number: Int, sql: String, fill: (@Sendable (Database) throws -> Void)? = nil) {
    (self.number, self.sql, self.fill) = (number, sql, fill)
  }
}
