public import Domain
import GRDB

/// A halt of trading: in force until somebody ends it, over any number of restarts.
public struct Halt: Hashable, Sendable {
  /// How far it goes.
  public var level: Level
  /// Why.
  public var reason: String
  /// Who or what ordered it: `cli`, `risk`, `halt file`.
  public var source: String
  /// Since when.
  public var since: Instant

  /// How far a halt goes.
  public enum Level: String, CaseIterable, Comparable, Sendable {
    /// Nothing new is sent.
    case noNew = "no-new"
    /// And what works is cancelled.
    case cancelOrders = "cancel-orders"
    /// And what is held is sold.
    case flatten

    /// Orders by how far it goes.
    public static func < (a: Level, b: Level) -> Bool {
      (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
  }
}

/// What a halt demands of an account and is not done yet.
public struct HaltDebt: Hashable, Sendable, CustomStringConvertible {
  /// The account.
  public var account: String
  /// How many of its orders still work.
  public var orders: Int
  /// How many instruments are held that are to be sold.
  public var holdings: Int

  /// `main: 2 orders to be taken back, 1 holding to be sold`.
  public var description: String {
    let parts = [
      orders > 0 ? "\(orders) order\(orders == 1 ? "" : "s") to be taken back" : nil,
      holdings > 0 ? "\(holdings) holding\(holdings == 1 ? "" : "s") to be sold" : nil,
    ]
    return "\(account): " + parts.compactMap(\.self).joined(separator: ", ")
  }
}

extension Halt {
  /// What people are told of it: what no person ordered is for the night.
  public var alert: Alert {
    let isOrdered = ["cli", "web", "telegram", "halt file"].contains(source)
    return Alert(
      .halt, severity: isOrdered ? .warning : .critical,
      "\(level.rawValue) by \(source): \(reason)", remedy: "carillon resume --reason TEXT")
  }
}

/// The halts of trading.
public struct HaltTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The halt in force: the one on record, or the one that the file beside the database is.
  public func current() throws -> Halt? { try recorded() ?? beside }

  /// The halt that the file beside the database is; nil where there is none.
  public var beside: Halt? { HaltFile(database: tx.path).halt }

  /// What the halt on record demands and is not done, of each account of which something is: orders that
  /// work, and what is held where it sells that.
  public func owed() throws -> [HaltDebt] {
    guard let halt = try recorded(), halt.level > .noNew else { return [] }
    return try tx.accounts.all().compactMap { account in
      let debt = HaltDebt(
        account: account.name, orders: try tx.orders.working(account.name).count,
        holdings: halt.level < .flatten ? 0 : try holdings(account.name, since: halt.since))
      return debt.orders + debt.holdings > 0 ? debt : nil
    }
  }

  /// How many instruments an account holds that can be sold: what the newest plan since found to be below
  /// the least order stays, and so does what it left over of a holding that it sold.
  private func holdings(_ account: String, since: Instant) throws -> Int {
    var lines: [PlanLine] = []
    if let plan = try tx.plans.latest(account: account), plan.created >= since {
      lines = try tx.plans.lines(plan.id)
    }
    return try tx.accounts.positions(account).count { position in
      guard position.quantity > .zero else { return false }
      guard let line = lines.first(where: { $0.symbol == position.symbol }) else { return true }
      guard line.decision == .sell, let sold = line.wanted else { return line.hold != .tooSmall }
      return try position.quantity.adding(sold) > line.quantity
    }
  }

  /// The halt in force that is on record, whatever lies beside the database.
  public func recorded() throws -> Halt? {
    try db.row("SELECT level, reason, source, since FROM halt WHERE ended IS NULL") { row in
      Halt(
        level: try row.value(), reason: try row.text(), source: try row.text(),
        since: row.instant())
    }
  }
}

extension HaltTable where Tx == WriteTransaction {
  /// Puts a halt in force; one that is in force already ends with the new one's reason.
  public func begin(_ level: Halt.Level, reason: String, source: String) throws {
    precondition(!reason.isEmpty, "a halt has a reason")
    _ = try endRecorded(reason: reason)
    try db.execute(
      sql: "INSERT INTO halt (level, reason, source, since) VALUES (?, ?, ?, ?)",
      arguments: [level.rawValue, reason, source, tx.now.milliseconds])
    try tx.audit.append("halt", "\(level.rawValue) by \(source): \(reason)")
    try tx.alerts.raise(Halt(level: level, reason: reason, source: source, since: tx.now).alert)
  }

  /// Ends the halt in force.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public func end(reason: String) throws -> Bool {
    let wasHalted = try endRecorded(reason: reason)
    try tx.alerts.settle(.halt, saying: "trading goes on: \(reason)")
    return wasHalted
  }

  private func endRecorded(reason: String) throws -> Bool {
    try db.execute(
      sql: "UPDATE halt SET ended = ?, end_reason = ? WHERE ended IS NULL",
      arguments: [tx.now.milliseconds, reason])
    let wasHalted = db.changesCount == 1
    if wasHalted { try tx.audit.append("resume", reason) }
    return wasHalted
  }
}
