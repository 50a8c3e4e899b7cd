import GRDB

/// Whether a database is sound: one proof for `db check`, for snapshots, restores and drills.
enum DatabaseProof {
  /// Findings of SQLite's that are told at most.
  private static let maximumFindings = 5

  /// What is wrong with it, in words; empty when nothing is: pages and references, then books and audit.
  static func findings(_ db: Database) throws -> [String] {
    let damage = try damage(db)
    return damage.isEmpty ? try contents(db) : damage
  }

  /// Where what its rows say does not hold together: the books, the chain of the audit. Of a schema that
  /// has none of the one or the other, or of a newer one, that is not looked at.
  static func contents(_ db: Database) throws -> [String] {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    var findings: [String] = []
    if BooksProof.schemas.contains(version) { findings += try BooksProof(db).findings }
    if AuditChain.schemas.contains(version) {
      findings += try AuditChain.verify(db).findings.map { "audit: \($0)" }
    }
    return findings
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
  /// Proves the database sound: SQLite's integrity check, foreign keys, positions, cash and orders derived
  /// anew from trades and postings (`BooksProof`), the chain of the audit.
  ///
  /// - Returns: what is wrong with it, in words; empty when nothing is.
  public func prove() throws -> [String] {
    try read { try DatabaseProof.findings($0.db) }
  }
}
