public import Domain
import GRDB

/// The venues' trading rules, as last told.
public struct InstrumentTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The rules of a symbol at a venue.
  public func instrument(_ symbol: Symbol, at venue: String) throws -> Instrument? {
    try db.row(
      "SELECT \(Self.columns) FROM instrument WHERE venue = ? AND symbol = ?", venue, symbol
    ) { try Self.instrument(&$0, FiltersMemo()) }
  }

  /// The symbols of a venue whose rules were saved at or after an instant.
  public func symbols(at venue: String, since: Instant) throws -> Set<Symbol> {
    Set(
      try db.rows(
        "SELECT symbol FROM instrument WHERE venue = ? AND updated >= ?", venue, since
      ) { try $0.symbol() })
  }

  /// The rules of all symbols of a venue, by symbol.
  public func all(at venue: String) throws -> [Instrument] {
    let memo = FiltersMemo()
    return try db.rows("SELECT \(Self.columns) FROM instrument WHERE venue = ?", venue) {
      try Self.instrument(&$0, memo)
    }.sorted { $0.symbol < $1.symbol }
  }

  private static var columns: String { "symbol, tick, lot, minimum_notional, filters" }

  /// The filters of the row before: many rows of a venue have the same text.
  private final class FiltersMemo {
    var last: (text: String, filters: TradingFilters)?
  }

  private static func instrument(
    _ row: inout RowReader, _ memo: FiltersMemo
  ) throws -> Instrument {
    let (symbol, tick, lot) = (try row.symbol(), try row.amount(), try row.amount())
    let (minimum, text) = (try row.amount(), try row.text())
    guard tick > .zero, lot > .zero else {
      throw Fault(
        "read the database", "table `instrument`", cause: "tick and lot must be positive",
        exit: .data)
    }
    if let last = memo.last, last.text == text {
      return Instrument(
        symbol: symbol, tick: tick, lot: lot, minimumNotional: minimum, filters: last.filters)
    }
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
    memo.last = (text, filters)
    return Instrument(
      symbol: symbol, tick: tick, lot: lot, minimumNotional: minimum, filters: filters)
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
