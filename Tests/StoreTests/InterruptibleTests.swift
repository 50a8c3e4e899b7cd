import Domain
import GRDB
import Testing

@testable import Store

/// Statements that would take for ever, or long, and are told to stop.
@Suite struct InterruptibleTests {
  struct Stop: Error {}

  /// Counts for ever.
  static let endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

  @Test func anEndlessStatementStops() throws {
    let database = try DatabaseQueue()
    var looks = 0
    #expect(throws: Stop.self) {
      try Interruptible.read(database) {
        looks += 1
        if looks == 3 { throw Stop() }
      } _: { db in
        try Int.fetchOne(db, sql: Self.endless)
      }
    }
    #expect(looks == 3)
    // And it is as good as before.
    let sum = try Interruptible.read(database, checkpoint: {}) { db in
      try Int.fetchOne(db, sql: "SELECT 6 * 7")
    }
    #expect(sum == 42)
  }

  @Test func itsOwnErrorsPass() throws {
    let database = try DatabaseQueue()
    #expect(throws: DatabaseError.self) {
      try Interruptible.read(database, checkpoint: {}) { db in
        try Int.fetchOne(db, sql: "SELECT * FROM nowhere")
      }
    }
  }

  /// A job's read ends with its task, however long the statement would take.
  @Test func aReadEndsWithItsTask() async throws {
    let database = TestDatabase()
    let store = try database.open()
    let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
    let work = Task.detached {
      try store.read { tx in
        beginning.yield()
        _ = try Int.fetchOne(tx.db, sql: Self.endless)
      }
    }
    for await _ in begun { break }
    work.cancel()
    let result = await work.result
    #expect(throws: Fault.self) { try result.get() }
    // The connection goes on for others.
    #expect(try store.read { try Int.fetchOne($0.db, sql: "SELECT 1") } == 1)
    try store.close()
  }
}
