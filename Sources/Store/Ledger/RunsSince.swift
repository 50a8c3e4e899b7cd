public import Domain
import GRDB

extension RunTable {
  /// The oldest slot on record; nil before the first.
  public func oldestSlot() throws -> Instant? {
    try Row.fetchOne(db, sql: "SELECT slot FROM run ORDER BY slot LIMIT 1").map {
      $0.instant("slot")
    }
  }

  /// How many slots from an instant on were too late to run, or covered by a later one.
  public func countPassedOver(since start: Instant) throws -> Int {
    try Int.fetchOne(
      db,
      sql: "SELECT count(*) FROM run WHERE slot >= ? AND state IN ('missed', 'coalesced')",
      arguments: [start.milliseconds]) ?? 0
  }
}
