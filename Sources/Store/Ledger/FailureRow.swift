public import Domain
import GRDB

extension RunTable {
  /// The most failures in a row that are looked through.
  public static var longestFailureRow: Int { 1000 }

  /// The runs of a job that failed or timed out since its newest success, oldest first: the first
  /// names the row. What a person cancelled is no failure of the job, and what was not tried neither
  /// counts nor ends the row.
  public func failureRow(_ job: JobName) throws -> [Int64] {
    try Int64.fetchAll(
      db,
      sql: """
        SELECT id FROM run
        WHERE job = ?1 AND state IN ('failed', 'timed-out') AND ahead IS NULL
          AND slot > coalesce(
            (SELECT max(slot) FROM run WHERE job = ?1 AND state = 'succeeded'
              AND ahead IS NULL), slot - 1)
          AND cause IS NOT 'cancelled'
        ORDER BY slot LIMIT ?2
        """, arguments: [job.text, Self.longestFailureRow])
  }
}
