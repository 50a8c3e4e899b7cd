public import Domain
import GRDB

/// What the database held from the future when the wall clock was set back, and what became of it.
public struct SetBack: Hashable, Sendable {
  /// The latest time that was from the future; nil when nothing was.
  public var latest: Instant?
  /// Slots that had ended without an attempt: withdrawn, so that they fall due in their time.
  public var withdrawnSlots = 0
  /// Slots that were tried: they stay, and are passed when their time comes.
  public var triedSlots = 0
  /// Tried slots that were still owed an attempt, and end `missed`.
  public var endedDebts = 0
  /// Candles that had not closed yet: deleted, with the features that were made of them.
  public var candles = 0
  /// Scores of slots that no plan was made at: deleted.
  public var scores = 0
  /// Points of equity: deleted.
  public var equityPoints = 0

  /// Nothing from the future.
  public init() {}

  /// In words, for the log and the audit.
  public var description: String {
    let parts = [
      (withdrawnSlots, "slots that were decided without an attempt fall due in their time"),
      (triedSlots, "slots that were tried do not run again"),
      (endedDebts, "slots that were owed an attempt end missed"),
      (candles, "candles that have not closed are deleted"), (scores, "scores are deleted"),
      (equityPoints, "points of equity are deleted"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    let end = parts.isEmpty ? "marks and times are set to now" : parts.joined(separator: ", ")
    return "the latest time on record was \(latest.map { "\($0)" } ?? "not later than now"): \(end)"
  }
}

extension Store {
  /// Takes back what the database holds from the future, in one transaction with one row of the
  /// audit; does nothing, and writes nothing, when it holds nothing of the kind.
  ///
  /// A slot that was decided without an attempt is a verdict on a time that has not come: its row
  /// goes. A slot that was tried keeps its row, which bars it for ever. Marks, beginnings and pauses
  /// follow; so does whatever else bears a time and would be waited for (`TimeColumnTests` lists it).
  ///
  /// - Parameters:
  ///   - now: the time, by the clock that was set back.
  ///   - jobs: jobs whose slots are left as they are, and with them what the accounts were worth:
  ///     those that place orders, while the clock is not proven.
  /// - Returns: what was found.
  public func setBack(at now: Instant, sparing jobs: Set<JobName> = []) throws -> SetBack {
    guard try read({ try TimeAhead($0.db, now).latest }) != nil else { return SetBack() }
    return try writeWithoutReferences(at: now) { try $0.setBack(sparing: jobs) }
  }

  /// The latest time in the database that is from the future; nil when there is none that bars or
  /// blinds anything.
  public func latestFromTheFuture(at now: Instant) throws -> Instant? {
    try read { try TimeAhead($0.db, now).latest }
  }
}

extension WriteTransaction {
  fileprivate func setBack(sparing spared: Set<JobName>) throws -> SetBack {
    let ahead = TimeAhead(db, now)
    var result = SetBack()
    result.latest = try ahead.latest
    guard result.latest != nil else { return result }
    for job in try jobsOnRecord() where !spared.contains(job) { try setBack(job, ahead, &result) }
    try setBackMarket(ahead, &result)
    // When people were told, and when they are told again.
    try ahead.execute("UPDATE alert SET told = :now WHERE told > :limit")
    try ahead.execute("UPDATE alert SET closed = :now WHERE closed > :limit")
    try ahead.execute("UPDATE delivery SET due = :now WHERE state = 'pending' AND due > :limit")
    try ahead.execute(
      "UPDATE alert_silence SET since = :now, until = :now + (until - since) WHERE since > :limit")
    if spared.isEmpty {
      try ahead.execute("DELETE FROM equity WHERE time > :limit")
      result.equityPoints = db.changesCount
      // The day whose losses count, and the limits that were passed, began now.
      try ahead.execute("UPDATE risk SET day_start = :now WHERE day_start > :limit")
      try ahead.execute("UPDATE risk SET seen = :now WHERE seen > :limit")
      try ahead.execute("UPDATE risk_trip SET since = :now WHERE since > :limit")
      // What an order's doubt, and the budget of sending, count from.
      try ahead.execute("UPDATE orders SET sent = :now WHERE sent > :limit")
      try ahead.execute("UPDATE orders SET doubted = :now WHERE doubted > :limit")
    }
    try audit.append("clock_set_back", result.description)
    return result
  }

  private func setBack(_ job: JobName, _ ahead: TimeAhead, _ result: inout SetBack) throws {
    // Within the margin too, which only tells whether the clock was ahead at all; but for what followed
    // a run that stands, since nobody lets it fall due again.
    try ahead.execute(
      """
      DELETE FROM run WHERE job = :job AND slot > :now AND started IS NULL
        AND state <> 'running' AND ("trigger" <> 'after' OR slot > :limit)
      """, job)
    result.withdrawnSlots += db.changesCount
    // Orders of a plan that was begun are still to be looked after; all else is not worth an attempt.
    let debts = try runs.many(
      """
      WHERE run.job = ? AND run.slot > ? AND run.state IN ('deferred', 'interrupted')
        AND NOT EXISTS (SELECT 1 FROM plan
          WHERE plan.job = run.job AND plan.slot = run.slot AND plan.state = 'open')
      """, [job.text, ahead.limit.milliseconds])
    for debt in debts {
      try runs.move(
        debt, to: .missed,
        reason: "begun under a clock that was ahead, and not done when it was set back",
        cause: .clock)
    }
    result.endedDebts += debts.count
    try ahead.execute(
      """
      UPDATE run SET ahead = :now
      WHERE job = :job AND slot > :limit AND ahead IS NULL AND state <> 'running'
      """, job)
    result.triedSlots += db.changesCount
    try ahead.execute(
      """
      DELETE FROM prediction WHERE job = :job AND slot > :limit
        AND NOT EXISTS (SELECT 1 FROM plan WHERE plan.slot = prediction.slot)
      """, job)
    result.scores += db.changesCount
    try setBackMark(job, ahead)
  }

  private func setBackMark(_ job: JobName, _ ahead: TimeAhead) throws {
    // Nothing at or below the floor fires; above it a slot is barred by its row alone.
    try ahead.execute(
      """
      UPDATE job_mark SET slot = (SELECT max(slot) FROM (
          SELECT job_mark.floor AS slot
          UNION ALL
          SELECT slot FROM (SELECT slot FROM run
            WHERE job = :job AND slot <= :now AND "trigger" <> 'manual'
            ORDER BY slot DESC LIMIT 1)))
      WHERE job = :job AND slot > :now
      """, job)
    try ahead.execute(
      "UPDATE job_mark SET since = :now WHERE job = :job AND since > :limit", job)
    // A pause begins now, and is as long as it was meant to be.
    try ahead.execute(
      """
      UPDATE job_mark SET paused_since = :now, paused_until =
        CASE WHEN paused_until < \(Instant.distantFuture.milliseconds)
          THEN :now + (paused_until - paused_since) ELSE paused_until END
      WHERE job = :job AND paused_since > :limit
      """, job)
    try ahead.execute(
      """
      UPDATE job_mark SET (success_slot, success_ended) = (SELECT slot, min(ended, :now) FROM run
          WHERE job = :job AND slot <= :limit AND state = 'succeeded' AND ahead IS NULL
          ORDER BY slot DESC LIMIT 1)
      WHERE job = :job AND success_slot > :limit
      """, job)
    try ahead.execute(
      "UPDATE job_mark SET success_ended = :now WHERE job = :job AND success_ended > :limit", job)
    // What was looked at by then is looked at again.
    try ahead.execute(
      """
      UPDATE job_mark SET pruned = NULL, scores_pruned = NULL
      WHERE job = :job AND max(coalesce(pruned, :now), coalesce(scores_pruned, :now)) > :now
      """, job)
  }

  private func setBackMarket(_ ahead: TimeAhead, _ result: inout SetBack) throws {
    for record in try series.all() {
      // A candle bears the time at which it opens.
      let open = ahead.limit - record.series.timeframe.span
      let arguments: StatementArguments = [record.id, open.milliseconds]
      let first = try Int64.fetchOne(
        db, sql: "SELECT min(time) FROM candle WHERE series = ? AND time > ?", arguments: arguments)
      if let first {
        try db.execute(
          sql: "DELETE FROM candle WHERE series = ? AND time > ?", arguments: arguments)
        result.candles += db.changesCount
        try db.execute(
          sql: "DELETE FROM candle_correction WHERE series = ? AND time > ?", arguments: arguments)
        try features.invalidate(record, from: Instant(milliseconds: first))
      }
      try db.execute(
        sql: """
          UPDATE series SET watermark = (SELECT max(time) FROM candle WHERE series = ?1)
          WHERE id = ?1 AND watermark > ?2
          """, arguments: arguments)
      // How far back it was asked for, and what is owed of it, begin anew where they had not come.
      try db.execute(
        sql: """
          UPDATE series SET reached = (SELECT min(time) FROM candle WHERE series = ?1)
          WHERE id = ?1 AND reached > ?2
          """, arguments: arguments)
      try db.execute(
        sql: """
          UPDATE series SET owed = NULL, owed_asked = NULL
          WHERE id = ?1 AND (owed > ?2 OR owed_asked > ?2)
          """, arguments: arguments)
      try db.execute(
        sql: "DELETE FROM candle_acceptance WHERE series = ? AND time > ?", arguments: arguments)
    }
    // They are asked for anew in a day, and not when that time comes.
    try ahead.execute("UPDATE instrument SET updated = :now WHERE updated > :limit")
    try ahead.execute("DELETE FROM universe WHERE slot > :limit")
    try ahead.execute("UPDATE snapshot SET taken = :now WHERE taken > :limit")
  }
}

/// What of the database is later than now.
private struct TimeAhead {
  let db: Database
  let now: Instant
  let limit: Instant

  init(_ db: Database, _ now: Instant) {
    (self.db, self.now, limit) = (db, now, now + Instant.futureMargin)
  }

  /// The latest time that is from the future. A slot that was found before, tried and marked, is not
  /// news.
  var latest: Instant? {
    get throws {
      try Row.fetchOne(
        db,
        sql: """
          \(JobsOnRecord.leaps)
          SELECT max(time) AS time FROM (
            SELECT max((SELECT max(slot) FROM run WHERE job = name AND slot > :limit
              AND ahead IS NULL)) AS time FROM known
            UNION ALL SELECT max((SELECT max(slot) FROM prediction WHERE job = name
              AND slot > :limit AND NOT EXISTS (SELECT 1 FROM plan WHERE plan.slot = prediction.slot)))
              FROM known
            UNION ALL SELECT max(slot) FROM job_mark
            UNION ALL SELECT max(since) FROM job_mark
            UNION ALL SELECT max(success_slot) FROM job_mark
            UNION ALL SELECT max(success_ended) FROM job_mark
            UNION ALL SELECT max(paused_since) FROM job_mark
            UNION ALL SELECT max(watermark + timeframe) FROM series
            UNION ALL SELECT max((SELECT max(time) FROM candle WHERE series = series.id) + timeframe)
              FROM series
            UNION ALL SELECT max((SELECT max(time) FROM equity WHERE account = account.name))
              FROM account
            UNION ALL SELECT max(updated) FROM instrument
            UNION ALL SELECT max(taken) FROM snapshot
          ) WHERE time > :limit
          """, arguments: ["limit": limit.milliseconds])?.instantIfAny("time")
    }
  }

  func execute(_ sql: String, _ job: JobName? = nil) throws {
    let statement = try db.cachedStatement(sql: sql)
    let all: [String: (any DatabaseValueConvertible)?] = [
      "job": job?.text, "now": now.milliseconds, "limit": limit.milliseconds,
    ]
    // SQLite wants no value that the statement does not name.
    try statement.execute(
      arguments: StatementArguments(all.filter { sql.contains(":\($0.key)") }))
  }
}
