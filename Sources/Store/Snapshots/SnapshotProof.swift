import Domain
import GRDB

/// The proof that a file is the sound database that a snapshot was taken of: SQLite's own integrity
/// check, foreign keys, the version of the schema, the number of rows of each table, what is held, and
/// the audit's chain. That its bytes are those that were written, `SnapshotFolder.unpack` has compared
/// before.
struct SnapshotProof {
  let snapshot: Snapshot
  let path: String

  init(of snapshot: Snapshot, in path: String) { (self.snapshot, self.path) = (snapshot, path) }

  /// - Parameter checkpoint: called at least every 50 ms; what it throws ends the work.
  /// - Returns: where the books in it do not add up, in words: they did not in the database that it was
  ///   taken of either.
  /// - Throws: exit 65 when anything is not as it was.
  @discardableResult
  func check(_ checkpoint: () throws -> Void) throws -> [String] {
    var configuration = Configuration()
    configuration.readonly = true
    let snapshot = snapshot
    return try StoreFault.rethrowing("check the database in snapshot", "\(snapshot.id)") {
      let database = try DatabaseQueue(path: path, configuration: configuration)
      let findings = try Interruptible.read(database, checkpoint: checkpoint) { db in
        try Self.check(db, against: snapshot)
      }
      try database.close()
      return findings
    }
  }

  /// Looks for a link of the audit that was seen elsewhere.
  ///
  /// - Throws: exit 65 where the database does not hold it: it is from before, or of another history.
  func expect(_ head: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    let isHeld = try StoreFault.rethrowing("read the audit in snapshot", "\(snapshot.id)") {
      let database = try DatabaseQueue(path: path, configuration: configuration)
      let isHeld = try database.read { db in
        let hasLinks = try db.columns(in: "audit").contains { $0.name == "hash" }
        return try hasLinks
          && Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM audit WHERE hash = ?)", arguments: [head])
            == true
      }
      try database.close()
      return isHeld
    }
    guard isHeld else {
      throw SnapshotFolder.unlike(
        "\(snapshot.id)",
        "its audit does not hold the link \(head) that is expected: it was taken before that, or of "
          + "another history")
    }
  }

  /// What a database says of itself, which nobody has described.
  ///
  /// - Throws: exit 65 when it is none of Carillon's.
  static func facts(
    of name: String, in path: String, _ checkpoint: () throws -> Void
  ) throws -> DatabaseFacts {
    var configuration = Configuration()
    configuration.readonly = true
    return try StoreFault.rethrowing("read the database in", name) {
      let database = try DatabaseQueue(path: path, configuration: configuration)
      let facts = try Interruptible.read(database, checkpoint: checkpoint) { db in
        guard try Int32.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID else {
          throw SnapshotFolder.unlike(name, "it holds no database of Carillon")
        }
        return try DatabaseFacts(db)
      }
      try database.close()
      return facts
    }
  }

  private static func check(_ db: Database, against snapshot: Snapshot) throws -> [String] {
    let damage = try DatabaseProof.damage(db)
    guard damage.isEmpty else {
      throw SnapshotFolder.unlike("\(snapshot.id)", damage.joined(separator: "; "))
    }
    let facts = try DatabaseFacts(db)
    guard facts.rows == snapshot.rows, facts.schemaVersion == snapshot.schemaVersion else {
      throw SnapshotFolder.unlike("\(snapshot.id)", "its tables are not those of the manifest")
    }
    if let ledger = snapshot.ledger, ledger != facts.held {
      throw SnapshotFolder.unlike("\(snapshot.id)", "what is held is not what the manifest tells")
    }
    guard !snapshot.format.tellsAuditHead || facts.auditHead == snapshot.auditHead else {
      throw SnapshotFolder.unlike(
        "\(snapshot.id)", "its audit does not end with the link that the manifest tells")
    }
    return try DatabaseProof.contents(db)
  }
}
