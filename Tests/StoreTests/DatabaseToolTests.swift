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

  /// Two trades of one order, the fee of the second told later: what is done to them, and what is named.
  @Test(arguments: [
    (
      "UPDATE fill SET quantity = '3' WHERE trade = 'a'",
      [
        "main: trade a of car-a: 3 BTC, -201 USDT by the trade, 2 BTC, -201 USDT by its entry",
        "main: order car-a: filled 5 for 500, 6 for 500 from its trades",
      ]
    ),
    (
      "UPDATE fill SET fee = '7' WHERE trade = 'b'",
      ["main: trade b of car-a: 3 BTC, -307 USDT by the trade, 3 BTC, -302 USDT by its entry"]
    ),
    (
      "UPDATE orders SET filled = '4'",
      ["main: order car-a: filled 4 for 500, 5 for 500 from its trades"]
    ),
    (
      "PRAGMA foreign_keys = OFF; UPDATE entry SET fill = 'c' WHERE fill = 'a'; PRAGMA foreign_keys = ON",
      [
        "main: trade a of car-a has no entry",
        "main: an entry tells of trade c of car-a, which is not there",
      ]
    ),
    (
      "UPDATE entry SET client_id = NULL, fill = NULL WHERE fill = 'b'",
      ["main: trade b of car-a has no entry", "main: entry 3 is a trade's, and names none"]
    ),
    (
      "UPDATE position SET quantity = '6'",
      ["main: BTC: 6 held, 5 from the postings"]
    ),
  ])
  func theProofOfTheTradesNames(_ sql: String, _ findings: [String]) throws {
    let store = try traded()
    let key = OrderKey(
      account: "main", slot: slot("rebalance", 60), symbol: try #require(Symbol("BTC-USDT")), leg: 0
    )
    let order = Order(
      id: ClientOrderID("car-a"), key: key, side: .buy, quantity: Amount(5), limit: nil)
    func fill(_ trade: String, _ quantity: Int, fee: Int?) -> Fill {
      Fill(
        order: order.id, trade: trade, quantity: Amount(quantity), price: Amount(100),
        fee: fee.map { Fill.Fee(Amount($0), "USDT") }, time: at(60))
    }
    try store.write(at: at(60)) { tx in
      try tx.plans.insert(
        account: "main", key.slot, run: nil, equity: Amount(1000), cash: Amount(1000), detail: "{}",
        lines: [], orders: [order])
      try tx.orders.move(order.id, to: .intent)
      try tx.fills.insert(fill("a", 2, fee: 1))
      try tx.fills.insert(fill("b", 3, fee: nil))
      try tx.fills.insert(fill("b", 3, fee: 2))
      try tx.orders.move(order.id, to: .filled)
    }
    #expect(try store.prove() == [])
    let folder = database.folder + "/snapshots"
    let archive = SnapshotArchive(store: store, folder: folder)
    try store.connections.writeWithoutTransaction { try $0.execute(sql: sql) }
    #expect(try store.prove() == findings)
    // The same proof after a snapshot: it is what was written, and does not add up.
    let snapshot = try archive.create(at: at(100))
    let found = fault { try archive.verify(snapshot.id, at: at(101)) }
    #expect(found?.cause.hasSuffix(findings.joined(separator: "; ")) == true)
    #expect(try archive.folder.snapshot(snapshot.id).damaged == nil)
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
