public import Domain
import GRDB

/// The balanced entries of all accounts: what happened to each asset, and when.
public struct EntryTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The entries of an account that happened after one instant and through another, in order.
  public func range(
    _ account: String, after: Instant? = nil, through: Instant? = nil, kinds: Set<Entry.Kind>? = nil
  ) throws -> [Entry] {
    let rows = try Row.fetchAllCached(
      db,
      sql: """
        SELECT * FROM entry WHERE account = ? AND time > ? AND time <= ? ORDER BY time, id
        """,
      arguments: [account, after?.milliseconds ?? .min, through?.milliseconds ?? .max])
    return try rows.map(entry).filter { kinds?.contains($0.kind) ?? true }
  }

  /// What came in and went out of an account after an instant, in its quote asset, in order: what a
  /// baseline of risk and a figure of performance must not take for profit or loss.
  public func flows(_ account: String, after: Instant? = nil) throws -> [(
    time: Instant, amount: Amount
  )] {
    try Row.fetchAllCached(
      db,
      sql: """
        SELECT time, flow FROM entry WHERE account = ? AND time > ? AND flow IS NOT NULL
        ORDER BY time, id
        """, arguments: [account, after?.milliseconds ?? .min]
    ).map { (time: $0.instant("time"), amount: try $0.amount("flow")) }
  }

  /// The split of a symbol at a time, if it is booked for an account.
  func split(_ symbol: Symbol, at time: Instant, _ account: String) throws -> Bool {
    try Bool.fetchOneCached(
      db,
      sql: """
        SELECT EXISTS (SELECT 1 FROM entry
          WHERE symbol = ? AND time = ? AND kind = 'split' AND account = ?)
        """, arguments: [symbol.description, time.milliseconds, account]) ?? false
  }

  /// The sum of all that was posted to what an account holds, by asset; nothing that is zero.
  public func balances(_ account: String) throws -> [String: Amount] {
    let rows = try Row.fetchAllCached(
      db,
      sql: """
        SELECT asset, amount FROM posting JOIN entry ON entry.id = posting.entry
        WHERE entry.account = ? AND book = 'held'
        """, arguments: [account])
    var sums: [String: Amount] = [:]
    for row in rows {
      let asset: String = row["asset"]
      sums[asset] = try (sums[asset] ?? .zero).adding(try row.amount("amount"))
    }
    return sums.filter { $0.value != .zero }
  }

  /// The fees that an account has paid, by asset: a sum that is kept, however many there were.
  public func fees(_ account: String) throws -> [String: Amount] {
    let rows = try Row.fetchAllCached(
      db, sql: "SELECT asset, amount FROM fee_total WHERE account = ?", arguments: [account])
    return try rows.reduce(into: [:]) { sums, row in sums[row["asset"]] = try row.amount("amount") }
  }

  /// The fees that an account has paid, by asset, added up from all postings.
  static func countedFees(_ db: Database) throws -> [String: [String: Amount]] {
    var sums: [String: [String: Amount]] = [:]
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT account, asset, amount FROM posting JOIN entry ON entry.id = posting.entry
        WHERE book = 'fees'
        """)
    while let row = try rows.next() {
      let (account, asset): (String, String) = (row["account"], row["asset"])
      sums[account, default: [:]][asset] = try (sums[account]?[asset] ?? .zero).adding(
        row.amount("amount"))
    }
    return sums
  }

  private func entry(_ row: Row) throws -> Entry {
    let id: Int64 = row["id"]
    let postings = try Row.fetchAllCached(
      db, sql: "SELECT * FROM posting WHERE entry = ? ORDER BY n", arguments: [id]
    ).map {
      Entry.Posting(try $0.value("book"), $0["asset"], try $0.amount("amount"))
    }
    let order = (row["client_id"] as String?).map { ClientOrderID($0) }
    return Entry(
      id: id, account: row["account"], kind: try row.value("kind"), time: row.instant("time"),
      reason: row["reason"], symbol: (row["symbol"] as String?).flatMap { Symbol($0) },
      flow: try row.amountIfAny("flow"),
      fill: order.map { Entry.FillID(order: $0, number: row["fill"]) }, postings: postings)
  }
}

extension EntryTable where Tx == WriteTransaction {
  /// Books an entry. What is held is changed by the caller in the same transaction.
  ///
  /// - Returns: its number.
  /// - Throws: exit 70 when the postings do not balance: nothing of the transaction stays.
  @discardableResult
  func post(
    _ kind: Entry.Kind, _ account: String, at time: Instant, reason: String, symbol: Symbol? = nil,
    flow: Amount? = nil, fill: Entry.FillID? = nil, _ postings: [Entry.Posting]
  ) throws -> Int64 {
    let rest = try Entry.imbalance(postings)
    guard rest.isEmpty else {
      throw Fault(
        "book", "a \(kind) of account \(account)",
        cause: "its postings do not balance: \(rest.sorted { $0.key < $1.key })", exit: .internal)
    }
    try db.run(
      """
      INSERT INTO entry (account, kind, time, reason, symbol, flow, client_id, fill, created)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, account, kind.rawValue, time, reason, symbol, flow, fill?.order, fill?.number, tx.now)
    let id = db.lastInsertedRowID
    let moved = postings.filter { $0.amount != .zero }
    try insert(moved, of: id)
    for posting in moved where posting.book == .fees { try add(posting, toFeesOf: account) }
    return id
  }

  /// Inserts the postings of an entry by one statement: a trade has six.
  private func insert(_ postings: [Entry.Posting], of entry: Int64) throws {
    guard !postings.isEmpty else { return }
    let rows = postings.indices.map { _ in "(?, ?, ?, ?, ?)" }.joined(separator: ", ")
    let statement = try HotStatement(
      db, "INSERT INTO posting (entry, n, book, asset, amount) VALUES \(rows)")
    for (n, posting) in postings.enumerated() {
      statement.bind(
        from: Int32(n * 5), entry, n, posting.book.rawValue, posting.asset, posting.amount)
    }
    _ = try statement.run()
  }

  private func add(_ posting: Entry.Posting, toFeesOf account: String) throws {
    let before = try db.row(
      "SELECT amount FROM fee_total WHERE account = ? AND asset = ?", account, posting.asset
    ) { try $0.amount() }
    try Self.keep(
      (before ?? .zero).adding(posting.amount), of: posting.asset, account, in: db)
  }

  private static func keep(
    _ amount: Amount, of asset: String, _ account: String, in db: Database
  ) throws {
    try db.run(
      """
      INSERT INTO fee_total (account, asset, amount) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET amount = excluded.amount
      """, account, asset, amount)
  }

  /// Keeps the sums of a database that has none yet.
  @Sendable static func recountFees(_ db: Database) throws {
    for (account, sums) in try countedFees(db) {
      for (asset, amount) in sums { try keep(amount, of: asset, account, in: db) }
    }
  }
}
