import Domain
import Glibc
import Testing

@testable import Store

/// Two names of one database exclude each other, also where no count of links tells.
@Suite("A database has one name", .serialized) struct NameLockTests {
  let database = TestDatabase()
  private var other: String { database.folder + "/elsewhere/other.db" }

  /// The database under another name in another folder, as after a link was made while it was in use.
  private func rename() {
    #expect(mkdir(database.folder + "/elsewhere", 0o755) == 0)
    #expect(link(database.path, other) == 0)
    #expect(unlink(database.path) == 0)
  }

  @Test(arguments: [Store.Mode.create, .readWrite, .readOnly])
  func anotherNameIsRefusedWhileTheFirstIsInUse(_ mode: Store.Mode) throws {
    let store = try database.open()
    rename()
    let found = fault { try Store.open(other, mode: mode) }
    #expect(found?.exit == .refused)
    #expect(found?.cause.contains("under another name") == true, "\(String(describing: found))")
    try store.close()
    try Store.open(other, mode: .readWrite).close()
  }

  @Test func twoLinksAreRefusedByTheirCount() throws {
    let store = try database.open()
    #expect(mkdir(database.folder + "/elsewhere", 0o755) == 0)
    #expect(link(database.path, other) == 0)
    for path in [database.path, other] {
      let found = fault { try Store.open(path, mode: .readWrite) }
      #expect(found?.exit == .refused)
      #expect(found?.cause.contains("2 names") == true)
    }
    try store.close()
  }

  @Test func oneNameIsSharedHoweverItIsReached() throws {
    let first = try database.open()
    #expect(symlink(database.folder, database.folder + "-link") == 0)
    defer { unlink(database.folder + "-link") }
    let second = try Store.open(database.folder + "-link/carillon.db", mode: .readWrite)
    try second.write(at: at(1)) { try $0.audit.append("note", "a") }
    #expect(try first.read { try $0.audit.latest(limit: 1) }.map(\.text) == ["a"])
    try second.close()
    try first.close()
  }

  @Test func nobodyOpensWhatIsBeingRestored() throws {
    try database.open().close()
    do {
      let alone = try NameLock.takeAlone(database.path)
      let found = fault { try database.open(.readOnly) }
      #expect(found?.exit == .tryAgain && found?.isTransient == true)
      withExtendedLifetime(alone) {}
    }
    try database.open(.readOnly).close()
  }

  @Test func nothingIsRestoredOverWhatAnyNameUses() throws {
    let store = try database.open()
    rename()
    #expect(fault { try NameLock.takeAlone(other) }?.exit == .tryAgain)
    try store.close()
    _ = try NameLock.takeAlone(other)
  }

  /// https://sqlite.org/howtocorrupt.html, 2.2: whoever closes a descriptor of the file loses all of
  /// SQLite's locks on it.
  @Test func whoClosesAnotherStoreKeepsTheLocksOfThisOne() throws {
    let store = try database.open()
    try store.write(at: at(1)) { try $0.audit.append("note", "a") }
    let before = try locks()
    #expect(before > 0)
    let descriptors = try openFiles()
    for _ in 0..<10 { try database.open(.readOnly).close() }
    rename()
    _ = fault { try Store.open(other, mode: .readOnly) }
    #expect(try locks() == before)
    // SQLite keeps some open itself, for the same reason; but not one for each that was opened.
    #expect(try openFiles() < descriptors + 10)
    try store.close()
    #expect(try openFiles() < descriptors)
  }

  /// How many of SQLite's locks this process has on the file (proc_locks(5)).
  private func locks() throws -> Int {
    var status = stat()
    #expect(stat(access(database.path, F_OK) == 0 ? database.path : other, &status) == 0)
    return try lines("/proc/locks").count {
      $0.contains("POSIX") && $0.contains(" \(getpid()) ") && $0.contains(":\(status.st_ino) ")
    }
  }

  /// How many descriptors this process has of files in the test's folder.
  private func openFiles() throws -> Int {
    (0..<1024).count { descriptor in
      var target = [CChar](repeating: 0, count: 4096)
      let length = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
      guard length > 0 else { return false }
      let path = String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return path.hasPrefix(database.folder + "/") && path.contains(".db")
    }
  }

  private func lines(_ path: String) throws -> [Substring] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte >= 0 { bytes.append(UInt8(byte)) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
