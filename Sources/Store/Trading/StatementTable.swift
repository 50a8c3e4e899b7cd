public import Domain
import GRDB

/// An account held against its venue at one moment, as it was put on record.
public struct StatementRecord: Hashable, Sendable {
  /// The account.
  public var account: String
  /// When it was drawn up.
  public var time: Instant
  /// How many assets and trades were not the same.
  public var differences: Int
  /// All of it, as JSON.
  public var detail: String

  init(row: Row) {
    account = row["account"]
    time = row.instant("time")
    differences = row["differences"]
    detail = row["detail"]
  }
}

/// The statements of all accounts. Rows are never deleted.
public struct StatementTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The newest statement of an account; nil before the first.
  public func latest(_ account: String) throws -> StatementRecord? {
    try latest(account, limit: 1).first
  }

  /// The newest statements of an account, newest first.
  public func latest(_ account: String, limit: Int) throws -> [StatementRecord] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM statement WHERE account = ? ORDER BY id DESC LIMIT ?",
      arguments: [account, limit]
    ).map(StatementRecord.init)
  }
}

extension StatementTable where Tx == WriteTransaction {
  /// Puts a statement on record, as of the transaction's time.
  public func insert(_ account: String, differences: Int, detail: String) throws {
    try db.execute(
      sql: "INSERT INTO statement (account, time, differences, detail) VALUES (?, ?, ?, ?)",
      arguments: [account, tx.now.milliseconds, differences, detail])
  }
}
