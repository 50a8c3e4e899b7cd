public import Domain
import GRDB

/// The ledger: every slot that fell due, its attempts and its end.
public struct RunTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The run of this number.
  public func run(_ id: Int64) throws -> RunRecord? {
    try one("WHERE run.id = ?", [id])
  }

  /// The run of a slot.
  public func run(_ slot: Slot) throws -> RunRecord? {
    try one("WHERE run.job = ? AND run.slot = ?", [slot.job.text, slot.time.milliseconds])
  }

  /// The run of a job with the newest slot, of those that had come when they were tried.
  public func latest(_ job: JobName) throws -> RunRecord? {
    try one("WHERE run.job = ? AND run.ahead IS NULL ORDER BY run.slot DESC LIMIT 1", [job.text])
  }

  /// The newest slot of a job at or before an instant that succeeded, and when it ended.
  public func newestSuccess(
    _ job: JobName, by time: Instant
  ) throws -> (slot: Instant, ended: Instant)? {
    try Row.fetchOne(
      db,
      sql: """
        SELECT slot, ended FROM run
        WHERE job = ? AND slot <= ? AND state = 'succeeded' AND ahead IS NULL
        ORDER BY slot DESC LIMIT 1
        """, arguments: [job.text, time.milliseconds]
    ).map { ($0.instant("slot"), $0.instant("ended")) }
  }

  /// Runs of a job, newest slot first. A run under a clock that was ahead stands where the clock was
  /// set back, not at a time that has not come.
  ///
  /// - Parameters:
  ///   - job: the job; nil for all jobs.
  ///   - limit: how many at most.
  ///   - failedOnly: only those that ended `failed` or `timed-out`.
  public func history(
    job: JobName?, limit: Int, failedOnly: Bool = false
  ) throws -> [RunRecord] {
    let states = failedOnly ? "('failed', 'timed-out')" : nil
    var conditions: [String] = []
    var arguments = StatementArguments()
    if let job {
      conditions.append("run.job = ?")
      arguments += [job.text]
    }
    if let states { conditions.append("run.state IN \(states)") }
    let others = conditions.map { " AND " + $0 }.joined()
    let runs = try many(
      "WHERE run.ahead IS NULL\(others) ORDER BY run.slot DESC, run.id DESC LIMIT ?",
      arguments + [limit])
    let ahead = try many(
      "WHERE run.ahead IS NOT NULL\(others) ORDER BY run.ahead DESC, run.slot DESC LIMIT ?",
      arguments + [limit])
    guard !ahead.isEmpty else { return runs }
    // `sorted` keeps no order of equals, so both have one.
    func rank(_ run: RunRecord) -> (Instant, Int64) { (run.ahead ?? run.slot.time, run.id) }
    return Array((runs + ahead).sorted { rank($0) > rank($1) }.prefix(limit))
  }

  /// The runs that are under way, or whose process died and was not noticed yet, in slot order.
  public func running() throws -> [RunRecord] {
    try many("WHERE run.state = 'running' ORDER BY run.slot, run.job", [])
  }

  /// The attempts of a run, in order.
  public func attempts(of run: Int64) throws -> [AttemptRecord] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM attempt WHERE run = ? ORDER BY n", arguments: [run]
    ).map(AttemptRecord.init)
  }

  /// The slots that are owed another attempt, in slot order.
  public func debts() throws -> [Debt] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT job, slot, "trigger", state, reason,
          (SELECT count(*) FROM attempt WHERE run = run.id) AS attempts,
          (SELECT count(*) FROM attempt WHERE run = run.id AND outcome = 'crashed') AS crashes
        FROM run WHERE state IN ('deferred', 'interrupted') ORDER BY slot, job
        """)
    return try rows.map { row in
      Debt(
        slot: try row.slot(), trigger: try row.value("trigger"), state: try row.value("state"),
        reason: row["reason"], attempts: row["attempts"], crashes: row["crashes"])
    }
  }

  /// How many runs ended, by job, trigger and final state: since the database was made, so that a
  /// restart resets no counter. A forced repetition counts again.
  public func totals() throws -> [RunTotal] {
    try Row.fetchAll(db, sql: #"SELECT * FROM run_total ORDER BY job, "trigger", state"#).map {
      RunTotal(
        job: try $0.job(), trigger: try $0.value("trigger"), state: try $0.value("state"),
        runs: $0["runs"])
    }
  }

  /// How long the newest successful runs of a job took, newest first.
  public func lastDurations(_ job: JobName, limit: Int) throws -> [TimeSpan] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT ended - started FROM run WHERE job = ? AND state = 'succeeded'
        ORDER BY slot DESC LIMIT ?
        """)
    return try Int64?.fetchAll(statement, arguments: [job.text, limit])
      .compactMap { $0.map(TimeSpan.init(milliseconds:)) }
  }

  /// How many of the newest runs of a job failed or timed out in a row, at most `limit`. Runs that
  /// were not tried (skipped, coalesced, missed) and debts neither count nor end the row.
  public func consecutiveFailures(_ job: JobName, limit: Int = 100) throws -> Int {
    let states = try String.fetchAll(
      db,
      sql: """
        SELECT state FROM run
        WHERE job = ? AND state IN ('succeeded', 'failed', 'timed-out') AND ahead IS NULL
        ORDER BY slot DESC LIMIT ?
        """, arguments: [job.text, limit])
    return states.prefix { $0 != "succeeded" }.count
  }

  func one(_ clause: String, _ arguments: StatementArguments) throws -> RunRecord? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT \(RunRecord.columns) FROM run \(clause)"),
      arguments: arguments
    ).map(RunRecord.init)
  }

  func many(_ clause: String, _ arguments: StatementArguments) throws -> [RunRecord] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT \(RunRecord.columns) FROM run \(clause)"),
      arguments: arguments
    ).map(RunRecord.init)
  }
}

extension RunTable where Tx == WriteTransaction {
  /// Notes that candles or rows of features name a run, so that it stays as long as they do.
  func noteThatItWrote(_ run: Int64?) throws {
    guard let run else { return }
    try db.executeCached(
      sql: "UPDATE run SET wrote = 1 WHERE id = ? AND wrote IS NULL", arguments: [run])
  }
}
