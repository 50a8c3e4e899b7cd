import Domain
import GRDB
import Testing

@testable import Store

@Suite("The audit's chain")
struct AuditChainTests {
  let database = TestDatabase()
  let ann = Actor(who: "ann", origin: "desk")

  func filled(_ rows: Int = 5) throws -> Store {
    let store = try database.open()
    for number in 1...rows {
      try store.write(at: at(Int64(number))) {
        try $0.audit.append("test", "row \(number)", by: ann)
      }
    }
    return store
  }

  /// What somebody does who has the file and SQLite, triggers and all.
  func tamper(_ store: Store, _ sql: String) throws {
    try store.connections.writeWithoutTransaction { db in
      try db.execute(sql: "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted")
      try db.execute(sql: sql)
    }
  }

  /// $ python3 -c "import hashlib as h; print(h.sha256(b'0'*64 + b'\n1:1,4:1000,4:test,5:row 1,3:ann,4:desk,').hexdigest())"
  @Test func theFirstLink() throws {
    let store = try filled(1)
    let rows = try store.read { try $0.audit.latest(limit: 9) }
    #expect(
      rows.map(\.hash) == ["63633f5f95057e7aa9f06f688c48abba62126b005bc3f98392bd074abb7b8952"])
    #expect(rows.map(\.who) == ["ann"])
    #expect(try store.read { try $0.audit.head } == rows[0].hash)
    try store.close()
  }

  @Test func whatWasWrittenFits() throws {
    let store = try filled()
    let verdict = try store.read { try $0.audit.verify() }
    #expect(verdict.rows == 5)
    #expect(verdict.findings == [])
    #expect(try store.prove() == [])
    let third = try store.read { try $0.audit.latest(limit: 9) }[2]
    #expect(try store.read { try $0.audit.row(linked: third.hash ?? "") } == 3)
    try store.close()
  }

  @Test(arguments: [
    "UPDATE audit SET text = 'another' WHERE id = 2", "UPDATE audit SET hash = NULL WHERE id = 2",
    "UPDATE audit SET who = 'bob'", "DELETE FROM audit WHERE id = 2", "DELETE FROM audit",
  ])
  func theDatabaseRefuses(_ sql: String) throws {
    let store = try filled()
    let found = fault { try store.write(at: at(9)) { try $0.db.execute(sql: sql) } }
    #expect(found?.cause.contains("rows of the audit are never") == true)
    #expect(try store.read { try $0.audit.verify() }.findings == [])
    try store.close()
  }

  /// What is done to five rows by somebody who got round the triggers, and what is named.
  @Test(arguments: [
    // A field of a row.
    (
      "UPDATE audit SET text = 'another' WHERE id = 3",
      ["row 3 (test) is not as it was written, or one before it is gone"]
    ),
    (
      "UPDATE audit SET time = time + 1 WHERE id = 1",
      ["row 1 (test) is not as it was written, or one before it is gone"]
    ),
    (
      "UPDATE audit SET who = NULL WHERE id = 5",
      ["row 5 (test) is not as it was written, or one before it is gone"]
    ),
    // What is moved from one field into its neighbour is not the same.
    (
      "UPDATE audit SET kind = 'testr', text = 'ow 2' WHERE id = 2",
      ["row 2 (testr) is not as it was written, or one before it is gone"]
    ),
    // Rows taken out.
    (
      "DELETE FROM audit WHERE id = 3",
      ["row 3 is gone", "row 4 (test) is not as it was written, or one before it is gone"]
    ),
    (
      "DELETE FROM audit WHERE id < 3",
      ["rows 1 to 2 are gone", "row 3 (test) is not as it was written, or one before it is gone"]
    ),
    // Rows put in, and links taken away.
    (
      "INSERT INTO audit (id, time, kind, text) VALUES (6, 1, 'halt', 'never')",
      ["row 6 (halt) was put in without a link"]
    ),
    (
      "UPDATE audit SET hash = NULL WHERE id < 3",
      [
        "the links of the rows before row 3 were taken away",
        "row 3 (test) is not as it was written, or one before it is gone",
      ]
    ),
  ])
  func isNamed(_ sql: String, _ findings: [String]) throws {
    let store = try filled()
    try tamper(store, sql)
    #expect(try store.read { try $0.audit.verify() }.findings == findings)
    #expect(try store.prove() == findings.map { "audit: \($0)" })
    // Later rows make it no better.
    try store.write(at: at(9)) { try $0.audit.append("test", "later", by: ann) }
    #expect(try store.read { try $0.audit.verify() }.findings == findings)
    try store.close()
  }

  /// Rows at the end leave no trace but a head that somebody has seen.
  @Test func theHeadShowsWhatIsCutOff() throws {
    let store = try filled()
    let head = try #require(try store.read { try $0.audit.head })
    try tamper(store, "DELETE FROM audit WHERE id = 5")
    #expect(try store.read { try $0.audit.verify() }.findings == [])
    #expect(try store.read { try $0.audit.row(linked: head) } == nil)
    try store.close()
  }

  @Test func rowsFromBeforeTheChainAreLinkedByTheNext() throws {
    let store = try database.open()
    try store.connections.write { db in
      for text in ["old", "older"] {
        try db.execute(
          sql: "INSERT INTO audit (time, kind, text) VALUES (1, 'test', ?)", arguments: [text])
      }
    }
    #expect(try store.read { try $0.audit.head } == nil)
    #expect(try store.read { try $0.audit.verify() }.findings == [])
    try store.write(at: at(9)) { try $0.audit.append("test", "new", by: ann) }
    let rows = try store.read { try $0.audit.latest(limit: 9) }
    #expect(rows.allSatisfy { $0.hash != nil })
    #expect(try store.read { try $0.audit.verify() }.findings == [])
    try tamper(store, "UPDATE audit SET text = 'other' WHERE id = 1")
    #expect(
      try store.read { try $0.audit.verify() }.findings == [
        "row 1 (test) is not as it was written, or one before it is gone"
      ])
    try store.close()
  }

  @Test func aRestoreIsOnRecordWithBothHeads() throws {
    let store = try filled(2)
    let archive = SnapshotArchive(store: store, folder: database.folder + "/snapshots")
    let before = try #require(try store.read { try $0.audit.head })
    let id = try archive.create(at: at(100)).id
    try store.write(at: at(110)) { try $0.audit.append("test", "lost", by: ann) }
    let lost = try #require(try store.read { try $0.audit.head })
    try store.close()
    let done = try archive.folder.restore(
      id, to: database.path, force: true, by: ann, at: at(200))
    #expect(done.auditHead == before)
    #expect(done.abandonedHead == lost)
    let restored = try database.open(.readWrite)
    let row = try #require(try restored.read { try $0.audit.latest(limit: 1) }.first)
    #expect(row.kind == "restore")
    #expect(row.who == "ann")
    #expect(
      row.text
        == "S0001, whose audit ended with \(before); the audit that is abandoned ended with \(lost)"
    )
    #expect(try restored.prove() == [])
    try restored.close()
    // A copy beside it is what the snapshot was.
    let copy = database.folder + "/copy.db"
    _ = try archive.folder.restore(id, to: copy, at: at(300))
    let beside = try Store.open(copy, mode: .readOnly)
    #expect(try beside.read { try $0.audit.head } == before)
    try beside.close()
  }
}
