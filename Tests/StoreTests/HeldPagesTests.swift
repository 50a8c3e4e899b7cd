import Domain
import GRDB
import Glibc
import Synchronization
import Testing

@testable import Store

/// What a snapshot reads of a live database, held against what SQLite makes of the same state: its backup
/// interface, and, where nobody writes, its own folding of the log.
@Suite("The pages of a live database")
struct HeldPagesTests {
  let database = TestDatabase()

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

  enum State: CaseIterable {
    case noLog, oneCommit, manyCommits, partlyFolded, allFolded, begunAnew, shrunk, shrunkInLog
  }

  @Test(arguments: State.allCases, [512, 4096, 65_536])
  func whateverTheLogHolds(_ state: State, _ pageBytes: Int) throws {
    let store = try filled(pageBytes)
    try switchFoldingOff(store)
    try store.foldLog()
    var random = SeededNumbers(seed: UInt64(pageBytes))
    func passive() throws -> (Int, Int) {
      try store.connections.writeWithoutTransaction { db in
        let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
        return (row?[1] ?? -1, row?[2] ?? -1)
      }
    }
    var older: HeldPages?
    switch state {
    case .noLog: break
    case .oneCommit: try write(store, &random, transactions: 1)
    case .manyCommits: try write(store, &random, transactions: 40)
    case .partlyFolded:
      try write(store, &random)
      older = try HeldPages(store)
      try write(store, &random)
      let (frames, folded) = try passive()
      #expect(0 < folded && folded < frames)
    case .allFolded:
      try write(store, &random)
      let (frames, folded) = try passive()
      #expect(0 < folded && folded == frames)
    case .begunAnew:
      try write(store, &random, transactions: 30)
      _ = try passive()
      try write(store, &random, transactions: 2)
    case .shrunk:
      try write(store, &random, transactions: 30)
      try store.connections.writeWithoutTransaction { db in
        try db.execute(sql: "DELETE FROM paper WHERE id > 2")
        try db.execute(sql: "VACUUM")
      }
      try store.foldLog()
    case .shrunkInLog:
      try write(store, &random, transactions: 30)
      try store.connections.writeWithoutTransaction { db in
        try db.execute(sql: "DELETE FROM paper WHERE id > 2")
        try db.execute(sql: "VACUUM")
      }
      try write(store, &random, transactions: 2)
    }
    let pages = try HeldPages(store)
    #expect(pages.pageBytes == pageBytes)
    let found = try bytes(pages)
    #expect(Int64(found.count) == pages.byteCount)
    let (isFolded, isBackup) = (try found == folded(), try isSame(pages, found))
    // Not the arrays themselves: a failure would print megabytes.
    #expect(isFolded)
    #expect(isBackup)
    try pages.close()
    try older?.close()
    try store.close()
  }

  /// Between any two pieces others write, fold, and try to begin the log anew: the state stays.
  @Test(arguments: [false, true]) func othersWriteMeanwhile(isFolded: Bool) throws {
    let store = try filled(megabytes: 6)
    try switchFoldingOff(store)
    try store.foldLog()
    var random = SeededNumbers(seed: 11)
    try write(store, &random)
    if isFolded {
      try store.connections.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
    }
    let before = try folded()
    let pages = try HeldPages(store)
    var steps = 0
    let found = try bytes(pages) {
      steps += 1
      try write(store, &random, transactions: 5)
      try store.connections.writeWithoutTransaction { db in
        _ = try db.checkpoint(.passive)
        if steps == 3 {
          try db.execute(sql: "DELETE FROM paper WHERE id > 3")
          try db.execute(sql: "VACUUM")
        }
      }
    }
    #expect(steps > 5)
    let (isSame, isBackup) = (found == before, try isSame(pages, found))
    #expect(isSame)
    #expect(isBackup)
    try pages.close()
    try store.close()
  }

  /// A writer at full rate, which folds as it does by itself, and a second one that folds whenever it can.
  @Test func besideWritersAtFullRate() throws {
    let store = try filled()
    let isDone = Atomic<Bool>(false)
    let commits = Atomic<Int>(0)
    let failures = Mutex<[String]>([])
    let tests = self
    let threads = try (0..<2).map { number in
      try PlainThread(isDetached: false) {
        do {
          let own = try tests.database.open(.readWrite)
          var random = SeededNumbers(seed: UInt64(number))
          while !isDone.load(ordering: .relaxed) {
            try tests.write(own, &random, transactions: 1)
            commits.add(1, ordering: .relaxed)
            if number == 1 {
              // Busy where the other one folds just then.
              try own.connections.writeWithoutTransaction { db in
                _ = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
              }
            }
          }
          try own.close()
        } catch { failures.withLock { $0.append("\(error)") } }
      }
    }
    try store.connections.write { try $0.execute(sql: "CREATE TABLE round (id INTEGER) STRICT") }
    for round in 1...10 {
      try store.connections.write { try $0.execute(sql: "INSERT INTO round VALUES (1)") }
      // Held to the end: the backup below must see the same state.
      let pages = try HeldPages(store, logLimit: .max)
      // All that was committed before is in it.
      let rounds = try pages.connection.unsafeRead {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM round")
      }
      #expect(rounds == round)
      let found = try bytes(pages)
      #expect(pages.connection.unsafeRead { $0.isInsideTransaction })
      let isSame = try isSame(pages, found)
      #expect(isSame, "round \(round)")
      try pages.close()
    }
    isDone.store(true, ordering: .relaxed)
    for thread in threads { thread.join() }
    #expect(commits.load(ordering: .relaxed) > 10)
    #expect(failures.withLock { $0 } == [])
    try store.close()
  }

  /// A log that grows beyond its limit: the pages are set aside, the transaction ends, the log can be folded.
  @Test func theLogIsBounded() throws {
    let store = try filled(megabytes: 6)
    try switchFoldingOff(store)
    try store.foldLog()
    var random = SeededNumbers(seed: 3)
    try write(store, &random)
    let pages = try HeldPages(store, logLimit: 1)
    let before = try backup(pages)
    var steps = 0
    let found = try bytes(pages) {
      steps += 1
      if steps == 3 { try write(store, &random, transactions: 40) }
    }
    // All pieces, and once more those that were set aside.
    let pieces = (found.count + (1 << 20) - 1) >> 20
    #expect(steps == 2 * pieces)
    let isSame = masked(found) == masked(before)
    #expect(isSame)
    #expect(pages.connection.unsafeRead { $0.isInsideTransaction } == false)
    // Refused for as long as a state of before is held.
    try store.foldLog()
    #expect(access(database.folder + "/.spare.tmp", F_OK) != 0)
    #expect(access(database.folder + "/spare", F_OK) != 0)
    // What was set aside is still there for who reads a second time.
    let again = try bytes(pages)
    #expect(again == found)
    try pages.close()
    try store.close()
  }

  /// A frame that is not what SQLite wrote is named, before anything is read or when it is.
  @Test(arguments: [false, true]) func aDamagedLog(isHeldBefore: Bool) throws {
    let store = try filled()
    try switchFoldingOff(store)
    try store.foldLog()
    var random = SeededNumbers(seed: 5)
    try write(store, &random)
    let frames = (contents(database.path + "-wal").count - 32) / 4120
    // The last one is certainly the newest of its page; each is summed up when the state is held.
    let frame = isHeldBefore ? frames : 2
    let file = try #require(fopen(database.path + "-wal", "r+"))
    defer { fclose(file) }
    func damage() {
      fseek(file, 32 + (frame - 1) * 4120 + 24 + 100, SEEK_SET)
      let byte = UInt8(truncatingIfNeeded: fgetc(file))
      fseek(file, -1, SEEK_CUR)
      fputc(Int32(byte ^ 1), file)
      fflush(file)
    }
    if !isHeldBefore { damage() }
    let found = fault {
      let pages = try HeldPages(store)
      damage()
      _ = try bytes(pages)
    }
    #expect(found?.exit == .data)
    let cause = isHeldBefore ? "changed while it was held" : "frame 2 of \(frames) is damaged"
    #expect(found?.cause.contains(cause) == true, "\(found.debugDescription)")
  }

  /// The index as SQLite writes it: what it tells is what is in the log, and a bit that is turned in its
  /// headers is seen.
  @Test func theIndexOfTheLog() throws {
    let store = try filled()
    try switchFoldingOff(store)
    try store.foldLog()
    var random = SeededNumbers(seed: 7)
    try write(store, &random)
    let index = try store.connections.unsafeRead { try LogIndex($0) }
    guard let log = try LogReader(of: database.path) else { throw TestFailure("there is no log") }
    let end = try log.end(after: log.header.start)
    #expect(index.end == end.position)
    #expect(index.pages == end.pages)
    #expect(index.folded == 0)
    let bytes = contents(database.path + "-shm")
    #expect(LogIndex.parse(bytes) == index)
    for bit in 0..<(96 * 8) {
      var turned = Array(bytes[..<136])
      turned[bit / 8] ^= UInt8(1 << (bit % 8))
      #expect(LogIndex.parse(turned) == nil, "bit \(bit)")
    }
    try store.close()
  }
}
