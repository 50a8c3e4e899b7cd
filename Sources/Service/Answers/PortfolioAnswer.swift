public import Domain
public import Store

/// The answer to `portfolio`: an account's holdings with their values, weights and targets.
public struct PortfolioAnswer: Sendable {
  /// One asset that is held or wanted.
  public struct Row: Hashable, Sendable {
    /// The asset.
    public var asset: String
    /// How much of it is held.
    public var quantity: Amount
    /// What one of it is worth, in the account's quote; nil for the quote itself, or where none is known.
    public var price: Amount?
    /// What is held of it is worth.
    public var value: Amount
    /// Its part of the equity, from 0 to 1.
    public var weight: Amount
    /// The part that it should have; nil where the newest plan names none.
    public var target: Amount?
  }

  /// The account.
  public let account: Account
  /// What is held or wanted, by symbol; cash last.
  public let rows: [Row]
  /// What all of it is worth.
  public let equity: Amount
  /// The cash, in the account's quote.
  public let cash: Amount
  /// The fees paid so far, by asset.
  public let fees: [String: Amount]
  /// The slot of the plan whose prices these are; nil before the first.
  public let markedAt: Instant?

  /// The portfolio of an account; nil when there is no such account.
  ///
  /// - Throws: a `Fault` when the ledger's amounts do not fit.
  public init?(_ transaction: ReadTransaction, account name: String) throws {
    guard let account = try transaction.accounts.account(name) else { return nil }
    self.account = account
    cash = try transaction.accounts.cash(name)[account.quote] ?? .zero
    fees = try transaction.fills.fees(name)
    let plan = try transaction.plans.latest(account: name)
    let lines = try plan.map { try transaction.plans.lines($0.id) } ?? []
    markedAt = plan?.slot.time
    let positions = try transaction.accounts.positions(name)
    let symbols = Set(positions.map(\.symbol)).union(
      lines.filter { $0.targetWeight > .zero }.map(\.symbol))
    var total = cash
    var found: [(symbol: Symbol, quantity: Amount, price: Amount?, value: Amount)] = []
    for symbol in symbols.sorted() {
      let position = positions.first { $0.symbol == symbol }
      let quantity = position?.quantity ?? .zero
      let price = lines.first { $0.symbol == symbol }?.price
      let value =
        try price.map { try quantity.multiplied(by: $0) } ?? position?.cost ?? .zero
      total = try total.adding(value)
      found.append((symbol, quantity, price, value))
    }
    let whole = total
    func weight(_ value: Amount) throws -> Amount {
      whole > .zero ? try value.divided(by: whole) : .zero
    }
    rows =
      try found.map { entry in
        Row(
          asset: entry.symbol.base, quantity: entry.quantity, price: entry.price,
          value: entry.value, weight: try weight(entry.value),
          target: lines.first { $0.symbol == entry.symbol }?.targetWeight)
      } + [
        Row(
          asset: account.quote, quantity: cash, price: nil, value: cash, weight: try weight(cash),
          target: nil)
      ]
    equity = whole
  }

  /// The portfolio for machines: amounts are text.
  public var json: JSONValue {
    let holdings = rows.map { row in
      JSONValue.object([
        .init("asset", .string(row.asset)), .init("quantity", .amount(row.quantity)),
        .init("price", .amount(row.price)), .init("value", .amount(row.value)),
        .init("weight", .amount(row.weight)), .init("target", .amount(row.target)),
      ])
    }
    return .object([
      .init("account", .string(account.name)), .init("quote", .string(account.quote)),
      .init("mode", .string(account.mode.rawValue)), .init("equity", .amount(equity)),
      .init("cash", .amount(cash)), .init("initial", .amount(account.initial)),
      .init(
        "fees", .object(fees.sorted { $0.key < $1.key }.map { .init($0.key, .amount($0.value)) })),
      .init("marked_at", .time(markedAt)), .init("holdings", .array(holdings)),
    ])
  }
}

extension [PortfolioAnswer] {
  /// Portfolios as one answer for machines.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.portfolio/1")), .init("accounts", .array(map(\.json))),
    ])
  }
}
