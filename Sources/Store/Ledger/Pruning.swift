public import Domain
import GRDB

/// What a step of pruning did.
public struct PruneStep: Hashable, Sendable {
  /// How many runs, or slots of scores, were dropped.
  public var dropped = 0
  /// Whether there may be more to look at.
  public var isUnfinished = false
}

// What is old and nobody refers to goes, some at a time. Orders, fills, entries, plans, equity and the
// audit stay for ever, and with them each run that one of them names and the scores that were traded.
extension Store {
  /// The most rows that one step looks at: a transaction of some milliseconds.
  static var rowsOfAPruneStep: Int { 500 }

  /// Drops ended runs of a job with slots before an instant, with their attempts and output: the oldest
  /// that were not looked at yet. A run stays when it is the newest success of its job or newer, or when
  /// any other row names it. Nothing at or below the newest slot that was dropped ever fires again.
  ///
  /// - Parameter now: the time; what bears a later slot is not looked at.
  public func pruneRuns(
    of job: JobName, before: Instant, at now: Instant
  ) throws -> PruneStep {
    try writeWithoutReferences(at: now) { try $0.pruneRuns(of: job, before: min(before, now)) }
  }

  /// Drops the scores of a job with slots before an instant: the oldest that were not looked at yet. Those
  /// that a plan with a fill was made of stay, and so do the job's newest.
  ///
  /// - Parameter now: the time; what bears a later slot is not looked at.
  public func pruneScores(
    of job: JobName, before: Instant, at now: Instant
  ) throws -> PruneStep {
    try writeWithoutReferences(at: now) { try $0.pruneScores(of: job, before: min(before, now)) }
  }
}

extension ReadTransaction {
  /// The jobs that have runs or scores.
  public func jobsOnRecord() throws -> [JobName] { try JobsOnRecord.all(db) }
}

extension WriteTransaction {
  /// Every table that names a run, but for those that go with it, and how it is asked whether one does.
  static let whatNamesARun = [
    "candle": "run.wrote IS NOT NULL", "feature": "run.wrote IS NOT NULL",
    "prediction":
      "EXISTS (SELECT 1 FROM prediction AS p WHERE p.job = run.job AND p.slot = run.slot)",
    "candle_correction":
      "EXISTS (SELECT 1 FROM candle_correction AS c WHERE c.run = run.id OR c.corrected_by = run.id)",
    "quarantine": "EXISTS (SELECT 1 FROM quarantine AS q WHERE q.run = run.id)",
    "plan": "EXISTS (SELECT 1 FROM plan AS p WHERE p.run = run.id)",
    "equity": "EXISTS (SELECT 1 FROM equity AS e WHERE e.run = run.id)",
    "snapshot": "EXISTS (SELECT 1 FROM snapshot AS s WHERE s.run = run.id)",
    "universe": "EXISTS (SELECT 1 FROM universe AS u WHERE u.run = run.id)",
  ]

  /// Tables whose rows are of one run, and go with it.
  static let whatGoesWithARun = ["attempt", "run_output", "run_printed"]

  static let looks = """
    SELECT id, slot,
      run.state IN ('running', 'deferred', 'interrupted')
        OR \(whatNamesARun.sorted { $0.key < $1.key }.map(\.value).joined(separator: " OR ")) AS stays
    FROM run WHERE job = ? AND slot > ? AND slot < ? ORDER BY slot LIMIT ?
    """

  fileprivate func pruneRuns(of job: JobName, before: Instant) throws -> PruneStep {
    let mark = try Row.fetchOne(
      db, sql: "SELECT floor, pruned, success_slot FROM job_mark WHERE job = ?",
      arguments: [job.text])
    let newestSuccess = mark?.instantIfAny("success_slot") ?? before
    let end = min(before, newestSuccess)
    let start = mark?.instantIfAny("pruned")?.milliseconds ?? Int64.min
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: Self.looks),
      arguments: [job.text, start, end.milliseconds, Store.rowsOfAPruneStep])
    guard let last = rows.last else { return PruneStep() }
    var newest: Int64?
    var step = PruneStep(isUnfinished: rows.count == Store.rowsOfAPruneStep)
    for row in rows where !(row["stays"] as Bool) {
      let id: Int64 = row["id"]
      for table in Self.whatGoesWithARun {
        try db.executeCached(sql: "DELETE FROM \(table) WHERE run = ?", arguments: [id])
      }
      try db.executeCached(sql: "DELETE FROM run WHERE id = ?", arguments: [id])
      newest = row["slot"]
      step.dropped += 1
    }
    if let newest {
      try marks.raiseFloor(Slot(job: job, time: Instant(milliseconds: newest)))
    }
    try marks.notePruned(job, .runs, through: last.instant("slot"))
    return step
  }

  fileprivate func pruneScores(of job: JobName, before: Instant) throws -> PruneStep {
    let newest = try Int64.fetchOne(
      db, sql: "SELECT max(slot) FROM prediction WHERE job = ?", arguments: [job.text])
    guard let newest else { return PruneStep() }
    let end = min(before.milliseconds, newest)
    var last =
      try Int64.fetchOne(
        db, sql: "SELECT scores_pruned FROM job_mark WHERE job = ?", arguments: [job.text])
      ?? Int64.min
    let start = last
    var (step, rows) = (PruneStep(), 0)
    while rows < Store.rowsOfAPruneStep {
      let next = try Int64.fetchOne(
        db.cachedStatement(
          sql: "SELECT min(slot) FROM prediction WHERE job = ? AND slot > ? AND slot < ?"),
        arguments: [job.text, last, end])
      guard let next else { break }
      last = next
      rows += 1
      let slot = Slot(job: job, time: Instant(milliseconds: next))
      if try isTraded(slot) { continue }
      try db.executeCached(
        sql: "DELETE FROM prediction WHERE job = ? AND slot = ?", arguments: [job.text, next])
      rows += db.changesCount
      step.dropped += 1
    }
    step.isUnfinished = rows >= Store.rowsOfAPruneStep
    if last > start {
      try marks.notePruned(job, .scores, through: Instant(milliseconds: last))
    }
    return step
  }

  /// Whether something was bought or sold by the scores of a slot.
  private func isTraded(_ slot: Slot) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT EXISTS (
            SELECT 1 FROM plan JOIN orders ON orders.plan = plan.id
              JOIN fill ON fill.client_id = orders.client_id
            WHERE plan.scored = ?)
          """), arguments: ["\(slot)"]) ?? false
  }
}
