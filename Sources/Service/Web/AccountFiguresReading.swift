import Domain
import Jobs
import Portfolio
import Settings
import Store

/// Gathers what metrics tell of an account: by the one valuation, and without reading what grows.
struct AccountFiguresReading {
  let transaction: ReadTransaction
  /// The limits and zones of accounts, by name.
  let accounts: [String: AccountSettings]
  let totals: TradingTotals
  /// The accounts whose books and venue cannot be brought together.
  let mismatched: Set<String>
  let now: Instant

  /// Of an account so many positions are told at most.
  static let maximumPositions = 1000

  /// The figures of all accounts.
  ///
  /// - Throws: a `Fault` of the database, or `AmountError` when a figure does not fit.
  func all() throws -> [MetricsFacts.AccountFigures] {
    try transaction.accounts.all().map(figures)
  }

  private func figures(of account: Account) throws -> MetricsFacts.AccountFigures {
    let latest = try transaction.equity.latest(account.name)
    let orders = try transaction.orders.counts(account.name)
    var figures = MetricsFacts.AccountFigures(
      name: account.name, currency: account.quote, mode: account.mode.rawValue,
      equity: latest?.equity, cash: latest?.cash,
      orders: OrderState.allCases.compactMap { state in orders[state].map { (state, $0) } })
    let (valuation, _) = try AccountReading(transaction).valuation(of: account)
    figures.positions = try positions(of: account, valuation)
    figures.unrealised = try unrealised(of: account, valuation)
    figures.totals = totals.isComplete ? totals.accounts[account.name] ?? .init() : nil
    figures.statement = try transaction.statements.latest(account.name).map {
      ($0.time, $0.differences)
    }
    figures.isMismatched = mismatched.contains(account.name)
    guard let settings = accounts[account.name] else { return figures }
    let (reading, baseline) = try RiskWatch(account.name, settings)
      .look(transaction, valuation, now: now)
    (figures.limits, figures.baseline) = (reading.lines, baseline)
    if let peak = baseline?.peak, let equity = valuation.equity, peak > .zero {
      figures.drawdown =
        equity < peak ? try peak.subtracting(equity).divided(by: peak) : .zero
    }
    return figures
  }

  private func positions(
    of account: Account, _ valuation: Valuation
  ) throws -> [MetricsFacts.PositionFigures] {
    let plan = try transaction.plans.latest(account: account.name)
    let lines = try plan.map { try transaction.plans.lines($0.id) } ?? []
    var targets = Dictionary(
      lines.map { ($0.symbol, $0.targetWeight) }, uniquingKeysWith: { first, _ in first })
    var positions: [MetricsFacts.PositionFigures] = []
    for item in valuation.items {
      guard let symbol = item.symbol else { continue }
      var weight: Amount?
      if let value = item.value, let equity = valuation.equity {
        weight = equity > .zero ? try value.divided(by: equity) : .zero
      }
      positions.append(
        .init(
          symbol: symbol.description, value: item.value, weight: weight,
          target: targets.removeValue(forKey: symbol)))
    }
    for (symbol, target) in targets.sorted(by: { $0.key < $1.key }) where target > .zero {
      positions.append(
        .init(symbol: symbol.description, value: .zero, weight: .zero, target: target))
    }
    return Array(positions.prefix(Self.maximumPositions))
  }

  private func unrealised(of account: Account, _ valuation: Valuation) throws -> Amount? {
    let costs = Dictionary(
      try transaction.accounts.positions(account.name).map { ($0.symbol, $0.cost) },
      uniquingKeysWith: { first, _ in first })
    var sum = Amount.zero
    for item in valuation.items {
      guard let symbol = item.symbol else { continue }
      guard let value = item.value else { return nil }
      sum = try sum.adding(value).subtracting(costs[symbol] ?? .zero)
    }
    return sum
  }
}
