import Domain
import Store

/// An account's holdings with their values, weights and targets, ready to be shown.
struct PortfolioView {
  /// One asset that is held or wanted.
  struct Row {
    var asset: String
    var quantity: Amount
    var price: Amount?
    var value: Amount
    var weight: Amount
    var target: Amount?
  }

  let account: Account
  let rows: [Row]
  let equity: Amount
  let cash: Amount
  let fees: [String: Amount]
  let markedAt: Instant?

  /// The portfolio of an account; nil when there is no such account.
  ///
  /// - Throws: a `Fault` when the ledger's amounts do not fit.
  init?(_ transaction: ReadTransaction, account name: String) throws {
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

  /// The decimal places that amounts of the quote asset are shown with.
  private var places: Int { account.initial < Amount(1000) ? 6 : 2 }

  /// The holdings as a table.
  var table: Table {
    var table = Table("ASSET", ">QTY", ">PRICE", ">VALUE", ">WEIGHT", ">TARGET", ">DRIFT")
    for row in rows {
      let isCash = row.asset == account.quote
      table.add(
        row.asset, isCash ? "" : "\(row.quantity)",
        row.price.map { $0.formatted(places: max(places, $0 < .one ? 8 : 2)) } ?? "",
        row.value.formatted(places: places), Self.percent(row.weight),
        row.target.map(Self.percent) ?? "",
        row.target.map { Self.points(row.weight, $0) } ?? "")
    }
    return table
  }

  /// Equity, and what it was at the start.
  var summary: String {
    let change =
      account.initial > .zero
      ? " (\(Self.signed((equity.double / account.initial.double - 1) * 100)) % since the start)"
      : ""
    return "equity \(equity.formatted(places: places)) \(account.quote)\(change)"
  }

  /// The fees paid so far.
  var feesText: String {
    let texts = fees.sorted { $0.key < $1.key }
      .map { "\($0.value.formatted(places: places)) \($0.key)" }
    return texts.isEmpty ? "none" : texts.joined(separator: ", ")
  }

  private static func percent(_ weight: Amount) -> String {
    Amount(units: weight.units * 100).formatted(places: 1) + "%"
  }

  private static func points(_ weight: Amount, _ target: Amount) -> String {
    let drift = Amount(units: (weight.units - target.units) * 100)
    return (drift > .zero ? "+" : "") + drift.formatted(places: 1)
  }

  private static func signed(_ value: Double) -> String {
    do {
      let amount = try Amount(observed: value)
      return (value > 0 ? "+" : "") + amount.formatted(places: 2)
    } catch {
      return "\(value)"
    }
  }
}
