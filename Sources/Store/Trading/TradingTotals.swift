public import Domain
import GRDB

/// What was traded, decided, halted and deployed, counted on from where it was counted before, so that nobody
/// reads all of it twice: what grows is read once in the life of a process, a part at each look.
public struct TradingTotals: Sendable {
  /// The totals of one account.
  public struct Account: Hashable, Sendable {
    /// Trades by side.
    public var trades: [Side: Int] = [:]
    /// What was earned on what was closed, as it was booked with the trades, in the quote asset.
    public var realised = Amount.zero
    /// What trades cost beyond the prices of their decisions, in the quote asset.
    public var slippage = Amount.zero
    /// Fees by asset.
    public var fees: [String: Amount] = [:]
    /// Decisions that were acted on, by what was decided, since `decisionsSince`.
    public var decisions: [PlanLine.Decision: Int] = [:]
    /// Decisions to do nothing, by kind of reason; since then too.
    public var holds: [PlanLine.HoldKind: Int] = [:]

    /// Nothing yet.
    public init() {}
  }

  /// By account.
  public private(set) var accounts: [String: Account] = [:]
  /// Halts by who ordered them.
  public private(set) var halts: [String: Int] = [:]
  /// How often scripts have noted a deployment.
  public private(set) var deployments = 0
  /// Whether trades and fees are counted to the end; until then there is more than one look can read.
  public private(set) var isComplete = false

  private var entry: Int64 = 0
  private var halt: Int64 = 0
  private var deployment: Int64 = 0
  private var plan: Int64?

  private let maximumEntries: Int64

  /// Entries that one look reads at most.
  public static let maximumEntries: Int64 = 20_000
  /// Plans whose decisions one look reads at most.
  static let maximumPlans: Int64 = 100

  /// Nothing is counted yet; a look reads so many entries at most.
  public init(maximumEntries: Int64 = Self.maximumEntries) { self.maximumEntries = maximumEntries }

  /// Counts on.
  ///
  /// - Throws: a `Fault` of the database, or `AmountError` when a sum does not fit.
  public mutating func count(_ transaction: ReadTransaction) throws {
    try countEntries(transaction.db)
    try countDecisions(transaction.db)
    for row in try Row.fetchAll(
      transaction.db, sql: "SELECT id, source FROM halt WHERE id > ? ORDER BY id",
      arguments: [halt])
    {
      halts[row["source"], default: 0] += 1
      halt = row["id"]
    }
    for id in try Int64.fetchAll(
      transaction.db,
      sql: """
        SELECT id FROM audit INDEXED BY audit_by_kind WHERE kind = 'deploy' AND id > ? ORDER BY id
        """, arguments: [deployment])
    {
      deployments += 1
      deployment = id
    }
  }

  private mutating func countEntries(_ db: Database) throws {
    let newest = try Int64.fetchOneCached(db, sql: "SELECT max(id) FROM entry") ?? 0
    let end = min(newest, entry + maximumEntries)
    for row in try Row.fetchAllCached(
      db,
      sql: """
        SELECT entry.account, posting.asset, posting.amount FROM entry
        JOIN posting ON posting.entry = entry.id
        WHERE entry.id > ? AND entry.id <= ? AND posting.book = 'fees'
        """, arguments: [entry, end])
    {
      let (account, asset): (String, String) = (row["account"], row["asset"])
      var totals = accounts[account] ?? Account()
      totals.fees[asset] = try (totals.fees[asset] ?? .zero).adding(try row.amount("amount"))
      accounts[account] = totals
    }
    for row in try Row.fetchAllCached(
      db,
      sql: """
        SELECT entry.account, orders.side, fill.realised, fill.price, fill.quantity,
          (SELECT price FROM target
            WHERE target.plan = orders.plan AND target.symbol = orders.symbol) AS decided
        FROM entry
        JOIN fill ON fill.client_id = entry.client_id AND fill.trade = entry.fill
        JOIN orders ON orders.client_id = entry.client_id
        WHERE entry.id > ? AND entry.id <= ? AND entry.kind = 'fill'
        """, arguments: [entry, end])
    {
      let account: String = row["account"]
      var totals = accounts[account] ?? Account()
      totals.trades[try row.value("side"), default: 0] += 1
      totals.realised = try totals.realised.adding(try row.amount("realised"))
      if let slippage = try FillRecord.slippage(
        row.value("side"), at: row.amount("price"), of: row.amount("quantity"),
        decided: row.amountIfAny("decided"))
      {
        totals.slippage = try totals.slippage.adding(slippage)
      }
      accounts[account] = totals
    }
    entry = end
    isComplete = end == newest
  }

  private mutating func countDecisions(_ db: Database) throws {
    let newest = try Int64.fetchOneCached(db, sql: "SELECT max(id) FROM plan") ?? 0
    // What was decided before the first look is not counted: it may be millions of lines.
    guard let before = plan else { return plan = newest }
    let end = min(newest, before + Self.maximumPlans)
    for row in try Row.fetchAllCached(
      db,
      sql: """
        SELECT plan.account, target.decision, target.hold, count(*) AS n FROM plan
        JOIN target ON target.plan = plan.id WHERE plan.id > ? AND plan.id <= ?
        GROUP BY plan.account, target.decision, target.hold
        """, arguments: [before, end])
    {
      let (account, count): (String, Int) = (row["account"], row["n"])
      let decision: PlanLine.Decision = try row.value("decision")
      if decision == .hold, (row["hold"] as String?) != nil {
        accounts[account, default: Account()].holds[try row.value("hold"), default: 0] += count
      } else {
        accounts[account, default: Account()].decisions[decision, default: 0] += count
      }
    }
    plan = end
  }
}
