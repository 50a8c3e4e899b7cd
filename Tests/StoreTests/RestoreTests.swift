import Domain
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
    return try store.read { try $0.audit.latest(limit: 9) }.map(\.text).reversed()
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
        "snapshots",
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
        "carillon.db", "carillon.db.daemon.lock", "check.db", "snapshots",
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
        "carillon.db", "carillon.db.daemon.lock", "carillon.db.locks", "snapshots",
      ])
  }

  @Test func aSnapshotOfANewerVersion() throws {
    var newer = try snapshots.snapshot(id)
    newer.schemaVersion = Schema.version + 1
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
}
