public import Domain
import GRDB

/// Which symbols `all` were, slot by slot: resolved by fetch, read by every job that follows it, so
/// that all jobs of a slot see the same symbols and a replay sees those of its time.
public struct UniverseTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The symbols of a venue and timeframe as they were resolved last at or before a slot, sorted; nil
  /// when they never were.
  public func symbols(
    at venue: String, _ timeframe: Timeframe, slot: Instant
  ) throws -> [Symbol]? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT symbols FROM universe WHERE venue = ? AND timeframe = ? AND slot <= ?
          ORDER BY slot DESC LIMIT 1
          """),
      arguments: [venue, timeframe.span.milliseconds, slot.milliseconds])
    guard let row else { return nil }
    let text: String = row["symbols"]
    return try text.split(separator: " ").map { name in
      guard let symbol = Symbol(name) else {
        throw Fault(
          "read the database", "table `universe`", cause: "\(name) is no symbol", exit: .data)
      }
      return symbol
    }
  }
}

extension UniverseTable where Tx == WriteTransaction {
  /// Records the symbols of a slot, unless they are those of the slot before.
  public func record(
    _ symbols: [Symbol], at venue: String, _ timeframe: Timeframe, slot: Instant, run: Int64?
  ) throws {
    let sorted = symbols.sorted()
    guard try self.symbols(at: venue, timeframe, slot: slot) != sorted else { return }
    try db.execute(
      sql: """
        INSERT INTO universe (venue, timeframe, slot, symbols, run) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET symbols = excluded.symbols, run = excluded.run
        """,
      arguments: [
        venue, timeframe.span.milliseconds, slot.milliseconds,
        sorted.map(\.description).joined(separator: " "), run,
      ])
  }
}
