public import Domain
import GRDB

extension PlanTable {
  /// The newest plan of an account by the time of its slot, of those whose slot is not from the
  /// future: what was planned under a clock that was ahead bars nothing.
  public func newest(account: String, by now: Instant) throws -> Plan? {
    try Row.fetchOneCached(
      db,
      sql: """
        SELECT * FROM plan WHERE account = ? AND slot <= ? ORDER BY slot DESC, id DESC LIMIT 1
        """, arguments: [account, (now + Instant.futureMargin).milliseconds]
    ).map(Plan.init)
  }
}
