public import Domain
import GRDB

/// A snapshot that this database has made.
public struct SnapshotRecord: Hashable, Sendable {
  /// Its number; people write `S0121`.
  public var id: SnapshotID
  /// The name of its file in the directory of snapshots.
  public var file: String
  /// When it was taken.
  public var taken: Instant
  /// The size of the file, in bytes.
  public var size: Int64
  /// The size of the database in it, in bytes.
  public var rawSize: Int64
  /// The hash of the file.
  public var sha256: String
  /// The hash of the database in it; of a difference `pages:` and that of its pages' hashes.
  public var rawSHA256: String
  /// When it was last restored to a temporary file and found whole; nil: never.
  public var verified: Instant?
  /// Why it is kept: `daily`, `monthly`; nil when nothing was decided yet.
  public var keep: String?
  /// When its file was removed; nil while it is there.
  public var removed: Instant?
}

/// The snapshots that this database has made. The truth about what can be restored is the directory;
/// this is the memory of it, for figures and health.
public struct SnapshotTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The newest snapshots, newest first.
  public func latest(limit: Int, removed: Bool = false) throws -> [SnapshotRecord] {
    try Row.fetchAll(
      db,
      sql: "SELECT * FROM snapshot WHERE ?1 OR removed IS NULL ORDER BY id DESC LIMIT ?2",
      arguments: [removed, limit]
    ).map { row in
      SnapshotRecord(
        id: SnapshotID(number: row["id"]), file: row["file"], taken: row.instant("taken"),
        size: row["size"], rawSize: row["raw_size"], sha256: row["sha256"],
        rawSHA256: row["raw_sha256"], verified: row.instantIfAny("verified"), keep: row["keep"],
        removed: row.instantIfAny("removed"))
    }
  }

  /// The largest number that was ever given.
  public func lastID() throws -> SnapshotID? {
    try Int64.fetchOne(db, sql: "SELECT max(id) FROM snapshot").map { SnapshotID(number: $0) }
  }
}

extension SnapshotTable where Tx == WriteTransaction {
  /// Remembers a snapshot, or what has become of it.
  public func save(_ record: SnapshotRecord, run: Int64?) throws {
    try db.execute(
      sql: """
        INSERT INTO snapshot
          (id, file, taken, size, raw_size, sha256, raw_sha256, verified, keep, removed, run)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET verified = excluded.verified, keep = excluded.keep,
          removed = excluded.removed
        """,
      arguments: [
        record.id.number, record.file, record.taken.milliseconds, record.size, record.rawSize,
        record.sha256, record.rawSHA256, record.verified?.milliseconds, record.keep,
        record.removed?.milliseconds, run,
      ])
  }

  /// Remembers that the file of a snapshot is gone.
  public func remove(_ id: SnapshotID) throws {
    try db.execute(
      sql: "UPDATE snapshot SET removed = ? WHERE id = ? AND removed IS NULL",
      arguments: [tx.now.milliseconds, id.number])
  }
}
