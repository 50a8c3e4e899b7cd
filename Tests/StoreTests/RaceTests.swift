import Domain
import GRDB
import Glibc
import Synchronization
import Testing

@testable import Store

@Suite("Races and kills")
struct RaceTests {
  let database = TestDatabase()

  /// Runs a body on so many threads at the same time, and waits for all.
  static func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Box: Sendable {
      let run: @Sendable () -> Void
      init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let threads = (0..<count).map { index in
      var thread = pthread_t()
      let box = Unmanaged.passRetained(Box { body(index) })
      let code = pthread_create(
        &thread, nil,
        { pointer in
          guard let pointer else { return nil }
          Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().run()
          return nil
        }, box.toOpaque())
      precondition(code == 0, "pthread_create: \(code)")
      return thread
    }
    for thread in threads { pthread_join(thread, nil) }
  }

  // Six threads on two connections, as two processes have them, each with a lock of its own, all
  // after the same slots of two jobs in one group: 6 x 400 claims, and as many again as are refused.
  @Test func everySlotIsClaimedOnce() throws {
    let slots = 200
    let stores = [try database.open(), try database.open()]
    let locks = [try database.lock(), try database.lock()]
    let claims = Mutex<[Slot: Int]>([:])
    let running = Atomic<Int>(0)
    let failures = Mutex<[String]>([])
    Self.onThreads(6) { index in
      let (store, holder) = (stores[index % 2], locks[index % 2].holder)
      var pending = (0..<slots).flatMap {
        [firing("a", Int64($0), group: "g"), firing("b", Int64($0), group: "g")]
      }
      // Not all in the same order, or the threads would only follow the first.
      if index % 3 == 1 { pending.reverse() }
      do {
        while let next = pending.popLast() {
          switch try store.write(at: at(200), { try $0.runs.claim(next, holder: holder) }) {
          case .claimed(let run, let attempt):
            if running.add(1, ordering: .sequentiallyConsistent).oldValue != 0 {
              failures.withLock { $0.append("two of a group run at once") }
            }
            claims.withLock { $0[next.slot, default: 0] += 1 }
            running.subtract(1, ordering: .sequentiallyConsistent)
            try store.write(at: at(201)) {
              try $0.runs.finish(run: run, attempt: attempt, state: .succeeded)
            }
          case .busy, .groupBusy: pending.insert(next, at: 0)
          case .already: break
          case .early, .pruned, .tooLate, .crashedTooOften:
            failures.withLock { $0.append("an answer that cannot be") }
          }
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let counts = claims.withLock { $0 }
    #expect(counts.count == 2 * slots)
    #expect(counts.values.allSatisfy { $0 == 1 })
    let totals = try stores[0].read { try $0.runs.totals() }
    #expect(totals.map(\.runs) == [Int64(slots), Int64(slots)])
    #expect(try stores[0].read { try $0.marks.all() }.map(\.slot) == [at(199), at(199)])
  }

  // Processes that are killed with SIGKILL at any moment: after each kill the file is sound, each
  // transaction is whole, and in the end each slot was done exactly once.
  @Test func killedAtAnyMoment() throws {
    try database.open().close()
    var kills = 0
    for round in 0..<12 {
      let children = [
        try ChildProcess(test: "childThatWorks", database: database.path),
        try ChildProcess(test: "childThatWorks", database: database.path),
      ]
      // Each report follows a commit; what is under way then is killed somewhere in its middle.
      try children[round % 2].await(1 + round * 3 % 7)
      for child in children {
        child.kill()
        kills += 1
      }
      try checkWhole()
    }
    let store = try database.open()
    let lock = try database.lock()
    for second in 0..<Self.workSlots { try Self.work(store, lock.holder, slot: second) }
    try checkWhole()
    let done = try store.read { try $0.audit.latest(limit: .max, kind: "done") }.map(\.text)
    #expect(Set(done).count == done.count, "a slot was done twice")
    #expect(done.count == Int(Self.workSlots))
    let runs = try store.read { try $0.runs.history(job: job("work"), limit: .max) }
    #expect(runs.count == Int(Self.workSlots))
    #expect(runs.allSatisfy { $0.state == .succeeded })
    #expect(kills == 24)
  }

  static let workSlots: Int64 = 400

  /// Run in processes of their own by the test above: works through the slots, again and again.
  @Test(.enabled(if: ChildProcess.database != nil))
  func childThatWorks() throws {
    let path = try #require(ChildProcess.database)
    let store = try Store.open(path, mode: .readWrite)
    let lock = try ProcessLock.acquire(beside: path, purpose: "child", now: at(0))
    for second in 0..<Self.workSlots {
      try Self.work(store, lock.holder, slot: second)
      ChildProcess.reportProgress()
    }
    ChildProcess.waitForDeath()
  }

  /// One run: what it achieves, 50 candles and a line, is committed with its end. Crashes of our own
  /// making never use up its attempts.
  private static func work(_ store: Store, _ holder: HolderID, slot second: Int64) throws {
    let due = firing("work", second, retries: 1000)
    while true {
      switch try store.write(at: at(second), { try $0.runs.claim(due, holder: holder) }) {
      case .claimed(let run, let attempt):
        try store.write(at: at(second)) { tx in
          let series = try tx.series.register(hourly())
          try tx.candles.upsert(
            (second * 50..<second * 50 + 50).map { candle($0) }, series: series, run: run)
          try tx.audit.append("done", "\(second)")
          try tx.runs.finish(run: run, attempt: attempt, state: .succeeded)
        }
        return
      case .already: return
      case .busy: sched_yield()
      case .groupBusy, .early, .pruned, .tooLate, .crashedTooOften: preconditionFailure("cannot be")
      }
    }
  }

  private func checkWhole() throws {
    let store = try database.open(.readWrite)
    let (integrity, candles, succeeded, done) = try store.connections.read { db in
      (
        try String.fetchAll(db, sql: "PRAGMA integrity_check"),
        try Int.fetchOne(db, sql: "SELECT count(*) FROM candle"),
        try Int.fetchOne(db, sql: "SELECT count(*) FROM run WHERE state = 'succeeded'"),
        try Int.fetchOne(db, sql: "SELECT count(*) FROM audit")
      )
    }
    #expect(integrity == ["ok"])
    #expect(done == succeeded)
    #expect(candles == (succeeded ?? 0) * 50)
    try store.close()
  }

  // A process that makes, thins out and restores snapshots, killed at any moment: what is listed can
  // be restored, and the database that is replaced is always there and whole.
  @Test func killedWhileSnapshotting() throws {
    let store = try database.open()
    let series = try store.write(at: at(0)) { try $0.series.register(hourly()) }
    try store.write(at: at(0)) { tx in
      try tx.candles.upsert((0..<3000).map { candle($0) }, series: series, run: nil)
    }
    try store.close()
    let folder = SnapshotFolder(database.folder + "/snapshots")
    for round in 0..<8 {
      let child = try ChildProcess(test: "childThatSnapshots", database: database.path)
      try child.await(1 + round)
      child.kill()
      for snapshot in try folder.list() { try folder.verify(snapshot.id, at: at(9)) }
      let target = try Store.open(database.folder + "/target.db", mode: .readWrite)
      #expect(try target.read { try $0.candles.count(series) } == 3000)
      try target.close()
    }
    let survivor = try database.open()
    _ = try SnapshotArchive(store: survivor, folder: folder.path).create(at: at(10))
    let left = database.names(in: folder.path).filter { $0.hasPrefix(".") }
    #expect(left == [".lock"])
  }

  /// Run in a process of its own by the test above.
  @Test(.enabled(if: ChildProcess.database != nil))
  func childThatSnapshots() throws {
    let path = try #require(ChildProcess.database)
    let folder = DatabaseFile(path: path).folder
    let store = try Store.open(path, mode: .readWrite)
    let archive = SnapshotArchive(store: store, folder: folder + "/snapshots")
    for step in 0..<1000 as Range<Int64> {
      let snapshot = try archive.create(at: at(step))
      try archive.prune(KeepPolicy(latest: 2, daily: 0, weekly: 0, monthly: 0), at: at(step))
      _ = try archive.folder.restore(
        snapshot.id, to: folder + "/target.db", force: true, at: at(step))
      ChildProcess.reportProgress()
    }
    ChildProcess.waitForDeath()
  }

  // The kernel refuses to let a file grow, as on a full disk: nothing is half-written.
  @Test func noRoomForASnapshot() throws {
    let store = try database.open()
    let series = try store.write(at: at(0)) { try $0.series.register(hourly()) }
    try store.write(at: at(0)) { tx in
      try tx.candles.upsert((0..<5000).map { candle($0) }, series: series, run: nil)
    }
    let child = try ChildProcess(test: "childWithoutRoom", database: database.path)
    try child.await()
    child.kill()
    #expect(database.names(in: database.folder + "/snapshots") == [".lock"])
    #expect(try store.read { try $0.candles.count(series) } == 5000)
    #expect(try store.read { try $0.snapshots.lastID() } == nil)
  }

  /// Run in a process of its own by the test above.
  @Test(.enabled(if: ChildProcess.database != nil))
  func childWithoutRoom() throws {
    let path = try #require(ChildProcess.database)
    let store = try Store.open(path, mode: .readWrite)
    signal(SIGXFSZ, SIG_IGN)  // so that the write fails instead
    var limit = rlimit(rlim_cur: 16 * 1024, rlim_max: 16 * 1024)
    try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
    let archive = SnapshotArchive(
      store: store, folder: DatabaseFile(path: path).folder + "/snapshots")
    let found = fault { try archive.create(at: at(1)) }
    try #require(found?.exit == .io)
    ChildProcess.reportProgress()
    ChildProcess.waitForDeath()
  }
}
