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
}
