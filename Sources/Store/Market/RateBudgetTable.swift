import Domain
import GRDB

/// What each venue allows and what of it is used, in words of the transport: shared by all processes,
/// and kept over restarts.
public struct RateBudgetTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The budget of a venue, as it was saved last.
  public func state(of venue: String, scope: String) throws -> String? {
    try String.fetchOne(
      db.cachedStatement(sql: "SELECT state FROM rate_budget WHERE venue = ? AND scope = ?"),
      arguments: [venue, scope])
  }
}

extension RateBudgetTable {
  /// The budgets of all venues, as they were saved last, by venue.
  public func all() throws -> [(venue: String, state: String)] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT venue, state FROM rate_budget ORDER BY venue, scope")
    ).map { ($0["venue"], $0["state"]) }
  }
}

extension RateBudgetTable where Tx == WriteTransaction {
  /// Saves the budget of a venue.
  public func save(_ state: String, of venue: String, scope: String) throws {
    try db.execute(
      sql: """
        INSERT INTO rate_budget (venue, scope, state, updated) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET state = excluded.state, updated = excluded.updated
        """, arguments: [venue, scope, state, tx.now.milliseconds])
  }
}
