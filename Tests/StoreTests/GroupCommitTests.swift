import Domain
import GRDB
import Glibc
import Synchronization
import Testing

@testable import Store

@Suite("Writes that share a transaction") struct GroupCommitTests {
  let database = TestDatabase()

  private struct Refused: Error {}

  /// Holds the one writing connection until so many others wait for it.
  ///
  /// What follows is then decided: the first write, and all the others in one transaction.
  private func together(
    _ others: Int, in store: Store,
    _ body: @escaping @Sendable (Int, WriteTransaction) throws -> Void
  ) -> [Int: any Error] {
    let holds = Atomic<Bool>(false)
    let errors = Mutex<[Int: any Error]>([:])
    RaceTests.onThreads(others + 1) { index in
      do {
        if index == 0 {
          try store.write(at: at(0)) { _ in
            holds.store(true, ordering: .sequentiallyConsistent)
            while store.waitingWrites < others { sched_yield() }
          }
        } else {
          while !holds.load(ordering: .sequentiallyConsistent) { sched_yield() }
          try store.write(at: at(Int64(index))) { try body(index, $0) }
        }
      } catch {
        errors.withLock { $0[index] = error }
      }
    }
    return errors.withLock { $0 }
  }

  @Test func thoseThatWaitAreCommittedTogether() throws {
    let store = try database.open()
    let before = store.commits
    let errors = together(8, in: store) { index, transaction in
      try transaction.audit.append("note", "\(index)")
    }
    #expect(errors.isEmpty)
    #expect(store.commits - before == 2)
    let notes = try store.read { try $0.audit.latest(limit: 100) }
    #expect(Set(notes.map(\.text)) == Set((1...8).map { "\($0)" }))
    // Each bears the time of its own caller.
    #expect(notes.allSatisfy { "\($0.time.milliseconds / 1000)" == $0.text })
  }

  @Test func whatOneThrowsUndoesThatOneAlone() throws {
    let store = try database.open()
    let errors = together(6, in: store) { index, transaction in
      try transaction.audit.append("note", "\(index)")
      if index.isMultiple(of: 2) { throw Refused() }
    }
    #expect(Set(errors.keys) == [2, 4, 6])
    #expect(errors.values.allSatisfy { $0 is Refused })
    let notes = try store.read { try $0.audit.latest(limit: 100) }
    #expect(Set(notes.map(\.text)) == ["1", "3", "5"])
  }

  // SQLite rolls a transaction back by itself on some errors, which `ROLLBACK` inside a body stands
  // for: nothing of the group is on disk then, so nobody may be told that it is.
  @Test func whatEndsTheTransactionIsToldToAll() throws {
    let store = try database.open()
    let errors = together(3, in: store) { index, transaction in
      try transaction.audit.append("note", "\(index)")
      if index == 2 {
        try transaction.db.execute(sql: "ROLLBACK")
        throw Refused()
      }
    }
    #expect(Set(errors.keys) == [1, 2, 3])
    #expect(try store.read { try $0.audit.latest(limit: 100) }.isEmpty)
    try store.write(at: at(9)) { try $0.audit.append("note", "after") }
    #expect(try store.read { try $0.audit.latest(limit: 100) }.map(\.text) == ["after"])
  }

  @Test func aWriteThatComesAloneWaitsForNobody() throws {
    let store = try database.open()
    let before = store.commits
    for n in 0..<5 { try store.write(at: at(Int64(n))) { try $0.audit.append("note", "\(n)") } }
    #expect(store.commits - before == 5)
    #expect(
      fault {
        try store.write(at: at(9)) { _ in throw Fault("try", "it", cause: "no", exit: .no) }
      }?.cause == "no")
    #expect(try store.read { try $0.audit.latest(limit: 100) }.count == 5)
  }
}
