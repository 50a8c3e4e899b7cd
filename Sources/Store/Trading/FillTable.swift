public import Domain
import GRDB

/// The trades of all accounts.
public struct FillTable<Tx: ReadTransaction> {
  let tx: Tx
  var db: Database { tx.db }

  /// The trades of an order, in order.
  public func ofOrder(_ id: ClientOrderID) throws -> [FillRecord] {
    try many("WHERE fill.client_id = ? ORDER BY fill.n", id)
  }

  /// The newest trades of an account, newest first.
  public func latest(_ account: String, limit: Int) throws -> [FillRecord] {
    // Back from the newest: an order of joins that SQLite would not choose by itself.
    try many(
      """
      WHERE orders.account = ? ORDER BY fill.time DESC, fill.client_id, fill.n LIMIT ?
      """, account, limit, join: "CROSS JOIN")
  }

  /// The trades of an account that were made after one instant and through another, oldest first.
  public func between(
    _ account: String, after: Instant, through: Instant
  ) throws -> [FillRecord] {
    try many(
      """
      WHERE fill.time > ? AND fill.time <= ? AND orders.account = ?
      ORDER BY fill.time, fill.client_id, fill.n
      """, after, through, account, join: "CROSS JOIN")
  }

  /// The newest trades of an instrument after one instant and through another, of all accounts, newest first.
  public func latest(
    of symbol: Symbol, after: Instant, through: Instant, limit: Int
  ) throws -> [FillRecord] {
    try many(
      """
      WHERE fill.time > ? AND fill.time <= ? AND orders.symbol = ?
      ORDER BY fill.time DESC, fill.client_id, fill.n LIMIT ?
      """, after, through, symbol.description, limit, join: "CROSS JOIN")
  }

  /// How much of an instrument an account has bought and sold beside one candle.
  ///
  /// - Parameter candle: when it opened.
  public func quantity(_ account: String, of symbol: Symbol, beside candle: Instant) throws
    -> Amount
  {
    let rows = try Row.fetchAllCached(
      db,
      sql: """
        SELECT fill.quantity FROM fill CROSS JOIN orders USING (client_id)
        WHERE fill.candle = ? AND orders.account = ? AND orders.symbol = ?
        """, arguments: [candle.milliseconds, account, symbol.description])
    return try rows.reduce(Amount.zero) { try $0.adding($1.amount("quantity")) }
  }

  /// All trades of an account, in the order in which they were booked.
  public func all(_ account: String) throws -> [FillRecord] {
    try many(
      """
      WHERE orders.account = ?
      ORDER BY fill.created, orders.plan, orders.position, fill.n
      """, account)
  }

  /// Where cash, positions and the figures of orders are not the sum of the fills, in words; empty
  /// when all is as it should be.
  ///
  /// Quantities and cash are added up from nothing but the fills and the initial cash.
  public func audit(_ account: Account) throws -> [String] {
    var cash = [account.quote: account.initial]
    var quantities: [Symbol: Amount] = [:]
    var filled: [ClientOrderID: (quantity: Amount, value: Amount)] = [:]
    for record in try all(account.name) {
      let (fill, symbol) = (record.fill, record.symbol)
      let (sum, worth) = filled[fill.order] ?? (.zero, .zero)
      filled[fill.order] = (try sum.adding(fill.quantity), try worth.adding(record.value))
      let isBuy = record.side == .buy
      let held = quantities[symbol] ?? .zero
      quantities[symbol] =
        isBuy ? try held.adding(fill.quantity) : try held.subtracting(fill.quantity)
      let quote = cash[symbol.quote] ?? .zero
      cash[symbol.quote] =
        isBuy ? try quote.subtracting(record.value) : try quote.adding(record.value)
      guard let fee = fill.fee else { continue }
      if fee.asset == symbol.base {
        quantities[symbol] = try quantities[symbol]?.subtracting(fee.amount)
      } else {
        cash[fee.asset] = try (cash[fee.asset] ?? .zero).subtracting(fee.amount)
      }
    }
    var findings: [String] = []
    func compare(_ what: String, _ booked: Amount, _ sum: Amount) {
      if booked != sum { findings.append("\(what): \(booked) booked, \(sum) from the fills") }
    }
    let booked = try tx.accounts.cash(account.name)
    for asset in Set(booked.keys).union(cash.keys).sorted() {
      compare("cash \(asset)", booked[asset] ?? .zero, cash[asset] ?? .zero)
    }
    let positions = try tx.accounts.positions(account.name)
    let held = Dictionary(uniqueKeysWithValues: positions.map { ($0.symbol, $0.quantity) })
    for symbol in Set(held.keys).union(quantities.keys).sorted() {
      compare("position \(symbol)", held[symbol] ?? .zero, quantities[symbol] ?? .zero)
    }
    for record in try tx.orders.all(account.name) {
      let sums = filled[record.order.id]
      compare("filled quantity of \(record.order.id)", record.filled, sums?.quantity ?? .zero)
      compare("filled value of \(record.order.id)", record.value, sums?.value ?? .zero)
      if record.order.state == .filled, record.remaining != .zero {
        findings.append("\(record.order.id) is filled, but \(record.remaining) remain")
      }
    }
    return findings
  }

  /// The words of the entry of a fee that was told after its trade.
  static func lateFeeReason(_ trade: String, of order: String) -> String {
    "\(lateFeeBeginning)\(trade) of \(order)"
  }

  /// What such words begin with.
  static var lateFeeBeginning: String { "the fee of trade " }

  func many<each Value: BoundValue>(
    _ clause: String, _ values: repeat each Value, join: String = "JOIN"
  ) throws -> [FillRecord] {
    try db.rows(
      "SELECT \(FillRecord.columns) FROM fill \(join) orders USING (client_id) \(clause)",
      repeat each values
    ) { try FillRecord(&$0) }
  }
}

extension FillTable where Tx == WriteTransaction {
  /// Books a trade: the fill, its order's figures, the position and the cash, exactly once however
  /// often it is told. The state of the order is moved by the caller.
  ///
  /// A trade that was told without its fee and is told again with it has the fee booked then. Its time is
  /// the one that was told first: the answer to an order and the venue's list need not agree on it to the
  /// millisecond.
  ///
  /// - Returns: whether it, or its fee, is new.
  /// - Throws: exit 70 when there is no such order, when more is filled than was ordered, or when
  ///   the same fill was told before with other numbers.
  @discardableResult
  public func insert(_ fill: Fill) throws -> Bool {
    guard let record = try tx.orders.order(fill.order) else {
      throw refused(fill, "there is no such order")
    }
    // An order of which nothing is filled has no trade on record.
    let known = record.filled == .zero ? [] : try ofOrder(fill.order)
    if let same = known.first(where: { $0.fill.trade == fill.trade }) {
      return try again(fill, same, record)
    }
    guard fill.quantity > .zero, fill.price > .zero else {
      throw refused(fill, "quantity and price must be positive")
    }
    guard fill.quantity <= record.remaining else {
      throw refused(fill, "it is more than remains of the order (\(record.remaining))")
    }
    let (account, symbol) = (record.order.key.account, record.order.key.symbol)
    let before = try tx.accounts.cash(account)
    var holding = Holding(position: try tx.accounts.position(symbol, account), cash: before)
    let effect = try holding.apply(fill, side: record.order.side)
    try insert(fill, effect, n: known.count)
    try post(fill, worth: effect.value, of: record.order)
    try tx.orders.addFilled(fill.quantity, worth: effect.value, to: record)
    try tx.accounts.set(holding.position, account)
    for (asset, amount) in holding.cash where before[asset] != amount {
      try tx.accounts.set(cash: amount, of: asset, account)
    }
    return true
  }

  /// A trade that is on record is told again: nothing is new, or its fee is.
  private func again(_ fill: Fill, _ known: FillRecord, _ order: OrderRecord) throws -> Bool {
    var told = fill
    told.time = known.fill.time
    if told.fee == nil { told.fee = known.fill.fee }
    if told == known.fill { return false }
    var awaited = told
    awaited.fee = nil
    guard let fee = told.fee, awaited == known.fill else {
      throw refused(fill, "it was told before with other numbers")
    }
    let (account, symbol) = (order.order.key.account, order.order.key.symbol)
    let before = try tx.accounts.cash(account)
    var holding = Holding(position: try tx.accounts.position(symbol, account), cash: before)
    let lost = try holding.pay(fee, side: order.order.side)
    try db.executeCached(
      sql: """
        UPDATE fill SET fee = ?, fee_asset = ?, realised = ? WHERE client_id = ? AND trade = ?
        """,
      arguments: [
        fee.amount.description, fee.asset, try known.realised.subtracting(lost).description,
        fill.order.text, fill.trade,
      ])
    try tx.entries.post(
      .fee, account, at: fill.time, reason: Self.lateFeeReason(fill.trade, of: fill.order.text),
      try Self.postings(of: fee))
    try tx.accounts.set(holding.position, account)
    for (asset, amount) in holding.cash where before[asset] != amount {
      try tx.accounts.set(cash: amount, of: asset, account)
    }
    return true
  }

  private func insert(_ fill: Fill, _ effect: Holding.Effect, n: Int) throws {
    try db.run(
      """
      INSERT INTO fill (client_id, trade, n, quantity, price, value, fee, fee_asset, realised,
        time, candle, created)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      fill.order, fill.trade, n, fill.quantity, fill.price, effect.value, fill.fee?.amount,
      fill.fee?.asset, effect.realised, fill.time, fill.candle, tx.now)
  }

  private func post(_ fill: Fill, worth value: Amount, of order: Order) throws {
    let (symbol, isBuy) = (order.key.symbol, order.side == .buy)
    let base = isBuy ? fill.quantity : try fill.quantity.negated()
    let quote = isBuy ? try value.negated() : value
    try tx.entries.post(
      .fill, order.key.account, at: fill.time, reason: order.side.rawValue,
      fill: Entry.FillID(order: fill.order, number: fill.trade),
      [
        .init(.held, symbol.base, base), .init(.market, symbol.base, try base.negated()),
        .init(.held, symbol.quote, quote), .init(.market, symbol.quote, try quote.negated()),
      ] + (try fill.fee.map { try Self.postings(of: $0) } ?? []))
  }

  private static func postings(of fee: Fill.Fee) throws -> [Entry.Posting] {
    [
      .init(.held, fee.asset, try fee.amount.negated()), .init(.fees, fee.asset, fee.amount),
    ]
  }

  private func refused(_ fill: Fill, _ cause: String) -> Fault {
    Fault("book", "trade \(fill.trade) of order \(fill.order)", cause: cause, exit: .internal)
  }
}
