public import Domain
import GRDB

/// The orders of all accounts. Rows are never deleted.
public struct OrderTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The order of a client order id.
  public func order(_ id: ClientOrderID) throws -> OrderRecord? {
    try db.row("SELECT \(OrderRecord.columns) FROM orders WHERE client_id = ?", id) {
      try OrderRecord(&$0)
    }
  }

  /// The orders of a plan, in the order in which they are to be sent.
  public func ofPlan(_ plan: Int64) throws -> [OrderRecord] {
    try many("WHERE plan = ? ORDER BY position", plan)
  }

  /// The orders of an account of which some may still be filled, oldest first.
  public func working(_ account: String) throws -> [OrderRecord] {
    // An index of some rows serves a statement that has the index's own condition.
    try many(
      """
      INDEXED BY orders_working
      WHERE account = ? AND state IN ('planned', 'intent', 'sent', 'unknown', 'open')
        AND state <> 'planned'
      ORDER BY slot, created, plan, position
      """, account)
  }

  /// The orders of an account that count against its cash and targets, oldest first: those that may
  /// still be filled, and those that a plan in progress is about to send.
  public func pending(_ account: String) throws -> [OrderRecord] {
    try many(
      """
      INDEXED BY orders_working
      WHERE account = ?1 AND state IN ('planned', 'intent', 'sent', 'unknown', 'open')
        AND (state <> 'planned' OR plan IN (SELECT id FROM plan WHERE account = ?1 AND state = 'open'))
      ORDER BY slot, created, plan, position
      """, account)
  }

  /// The orders of an account that were sent and ended unfilled, wholly or in part, since a time: a
  /// trade of one of them may be told late.
  public func ended(_ account: String, since: Instant) throws -> [OrderRecord] {
    try many(
      """
      WHERE account = ? AND state IN ('cancelled', 'rejected', 'expired') AND sent IS NOT NULL
        AND updated >= ?
      ORDER BY slot, created, plan, position
      """, account, since)
  }

  /// The newest orders of an account that ended for a reason of this beginning, newest first.
  public func ended(_ account: String, reason: String, limit: Int) throws -> [OrderRecord] {
    try many(
      """
      WHERE account = ?1 AND state = 'rejected' AND substr(reason, 1, length(?2)) = ?2
      ORDER BY slot DESC, plan DESC, position LIMIT ?3
      """, account, reason, limit)
  }

  /// Whether any order of an account ever went out, or may have.
  public func wasAnySent(_ account: String) throws -> Bool {
    try Bool.fetchOne(
      db,
      sql: "SELECT EXISTS (SELECT 1 FROM orders WHERE account = ? AND sent IS NOT NULL)",
      arguments: [account]) ?? false
  }

  /// The orders of an account that were sent since a time, oldest first.
  public func sent(_ account: String, since: Instant) throws -> [OrderRecord] {
    try many(
      "WHERE account = ? AND sent >= ? ORDER BY sent, plan, position",
      account, since)
  }

  /// The orders of an account that its venue knows by these ids of its own, by id. All orders are read.
  public func known(_ account: String, asVenueIDs ids: Set<String>) throws -> [String: OrderRecord]
  {
    guard !ids.isEmpty else { return [:] }
    var found: [String: OrderRecord] = [:]
    let statement = try HotStatement(
      db,
      """
      SELECT venue_id, \(OrderRecord.columns) FROM orders
      WHERE account = ? AND venue_id IS NOT NULL
      """)
    statement.bind(all: account)
    while try statement.step() {
      var row = statement.row
      let id = try row.text()
      if ids.contains(id) { found[id] = try OrderRecord(&row) }
    }
    return found
  }

  /// The orders of a slot of an account, of all rounds, in the order of their plans.
  public func ofSlot(_ account: String, _ slot: Slot) throws -> [OrderRecord] {
    try many(
      "WHERE account = ? AND job = ? AND slot = ? ORDER BY plan, position",
      account, slot.job, slot.time)
  }

  /// The newest orders of an account, newest first.
  public func latest(_ account: String, limit: Int) throws -> [OrderRecord] {
    try many(
      "WHERE account = ? ORDER BY slot DESC, plan DESC, position LIMIT ?", account, limit)
  }

  /// All orders of an account, or of all, by account, slot, symbol, side and client order id.
  public func all(_ account: String? = nil) throws -> [OrderRecord] {
    try many(
      "WHERE ?1 IS NULL OR account = ?1 ORDER BY account, slot, symbol, side, client_id", account)
  }

  /// How many orders an account has in each state.
  public func counts(_ account: String) throws -> [OrderState: Int] {
    let rows = try Row.fetchAllCached(
      db, sql: "SELECT state, orders FROM order_total WHERE account = ? AND orders > 0",
      arguments: [account])
    return try Dictionary(
      uniqueKeysWithValues: rows.map { (try $0.value("state"), $0["orders"] as Int) })
  }

  private func many<each Value: BoundValue>(
    _ clause: String, _ values: repeat each Value
  ) throws -> [OrderRecord] {
    try db.rows("SELECT \(OrderRecord.columns) FROM orders \(clause)", repeat each values) {
      try OrderRecord(&$0)
    }
  }
}

extension OrderTable where Tx == WriteTransaction {
  /// Moves an order to a state; to the state that it has, does nothing but keep a venue id that is
  /// new. `isSent` notes that it went out, or may have.
  ///
  /// - Throws: exit 70 when its state may not become that one.
  public func move(
    _ id: ClientOrderID, to state: OrderState, venueID: String? = nil, reason: String? = nil,
    isSent: Bool = false
  ) throws {
    guard let record = try order(id) else {
      throw Fault("move", "order \(id)", cause: "there is no such order", exit: .internal)
    }
    let present = record.order.state
    guard present == state || present.mayBecome(state) else {
      throw Fault(
        "move", "order \(id)", cause: "\(present) cannot become \(state)", exit: .internal)
    }
    guard
      present != state || (venueID != nil && venueID != record.order.venueID)
        || (reason != nil && reason != record.order.reason)
    else { return }
    // An index is written anew when a column of it is named, whatever its value.
    let sent = isSent && record.sent == nil ? ", sent = ?4" : ""
    let doubt =
      state == .unknown
      ? ", doubted = coalesce(doubted, ?4)"
      : record.doubted == nil ? "" : ", doubted = NULL"
    try db.run(
      """
      UPDATE orders SET state = ?1, venue_id = coalesce(?2, venue_id),
        reason = coalesce(?3, reason), updated = ?4\(sent)\(doubt)
      WHERE client_id = ?5
      """, state.rawValue, venueID, reason, tx.now, id)
    try tell(of: record.order, state, reason)
  }

  /// A doubt is told when it begins and when it ends.
  private func tell(of order: Order, _ state: OrderState, _ reason: String?) throws {
    if state == .unknown {
      try tx.alerts.raise(
        Alert(
          .doubt, of: order.id.text,
          "it is not known whether the venue has order \(order.id): \(reason ?? "no answer")",
          remedy: "carillon orders list --state unknown"))
    } else if order.state == .unknown {
      try tx.alerts.settle(.doubt, order.id.text, saying: "order \(order.id) is \(state)")
    }
  }

  /// Ends a doubt by a person's word that the venue does not have the order.
  ///
  /// - Throws: exit 64 when there is no such order, or no doubt about it.
  public func resolveAbsent(_ id: ClientOrderID, reason: String, by source: String) throws {
    guard let record = try order(id) else {
      throw Fault(
        "resolve", "order \(id)", cause: "there is no such order",
        remedy: "carillon orders list --state unknown", exit: .usage)
    }
    guard record.order.state == .unknown else {
      throw Fault(
        "resolve", "order \(id)", cause: "it is not in doubt: it is \(record.order.state)",
        remedy: "carillon orders list --state unknown", exit: .usage)
    }
    try move(id, to: .expired, reason: "absent, said \(source): \(reason)")
    try tx.audit.append("orders", "\(id) is absent, said \(source): \(reason)")
  }

  /// Ends what was planned by earlier slots of a job and never sent: their runs are over, so nobody
  /// will send it.
  ///
  /// - Returns: how many orders that were.
  @discardableResult
  public func expirePlanned(
    _ account: String, before slot: Slot, reason: String
  ) throws -> Int {
    try db.executeCached(
      sql: """
        UPDATE orders INDEXED BY orders_planned SET state = 'expired', reason = ?, updated = ?
        WHERE account = ? AND job = ? AND slot < ? AND state = 'planned'
        """,
      arguments: [
        reason, tx.now.milliseconds, account, slot.job.text, slot.time.milliseconds,
      ])
    return db.changesCount
  }

  func insert(_ order: Order, plan: Int64, position: Int) throws {
    let key = order.key
    try db.run(
      """
      INSERT INTO orders (client_id, plan, account, job, slot, symbol, leg, side, quantity,
        limit_price, state, venue_id, reason, filled, value, created, updated, position)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '0', '0', ?, ?, ?)
      """,
      order.id, plan, key.account, key.slot.job, key.slot.time, key.symbol, key.leg,
      order.side.rawValue, order.quantity, order.limit, order.state.rawValue, order.venueID,
      order.reason, tx.now, tx.now, position)
  }

  func addFilled(_ quantity: Amount, worth value: Amount, to record: OrderRecord) throws {
    try db.run(
      "UPDATE orders SET filled = ?, value = ?, updated = ? WHERE client_id = ?",
      try record.filled.adding(quantity), try record.value.adding(value), tx.now, record.order.id)
  }
}
