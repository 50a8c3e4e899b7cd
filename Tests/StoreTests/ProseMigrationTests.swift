import Cryptography
import Domain
import GRDB
import Testing

@testable import Store

/// Migration 17 on a database that the schema before it has made: what was prose becomes a column, and
/// what was proved stays proved.
@Suite("Prose becomes columns") struct ProseMigrationTests {
  /// A database of schema 16, with rows as the programs of before wrote them.
  private func older(_ fill: (Database) throws -> Void) throws -> TestDatabase {
    let folder = TestDatabase()
    let older = try DatabaseQueue(path: folder.path)
    try older.inDatabase { db in
      for migration in Schema.migrations.prefix(16) {
        try db.execute(sql: migration.sql)
        try db.execute(sql: "PRAGMA user_version = \(migration.number)")
      }
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
      try fill(db)
    }
    try older.close()
    return folder
  }

  // Sentences as version 16's sources have them, each with its cause.
  @Test(
    arguments: [
      ("succeeded", nil, nil), ("succeeded", "abstained: cancelled by hand", nil),
      ("failed", "cancelled by hand: wrong venue", .cancelled),
      ("failed", "cannot fetch candles: HTTP 503", .fault),
      ("failed", "the process ended during each of 3 attempts", .died),
      ("timed-out", "cannot finish f: it took longer than its time-out of 5m", .timeOut),
      ("skipped", "cancelled by hand", .cancelled), ("skipped", "paused", .paused),
      ("skipped", "paused until 2026-01-01T00:00:00Z", .paused),
      ("skipped", "paused in the schedules file", .paused),
      ("skipped", "the slot of 2026-01-01T00:00:00Z was still running (overlap: skip)", .overlap),
      ("skipped", "no longer in the schedules file", .removed),
      ("skipped", "fetch ended failed at this slot", .parent),
      ("skipped", "needs infer, which has never succeeded", .stale),
      ("skipped", "something that nobody ever wrote", nil),
      ("coalesced", "covered by the slot of 2026-01-01T00:00:00Z", .superseded),
      ("coalesced", "more than 100 slots wait (catchup: all)", .superseded),
      (
        "missed", "too late: the latest start was 2026-01-01T00:00:00Z; it waited for a worker",
        .late
      ),
      ("missed", "fell due while nothing was running (catchup: none)", .late),
      (
        "missed", "begun under a clock that was ahead, and not done when it was set back", .clock
      ),
      ("deferred", "due after fetch", .waiting),
      ("deferred", "a later slot was cancelled", .waiting),
      ("deferred", "its timing was changed while it waited", .waiting),
      ("deferred", "the process was told to stop", .stopping),
      ("deferred", "back-off cut by shutdown: cannot fetch: HTTP 503", .stopping),
      ("interrupted", "its process ended", .died), ("interrupted", "told to stop", .stopping),
    ] as [(String, String?, RunCause?)])
  func whyARunEnded(_ state: String, _ reason: String?, _ cause: RunCause?) throws {
    let folder = try older { db in
      try db.execute(
        sql: """
          INSERT INTO run (job, slot, state, reason, "trigger", created)
            VALUES ('compute', 60000, ?, ?, 'cron', 60000)
          """, arguments: [state, reason])
    }
    let store = try folder.open()
    let run = try store.read { try $0.runs.run(slot("compute", 60)) }
    #expect(run?.cause == cause)
    #expect(run?.reason == reason)
    try store.close()
  }

  /// A row of failures is the same whether its cancelled run is from before or after.
  @Test func whatWasCancelledStaysOutOfARowOfFailures() throws {
    let folder = try older { db in
      for (id, reason) in ["HTTP 503", "cancelled by hand", "HTTP 500"].enumerated() {
        try db.execute(
          sql: """
            INSERT INTO run (id, job, slot, state, reason, "trigger", created)
              VALUES (?, 'fetch', ?, 'failed', ?, 'cron', 0)
            """, arguments: [id + 1, id * 60000, reason])
      }
    }
    let store = try folder.open()
    #expect(try store.read { try $0.runs.failureRow(job("fetch")) } == [1, 3])
    try store.close()
  }

  @Test(
    arguments: [
      ("done: fetch is paused: until it is resumed", .done, "fetch is paused: until it is resumed"),
      ("nothing to do: it rests", .nothingToDo, "it rests"), ("refused: no", .refused, "no"),
      ("perhaps: later", nil, "perhaps: later"),
    ] as [(String, RequestOutcome?, String)])
  func howARequestWent(_ text: String, _ outcome: RequestOutcome?, _ words: String) throws {
    let folder = try older { db in
      try db.execute(
        sql: """
          INSERT INTO request (verb, subject, created, answered, answer)
            VALUES ('pause', 'fetch', 0, 1000, ?), ('pause', 'compute', 0, NULL, NULL)
          """, arguments: [text])
    }
    let store = try folder.open()
    let (answered, open) = try store.read {
      (try $0.requests.request(1), try $0.requests.request(2))
    }
    #expect(answered?.outcome == outcome && answered?.answer == words)
    #expect(open?.outcome == nil && open?.answer == nil)
    try store.close()
  }

  @Test func whichSetsCompareSeries() throws {
    let folder = try older { db in
      for text in ["order: cs_rank(roc(5))\nx: mom(3)", "order: roc(5)", "cs_x: roc(5)"] {
        try db.execute(
          sql:
            "INSERT INTO feature_set (sha256, specification, names, created) VALUES (?, ?, 'x', 0)",
          arguments: [text, text])
      }
    }
    let store = try folder.open()
    let found = try store.read {
      try Int.fetchAll($0.db, sql: "SELECT compares FROM feature_set ORDER BY id")
    }
    #expect(found == [1, 0, 0])
    try store.close()
  }

  // The audit.

  /// Rows of the chain as version 16 wrote it: by the formula of docs/DATA.md, computed here.
  private func chained(_ db: Database, _ rows: [(kind: String, text: String)]) throws {
    var previous = String(repeating: "0", count: 64)
    for (index, row) in rows.enumerated() {
      let fields = ["\(index + 1)", "1000", row.kind, row.text, "ann", "desk"]
      let text = previous + "\n" + fields.map { "\($0.utf8.count):\($0)," }.joined()
      previous = SHA256.hexadecimal(text.utf8)
      try db.execute(
        sql: """
          INSERT INTO audit (id, time, kind, text, who, origin, hash)
            VALUES (?, 1000, ?, ?, 'ann', 'desk', ?)
          """, arguments: [index + 1, row.kind, row.text, previous])
    }
  }

  private static let rows = [
    ("start", "1.0: a colon"), ("pause", "fetch: done: fetch is paused"),
    ("cancel", "fetch@1970-01-01T00:01:00Z: done: it ends: skipped"), ("pause", "no subject"),
  ]

  @Test func oldRowsOfTheAuditKeepTheirHashesAndGetTheirSubjects() throws {
    let folder = try older { try chained($0, Self.rows) }
    let store = try folder.open()
    #expect(try store.read { try $0.audit.verify() }.findings == [])
    let subjects = try store.read { try $0.audit.latest(limit: 9) }.reversed().map(\.subject)
    #expect(subjects == [nil, "fetch", "fetch@1970-01-01T00:01:00Z", nil])
    let pauses = try store.read { try $0.audit.latest(limit: 9, kind: "pause", about: "fetch") }
    #expect(pauses.map(\.id) == [2])
    // New rows go on from them, with and without a subject.
    try store.write(at: at(9)) {
      try $0.audit.append("alert", "critical: fetch failed", of: "fetch")
      try $0.audit.append("stop", "drained")
    }
    #expect(try store.read { try $0.audit.verify() }.findings == [])
    try store.close()
  }

  /// A subject is as proved as the rest of its row.
  @Test(
    arguments: [
      // Of an old row, any but the one that its text tells.
      ("UPDATE audit SET subject = 'compute' WHERE id = 2", 2),
      ("UPDATE audit SET subject = 'fetch' WHERE id = 4", 4),
      // Of a new row, any other, or none.
      ("UPDATE audit SET subject = 'compute' WHERE id = 5", 5),
      ("UPDATE audit SET subject = NULL WHERE id = 5", 5),
      ("UPDATE audit SET subject = 'fetch' WHERE id = 6", 6),
    ] as [(String, Int)])
  func aSubjectThatWasChangedShows(_ sql: String, _ row: Int) throws {
    let folder = try older { try chained($0, Self.rows) }
    let store = try folder.open()
    try store.write(at: at(9)) {
      try $0.audit.append("alert", "critical: fetch failed", of: "fetch")
      try $0.audit.append("stop", "drained")
    }
    #expect(fault { try store.write(at: at(10)) { try $0.db.execute(sql: sql) } } != nil)
    try store.connections.writeWithoutTransaction { db in
      try db.execute(sql: "DROP TRIGGER audit_is_not_changed")
      try db.execute(sql: sql)
    }
    let findings = try store.read { try $0.audit.verify() }.findings
    #expect(findings.count == 1)
    #expect(findings.first?.contains("row \(row) ") == true)
    try store.close()
  }

  /// $ python3 -c "import hashlib as h; print(h.sha256(b'0'*64 + b'\n1:1,4:1000,4:test,3:row,3:ann,4:desk,5:fetch,').hexdigest())"
  @Test func theLinkOfARowWithASubject() {
    let link = AuditChain.Link(
      id: 1, time: at(1), kind: "test", text: "row", of: "fetch",
      by: Actor(who: "ann", origin: "desk"))
    #expect(
      link.hash(after: AuditChain.start)
        == "cbfac4b95e75d0dab398e5af00222f42a9e1922c7849cc3b8834bcd0137edbe6")
  }
}
