import Domain
import GRDB

/// The row that a restore leaves in the audit of what it restored: the head that it comes from, and the
/// one that is abandoned, so that history which was left behind is not left behind in silence.
struct RestoreNote {
  /// The snapshot, as people call it.
  var snapshot: String
  /// Who restores.
  var actor: Actor
  /// When.
  var now: Instant

  /// The newest links of both databases.
  struct Heads {
    var restored: String?
    var abandoned: String?
  }

  /// Writes the row into an unpacked database that nobody else has open. A database from before the
  /// chain is left as it is: what migrates it begins its chain.
  ///
  /// - Parameter other: the path of the database that is replaced; nil where there is none.
  func write(into path: String, insteadOf other: String?) throws -> Heads {
    var heads = Heads()
    heads.abandoned = other.map { Self.head(of: $0) }
    try StoreFault.rethrowing("note the restore in", path) {
      let database = try DatabaseQueue(path: path)
      try database.write { db in
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version >= AuditChain.schemas.lowerBound else { return }
        heads.restored = try AuditChain.headOfAnyVersion(db)
        let abandoned =
          heads.abandoned.map { "; the audit that is abandoned ended with \($0)" } ?? ""
        try AuditTable<WriteTransaction>.append(
          "restore",
          "\(snapshot), whose audit ended with \(heads.restored ?? "nothing")\(abandoned)",
          by: actor, at: now, to: db)
      }
      try database.close()
    }
    return heads
  }

  /// The newest link of a database that may be damaged: then it is told why it cannot be told.
  private static func head(of path: String) -> String {
    do throws(Fault) {
      return try StoreFault.mapping("read the audit of", path) {
        var configuration = Configuration()
        configuration.readonly = true
        let database = try DatabaseQueue(path: path, configuration: configuration)
        let head = try database.read { try AuditChain.headOfAnyVersion($0) }
        try database.close()
        return head ?? "nothing"
      }
    } catch {
      return "what cannot be read (\(error.cause))"
    }
  }
}
