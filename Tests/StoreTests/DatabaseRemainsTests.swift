import Disk
import Domain
import GRDB
import Glibc
import Testing

@testable import Store

/// A database that is gone or empty where there was one is not begun anew.
@Suite struct DatabaseRemainsTests {
  let database = TestDatabase()

  enum Loss: CaseIterable { case gone, emptied }

  /// A database with one event on record, and what lies beside it.
  private func lose(_ loss: Loss) throws {
    unlink(database.path)
    if loss == .emptied { database.write("carillon.db", []) }
  }

  private func expectRefused(
    _ cause: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let before = database.names(in: database.folder)
    for mode in [Store.Mode.create, .readWrite, .readOnly] {
      // Where there is no file, what may not make one says so.
      if mode != .create, !before.contains("carillon.db") { continue }
      let found = fault { try database.open(mode) }
      #expect(found?.exit == .refused, sourceLocation: sourceLocation)
      #expect(found?.cause.contains(cause) == true, sourceLocation: sourceLocation)
      #expect(found?.remedy?.isEmpty == false, sourceLocation: sourceLocation)
    }
    #expect(database.names(in: database.folder) == before, sourceLocation: sourceLocation)
  }

  @Test(arguments: Loss.allCases) func withItsMark(_ loss: Loss) throws {
    try database.open().close()
    try lose(loss)
    expectRefused("there was a database here")
    // The way out is what the remedy says.
    unlink(database.path + ".locks/made")
    try database.open().close()
  }

  @Test(arguments: Loss.allCases) func besideSnapshots(_ loss: Loss) throws {
    let store = try database.open()
    _ = try SnapshotArchive(store: store, folder: database.folder + "/snapshots").create(at: at(1))
    try store.close()
    unlink(database.path + ".locks/made")
    try lose(loss)
    expectRefused("snapshots of it")
    // A frame alone, of which the description was lost, is a snapshot too.
    unlink(database.folder + "/snapshots/S0001.json")
    expectRefused("S0001")
  }

  @Test(arguments: Loss.allCases) func besideALogWithCommits(_ loss: Loss) throws {
    let store = try database.open()
    try store.write(at: at(1)) { try $0.audit.append("test", "in the log only") }
    let log = contents(database.path + "-wal")
    try store.close()
    unlink(database.path + ".locks/made")
    try lose(loss)
    database.write("carillon.db-wal", log)
    expectRefused("-wal")
    #expect(contents(database.path + "-wal") == log)
  }

  @Test func besideAJournalOfADatabaseThatHeldSomething() throws {
    // The header of a rollback journal: magic, no records counted, nonce, 20 pages before.
    let magic: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]
    database.write("carillon.db", [])
    database.write(
      "carillon.db-journal", magic + [0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 20] + [0, 0, 0, 0])
    expectRefused("-journal")
    // That of a database that was empty is what a process leaves that is killed in its first start.
    database.write(
      "carillon.db-journal", magic + [0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0] + [0, 0, 0, 0])
    try database.open().close()
  }

  /// What a process leaves that is killed before its first migration is done.
  @Test func aKillInTheFirstStartIsNoSign() throws {
    let lock = try database.lock()
    withExtendedLifetime(lock) {}
    database.write("carillon.db", [])
    database.write("carillon.db-wal", [])
    try database.open().close()
    #expect(try database.open(.readWrite).read { try $0.audit.latest(limit: 1) }.isEmpty)
  }

  @Test func anEmptyFileIsNotMigratedByWhoMayNotMakeOne() throws {
    database.write("carillon.db", [])
    for mode in [Store.Mode.readWrite, .readOnly] {
      #expect(fault { try database.open(mode) }?.exit == .noInput)
    }
    #expect(contents(database.path).isEmpty)
  }

  // MARK: - One file, one name

  @Test func aSecondNameIsRefused() throws {
    try database.open().close()
    let other = database.folder + "/other.db"
    #expect(link(database.path, other) == 0)
    for path in [database.path, other] {
      for mode in [Store.Mode.create, .readWrite, .readOnly] {
        let found = fault { try Store.open(path, mode: mode) }
        #expect(found?.exit == .refused)
        #expect(found?.cause.contains("2 names") == true)
      }
    }
    unlink(other)
    try database.open().close()
  }

  @Test func aPipeIsNoDatabase() {
    #expect(mkfifo(database.path, 0o600) == 0)
    for mode in [Store.Mode.create, .readWrite, .readOnly] {
      #expect(fault { try database.open(mode) }?.exit == .cannotCreate)
    }
  }

  @Test func aLinkThatLeadsNowhereIsNotFollowed() {
    #expect(symlink(database.folder + "/nowhere.db", database.path) == 0)
    #expect(fault { try database.open() }?.cause.contains("leads nowhere") == true)
    #expect(database.names(in: database.folder) == ["carillon.db"])
  }

  /// A service and a run by hand, each of which is the first: both note that there is a database now.
  @Test func processesThatStartTogetherAllLeaveTheMark() async throws {
    try database.open().close()
    let remains = DatabaseRemains(of: DatabaseFile(path: database.path))
    for _ in 0..<50 {
      unlink(database.path + ".locks/made")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 { group.addTask { try remains.leaveMark() } }
        try await group.waitForAll()
      }
      #expect(access(database.path + ".locks/made", F_OK) == 0)
    }
  }

  @Test func newFilesAreTheirOwnersAlone() throws {
    let mask = umask(0)
    defer { umask(mask) }
    let store = try database.open()
    try store.write(at: at(1)) { try $0.audit.append("test", "x") }
    let archive = SnapshotArchive(store: store, folder: database.folder + "/snapshots")
    _ = try archive.create(at: at(2))
    let lock = try database.lock()
    let daemon = try DaemonLock.acquire(database.path, now: at(3))
    for name in [
      "carillon.db", "carillon.db-wal", "carillon.db-shm", "snapshots/S0001.db.zst",
      "snapshots/S0001.json", "carillon.db.daemon.lock", "carillon.db.locks/gate",
      "carillon.db.locks/\(lock.holder)",
    ] {
      var status = stat()
      #expect(stat("\(database.folder)/\(name)", &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600, "\(name)")
    }
    withExtendedLifetime((lock, daemon)) {}
    try store.close()
  }

  @Test(arguments: [-5, -1]) func anImpossibleVersion(_ version: Int) throws {
    let store = try database.open()
    try store.connections.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA user_version = \(version)")
    }
    try store.close()
    for mode in [Store.Mode.create, .readWrite, .readOnly] {
      #expect(fault { try database.open(mode) }?.exit == .data)
    }
  }
}

@Suite struct FileNamesTests {
  let database = TestDatabase()

  @Test func anExchangeLeavesBoth() throws {
    let (new, old) = (database.write("new", [1]), database.write("old", [2]))
    try FileNames.exchange(new, with: old)
    #expect(contents(old) == [1])
    #expect(contents(new) == [2])
    // With nothing there, the name is taken.
    unlink(old)
    try FileNames.exchange(new, with: old)
    #expect(contents(old) == [2])
    #expect(database.names(in: database.folder) == ["old"])
  }

  @Test func aNameThatIsTakenIsNotTakenAway() {
    let (new, old) = (database.write("new", [1]), database.write("old", [2]))
    #expect(fault { try FileNames.take(old, from: new) } != nil)
    #expect(contents(old) == [2])
  }

  /// /proc is a file system of its own on every Linux; a file of our own is no mount.
  @Test func mountsAreTold() {
    #expect(FileNames.isMount("/proc"))
    #expect(!FileNames.isMount(database.write("file", [1])))
  }
}
