import CSQLiteConfig
import Domain
import GRDB

/// A setting of SQLite and the reason for it.
struct Pragma: Sendable {
  var sql: String
  var reason: String

  /// How long a statement waits for another connection's lock before it fails with exit 75. Writes
  /// take milliseconds, so a wait of this length means that something is stuck.
  static let busyTimeoutSeconds: Double = 10

  /// How long a write of the service's loop waits for other writers: turns go on meanwhile, and what
  /// could not be written is tried again by the loop's own timer.
  static let promptTimeoutSeconds: Double = 0.5

  /// Applied to each connection when it opens. Foreign keys are switched on, and the time-out is
  /// set, by the configuration of the connection.
  static let everyConnection = [
    Pragma(
      sql: "PRAGMA temp_store = MEMORY",
      reason: "a container's root file system may be read-only: there is no /tmp to sort in"),
    Pragma(
      sql: "PRAGMA trusted_schema = OFF",
      reason: "a restored file comes from outside; its views and triggers may call nothing"),
    Pragma(
      sql: "PRAGMA cell_size_check = ON",
      reason: "a damaged page is reported where it is read, not after it was followed"),
  ]

  /// Applied to the writer of a rehearsal, last.
  static let rehearsal = Pragma(
    sql: "PRAGMA synchronous = OFF",
    reason: "nothing is lost that cannot be rehearsed again, and a commit costs no wait")

  /// Applied to the writer when all else is set up. WAL is switched on by the pool.
  static let writer = [
    Pragma(
      sql: "PRAGMA synchronous = FULL",
      reason: "a commit survives a power cut: an order's intent must be on disk before it is sent"),
    Pragma(
      sql: "PRAGMA journal_size_limit = 67108864",
      reason: "a back-fill grows the log; afterwards it is cut to 64 MB at most"),
  ]

  /// What a connection begins with; before the first one SQLite is told to count no memory, since it would
  /// do so under one lock for all threads: a rebalance takes a tenth less of the processor without.
  static var configuration: Configuration {
    countsNoMemory
    return Configuration()
  }

  private static let countsNoMemory: Void = { _ = carillon_sqlite_count_no_memory() }()
}
