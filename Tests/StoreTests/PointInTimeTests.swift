import Disk
import Domain
import GRDB
import Glibc
import Testing

@testable import Store

@Suite("The shipped log at a time")
struct PointInTimeTests {
  let database = TestDatabase()
  var spool: LogSpool { LogSpool(database: database.path) }

  /// Somebody commits right after each look at the clock, a second later: whatever time a base or a segment
  /// bears, nothing of after it is in it.
  @Test func nothingIsOfAfterItsTime() throws {
    try spool.turn(on: true)
    let store = try database.open()
    try store.connections.write {
      try $0.execute(sql: "CREATE TABLE stamp (time INTEGER) STRICT")
    }
    let shipper = try LogShipper(store)
    var seconds: Int64 = 0
    func clock() -> Instant {
      let now = at(seconds)
      seconds += 1
      do {
        try store.connections.write {
          try $0.execute(sql: "INSERT INTO stamp VALUES (?)", arguments: [seconds])
        }
      } catch { Issue.record("\(error)") }
      return now
    }
    for _ in 0..<5 { _ = try shipper.ship(at: clock()) }
    let last = seconds
    try shipper.close()
    try store.close()
    var seen: [Int64] = []
    for time in 0...last {
      let written = try PointInTime(spool).write(at: at(time))
      let path = database.folder + "/at.db"
      unlink(path)
      var file = try NewFile(path)
      _ = try ZstdFrame.decompress("\(spool.path)/\(written.name)", limit: .max) {
        try file.write($0)
      }
      try file.commit()
      let restored = try DatabaseQueue(path: path)
      let newest = try restored.read {
        try Int64.fetchOne($0, sql: "SELECT max(time) FROM stamp") ?? 0
      }
      try restored.close()
      #expect(newest <= time)
      #expect(written.time <= at(time))
      if seen.last != newest { seen.append(newest) }
      spool.discard(written.name)
    }
    // And it goes on: not all of them are the base.
    #expect(seen.count >= 4, "\(seen)")
  }

  /// What a killed restore left is removed by the next, but not what another one is at work on.
  @Test func whatAKilledRestoreLeft() throws {
    try spool.turn(on: true)
    let store = try database.open()
    let shipper = try LogShipper(store)
    _ = try shipper.ship(at: at(1))
    let left = [".AT-7.db.tmp", ".AT-7.db.zst.tmp", ".AT-7.look.tmp", "AT-7.db.zst"]
    for name in left { database.write("carillon.db.shipped/\(name)", [1]) }
    database.write("carillon.db.shipped/AT-notes.txt", [1])
    let first = try PointInTime(spool).write(at: at(2))
    let there = ["AT-2000.db.zst", "AT-notes.txt", "G0001", "on", "restoring.lock"]
    #expect(database.names(in: spool.path) == there)
    // Beside it.
    let second = try PointInTime(spool).write(at: at(3))
    #expect(database.names(in: spool.path).contains(first.name))
    spool.discard(first.name)
    spool.discard(second.name)
    withExtendedLifetime((first, second)) {}
    try shipper.close()
    try store.close()
  }
}
