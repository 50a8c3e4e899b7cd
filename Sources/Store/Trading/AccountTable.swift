public import Domain
import GRDB

/// A portfolio: what trades as one.
public struct Account: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// The asset that it is valued in.
  public var quote: String
  /// Whether its money is real.
  public var mode: Mode
  /// What it began with, in the quote asset.
  public var initial: Amount
  /// When it began.
  public var opened: Instant
  /// The address of the exchange that it is at; nil on paper.
  public var place: String?

  /// Whether money is real.
  public enum Mode: String, CaseIterable, Sendable, CustomStringConvertible {
    /// The paper venue fills the orders.
    case paper
    /// An exchange fills the orders, with money that is not real.
    case test
    /// An exchange fills the orders.
    case live

    /// The text in the database and on the screen.
    public var description: String { rawValue }
  }

  init(row: Row) throws {
    name = row["name"]
    quote = row["quote"]
    mode = (row["test"] as Int?) == 1 ? .test : try row.value("mode")
    place = row["place"]
    initial = try row.amount("initial")
    opened = row.instant("opened")
  }
}

/// The portfolios, and what each holds.
public struct AccountTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The account of a name.
  public func account(_ name: String) throws -> Account? {
    try Row.fetchOneCached(db, sql: "SELECT * FROM account WHERE name = ?", arguments: [name])
      .map(Account.init)
  }

  /// All accounts, by name.
  public func all() throws -> [Account] {
    try Row.fetchAllCached(db, sql: "SELECT * FROM account ORDER BY name").map(Account.init)
  }

  /// The amount of every asset but the instruments, zero amounts included.
  public func cash(_ account: String) throws -> [String: Amount] {
    Dictionary(
      uniqueKeysWithValues: try db.rows(
        "SELECT asset, amount FROM cash WHERE account = ?", account
      ) { (try $0.text(), try $0.amount()) })
  }

  /// What is held, by symbol; nothing that is zero.
  public func positions(_ account: String) throws -> [Position] {
    try db.rows("SELECT symbol, quantity, cost FROM position WHERE account = ?", account) {
      Position(symbol: try $0.symbol(), quantity: try $0.amount(), cost: try $0.amount())
    }.sorted { $0.symbol < $1.symbol }
  }

  /// What is held of each asset, cash and positions together; nothing that is zero.
  public func held(_ account: String) throws -> [String: Amount] {
    var held = try cash(account)
    for position in try positions(account) {
      let asset = position.symbol.base
      held[asset] = try (held[asset] ?? .zero).adding(position.quantity)
    }
    return held.filter { $0.value != .zero }
  }

  /// The holding of one symbol, zero if there is none.
  public func position(_ symbol: Symbol, _ account: String) throws -> Position {
    try db.row(
      "SELECT quantity, cost FROM position WHERE account = ? AND symbol = ?", account, symbol
    ) { Position(symbol: symbol, quantity: try $0.amount(), cost: try $0.amount()) }
      ?? Position(symbol: symbol, quantity: .zero, cost: .zero)
  }
}

extension AccountTable where Tx == WriteTransaction {
  /// Opens an account with its cash, if there is none of the name.
  ///
  /// - Parameter place: the address of the exchange that it is at; nil on paper.
  /// - Throws: exit 78 when the account exists in another asset or mode, or at another exchange: paper
  ///   money never becomes real.
  @discardableResult
  public func open(
    _ name: String, quote: String, mode: Account.Mode, initial: Amount, place: String? = nil
  ) throws -> Account {
    try db.executeCached(
      sql: """
        INSERT INTO account (name, quote, mode, test, place, initial, opened)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
      arguments: [
        name, quote, (mode == .test ? .live : mode).rawValue, mode == .test ? 1 : nil, place,
        initial.description, tx.now.milliseconds,
      ])
    if db.changesCount == 1 {
      try set(cash: initial, of: quote, name)
      try tx.entries.post(
        .opening, name, at: tx.now, reason: "the account's first cash",
        [.init(.held, quote, initial), .init(.owner, quote, try initial.negated())])
    }
    guard let account = try account(name) else {
      preconditionFailure("an account that was inserted is there")
    }
    guard account.quote == quote, account.mode == mode, account.place == place else {
      func told(_ mode: Account.Mode, _ quote: String, _ place: String?) -> String {
        "a \(mode) account in \(quote)" + (place.map { " at \($0)" } ?? "")
      }
      throw Fault(
        "open the account", name,
        cause: "it exists as \(told(account.mode, account.quote, account.place)), "
          + "not as \(told(mode, quote, place))",
        remedy: "give the new account another name, or name another database",
        exit: .configuration)
    }
    return account
  }

  func set(cash amount: Amount, of asset: String, _ account: String) throws {
    try db.run(
      """
      INSERT INTO cash (account, asset, amount, updated) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET amount = excluded.amount, updated = excluded.updated
      """, account, asset, amount, tx.now)
  }

  func set(_ position: Position, _ account: String) throws {
    guard position.quantity != .zero else {
      try db.run(
        "DELETE FROM position WHERE account = ? AND symbol = ?", account, position.symbol)
      return
    }
    try db.run(
      """
      INSERT INTO position (account, symbol, quantity, cost, updated) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET quantity = excluded.quantity, cost = excluded.cost,
        updated = excluded.updated
      """, account, position.symbol, position.quantity, position.cost, tx.now)
  }
}
