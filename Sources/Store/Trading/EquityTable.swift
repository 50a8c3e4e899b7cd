public import Domain
import GRDB

/// What an account was worth at a time.
public struct EquityPoint: Hashable, Sendable {
  /// When.
  public var time: Instant
  /// Cash and all positions, in the quote asset.
  public var equity: Amount
  /// The cash of it.
  public var cash: Amount

  /// A point of these parts.
  public init(time: Instant, equity: Amount, cash: Amount) {
    (self.time, self.equity, self.cash) = (time, equity, cash)
  }

  init(_ row: inout RowReader) throws {
    self.init(time: row.instant(), equity: try row.amount(), cash: try row.amount())
  }
}

/// What each account was worth.
public struct EquityTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The newest point of an account.
  public func latest(_ account: String) throws -> EquityPoint? {
    try db.row(
      "SELECT time, equity, cash FROM equity WHERE account = ? ORDER BY time DESC LIMIT 1", account
    ) { try EquityPoint(&$0) }
  }

  /// The points of an account in order of time.
  public func range(
    _ account: String, from: Instant? = nil, through: Instant? = nil, limit: Int = .max
  ) throws -> [EquityPoint] {
    try db.rows(
      """
      SELECT time, equity, cash FROM equity WHERE account = ? AND time BETWEEN ? AND ?
      ORDER BY time LIMIT ?
      """, account, from?.milliseconds ?? .min, through?.milliseconds ?? .max, limit
    ) { try EquityPoint(&$0) }
  }

  /// All points of an account in order of time, or, where they are more than `most`, the first and the last of each
  /// UTC day.
  public func whole(_ account: String, most: Int) throws -> (points: [EquityPoint], isDaily: Bool) {
    guard most < .max, try has(account, moreThan: most) else {
      return (try range(account), false)
    }
    let first = try range(account, limit: 1)
    let days = try daily(account)
    return ((first.first?.time == days.first?.time ? [] : first) + days, true)
  }

  /// The last point of each UTC day.
  func daily(_ account: String) throws -> [EquityPoint] {
    // Of a group with max() SQLite gives the row that has it (https://sqlite.org/lang_select.html#bareagg).
    try db.rows(
      """
      SELECT max(time), equity, cash FROM equity WHERE account = ?
      GROUP BY time / 86400000 ORDER BY time
      """, account
    ) { try EquityPoint(&$0) }
  }

  /// Whether an account has more points than so many.
  func has(_ account: String, moreThan count: Int) throws -> Bool {
    try db.row("SELECT 1 FROM equity WHERE account = ? LIMIT 1 OFFSET ?", account, count) {
      $0.int() == 1
    } ?? false
  }
}

extension EquityTable where Tx == WriteTransaction {
  /// Adds a point; the same time again replaces it.
  public func append(_ point: EquityPoint, account: String, run: Int64?) throws {
    try db.executeCached(
      sql: """
        INSERT INTO equity (account, time, equity, cash, run) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET equity = excluded.equity, cash = excluded.cash,
          run = excluded.run
        """,
      arguments: [
        account, point.time.milliseconds, point.equity.description, point.cash.description, run,
      ])
  }
}
