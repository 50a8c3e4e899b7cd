public import Domain

// What is told of an account's equity in one figure.
extension EquityTable {
  /// The newest point of an account at or before an instant.
  public func latest(_ account: String, by time: Instant) throws -> EquityPoint? {
    try db.row(
      """
      SELECT time, equity, cash FROM equity WHERE account = ? AND time <= ?
      ORDER BY time DESC LIMIT 1
      """, account, time
    ) { try EquityPoint(&$0) }
  }

  /// The point of an account with the highest equity, the first of several. Compared as
  /// floating-point numbers: it is for people. An index holds them in this order.
  public func peak(_ account: String) throws -> EquityPoint? {
    try db.row(
      """
      SELECT time, equity, cash FROM equity WHERE account = ?
      ORDER BY CAST(equity AS REAL) DESC, time LIMIT 1
      """, account
    ) { try EquityPoint(&$0) }
  }
}
