import Domain
import GRDB
import Glibc
import Testing

@testable import Store

@Suite("Proving, compacting and comparing databases")
struct DatabaseToolTests {
  let database = TestDatabase()
  let ann = Actor(who: "ann", origin: "desk")

  func traded() throws -> Store {
    let store = try database.open()
    try store.write(at: at(1)) { transaction in
      try transaction.accounts.open(
        "main", quote: "USDT", mode: .paper, initial: try #require(Amount("1000")))
    }
    return store
  }

  /// What is done to the books by somebody who knows SQLite, and what the proof names.
  @Test(arguments: [
    (
      "UPDATE cash SET amount = '999'",
      "main: USDT: 999 held, 1000 from the postings"
    ),
    (
      "INSERT INTO position (account, symbol, quantity, cost, updated) VALUES ('main', 'BTC-USDT', '1', '5', 1)",
      "main: BTC: 1 held, 0 from the postings"
    ),
    (
      "UPDATE posting SET amount = '-900' WHERE book = 'owner'",
      "main: entry 1 (opening): 100 USDT come from nowhere"
    ),
    (
      "PRAGMA foreign_keys = OFF; UPDATE cash SET account = 'nobody'; PRAGMA foreign_keys = ON",
      "1 rows of cash refer to rows of account that are not there"
    ),
  ])
  func theProofNames(_ sql: String, _ finding: String) throws {
    let store = try traded()
    #expect(try store.prove() == [])
    try store.connections.writeWithoutTransaction { try $0.execute(sql: sql) }
    #expect(try store.prove().contains(finding))
    try store.close()
  }

  @Test func theSizesAddUp() throws {
    let store = try traded()
    let statistics = try store.statistics()
    // Each page that is not free belongs to one tree (nothing here is large enough for a map of
    // pages).
    let pages = statistics.pages - statistics.freePages
    #expect(statistics.parts.map(\.bytes).reduce(0, +) == pages * statistics.pageBytes)
    #expect(statistics.parts.contains { $0.name == "audit_by_kind" && $0.table == "audit" })
    try store.close()
  }

  @Test func aVacuumGivesEmptyPagesBack() throws {
    let store = try traded()
    try store.connections.write { db in
      try db.execute(sql: "CREATE TABLE filler (x BLOB) STRICT")
      // 100 rows of 40 KB are at least 1000 pages of 4 KB.
      try db.execute(
        sql: """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
          INSERT INTO filler SELECT zeroblob(40960) FROM n
          """)
      try db.execute(sql: "DROP TABLE filler")
    }
    try store.close()
    let done = try DatabaseVacuum.run(database.path, by: ann, at: at(9))
    #expect(done.before - done.after >= 1000 * 4096)
    #expect(database.names(in: database.folder).contains { $0.contains("vacuum") } == false)
    let again = try database.open(.readWrite)
    #expect(try again.prove() == [])
    #expect(try again.read { try $0.audit.latest(limit: 1) }.first?.kind == "vacuum")
    #expect(try again.read { try $0.accounts.all() }.map(\.name) == ["main"])
    try again.close()
  }

  @Test func aVacuumWaitsForNobody() throws {
    try traded().close()
    let daemon = try DaemonLock.acquire(database.path, now: at(2))
    #expect(fault { try DatabaseVacuum.run(database.path, by: ann, at: at(9)) }?.exit == .tryAgain)
    withExtendedLifetime(daemon) {}
    let other = TestDatabase()
    try other.open().close()
    let lock = try other.lock()
    let found = fault { try DatabaseVacuum.run(other.path, by: ann, at: at(9)) }
    #expect(found?.exit == .tryAgain)
    withExtendedLifetime(lock) {}
  }

  @Test func aDifferenceIsCounted() throws {
    let store = try traded()
    for number in 1...3 {
      try store.write(at: at(Int64(number))) { try $0.audit.append("test", "\(number)", by: ann) }
    }
    try store.close()
    let other = database.folder + "/other.db"
    database.write("other.db", contents(database.path))
    #expect(
      try DatabaseDifference.between(database.path, other).filter { !$0.isNone } == [])
    let changed = try DatabaseQueue(path: other)
    try changed.writeWithoutTransaction { db in
      try db.execute(
        sql: """
          DROP TRIGGER audit_is_not_deleted;
          DELETE FROM audit WHERE id = 2;
          INSERT INTO audit (id, time, kind, text) VALUES (7, 1, 'a', 'b'), (8, 1, 'a', 'b');
          UPDATE cash SET amount = '5';
          UPDATE account SET place = 'there';
          DROP TABLE universe;
          """)
    }
    try changed.close()
    let found = try DatabaseDifference.between(database.path, other).filter { !$0.isNone }
    #expect(
      found == [
        TableDifference(
          table: "account", onlyFirst: 0, onlySecond: 0, changed: 1, isOtherShape: false),
        TableDifference(
          table: "audit", onlyFirst: 1, onlySecond: 2, changed: 0, isOtherShape: false),
        TableDifference(
          table: "cash", onlyFirst: 0, onlySecond: 0, changed: 1, isOtherShape: false),
        TableDifference(
          table: "universe", onlyFirst: 0, onlySecond: 0, changed: 0, isOtherShape: true),
      ])
  }
}
