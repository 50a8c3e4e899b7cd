import Cryptography
import Domain
import GRDB
import Glibc
import Testing

@testable import Store

@Suite("Restoring over a database")
struct RestoreTests {
  let database = TestDatabase()
  let snapshots: SnapshotFolder
  let id: SnapshotID

  init() throws {
    let store = try database.open()
    try store.write(at: at(1)) { try $0.audit.append("test", "before") }
    let archive = SnapshotArchive(store: store, folder: database.folder + "/snapshots")
    id = try archive.create(at: at(100)).id
    snapshots = archive.folder
    try store.write(at: at(1)) { try $0.audit.append("test", "after") }
    try store.close()
  }

  func texts(_ path: String) throws -> [String] {
    let store = try Store.open(path, mode: .readWrite)
    defer { do { try store.close() } catch { Issue.record("\(error)") } }
    return try store.read { try $0.audit.latest(limit: 9, kind: "test") }.map(\.text).reversed()
  }

  @Test func theOldOneIsKept() throws {
    // Of a restore that was killed.
    for name in [".carillon.db.restore-S0009.tmp", "carillon.db.restore-S0009"] {
      database.write(name, [1])
    }
    let restoration = try snapshots.restore(id, to: database.path, force: true, at: at(200))
    let kept = database.path + ".before-S0001"
    #expect(restoration.kept == kept)
    #expect(
      database.names(in: database.folder) == [
        "carillon.db", "carillon.db.before-S0001", "carillon.db.daemon.lock", "carillon.db.locks",
        "snapshot-signing.key", "snapshots",
      ])
    #expect(try texts(database.path) == ["before"])
    #expect(try texts(kept) == ["before", "after"])
    // A second time keeps the second one under another name.
    #expect(
      try snapshots.restore(id, to: database.path, force: true, at: at(300)).kept == kept + ".2")
  }

  @Test func notWithoutForce() throws {
    let found = fault { try snapshots.restore(id, to: database.path, at: at(200)) }
    #expect(found?.exit == .refused)
    #expect(found?.cause.contains("exists (written ") == true)
    #expect(try texts(database.path) == ["before", "after"])
  }

  @Test func notWhileTheDaemonHoldsIt() throws {
    let daemon = try DaemonLock.acquire(database.path, now: at(150))
    let found = fault { try snapshots.restore(id, to: database.path, force: true, at: at(200)) }
    #expect(found?.exit == .tryAgain)
    #expect(found?.cause.contains("`carillon run` holds it (carillon run pid") == true)
    // A rehearsal and a copy beside it are possible.
    let rehearsal = try snapshots.restore(id, to: database.path, isRehearsal: true, at: at(200))
    #expect(rehearsal.holder?.contains("carillon run pid") == true)
    #expect(rehearsal.kept == database.path + ".before-S0001")
    _ = try snapshots.restore(id, to: database.folder + "/check.db", at: at(200))
    #expect(try texts(database.folder + "/check.db") == ["before"])
    withExtendedLifetime(daemon) {}
    #expect(try texts(database.path) == ["before", "after"])
    #expect(
      database.names(in: database.folder) == [
        "carillon.db", "carillon.db.daemon.lock", "carillon.db.locks", "check.db",
        "check.db.locks", "snapshot-signing.key", "snapshots",
      ])
  }

  @Test func notWhileAnyProcessUsesIt() throws {
    let lock = try database.lock()
    let found = fault { try snapshots.restore(id, to: database.path, force: true, at: at(200)) }
    #expect(found?.exit == .tryAgain)
    #expect(found?.cause.contains("is in use (test pid") == true)
    withExtendedLifetime(lock) {}
  }

  @Test func nobodyBeginsWhileARestoreRuns() throws {
    try LockFolder(database: database.path).make()
    let gate = try LockFolder(database: database.path).openGate()
    let isTaken = gate.take(shared: false)
    #expect(isTaken)
    #expect(fault { try database.lock() }?.cause == "a restore is under way")
  }

  @Test func aDamagedDatabaseIsReplaced() throws {
    database.write("carillon.db", Array("this is not a database, and never will be one".utf8))
    database.write("carillon.db-wal", Array("nor is this its log".utf8))
    let restoration = try snapshots.restore(id, to: database.path, force: true, at: at(200))
    #expect(try texts(database.path) == ["before"])
    let kept = try #require(restoration.kept)
    #expect(contents(kept + "-wal") == Array("nor is this its log".utf8))
  }

  @Test func aLogWithoutItsDatabaseIsNotTakenForTheNewOnes() throws {
    let store = try database.open()
    try store.write(at: at(1)) { try $0.audit.append("test", "in the log only") }
    let log = contents(database.path + "-wal")
    try store.close()
    unlink(database.path)
    database.write("carillon.db-wal", log)
    #expect(fault { try snapshots.restore(id, to: database.path, at: at(200)) }?.exit == .refused)
    _ = try snapshots.restore(id, to: database.path, force: true, at: at(200))
    #expect(try texts(database.path) == ["before"])
  }

  @Test func aLinkStaysAndItsTargetIsReplaced() throws {
    let link = database.folder + "/link.db"
    #expect(symlink("carillon.db", link) == 0)
    let daemon = try DaemonLock.acquire(database.path, now: at(150))
    #expect(
      fault { try snapshots.restore(id, to: link, force: true, at: at(200)) }?.exit == .tryAgain)
    withExtendedLifetime(daemon) {}
  }

  @Test func throughALink() throws {
    let link = database.folder + "/link.db"
    #expect(symlink("carillon.db", link) == 0)
    let kept = try snapshots.restore(id, to: link, force: true, at: at(200)).kept
    #expect(kept == database.path + ".before-S0001")
    var status = stat()
    #expect(lstat(link, &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
    #expect(try texts(database.path) == ["before"])
  }

  /// The database that is kept is opened by the program that wrote it, so it keeps its schema.
  @Test func whatIsKeptIsNotMigrated() throws {
    let older = try DatabaseQueue(path: database.path)
    try older.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA user_version = 2")
      try db.execute(sql: "DROP TABLE request")
    }
    try older.close()
    let kept = try #require(
      try snapshots.restore(id, to: database.path, force: true, at: at(200)).kept)
    let queue = try DatabaseQueue(path: kept)
    #expect(try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 2)
    try queue.close()
  }

  /// The journal of a transaction that another program was killed in: SQLite would play it back over
  /// whatever database has the name.
  @Test(arguments: [false, true]) func aJournalIsNotPlayedBackOverTheNewOne(
    besideADatabase: Bool
  ) throws {
    let journal = try hotJournal()
    if !besideADatabase { unlink(database.path) }
    database.write("carillon.db-journal", journal)
    let done = try snapshots.restore(
      id, to: database.path, force: besideADatabase, at: at(200))
    let log = besideADatabase ? done.kept.map { $0 + "-journal" } : done.keptLog
    #expect(contents(try #require(log)) == journal)
    let queue = try DatabaseQueue(path: database.path)
    #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
    try queue.close()
    #expect(try texts(database.path) == ["before"])
  }

  /// The journal of a transaction that changed pages and was not ended.
  private func hotJournal() throws -> [UInt8] {
    let path = database.folder + "/other.db"
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    var journal: [UInt8] = []
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "CREATE TABLE t (x)")
      for _ in 0..<60 {
        try db.execute(
          sql: "INSERT INTO t VALUES (?)", arguments: [String(repeating: "a", count: 900)])
      }
      try db.execute(sql: "PRAGMA cache_size = 5")
      try db.execute(sql: "BEGIN")
      try db.execute(sql: "UPDATE t SET x = 'b' || x")
      journal = contents(path + "-journal")
      try db.execute(sql: "ROLLBACK")
    }
    try queue.close()
    unlink(path)
    #expect(journal.count > 4096)
    return journal
  }

  @Test func aDamagedSnapshotChangesNothing() throws {
    let file = database.folder + "/snapshots/S0001.db.zst"
    var bytes = contents(file)
    bytes[bytes.count / 2] ^= 4
    database.write("snapshots/S0001.db.zst", bytes)
    #expect(
      fault { try snapshots.restore(id, to: database.path, force: true, at: at(200)) }?.exit
        == .data)
    #expect(try texts(database.path) == ["before", "after"])
    #expect(
      database.names(in: database.folder) == [
        "carillon.db", "carillon.db.daemon.lock", "carillon.db.locks", "snapshot-signing.key",
        "snapshots",
      ])
  }

  /// A store that was rolled back as a whole is consistent; only a link that was seen elsewhere tells.
  @Test func whatIsExpectedOfItsAudit() throws {
    let store = try database.open(.readWrite)
    let archive = SnapshotArchive(store: store, folder: snapshots.path)
    try store.write(at: at(150)) { try $0.audit.append("halt", "by a test") }
    let head = try #require(try store.read { try $0.audit.head })
    let later = try archive.create(at: at(160))
    try store.close()
    var folder = snapshots
    folder.expectedHead = head
    let target = database.folder + "/expected.db"
    #expect(
      fault { try folder.restore(id, to: target, at: at(200)) }?.cause.contains(head) == true)
    #expect(access(target, F_OK) != 0)
    _ = try folder.restore(later.id, to: target, at: at(200))
    #expect(access(target, F_OK) == 0)
  }

  @Test func aSnapshotOfANewerVersion() throws {
    var newer = try snapshots.snapshot(id)
    newer.schemaVersion = Schema.version + 1
    newer.sign(Ed25519Key.make())
    database.write("snapshots/S0001.json", Array(newer.manifest.utf8))
    let found = fault { try snapshots.restore(id, to: database.path, force: true, at: at(200)) }
    #expect(found?.exit == .data)
    #expect(found?.cause.contains("newer Carillon") == true)
  }

  @Test func nothingIsOverwrittenBeside() throws {
    database.write("check.db", [1])
    #expect(
      fault { try snapshots.restore(id, to: database.folder + "/check.db", at: at(200)) }?.exit
        == .refused)
    #expect(contents(database.folder + "/check.db") == [1])
  }

  /// What was proved, and has the same bytes, is not proved again, unless that is asked for. The lie here, of
  /// rows, is one that only a proof finds.
  @Test func whatWasProvedIsNotProvedAgain() throws {
    var lying = try snapshots.snapshot(id)
    lying.rows["audit"] = 7
    let key = Ed25519Key.make()
    lying.sign(key)
    try snapshots.write(lying)
    let copy = database.folder + "/check.db"
    let cause = "its tables are not those of the manifest"
    #expect(fault { try snapshots.restore(id, to: copy, at: at(200)) }?.cause == cause)
    lying.verified = at(150)
    try snapshots.write(lying)
    #expect(
      fault { try snapshots.restore(id, to: copy, isRehearsal: true, at: at(200)) }?.cause == cause)
    var careful = snapshots
    careful.provesAgain = true
    #expect(fault { try careful.restore(id, to: copy, at: at(200)) }?.cause == cause)
    #expect(access(copy, F_OK) != 0)
    #expect(try snapshots.restore(id, to: copy, at: at(200)).provedBefore == at(150))
    // Other bytes are refused all the same, whatever is on record.
    let frame = contents("\(snapshots.path)/S0001.db.zst")
    database.write("snapshots/S0001.db.zst", Array(frame.dropLast()))
    #expect(
      fault { try snapshots.restore(id, to: copy + "2", at: at(200)) }?.exit == .data)
    // Nor is what nobody has signed believed to be proved.
    database.write("snapshots/S0001.db.zst", frame)
    (lying.signature, lying.ledger, lying.writer, lying.auditHead) = (nil, nil, nil, nil)
    lying.format = .withoutSignature
    try snapshots.write(lying)
    #expect(fault { try snapshots.restore(id, to: copy + "2", at: at(200)) }?.cause == cause)
  }
}
