public import Domain
import Jobs
import Portfolio
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
    /// What is held of it is worth; nil where no price is known.
    public var value: Amount?
    /// Its part of the equity, from 0 to 1; nil where either is not known.
    public var weight: Amount?
    /// The part that it should have; nil where the newest plan names none.
    public var target: Amount?
  }

  /// The account.
  public let account: Account
  /// What is held or wanted, by symbol; cash last.
  public let rows: [Row]
  /// What all of it is worth, by the one valuation; nil when that is not known.
  public let equity: Amount?
  /// Why the equity is not known; nil when it is.
  public let unknown: String?
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
    let (valuation, marked) = try AccountReading(transaction).valuation(of: account)
    fees = try transaction.entries.fees(name)
    let plan = try transaction.plans.latest(account: name)
    let lines = try plan.map { try transaction.plans.lines($0.id) } ?? []
    (equity, unknown, markedAt, cash) = (
      valuation.equity, valuation.unknown, marked, valuation.cash
    )
    func weight(_ value: Amount?) throws -> Amount? {
      guard let value, let equity = valuation.equity else { return nil }
      return equity > .zero ? try value.divided(by: equity) : .zero
    }
    let targets = Dictionary(
      lines.map { ($0.symbol, $0) }, uniquingKeysWith: { first, _ in first })
    var rows: [Row] = []
    for item in valuation.items where item.asset != account.quote {
      let line = item.symbol.flatMap { targets[$0] }
      rows.append(
        Row(
          asset: item.asset, quantity: item.quantity, price: item.rate?.price, value: item.value,
          weight: try weight(item.value), target: line?.targetWeight))
    }
    let held = Set(valuation.items.compactMap(\.symbol))
    for line in lines where line.targetWeight > .zero && !held.contains(line.symbol) {
      rows.append(
        Row(
          asset: line.symbol.base, quantity: .zero, price: line.price, value: .zero,
          weight: .zero, target: line.targetWeight))
    }
    self.rows =
      rows.sorted { $0.asset < $1.asset } + [
        Row(
          asset: account.quote, quantity: cash, price: nil, value: cash, weight: try weight(cash),
          target: nil)
      ]
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
      .init("unknown", unknown.map { .string($0) } ?? .null),
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
