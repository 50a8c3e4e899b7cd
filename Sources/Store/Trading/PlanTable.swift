public import Domain
import GRDB

/// A committed plan: what a rebalance run set out to do, and from which facts.
public struct Plan: Hashable, Sendable, Identifiable {
  /// Its number.
  public var id: Int64
  /// The account.
  public var account: String
  /// The rebalance run's job and slot.
  public var slot: Slot
  /// Which plan of its slot, from 0: sales first, then purchases, then remainders.
  public var round: Int
  /// The run that made it.
  public var run: Int64?
  /// Whether some of it may still be done.
  public var state: State
  /// The equity that its weights refer to; nil when it was not known.
  public var equity: Amount?
  /// The cash that it started from.
  public var cash: Amount
  /// The facts and limits that it was made from, as JSON.
  public var detail: String
  /// When it was committed.
  public var created: Instant

  /// Whether a plan is to be resumed.
  public enum State: String, CaseIterable, Sendable {
    /// Its orders are being sent or work at the venue.
    case open
    /// Nothing of it will be sent any more.
    case done
  }

  /// A plan of these parts.
  public init(
    id: Int64, account: String, slot: Slot, round: Int, run: Int64?, state: State, equity: Amount?,
    cash: Amount, detail: String, created: Instant
  ) {
    self.id = id
    self.account = account
    self.slot = slot
    self.round = round
    self.run = run
    self.state = state
    self.equity = equity
    self.cash = cash
    self.detail = detail
    self.created = created
  }

  init(row: Row) throws {
    id = row["id"]
    account = row["account"]
    slot = try row.slot()
    round = row["round"]
    run = row["run"]
    state = try row.value("state")
    equity = try row.amountIfAny("equity")
    cash = try row.amount("cash")
    detail = row["detail"]
    created = row.instant("created")
  }
}

/// One instrument of a plan: from holding to target, and what follows.
public struct PlanLine: Hashable, Sendable {
  /// The instrument.
  public var symbol: Symbol
  /// The model's score, if it gave one.
  public var score: Double?
  /// The price that valued the holding, if there was one.
  public var price: Amount?
  /// The quantity held, working orders counted as done.
  public var quantity: Amount
  /// The weight of the holding in the equity.
  public var weight: Amount
  /// The weight wanted.
  public var targetWeight: Amount
  /// Why this weight is wanted.
  public var targetReason: String
  /// What was decided.
  public var decision: Decision
  /// How much is bought or sold, in the base asset, now or in a later round.
  public var wanted: Amount?
  /// What kind of reason there is for doing nothing; nil when something is done, and in plans that
  /// were made before it was kept.
  public var hold: HoldKind?
  /// Why, when nothing is done.
  public var reason: String?

  /// Why nothing is done, by kind.
  public enum HoldKind: String, CaseIterable, Sendable {
    /// Nothing is to be done.
    case settled
    /// Left as it is on purpose.
    case kept
    /// Too small to be an order.
    case tooSmall = "too-small"
    /// There is no fresh price.
    case blind
    /// It should be done, and cannot be.
    case unable
  }

  /// What was decided about an instrument.
  public enum Decision: String, CaseIterable, Sendable {
    /// To buy.
    case buy
    /// To sell.
    case sell
    /// To buy in a later round, once the sales have brought the cash.
    case later
    /// To do nothing.
    case hold
  }

  /// A line of these parts.
  public init(
    symbol: Symbol, score: Double?, price: Amount?, quantity: Amount, weight: Amount,
    targetWeight: Amount, targetReason: String, decision: Decision, wanted: Amount? = nil,
    hold: HoldKind? = nil, reason: String?
  ) {
    self.symbol = symbol
    self.score = score
    self.price = price
    self.quantity = quantity
    self.weight = weight
    self.targetWeight = targetWeight
    self.targetReason = targetReason
    self.decision = decision
    self.wanted = wanted
    self.hold = hold
    self.reason = reason
  }

  /// The columns of a line, in its order.
  static let columns = """
    symbol, score, price, quantity, weight, target_weight, target_reason, decision, wanted, hold,
    reason
    """

  init(_ row: inout RowReader) throws {
    self.init(
      symbol: try row.symbol(), score: row.doubleIfAny(), price: try row.amountIfAny(),
      quantity: try row.amount(), weight: try row.amount(), targetWeight: try row.amount(),
      targetReason: try row.text(), decision: try row.value(), wanted: try row.amountIfAny(),
      hold: try row.valueIfAny(), reason: try row.textIfAny())
  }
}

/// What was planned, and why.
public struct PlanTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// How many slots of an account have a plan whose detail says `key: value`.
  public func slots(_ account: String, marked key: String, as value: String) throws -> Int {
    try Int.fetchOne(
      db,
      sql: """
        SELECT count(DISTINCT job || '@' || slot) FROM plan
        WHERE account = ?1 AND json_valid(detail) AND json_extract(detail, '$.' || ?2) = ?3
        """, arguments: [account, key, value]) ?? 0
  }

  /// The plan of the newest round of a slot; nil when none was committed, so that an attempt plans
  /// afresh.
  public func find(account: String, _ slot: Slot) throws -> Plan? {
    try Row.fetchOneCached(
      db,
      sql: """
        SELECT * FROM plan WHERE account = ? AND job = ? AND slot = ? ORDER BY round DESC LIMIT 1
        """, arguments: [account, slot.job.text, slot.time.milliseconds]
    ).map(Plan.init)
  }

  /// The plan of a number.
  public func find(id: Int64) throws -> Plan? {
    try Row.fetchOneCached(db, sql: "SELECT * FROM plan WHERE id = ?", arguments: [id]).map(
      Plan.init)
  }

  /// The newest plan of an account.
  public func latest(account: String) throws -> Plan? {
    try Row.fetchOneCached(
      db,
      sql: "SELECT * FROM plan WHERE account = ? ORDER BY slot DESC, round DESC, id DESC LIMIT 1",
      arguments: [account]
    ).map(Plan.init)
  }

  /// Whether purchases of a plan wait for its sales.
  public func waitsForSales(_ plan: Int64) throws -> Bool {
    try db.row(
      "SELECT EXISTS (SELECT 1 FROM target WHERE plan = ? AND decision = 'later')", plan
    ) { $0.int64() == 1 } ?? false
  }

  /// The lines of a plan, by symbol.
  public func lines(_ plan: Int64) throws -> [PlanLine] {
    try db.rows("SELECT \(PlanLine.columns) FROM target WHERE plan = ?", plan) {
      try PlanLine(&$0)
    }.sorted { $0.symbol < $1.symbol }
  }
}

extension PlanTable where Tx == WriteTransaction {
  /// Commits a plan with its lines and orders, all `planned`, in the order in which they are to be
  /// sent.
  ///
  /// - Throws: when the round of the slot has a plan for the account already.
  @discardableResult
  public func insert(
    account: String, _ slot: Slot, round: Int = 0, run: Int64?, equity: Amount?, cash: Amount,
    detail: String, lines: [PlanLine], orders: [Order]
  ) throws -> Plan {
    let now = tx.now.milliseconds
    try db.executeCached(
      sql: """
        INSERT INTO plan (account, job, slot, round, run, state, equity, cash, detail, created,
          updated, scored)
        VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?8, ?9, ?10,
          CASE WHEN json_valid(?8) THEN json_extract(?8, '$.scores') END)
        """,
      arguments: [
        account, slot.job.text, slot.time.milliseconds, round, run, equity?.description,
        cash.description, detail, now, now,
      ])
    let id = db.lastInsertedRowID
    for line in lines { try insert(line, plan: id) }
    for (position, order) in orders.enumerated() {
      precondition(
        order.state == .planned && order.key.account == account && order.key.slot == slot,
        "a plan holds planned orders of its own account and slot")
      try tx.orders.insert(order, plan: id, position: position)
    }
    if !orders.isEmpty { try tx.audit.append("plan", Self.decision(id, account, slot, orders)) }
    guard let plan = try find(id: id) else {
      preconditionFailure("a plan that was inserted is there")
    }
    return plan
  }

  /// Orders of a plan that the audit names at most; the others are counted.
  private static var auditedOrders: Int { 20 }

  /// The audit's words for what was decided.
  private static func decision(
    _ plan: Int64, _ account: String, _ slot: Slot, _ orders: [Order]
  ) -> String {
    let named = orders.prefix(auditedOrders).map { order in
      "\(order.side) \(order.quantity) \(order.key.symbol) as \(order.id)"
    }
    let rest = orders.count - named.count
    return "account \(account), plan \(plan) of \(slot.job.text) \(slot.time): "
      + (named + (rest > 0 ? ["\(rest) more"] : [])).joined(separator: ", ")
  }

  /// Marks a plan as done: nothing of it will be sent any more.
  public func finish(_ plan: Int64) throws {
    try db.executeCached(
      sql: "UPDATE plan SET state = 'done', updated = ? WHERE id = ? AND state = 'open'",
      arguments: [tx.now.milliseconds, plan])
  }

  private func insert(_ line: PlanLine, plan: Int64) throws {
    try db.run(
      """
      INSERT INTO target (plan, symbol, score, price, quantity, weight, target_weight,
        target_reason, decision, wanted, hold, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      plan, line.symbol, line.score, line.price, line.quantity, line.weight, line.targetWeight,
      line.targetReason, line.decision.rawValue, line.wanted, line.hold?.rawValue, line.reason)
  }
}
