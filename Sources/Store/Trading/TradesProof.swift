import Domain
import GRDB

/// Whether the trades of all accounts are booked as they were: each is derived anew from its own row
/// (what came of the base asset, what left of the quote asset, its fee), and its entry must say the
/// same; and each order is filled by its trades and nothing else. A fee that was told after its trade
/// has an entry of its own.
struct TradesProof {
  /// Where they are not, in words.
  private(set) var findings: [String] = []

  private static let maximumFindings = 20

  /// Goes through all trades, an order after the other.
  init(_ db: Database) throws {
    // Trades had a number before schema 5, and a name since.
    let hasNames = try db.columns(in: "fill").contains { $0.name == "trade" }
    let trade = hasNames ? "fill.trade" : "CAST(fill.number AS TEXT)"
    let lateFees = try Self.lateFees(db)
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT fill.client_id, \(trade) AS trade, fill.quantity, fill.value, fill.fee, fill.fee_asset,
          orders.account, orders.symbol, orders.side, orders.filled AS order_filled,
          orders.value AS order_value, entry.id AS entry, posting.asset, posting.amount
        FROM fill JOIN orders ON orders.client_id = fill.client_id
        LEFT JOIN entry ON entry.client_id = fill.client_id AND entry.fill = \(trade)
          AND entry.client_id IS NOT NULL
        LEFT JOIN posting ON posting.entry = entry.id AND posting.book = 'held'
        ORDER BY fill.client_id, trade
        """)
    var (order, current): (Filled?, Trade?) = (nil, nil)
    while let row = try rows.next(), findings.count < Self.maximumFindings {
      if current?.isOf(row) != true {
        try close(current, lateFees)
        let next = try Trade(row)
        current = next
        if order?.id != next.order {
          close(order)
          order = try Filled(row)
        }
        try order?.add(row)
      }
      try current?.post(row)
    }
    try close(current, lateFees)
    close(order)
    try strangers(db, trade)
  }

  private mutating func close(_ trade: Trade?, _ lateFees: [String: [String: Amount]]) throws {
    guard let trade else { return }
    let name = "\(trade.account): trade \(trade.name) of \(trade.order)"
    guard trade.isPosted else { return findings.append("\(name) has no entry") }
    var posted = trade.posted
    let late = lateFees[FillTable<ReadTransaction>.lateFeeReason(trade.name, of: trade.order)]
    for (asset, amount) in late ?? [:] {
      posted[asset] = try (posted[asset] ?? .zero).adding(amount)
    }
    posted = posted.filter { $0.value != .zero }
    guard posted != trade.derived else { return }
    findings.append(
      "\(name): \(Self.told(trade.derived)) by the trade, \(Self.told(posted)) by its entry")
  }

  private mutating func close(_ order: Filled?) {
    guard let order, order.quantity != order.booked || order.value != order.bookedValue else {
      return
    }
    findings.append(
      "\(order.account): order \(order.id): filled \(order.booked) for \(order.bookedValue), "
        + "\(order.quantity) for \(order.value) from its trades")
  }

  /// What tells of trades that are not there.
  private mutating func strangers(_ db: Database, _ trade: String) throws {
    let entries = try Row.fetchAll(
      db,
      sql: """
        SELECT entry.account, entry.client_id, entry.fill FROM entry
        LEFT JOIN fill ON fill.client_id = entry.client_id AND \(trade) = entry.fill
        WHERE entry.client_id IS NOT NULL AND fill.client_id IS NULL
        ORDER BY entry.client_id, entry.fill LIMIT ?
        """, arguments: [Self.maximumFindings])
    findings += entries.map {
      "\($0["account"] as String): an entry tells of trade \($0["fill"] as String) of "
        + "\($0["client_id"] as String), which is not there"
    }
    let nameless = try Row.fetchAll(
      db,
      sql: "SELECT account, id FROM entry WHERE kind = 'fill' AND client_id IS NULL LIMIT ?",
      arguments: [Self.maximumFindings])
    findings += nameless.map {
      "\($0["account"] as String): entry \($0["id"] as Int64) is a trade's, and names none"
    }
    let filled = try Row.fetchAll(
      db,
      sql: """
        SELECT account, client_id, filled FROM orders WHERE filled <> '0'
          AND NOT EXISTS (SELECT 1 FROM fill WHERE fill.client_id = orders.client_id) LIMIT ?
        """, arguments: [Self.maximumFindings])
    for row in filled where try row.amount("filled") != .zero {
      findings.append(
        "\(row["account"] as String): order \(row["client_id"] as String): filled "
          + "\(row["filled"] as String), and has no trades")
    }
  }

  private static func lateFees(_ db: Database) throws -> [String: [String: Amount]] {
    var fees: [String: [String: Amount]] = [:]
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT reason, asset, amount FROM entry JOIN posting ON posting.entry = entry.id
        WHERE kind = 'fee' AND client_id IS NULL AND book = 'held' AND reason LIKE ?
        """, arguments: ["\(FillTable<ReadTransaction>.lateFeeBeginning)%"])
    while let row = try rows.next() {
      let (reason, asset): (String, String) = (row["reason"], row["asset"])
      fees[reason, default: [:]][asset] =
        try (fees[reason]?[asset] ?? .zero).adding(try row.amount("amount"))
    }
    return fees
  }

  private static func told(_ change: [String: Amount]) -> String {
    guard !change.isEmpty else { return "nothing" }
    return change.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}

/// A trade as its row has it, and what its entry posted to what is held.
private struct Trade {
  var account: String
  var order: String
  var name: String
  var derived: [String: Amount]
  var posted: [String: Amount] = [:]
  var isPosted: Bool

  init(_ row: Row) throws {
    (account, order, name) = (row["account"], row["client_id"], row["trade"])
    isPosted = (row["entry"] as Int64?) != nil
    let (symbol, isBuy) = (try row.symbol(), row["side"] as String == Side.buy.rawValue)
    let (quantity, value) = (try row.amount("quantity"), try row.amount("value"))
    var change: [String: Amount] = [:]
    func add(_ asset: String, _ amount: Amount) throws {
      change[asset] = try (change[asset] ?? .zero).adding(amount)
    }
    try add(symbol.base, isBuy ? quantity : try quantity.negated())
    try add(symbol.quote, isBuy ? try value.negated() : value)
    if let fee = try row.amountIfAny("fee") { try add(row["fee_asset"], try fee.negated()) }
    derived = change.filter { $0.value != .zero }
  }

  func isOf(_ row: Row) -> Bool {
    order == row["client_id"] as String && name == row["trade"] as String
  }

  mutating func post(_ row: Row) throws {
    guard let asset = row["asset"] as String? else { return }
    posted[asset] = try (posted[asset] ?? .zero).adding(try row.amount("amount"))
  }
}

/// An order: how far it is filled by its own row, and by its trades.
private struct Filled {
  var id: String
  var account: String
  var booked: Amount
  var bookedValue: Amount
  var quantity = Amount.zero
  var value = Amount.zero

  init(_ row: Row) throws {
    (id, account) = (row["client_id"], row["account"])
    (booked, bookedValue) = (try row.amount("order_filled"), try row.amount("order_value"))
  }

  mutating func add(_ row: Row) throws {
    quantity = try quantity.adding(try row.amount("quantity"))
    value = try value.adding(try row.amount("value"))
  }
}
