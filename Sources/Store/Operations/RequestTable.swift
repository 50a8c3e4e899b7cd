public import Domain
import GRDB

/// How a request went.
public enum RequestOutcome: String, CaseIterable, Sendable {
  /// It is so now.
  case done
  /// It was so already.
  case nothingToDo = "nothing to do"
  /// It cannot be.
  case refused
}

/// What somebody asked of the service, and what it answered.
public struct RequestRecord: Hashable, Sendable, Identifiable {
  /// Its number, in the order of asking.
  public var id: Int64
  /// What is to be done: `pause`.
  public var verb: String
  /// To what: a job, a slot.
  public var subject: String
  /// What else the verb needs, as JSON; nil when nothing.
  public var detail: String?
  /// When it was asked.
  public var created: Instant
  /// When it was answered; nil while it is open.
  public var answered: Instant?
  /// How it went; nil while it is open.
  public var outcome: RequestOutcome?
  /// The answer, in words; nil while it is open.
  public var answer: String?

  init(row: Row) {
    id = row["id"]
    verb = row["verb"]
    subject = row["subject"]
    detail = row["detail"]
    created = row.instant("created")
    answered = row.instantIfAny("answered")
    outcome = (row["outcome"] as String?).flatMap { RequestOutcome(rawValue: $0) }
    answer = row["answer"]
  }
}

/// What people ask of the service: a command leaves a request, and the service answers it in its next
/// turn, or at its next start.
public struct RequestTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The most requests that wait at once.
  public static var maximumOpen: Int { 100 }
  /// The most answered requests that are kept.
  public static var maximumAnswered: Int { 1000 }
  /// How long answered requests are kept.
  public static var answeredAge: TimeSpan { .days(30) }

  /// The requests that wait for an answer, oldest first.
  public func open() throws -> [RequestRecord] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM request WHERE answered IS NULL ORDER BY id LIMIT ?"),
      arguments: [Self.maximumOpen]
    ).map(RequestRecord.init)
  }

  /// The request of this number; nil when there is none, or none any more.
  public func request(_ id: Int64) throws -> RequestRecord? {
    try Row.fetchOne(db, sql: "SELECT * FROM request WHERE id = ?", arguments: [id])
      .map(RequestRecord.init)
  }

  /// The newest requests of a kind about a subject, answered or not, newest first.
  public func latest(verb: String, subject: String, limit: Int) throws -> [RequestRecord] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM request WHERE verb = ? AND subject = ? ORDER BY id DESC LIMIT ?",
      arguments: [verb, subject, limit]
    ).map(RequestRecord.init)
  }
}

extension RequestTable where Tx == WriteTransaction {
  /// Leaves a request. One that says the same and is open already stands for it.
  ///
  /// - Returns: its number.
  /// - Throws: exit 75 while `maximumOpen` requests wait.
  public func append(_ verb: String, _ subject: String, detail: String?) throws -> Int64 {
    let open = try self.open()
    if let same = open.first(where: {
      $0.verb == verb && $0.subject == subject && $0.detail == detail
    }) {
      return same.id
    }
    guard open.count < Self.maximumOpen else {
      throw Fault(
        "ask", "the service", cause: "\(open.count) requests wait for it already",
        remedy: "start it, or see why it does not answer: carillon health", exit: .tryAgain)
    }
    try prune()
    try db.execute(
      sql: "INSERT INTO request (verb, subject, detail, created) VALUES (?, ?, ?, ?)",
      arguments: [verb, subject, detail, tx.now.milliseconds])
    return db.lastInsertedRowID
  }

  /// Answers a request, once: an answer that is there stays.
  ///
  /// - Returns: whether it was open.
  @discardableResult
  public func answer(_ id: Int64, _ outcome: RequestOutcome, _ words: String) throws -> Bool {
    try db.execute(
      sql: """
        UPDATE request SET answered = ?, outcome = ?, answer = ? WHERE id = ? AND answered IS NULL
        """,
      arguments: [tx.now.milliseconds, outcome.rawValue, words, id])
    return db.changesCount == 1
  }

  /// Deletes answered requests that are old, or too many.
  private func prune() throws {
    try db.execute(
      sql: """
        DELETE FROM request WHERE answered IS NOT NULL AND (answered < ?1 OR id NOT IN
          (SELECT id FROM request WHERE answered IS NOT NULL ORDER BY id DESC LIMIT ?2))
        """,
      arguments: [(tx.now - Self.answeredAge).milliseconds, Self.maximumAnswered - 1])
  }
}
