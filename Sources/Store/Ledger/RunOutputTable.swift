public import Domain
import GRDB

/// Where a part of a run's output comes from.
public enum RunStream: String, CaseIterable, Sendable {
  /// What Carillon says of the run: the job's own lines, and notes such as what was left out.
  case log
  /// A program's standard output.
  case out
  /// A program's standard error.
  case err
}

/// A part of what a run printed.
public struct RunOutput: Hashable, Sendable {
  /// Its place in the run's output; not every number is there.
  public var number: Int
  /// The attempt that printed it.
  public var attempt: Int
  /// Where it came from.
  public var stream: RunStream
  /// When it was recorded.
  public var written: Instant
  /// What was printed: no encoding is promised, and no line ends where a part does.
  public var bytes: [UInt8]
}

/// What the runs printed, in parts.
public struct RunOutputTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The parts of a run's output, in order.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - number: only those after this one.
  ///   - limit: how many at most.
  public func parts(of run: Int64, after number: Int = 0, limit: Int) throws -> [RunOutput] {
    let statement = try HotStatement(
      db,
      """
      SELECT n, attempt, CASE stream WHEN 'log' THEN 0 WHEN 'out' THEN 1 ELSE 2 END, written, bytes
      FROM run_output WHERE run = ? AND n > ? ORDER BY n LIMIT ?
      """)
    statement.bind(1, run)
    statement.bind(2, Int64(number))
    statement.bind(3, Int64(limit))
    var parts: [RunOutput] = []
    while try statement.step() {
      parts.append(
        RunOutput(
          number: Int(statement.int64(0)), attempt: Int(statement.int64(1)),
          stream: RunStream.allCases[Int(statement.int64(2))],
          written: Instant(milliseconds: statement.int64(3)),
          bytes: statement.withBytes(4) { Array($0) }))
    }
    return parts
  }

  /// How many bytes of a run's output are kept.
  public func sizeBytes(of run: Int64) throws -> Int {
    try Int.fetchOne(
      db, sql: "SELECT coalesce(sum(length(bytes)), 0) FROM run_output WHERE run = ?",
      arguments: [run]) ?? 0
  }
}

extension RunOutputTable where Tx == WriteTransaction {
  /// The runs of a job whose output is kept: the newest so many that printed something.
  public static var keptRuns: Int { 200 }
  /// The attempts of a run whose output is kept.
  public static var keptAttempts: Int { 3 }

  /// Adds a part to the end of a run's output.
  ///
  /// - Parameter last: its number is above this one, so that whoever follows never meets a number for
  ///   the second time when parts were removed.
  /// - Returns: its number.
  @discardableResult
  public func append(
    _ bytes: [UInt8], to run: Int64, attempt: Int, stream: RunStream, after last: Int = 0
  ) throws -> Int {
    let newest = try Int.fetchOne(
      db, sql: "SELECT max(n) FROM run_output WHERE run = ?", arguments: [run])
    let number = 1 + max(newest ?? 0, last)
    try put(bytes, in: run, at: number, attempt: attempt, stream: stream)
    return number
  }

  /// Puts a part in a place of its own, instead of what stands there.
  public func put(
    _ bytes: [UInt8], in run: Int64, at number: Int, attempt: Int, stream: RunStream
  ) throws {
    precondition(!bytes.isEmpty, "an empty part says nothing")
    let statement = try HotStatement(
      db,
      """
      INSERT OR REPLACE INTO run_output (run, n, attempt, stream, written, bytes)
      VALUES (?, ?, ?, '\(stream.rawValue)', ?, ?)
      """)
    statement.bind(1, run)
    statement.bind(2, Int64(number))
    statement.bind(3, Int64(attempt))
    statement.bind(4, tx.now.milliseconds)
    _ = try bytes.withUnsafeBytes { bytes in
      statement.bind(5, bytes)
      return try statement.run()
    }
  }

  /// Removes the parts of these numbers.
  public func remove(_ numbers: Range<Int>, of run: Int64) throws {
    try db.execute(
      sql: "DELETE FROM run_output WHERE run = ? AND n >= ? AND n < ?",
      arguments: [run, numbers.lowerBound, numbers.upperBound])
  }

  /// Makes room as an attempt begins to print: of its job the output of `keptRuns` runs stays, of its
  /// run that of `keptAttempts` attempts.
  public func prune(_ job: JobName, run: Int64, attempt: Int) throws {
    try db.execute(
      sql: "DELETE FROM run_output WHERE run = ? AND attempt <= ?",
      arguments: [run, attempt - Self.keptAttempts])
    let tooOld = try Row.fetchAll(
      db.cachedStatement(sql: RunOutputTable<WriteTransaction>.tooOld),
      arguments: [job.text, Self.keptRuns])
    for row in tooOld {
      let (slot, old): (Int64, Int64) = (row["slot"], row["run"])
      try db.executeCached(sql: "DELETE FROM run_output WHERE run = ?", arguments: [old])
      try db.executeCached(
        sql: "DELETE FROM run_printed WHERE job = ? AND slot = ?", arguments: [job.text, slot])
    }
    try db.executeCached(
      sql: "INSERT OR IGNORE INTO run_printed SELECT job, slot, id FROM run WHERE id = ?",
      arguments: [run])
  }
}

extension RunOutputTable {
  /// The runs of a job that printed, beyond the newest so many: read from one place of one index,
  /// whatever the other jobs have printed.
  static var tooOld: String {
    "SELECT slot, run FROM run_printed WHERE job = ? ORDER BY slot DESC LIMIT -1 OFFSET ?"
  }
}
