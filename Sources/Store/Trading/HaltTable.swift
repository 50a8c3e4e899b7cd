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
  public func current() throws -> Halt? { try recorded() ?? HaltFile(database: tx.path).halt }

  /// The halt in force that is on record, whatever lies beside the database.
  public func recorded() throws -> Halt? {
    try Row.fetchOne(db, sql: "SELECT * FROM halt WHERE ended IS NULL").map { row in
      Halt(
        level: try row.value("level"), reason: row["reason"], source: row["source"],
        since: row.instant("since"))
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
