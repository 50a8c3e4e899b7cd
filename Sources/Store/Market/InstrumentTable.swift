public import Domain
import GRDB

/// The venues' trading rules, as last told.
public struct InstrumentTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The rules of a symbol at a venue.
  public func instrument(_ symbol: Symbol, at venue: String) throws -> Instrument? {
    try Row.fetchOneCached(
      db, sql: "SELECT * FROM instrument WHERE venue = ? AND symbol = ?",
      arguments: [venue, symbol.description]
    ).map(Self.instrument)
  }

  /// The symbols of a venue whose rules were saved at or after an instant.
  public func symbols(at venue: String, since: Instant) throws -> Set<Symbol> {
    let rows = try Row.fetchAllCached(
      db, sql: "SELECT symbol FROM instrument WHERE venue = ? AND updated >= ?",
      arguments: [venue, since.milliseconds])
    return Set(try rows.map { try $0.symbol() })
  }

  /// The rules of all symbols of a venue, by symbol.
  public func all(at venue: String) throws -> [Instrument] {
    try Row.fetchAllCached(
      db, sql: "SELECT * FROM instrument WHERE venue = ?", arguments: [venue]
    ).map(Self.instrument).sorted { $0.symbol < $1.symbol }
  }

  private static func instrument(_ row: Row) throws -> Instrument {
    let (tick, lot) = (try row.amount("tick"), try row.amount("lot"))
    guard tick > .zero, lot > .zero else {
      throw Fault(
        "read the database", "table `instrument`", cause: "tick and lot must be positive",
        exit: .data)
    }
    let text: String = row["filters"]
    let filters: TradingFilters?
    do {
      filters = TradingFilters(try JSONValue.parse(Array(text.utf8)))
    } catch {
      filters = nil
    }
    guard let filters else {
      throw Fault(
        "read the database", "table `instrument`", cause: "the filters are no JSON of ours",
        exit: .data)
    }
    return Instrument(
      symbol: try row.symbol(), tick: tick, lot: lot,
      minimumNotional: try row.amount("minimum_notional"), filters: filters)
  }
}

extension InstrumentTable where Tx == WriteTransaction {
  /// Inserts rules, or replaces those of the same symbol, and notes that they were told now.
  public func save(_ instrument: Instrument, at venue: String) throws {
    try db.executeCached(
      sql: """
        INSERT INTO instrument (venue, symbol, tick, lot, minimum_notional, updated, filters)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET tick = excluded.tick, lot = excluded.lot,
          minimum_notional = excluded.minimum_notional, updated = excluded.updated,
          filters = excluded.filters
        """,
      arguments: [
        venue, instrument.symbol.description, instrument.tick.description,
        instrument.lot.description, instrument.minimumNotional.description, tx.now.milliseconds,
        instrument.filters.json.text(),
      ])
  }
}
