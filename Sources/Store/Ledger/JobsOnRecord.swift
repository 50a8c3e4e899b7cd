import Domain
import GRDB

/// All jobs that have runs, marks or scores, found by leaps through the keys: their number counts, not
/// that of their runs.
enum JobsOnRecord {
  /// A table `known (name)` for a statement to follow.
  static let leaps = """
    WITH RECURSIVE
      ran (name) AS (SELECT min(job) FROM run UNION ALL
        SELECT (SELECT min(job) FROM run WHERE job > ran.name) FROM ran WHERE name IS NOT NULL),
      scored (name) AS (SELECT min(job) FROM prediction UNION ALL
        SELECT (SELECT min(job) FROM prediction WHERE job > scored.name) FROM scored
        WHERE name IS NOT NULL),
      known (name) AS (SELECT name FROM ran WHERE name IS NOT NULL UNION SELECT job FROM job_mark
        UNION SELECT name FROM scored WHERE name IS NOT NULL)
    """

  static func all(_ db: Database) throws -> [JobName] {
    try String.fetchAll(db, sql: "\(leaps) SELECT name FROM known").map { text in
      guard let name = JobName(text) else {
        throw Fault("read the database", "job \(text)", cause: "it is no job's name", exit: .data)
      }
      return name
    }
  }
}
