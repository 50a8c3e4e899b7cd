public import Domain
import GRDB

/// What the ledger remembers of each job across starts.
public struct JobMarkTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// All marks, by name of the job.
  public func all() throws -> [JobMark] {
    try Row.fetchAll(db, sql: "SELECT * FROM job_mark ORDER BY job").map(Self.mark)
  }

  /// The mark of a job; nil when it never ran and was never scheduled.
  public func mark(of job: JobName) throws -> JobMark? {
    try Row.fetchOne(db, sql: "SELECT * FROM job_mark WHERE job = ?", arguments: [job.text])
      .map(Self.mark)
  }

  /// All marks as they tell of work that was done by an instant: a success of a slot that had not
  /// come by then is none, and the newest one before it counts.
  public func all(asOf now: Instant) throws -> [JobMark] {
    try all().map { mark in
      guard mark.lastSuccess?.slot.isFromTheFuture(at: now) == true else { return mark }
      var mark = mark
      mark.lastSuccess = try tx.runs.newestSuccess(mark.job, by: now + Instant.futureMargin)
      return mark
    }
  }

  /// The newest slot of a job whose row was pruned; nil when none was.
  public func floor(of job: JobName) throws -> Instant? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT floor FROM job_mark WHERE job = ?"), arguments: [job.text]
    )?.instantIfAny("floor")
  }

  private static func mark(_ row: Row) throws -> JobMark {
    var mark = JobMark(
      job: try row.job(), slot: row.instantIfAny("slot"), since: row.instant("since"),
      timing: row["timing"], pausedUntil: row.instantIfAny("paused_until"))
    if let slot = row.instantIfAny("success_slot"), let ended = row.instantIfAny("success_ended") {
      mark.lastSuccess = (slot, ended)
    }
    return mark
  }
}

extension JobMarkTable where Tx == WriteTransaction {
  /// Saves what the planner decides: since when the timing holds, and until when the job is paused.
  /// Slot and last success only ever move forward, so a mark that was read before a run ended cannot
  /// undo it.
  public func save(_ mark: JobMark) throws {
    try db.executeCached(
      sql: """
        INSERT INTO job_mark
          (job, slot, since, timing, paused_until, success_slot, success_ended, paused_since)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (job) DO UPDATE SET
          slot = max(coalesce(slot, excluded.slot), coalesce(excluded.slot, slot)),
          since = excluded.since, timing = excluded.timing, paused_until = excluded.paused_until,
          paused_since = CASE WHEN paused_until IS excluded.paused_until THEN paused_since
            ELSE excluded.paused_since END
        """,
      arguments: [
        mark.job.text, mark.slot?.milliseconds, mark.since.milliseconds, mark.timing,
        mark.pausedUntil?.milliseconds, mark.lastSuccess?.slot.milliseconds,
        mark.lastSuccess?.ended.milliseconds, mark.pausedUntil.map { _ in tx.now.milliseconds },
      ])
    if let success = mark.lastSuccess {
      try succeed(Slot(job: mark.job, time: success.slot), ended: success.ended)
    }
  }

  /// Moves the mark of a job to a slot, unless it is there or beyond. A slot that has not come, a debt
  /// of a clock that was ahead, moves nothing.
  func advance(_ slot: Slot) throws {
    guard !slot.time.isFromTheFuture(at: tx.now) else { return }
    try insertIfAbsent(slot.job)
    try db.executeCached(
      sql: "UPDATE job_mark SET slot = ?2 WHERE job = ?1 AND (slot IS NULL OR slot < ?2)",
      arguments: [slot.job.text, slot.time.milliseconds])
  }

  /// Notes that the rows of a job's slots up to this one are being pruned: none of them fires again,
  /// whatever the clock does. Rows of slots that have not come are never pruned.
  public func raiseFloor(_ slot: Slot) throws {
    precondition(slot.time <= tx.now, "a slot that has not come is not pruned")
    try insertIfAbsent(slot.job)
    try db.executeCached(
      sql: """
        UPDATE job_mark SET floor = max(coalesce(floor, ?2), ?2), slot = max(coalesce(slot, ?2), ?2)
        WHERE job = ?1
        """, arguments: [slot.job.text, slot.time.milliseconds])
  }

  /// What pruning looks through.
  enum Pruned: String { case runs = "pruned", scores = "scores_pruned" }

  /// Notes how far pruning has looked: what stayed is not looked at again.
  func notePruned(_ job: JobName, _ what: Pruned, through time: Instant) throws {
    try insertIfAbsent(job)
    try db.executeCached(
      sql: "UPDATE job_mark SET \(what.rawValue) = ?2 WHERE job = ?1",
      arguments: [job.text, time.milliseconds])
  }

  /// Records a success now, unless a newer slot has succeeded.
  func succeed(_ slot: Slot) throws { try succeed(slot, ended: tx.now) }

  private func succeed(_ slot: Slot, ended: Instant) throws {
    try insertIfAbsent(slot.job)
    try db.executeCached(
      sql: """
        UPDATE job_mark SET success_slot = ?2, success_ended = ?3
        WHERE job = ?1 AND (success_slot IS NULL OR (success_slot, success_ended) < (?2, ?3))
        """,
      arguments: [slot.job.text, slot.time.milliseconds, ended.milliseconds])
  }

  /// A job that runs before any schedule was read has a mark without timing: the planner gives it
  /// one, and `since`, when it first sees the job.
  private func insertIfAbsent(_ job: JobName) throws {
    try db.executeCached(
      sql: "INSERT INTO job_mark (job, since, timing) VALUES (?, ?, '') ON CONFLICT DO NOTHING",
      arguments: [job.text, tx.now.milliseconds])
  }
}
