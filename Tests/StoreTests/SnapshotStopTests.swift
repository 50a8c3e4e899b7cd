import Domain
import GRDB
import Glibc
import Synchronization
import Testing

@testable import Store

/// A snapshot of a database of some size that is told to stop, in each of its phases.
@Suite(.serialized) struct SnapshotStopTests {
  struct Stop: Error {}

  let database = TestDatabase()
  let store: Store
  let archive: SnapshotArchive
  var folder: String { archive.folder.path }

  /// 400,000 candles, some 30 MB: each phase takes long enough to be looked at several times.
  init() throws {
    store = try database.open()
    archive = SnapshotArchive(store: store, folder: database.folder + "/snapshots")
    try store.write(at: at(1)) { tx in
      let series = try tx.series.register(hourly())
      try tx.db.execute(
        sql: """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)
          INSERT INTO candle (series, time, open, high, low, close, volume)
          SELECT ?, i * 3600000, 10 + i % 7, 20 + i % 11, 9, 10 + i % 5, i % 13 FROM n
          """, arguments: [series.id])
    }
  }

  private func names() -> [String] { database.names(in: folder) }

  /// Stops at the first look at which a condition holds, and tells how long the end then took.
  private func stop(
    when isPhase: @escaping () -> Bool, _ work: (() throws -> Void) throws -> Void
  ) throws -> TimeSpan {
    let time = SystemTime()
    var stopped: TimeSpan?
    do {
      try work {
        guard stopped == nil, isPhase() else { return }
        stopped = time.uptime
        throw Stop()
      }
      Issue.record("it went on to its end")
    } catch is Stop {}
    return time.uptime - (try #require(stopped, "the phase was never seen"))
  }

  private func size(_ name: String) -> Int64? {
    var status = stat()
    return stat("\(folder)/\(name)", &status) == 0 ? Int64(status.st_size) : nil
  }

  @Test func creationStopsInEachPhase() throws {
    let limit = TimeSpan.seconds(5)
    // The counting of its rows, when there is no file yet; then the compression, when there is something
    // in the file.
    for phase in [
      { size(".S0001.db.zst.tmp") == nil }, { size(".S0001.db.zst.tmp") ?? 0 > 0 },
    ] as [() -> Bool] {
      let span = try stop(when: phase) { checkpoint in
        _ = try archive.create(at: at(100), checkpoint: checkpoint)
      }
      #expect(span < limit)
      #expect(names() == [".lock"])
    }
  }

  @Test func proofStopsInEachPhase() throws {
    let snapshot = try archive.create(at: at(100))
    let whole = names()
    let unpacked = ".S0001.verify.tmp"
    for phase in [
      { size(unpacked) != nil }, { size(unpacked) == snapshot.rawSizeBytes },
    ] as [() -> Bool] {
      let span = try stop(when: phase) { checkpoint in
        try archive.verify(snapshot.id, at: at(200), checkpoint: checkpoint)
      }
      #expect(span < .seconds(5))
      #expect(names() == whole)
      #expect(try archive.folder.snapshot(snapshot.id).verified == nil)
    }
    // `restore` unpacks and proves in the same way.
    let target = database.folder + "/check.db"
    let looks = Mutex(0)
    _ = try stop(when: {
      looks.withLock {
        $0 += 1
        return $0 == 2
      }
    }) { checkpoint in
      _ = try archive.folder.restore(
        snapshot.id, to: target, at: at(300), checkpoint: checkpoint)
    }
    #expect(database.names(in: database.folder).filter { $0.contains("check.db") } == [])
  }
}
