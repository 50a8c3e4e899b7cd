public import Domain
import GRDB

extension AccountTable where Tx == WriteTransaction {
  /// Books what changed an account without a trade: the balanced entry, cash and position, in one
  /// transaction.
  ///
  /// A split changes the quantity, leaves the cost, and divides the candles before it by the ratio,
  /// so that indicators see no jump; what was made of them is computed anew. Orders that work are not
  /// changed: it is refused while there are any of the symbol.
  ///
  /// - Parameter time: when it happened; not later than the transaction's own time.
  /// - Throws: exit 65 when the account cannot pay, holds none of the symbol, or the event is booked
  ///   already; exit 66 when there is no such account; an `AmountError` when a product does not fit.
  public func book(
    _ event: CashEvent, account name: String, at time: Instant, reason: String
  ) throws -> CashEventRecord {
    let account = try known(name)
    guard time <= tx.now else {
      throw refused(event, account, "\(time) is later than now", "book it when it has happened")
    }
    switch event {
    case .deposit(let asset, let amount, let rate):
      try requirePositive(amount, event, account)
      try add(amount, of: asset, name)
      let flow = try amount.multiplied(by: rate)
      let entry = try tx.entries.post(
        .deposit, name, at: time, reason: reason, flow: flow,
        [.init(.held, asset, amount), .init(.owner, asset, try amount.negated())])
      return try record(entry, [asset], name)
    case .withdrawal(let asset, let amount, let rate):
      if try !takeHolding(amount, of: asset, event, account) {
        try take(amount, of: asset, event, account)
      }
      let flow = try amount.multiplied(by: rate).negated()
      let entry = try tx.entries.post(
        .withdrawal, name, at: time, reason: reason, flow: flow,
        [.init(.held, asset, try amount.negated()), .init(.owner, asset, amount)])
      return try record(entry, [asset], name)
    case .transfer(let asset, let amount, let rate, let other):
      return try transfer(asset, amount, rate, from: account, to: other, event, time, reason)
    case .dividend(let symbol, let amount):
      try requirePositive(amount, event, account)
      guard try position(symbol, name).quantity > .zero else {
        throw refused(event, account, "it holds no \(symbol)", "name the account that does")
      }
      try add(amount, of: symbol.quote, name)
      let entry = try tx.entries.post(
        .dividend, name, at: time, reason: reason, symbol: symbol,
        [.init(.held, symbol.quote, amount), .init(.income, symbol.quote, try amount.negated())])
      return try record(entry, [symbol.quote], name)
    case .fee(let asset, let amount):
      try take(amount, of: asset, event, account)
      let entry = try tx.entries.post(
        .fee, name, at: time, reason: reason,
        [.init(.held, asset, try amount.negated()), .init(.fees, asset, amount)])
      return try record(entry, [asset], name)
    case .settlement(let symbol, let price):
      return try settle(symbol, at: price, event, account, time, reason)
    case .split(let symbol, let new, let old):
      return try split(symbol, new: new, old: old, event, account, time, reason)
    }
  }

  private func transfer(
    _ asset: String, _ amount: Amount, _ rate: Amount, from account: Account, to other: String,
    _ event: CashEvent, _ time: Instant, _ reason: String
  ) throws -> CashEventRecord {
    let target = try known(other)
    guard target.quote == account.quote, target.mode == account.mode, other != account.name else {
      throw refused(
        event, account,
        "\(other) is a \(target.mode) account in \(target.quote), this one \(account.mode) in "
          + "\(account.quote)", "transfer between two accounts of one mode and one quote asset")
    }
    try take(amount, of: asset, event, account)
    try add(amount, of: asset, other)
    let (flow, minus) = (try amount.multiplied(by: rate), try amount.negated())
    let entry = try tx.entries.post(
      .transfer, account.name, at: time, reason: "\(reason) (to \(other))",
      flow: try flow.negated(), [.init(.held, asset, minus), .init(.owner, asset, amount)])
    try tx.entries.post(
      .transfer, other, at: time, reason: "\(reason) (from \(account.name))", flow: flow,
      [.init(.held, asset, amount), .init(.owner, asset, minus)])
    return try record(entry, [asset], account.name)
  }

  private func settle(
    _ symbol: Symbol, at price: Amount, _ event: CashEvent, _ account: Account, _ time: Instant,
    _ reason: String
  ) throws -> CashEventRecord {
    guard !price.isNegative else {
      throw refused(event, account, "\(price) is below zero", "give the price of one unit, or 0")
    }
    let held = try requireIdle(symbol, event, account)
    let paid = try held.quantity.multiplied(by: price)
    try set(Position(symbol: symbol, quantity: .zero, cost: .zero), account.name)
    try add(paid, of: symbol.quote, account.name)
    let entry = try tx.entries.post(
      .settlement, account.name, at: time, reason: reason, symbol: symbol,
      [
        .init(.held, symbol.base, try held.quantity.negated()),
        .init(.issuer, symbol.base, held.quantity), .init(.held, symbol.quote, paid),
        .init(.issuer, symbol.quote, try paid.negated()),
      ])
    return try record(entry, [symbol.base, symbol.quote], account.name)
  }

  private func split(
    _ symbol: Symbol, new: Amount, old: Amount, _ event: CashEvent, _ account: Account,
    _ time: Instant, _ reason: String
  ) throws -> CashEventRecord {
    guard new > .zero, old > .zero, new != old else {
      throw refused(
        event, account, "\(new) for \(old) is no split", "write it like 4:1, or 1:10 for a reverse")
    }
    guard try !tx.entries.split(symbol, at: time, account.name) else {
      throw refused(event, account, "it is booked already for that time", "nothing is left to do")
    }
    let held = try requireIdle(symbol, event, account)
    let quantity = try held.quantity.multiplied(by: new, rounding: .towardsZero)
      .divided(by: old, rounding: .towardsZero)
    let change = try quantity.subtracting(held.quantity)
    try set(Position(symbol: symbol, quantity: quantity, cost: held.cost), account.name)
    let entry = try tx.entries.post(
      .split, account.name, at: time, reason: reason, symbol: symbol,
      [.init(.held, symbol.base, change), .init(.issuer, symbol.base, try change.negated())])
    var record = try record(entry, [symbol.base], account.name)
    // The candles are everybody's: only the first account's event adjusts them.
    if try !isAdjusted(symbol, at: time, by: entry) {
      record.adjustedCandles = try tx.candles.divide(
        symbol, before: time, by: new.double / old.double)
    }
    return record
  }

  private func isAdjusted(_ symbol: Symbol, at time: Instant, by entry: Int64) throws -> Bool {
    try Bool.fetchOneCached(
      db,
      sql: """
        SELECT EXISTS (SELECT 1 FROM entry
          WHERE symbol = ? AND time = ? AND kind = 'split' AND id <> ?)
        """, arguments: [symbol.description, time.milliseconds, entry]) ?? false
  }

  // What several events need.

  private func known(_ name: String) throws -> Account {
    guard let account = try account(name) else {
      let names = try all().map(\.name).joined(separator: ", ")
      throw Fault(
        "book for account", name, cause: "there is no such account",
        remedy: names.isEmpty
          ? "an account begins with its first rebalance: carillon job run rebalance"
          : "known are: \(names)", exit: .noInput)
    }
    return account
  }

  /// The holding of a symbol that no order works on.
  private func requireIdle(
    _ symbol: Symbol, _ event: CashEvent, _ account: Account
  ) throws -> Position {
    let held = try position(symbol, account.name)
    guard held.quantity != .zero else {
      throw refused(event, account, "it holds no \(symbol)", "name the account that does")
    }
    let working = try tx.orders.working(account.name).filter { $0.order.key.symbol == symbol }
    guard working.isEmpty else {
      throw refused(
        event, account, "\(working.count) orders of \(symbol) work at the venue",
        "cancel them first: carillon halt --cancel-orders")
    }
    return held
  }

  private func requirePositive(
    _ amount: Amount, _ event: CashEvent, _ account: Account
  ) throws {
    guard amount > .zero else {
      throw refused(event, account, "\(amount) is not above zero", "give the amount without a sign")
    }
  }

  /// Takes an amount off a holding, with its part of the cost; false where that asset is none, or cash.
  private func takeHolding(
    _ amount: Amount, of asset: String, _ event: CashEvent, _ account: Account
  ) throws -> Bool {
    guard asset != account.quote, let symbol = Symbol(base: asset, quote: account.quote),
      try position(symbol, account.name).quantity > .zero,
      try amount > cash(account.name)[asset] ?? .zero
    else { return false }
    try requirePositive(amount, event, account)
    let held = try requireIdle(symbol, event, account)
    guard amount <= held.quantity else {
      throw refused(
        event, account, "it holds only \(held.quantity) \(asset)", "give a smaller amount")
    }
    let rest = try held.quantity.subtracting(amount)
    let cost = try held.cost.multiplied(by: rest, rounding: .towardsZero)
      .divided(by: held.quantity, rounding: .towardsZero)
    try set(Position(symbol: symbol, quantity: rest, cost: cost), account.name)
    return true
  }

  private func take(
    _ amount: Amount, of asset: String, _ event: CashEvent, _ account: Account
  ) throws {
    try requirePositive(amount, event, account)
    let there = try cash(account.name)[asset] ?? .zero
    guard amount <= there else {
      throw refused(
        event, account, "there are only \(there) \(asset) of cash",
        "sell first, or give a smaller amount")
    }
    let promised = try promised(asset, account)
    guard amount <= (try there.subtracting(promised)) else {
      throw refused(
        event, account,
        "of \(there) \(asset) of cash \(promised) are promised to purchases that work",
        "cancel them first: carillon halt --cancel-orders")
    }
    try set(cash: try there.subtracting(amount), of: asset, account.name)
  }

  /// What resting purchases may still cost on paper, where nobody else keeps it back; an exchange lets
  /// go only of what is free, and what it let go of is booked as it was.
  private func promised(_ asset: String, _ account: Account) throws -> Amount {
    guard account.mode == .paper else { return .zero }
    var sum = Amount.zero
    for record in try tx.orders.working(account.name) {
      guard record.order.side == .buy, record.order.key.symbol.quote == asset,
        let limit = record.order.limit
      else { continue }
      sum = try sum.adding(record.remaining.multiplied(by: limit, rounding: .up))
    }
    return sum
  }

  private func add(_ amount: Amount, of asset: String, _ account: String) throws {
    try set(
      cash: try (try cash(account)[asset] ?? .zero).adding(amount), of: asset, account)
  }

  private func record(
    _ entry: Int64, _ assets: [String], _ account: String
  ) throws -> CashEventRecord {
    let held = try held(account)
    return CashEventRecord(
      entry: entry,
      held: Dictionary(uniqueKeysWithValues: Set(assets).map { ($0, held[$0] ?? .zero) }))
  }

  private func refused(
    _ event: CashEvent, _ account: Account, _ cause: String, _ remedy: String
  ) -> Fault {
    Fault(
      "book", "a \(event.kind) of account \(account.name)", cause: cause, remedy: remedy,
      exit: .data)
  }
}
