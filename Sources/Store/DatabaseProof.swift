import GRDB

/// Whether a database is sound: one proof for `db check`, for snapshots and for restores.
enum DatabaseProof {
  /// Findings of SQLite's that are told at most.
  private static let maximumFindings = 5

  /// What is wrong with it, in words; empty when nothing is.
  ///
  /// Of an older schema the books and the audit are not looked at: what reads them knows this one's.
  static func findings(_ db: Database, path: String) throws -> [String] {
    let damage = try damage(db)
    guard damage.isEmpty, try isCurrent(db) else { return damage }
    return try LedgerProof.findings(ReadTransaction(db: db, path: path))
      + auditFindings(db, path: path)
  }

  /// Where the audit's chain is broken; nothing of a schema that is not this version's.
  static func auditFindings(_ db: Database, path: String) throws -> [String] {
    guard try isCurrent(db) else { return [] }
    return try ReadTransaction(db: db, path: path).audit.verify().findings.map { "audit: \($0)" }
  }

  private static func isCurrent(_ db: Database) throws -> Bool {
    try Int.fetchOne(db, sql: "PRAGMA user_version") == Schema.version
  }

  /// What no database may have, of whatever version: pages that do not hold together, rows that refer to
  /// nothing.
  static func damage(_ db: Database) throws -> [String] {
    let pages = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(maximumFindings))")
    // What SQLite cannot read it cannot count either.
    guard pages == ["ok"] else { return pages.map { "integrity_check: \($0)" } }
    var findings: [String] = []
    let orphans = try Row.fetchAll(
      db,
      sql: """
        SELECT "table" AS child, parent, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1, 2
        """)
    for row in orphans {
      findings.append(
        "\(row["rows"] as Int) rows of \(row["child"] as String) refer to rows of "
          + "\(row["parent"] as String) that are not there")
    }
    return findings
  }
}

extension Store {
  /// Proves the database sound: SQLite's integrity check, foreign keys, positions and cash derived anew
  /// from trades and postings, the chain of the audit.
  ///
  /// - Returns: what is wrong with it, in words; empty when nothing is.
  public func prove() throws -> [String] {
    try read { try DatabaseProof.findings($0.db, path: path) }
  }
}
