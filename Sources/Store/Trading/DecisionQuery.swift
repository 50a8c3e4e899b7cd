public import Domain
import GRDB

// What was decided about one instrument, and what it was decided from.

extension PlanTable {
  /// The newest plan with a line of a symbol whose slot is at or before a time; of one account, or of
  /// all.
  public func latest(of symbol: Symbol, account: String?, by time: Instant) throws -> Plan? {
    try Row.fetchOneCached(
      db,
      sql: """
        SELECT plan.* FROM plan JOIN target ON target.plan = plan.id AND target.symbol = ?1
        WHERE (?2 IS NULL OR plan.account = ?2) AND plan.slot <= ?3
        ORDER BY plan.slot DESC, plan.id DESC LIMIT 1
        """, arguments: [symbol.description, account, time.milliseconds]
    ).map(Plan.init)
  }

  /// The first plan of an account.
  public func first(account: String) throws -> Plan? {
    try Row.fetchOneCached(
      db, sql: "SELECT * FROM plan WHERE account = ? ORDER BY slot, id LIMIT 1",
      arguments: [account]
    ).map(Plan.init)
  }

  /// The plans of an account whose slots are within a span, oldest first.
  public func range(_ account: String, from: Instant?, to: Instant?) throws -> [Plan] {
    try Row.fetchAllCached(
      db,
      sql: "SELECT * FROM plan WHERE account = ? AND slot >= ? AND slot < ? ORDER BY slot, id",
      arguments: [account, from?.milliseconds ?? .min, to?.milliseconds ?? .max]
    ).map(Plan.init)
  }
}

extension CandleTable {
  /// The candle that opens at a time, and the run that fetched it as it is now.
  public func find(_ series: SeriesRecord, at time: Instant) throws -> (
    candle: Candle, run: Int64?
  )? {
    let found = try range(series, after: time - .milliseconds(1), through: time, limit: 1)
    guard let candle = found.first else { return nil }
    let run = try Int64.fetchOneCached(
      db, sql: "SELECT run FROM candle WHERE series = ? AND time = ?",
      arguments: [series.id, time.milliseconds])
    return (candle, run)
  }
}

extension FeatureTable {
  /// The run that made a row.
  public func run(_ set: FeatureSet, _ series: SeriesRecord, at time: Instant) throws -> Int64? {
    try Int64.fetchOneCached(
      db, sql: "SELECT run FROM feature WHERE feature_set = ? AND series = ? AND time = ?",
      arguments: [set.id, series.id, time.milliseconds])
  }
}

extension PredictionTable {
  /// The run that made the predictions of a slot.
  public func run(_ slot: Slot) throws -> Int64? {
    try Int64.fetchOneCached(
      db, sql: "SELECT run FROM prediction WHERE job = ? AND slot = ? LIMIT 1",
      arguments: [slot.job.text, slot.time.milliseconds])
  }
}
