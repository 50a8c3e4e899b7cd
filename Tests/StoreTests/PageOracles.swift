import GRDB
import Glibc
import Testing

@testable import Store

// The databases whose pages are read, and what SQLite itself makes of them.
extension HeldPagesTests {
  /// A database of some 3 MB with pages of a size, so that it is read in several pieces.
  func filled(_ pageBytes: Int = 4096, megabytes: Int = 3) throws -> Store {
    if pageBytes != 4096 {
      try database.open().close()
      let other = try DatabaseQueue(path: database.path)
      try other.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA journal_mode = DELETE")
        try db.execute(sql: "PRAGMA page_size = \(pageBytes)")
        try db.execute(sql: "VACUUM")
      }
      try other.close()
    }
    let store = try database.open()
    try store.connections.writeWithoutTransaction { db in
      try db.execute(sql: "CREATE TABLE paper (id INTEGER PRIMARY KEY, text BLOB) STRICT")
      for _ in 0..<megabytes {
        try db.execute(sql: "INSERT INTO paper (text) VALUES (randomblob(1000000))")
      }
    }
    return store
  }

  func switchFoldingOff(_ store: Store) throws {
    try store.connections.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
    }
  }

  /// Transactions that add, change and take away, by the generator.
  func write(_ store: Store, _ random: inout SeededNumbers, transactions: Int = 10) throws {
    for _ in 0..<transactions {
      let (size, victim) = (
        Int.random(in: 10...20_000, using: &random), Int.random(in: 0...9, using: &random)
      )
      try store.connections.write { db in
        try db.execute(
          sql: "INSERT INTO paper (text) VALUES (randomblob(?))", arguments: [size])
        try db.execute(
          sql: "UPDATE paper SET text = randomblob(?) WHERE id % 10 = ? AND length(text) < 100000",
          arguments: [size / 2, victim])
        try db.execute(
          sql: "DELETE FROM paper WHERE id % 30 = ? AND length(text) < 100000",
          arguments: [victim])
      }
    }
  }

  func bytes(
    _ pages: HeldPages, checkpoint: () throws -> Void = {}
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try pages.read(settingAsideAt: database.folder + "/spare", checkpoint: checkpoint) {
      #expect(Int($0) == bytes.count / pages.pageBytes + 1)
      bytes += $1
    }
    return bytes
  }

  /// What SQLite's backup interface copies of the state that is held.
  func backup(_ pages: HeldPages) throws -> [UInt8] {
    let path = database.folder + "/backup.db"
    unlink(path)
    let copy = try DatabaseQueue(path: path)
    try copy.writeWithoutTransaction { copy in
      try pages.connection.unsafeRead { try $0.backup(to: copy) }
      try copy.execute(sql: "PRAGMA journal_mode = DELETE")
    }
    try copy.close()
    return contents(path)
  }

  /// Without what the backup interface changes in its copy: the versions of the format, the counter of
  /// changes (twice), the schema's cookie and SQLite's version.
  /// https://sqlite.org/fileformat2.html, "The Database Header".
  func masked(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for place in [18..<20, 24..<28, 40..<44, 92..<100] {
      bytes.replaceSubrange(place, with: repeatElement(0, count: place.count))
    }
    return bytes
  }

  /// The file as SQLite folds it of copies of the file and its log, as one without a log.
  func folded() throws -> [UInt8] {
    let copy = database.folder + "/oracle.db"
    for suffix in ["", "-wal"] {
      database.write("oracle.db" + suffix, contents(database.path + suffix))
    }
    let other = try DatabaseQueue(path: copy)
    try other.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
    try other.close()
    var bytes = contents(copy)
    #expect(bytes[18...19] == [2, 2])
    bytes.replaceSubrange(18...19, with: [1, 1])
    return bytes
  }

  func isSame(_ pages: HeldPages, _ bytes: [UInt8]) throws -> Bool {
    try masked(bytes) == masked(backup(pages))
  }
}
