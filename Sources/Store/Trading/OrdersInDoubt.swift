public import Domain
import GRDB

extension OrderTable {
  /// Whether orders of a slot may have been sent without an answer: they are to be asked after, whoever
  /// wants the run to be over.
  public func areInDoubt(_ slot: Slot) throws -> Bool {
    try Bool.fetchOneCached(
      db,
      sql: """
        SELECT EXISTS (SELECT 1 FROM orders
          WHERE job = ? AND slot = ? AND state IN ('intent', 'sent', 'unknown'))
        """, arguments: [slot.job.text, slot.time.milliseconds]) ?? false
  }
}
