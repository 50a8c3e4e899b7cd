public import Domain
import GRDB

/// What the losses of an account are counted from, and which limits it has passed.
public struct RiskRecord: Hashable, Sendable {
  /// When the day began, in the account's zone.
  public var dayStart: Instant
  /// The equity that the day began with.
  public var dayEquity: Amount
  /// The highest equity.
  public var peak: Amount
  /// The equity when it was last looked at.
  public var last: Amount
  /// When that was.
  public var seen: Instant
  /// How many days in a row ended lower than they began.
  public var losingDays: Int
  /// The limits that were passed and have not re-armed, by name, each with the time.
  public var tripped: [String: Instant]

  /// A record of these parts.
  public init(
    dayStart: Instant, dayEquity: Amount, peak: Amount, last: Amount, seen: Instant,
    losingDays: Int, tripped: [String: Instant]
  ) {
    self.dayStart = dayStart
    self.dayEquity = dayEquity
    self.peak = peak
    self.last = last
    self.seen = seen
    self.losingDays = losingDays
    self.tripped = tripped
  }
}

/// The baselines of risk, which no restart resets.
public struct RiskTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The record of an account; nil before the first look.
  public func find(_ account: String) throws -> RiskRecord? {
    let row = try Row.fetchOneCached(
      db, sql: "SELECT * FROM risk WHERE account = ?", arguments: [account])
    guard let row else { return nil }
    let trips = try Row.fetchAllCached(
      db, sql: "SELECT name, since FROM risk_trip WHERE account = ? AND ended IS NULL",
      arguments: [account])
    return RiskRecord(
      dayStart: row.instant("day_start"), dayEquity: try row.amount("day_equity"),
      peak: try row.amount("peak"), last: try row.amount("last"), seen: row.instant("seen"),
      losingDays: row["losing_days"],
      tripped: Dictionary(
        trips.map { ($0["name"] as String, $0.instant("since")) },
        uniquingKeysWith: { first, _ in first }))
  }
}

extension RiskTable where Tx == WriteTransaction {
  /// Keeps the record of an account. A limit that is passed anew, or has re-armed, is a line of the
  /// audit.
  ///
  /// - Parameter words: why and by whom limits were re-armed; nil: by their own rule.
  public func save(_ record: RiskRecord, _ account: String, rearmed words: String? = nil) throws {
    let before = try find(account)?.tripped ?? [:]
    try db.execute(
      sql: """
        INSERT INTO risk (account, day_start, day_equity, peak, last, seen, losing_days)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET day_start = excluded.day_start,
          day_equity = excluded.day_equity, peak = excluded.peak, last = excluded.last,
          seen = excluded.seen, losing_days = excluded.losing_days
        """,
      arguments: [
        account, record.dayStart.milliseconds, record.dayEquity.description,
        record.peak.description, record.last.description, record.seen.milliseconds,
        record.losingDays,
      ])
    for (name, since) in record.tripped.sorted(by: { $0.key < $1.key }) where before[name] == nil {
      try db.execute(
        sql: "INSERT INTO risk_trip (account, name, since) VALUES (?, ?, ?)",
        arguments: [account, name, since.milliseconds])
      try tx.audit.append("risk", "account \(account): \(name) is passed")
      try tx.alerts.raise(
        Alert(
          .risk, of: "\(account):\(name)", "account \(account): \(name) is passed",
          remedy: "carillon risk --account \(account)"))
    }
    for name in before.keys.sorted() where record.tripped[name] == nil {
      try db.execute(
        sql: "UPDATE risk_trip SET ended = ? WHERE account = ? AND name = ? AND ended IS NULL",
        arguments: [tx.now.milliseconds, account, name])
      let told = "account \(account): \(name) is re-armed" + (words.map { " \($0)" } ?? "")
      try tx.audit.append("risk", told)
      try tx.alerts.settle(.risk, "\(account):\(name)", saying: told)
    }
  }
}
