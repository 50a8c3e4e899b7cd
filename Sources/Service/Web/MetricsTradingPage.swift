import Domain
import Jobs
import Portfolio
import Store

// What metrics tell of accounts: money, positions, limits and orders. Sums over currencies mean nothing.
extension MetricsFacts {
  func portfolio(_ text: inout MetricsText) {
    text.begin(
      "carillon_portfolio_equity", .gauge, "Cash and positions of an account, at last valuation.")
    for account in accounts {
      guard let equity = account.equity else { continue }
      text.add(MetricValue(equity), ["account": account.name, "currency": account.currency])
    }
    text.begin("carillon_portfolio_cash", .gauge, "Cash of an account, at last valuation.")
    for account in accounts {
      guard let cash = account.cash else { continue }
      text.add(MetricValue(cash), ["account": account.name, "currency": account.currency])
    }
    money("carillon_portfolio_unrealized_pnl", "What positions are worth beyond their cost.", &text)
    {
      $0.unrealised
    }
    money(
      "carillon_portfolio_realized_pnl",
      "What was earned on what was closed, as booked with the trades, since the database was made.",
      &text
    ) { $0.totals?.realised }
    money(
      "carillon_portfolio_day_start_equity",
      "The equity that the day of the limits of risk began with, what came in and went out counted in.",
      &text
    ) { $0.baseline?.dayEquity }
    money(
      "carillon_portfolio_slippage",
      "What trades cost beyond the prices of their decisions, before fees, since the database was made.",
      &text
    ) { $0.totals?.slippage }
    text.begin(
      "carillon_portfolio_drawdown_ratio", .gauge,
      "What an account lost since its highest equity, as a fraction of it.")
    for account in accounts {
      if let drawdown = account.drawdown {
        text.add(MetricValue(drawdown), ["account": account.name])
      }
    }
  }

  private func money(
    _ name: String, _ help: String, _ text: inout MetricsText,
    _ amount: (AccountFigures) -> Amount?
  ) {
    text.begin(name, .gauge, help)
    for account in accounts {
      guard let amount = amount(account) else { continue }
      text.add(MetricValue(amount), ["account": account.name, "currency": account.currency])
    }
  }

  func positions(_ text: inout MetricsText) {
    let figures: [(String, String, (PositionFigures) -> Amount?)] = [
      (
        "carillon_position_value",
        "What is held of an instrument is worth, in the account's currency.",
        \.value
      ),
      (
        "carillon_position_weight_ratio",
        "What is held of an instrument, as a fraction of the equity.",
        \.weight
      ),
      (
        "carillon_position_target_ratio",
        "What should be held of an instrument by the newest plan, as a fraction of the equity.",
        \.target
      ),
    ]
    for (name, help, amount) in figures {
      text.begin(name, .gauge, help)
      for account in accounts {
        for position in account.positions {
          guard let amount = amount(position) else { continue }
          text.add(MetricValue(amount), ["account": account.name, "symbol": position.symbol])
        }
      }
    }
  }

  func risk(_ text: inout MetricsText) {
    let figures: [(String, String, (RiskReading.Line) -> MetricValue?)] = [
      (
        "carillon_risk_limit",
        "The bound of a limit of risk: a fraction of the equity, or a number.",
        { MetricValue($0.limit.bound) }
      ),
      (
        "carillon_risk_limit_used", "How much there is of what a limit of risk bounds.",
        { $0.used.map { MetricValue($0) } }
      ),
      (
        "carillon_risk_limit_passed", "Whether a limit of risk is passed and has not re-armed.",
        { MetricValue($0.since != nil) }
      ),
    ]
    for (name, help, value) in figures {
      text.begin(name, .gauge, help)
      for account in accounts {
        for line in account.limits {
          guard let value = value(line) else { continue }
          text.add(value, ["account": account.name, "limit": line.limit.name])
        }
      }
    }
  }

  func trading(_ text: inout MetricsText) {
    orders(&text)
    trades(&text)
    halts(&text)
  }

  private func orders(_ text: inout MetricsText) {
    text.begin("carillon_orders_total", .counter, "Orders that came to an end, by result.")
    for account in accounts {
      for (state, orders) in account.orders where state.isFinal {
        text.add(MetricValue(orders), ["account": account.name, "result": state.rawValue])
      }
    }
    text.begin(
      "carillon_gate_refusals_total", .counter,
      "Orders that the gate refused at the send, since this process started.")
    for (refusal, count) in refusals.sorted(by: { $0.key < $1.key }) {
      text.add(MetricValue(count), ["account": refusal.account, "kind": refusal.kind])
    }
    text.begin("carillon_orders_open", .gauge, "Orders that may still be filled.")
    for account in accounts {
      let open = account.orders.filter { $0.state.isWorking }.map(\.orders).reduce(0, +)
      text.add(MetricValue(open), ["account": account.name])
    }
    text.begin(
      "carillon_orders_in_doubt", .gauge,
      "Orders of which it is not known whether the venue has them.")
    for account in accounts {
      let doubts = account.orders.first { $0.state == .unknown }?.orders ?? 0
      text.add(MetricValue(doubts), ["account": account.name])
    }
    text.begin(
      "carillon_reconcile_mismatches", .gauge,
      "Whether books and venue of an account cannot be brought together.")
    for account in accounts {
      text.add(MetricValue(account.isMismatched), ["account": account.name])
    }
    text.begin(
      "carillon_statement_timestamp_seconds", .gauge,
      "When an account was last held against its venue.")
    for account in accounts {
      if let statement = account.statement {
        text.add(MetricValue(statement.time), ["account": account.name])
      }
    }
    text.begin(
      "carillon_statement_differences", .gauge,
      "Assets and trades of an account that were not the same at its venue, by the last statement.")
    for account in accounts {
      if let statement = account.statement {
        text.add(MetricValue(statement.differences), ["account": account.name])
      }
    }
  }

  private func trades(_ text: inout MetricsText) {
    text.begin("carillon_trades_total", .counter, "Trades, since the database was made.")
    for account in accounts {
      guard let totals = account.totals else { continue }
      for side in [Side.buy, .sell] {
        text.add(
          MetricValue(totals.trades[side] ?? 0),
          ["account": account.name, "side": side.rawValue])
      }
    }
    text.begin("carillon_fees_total", .counter, "Fees paid, since the database was made.")
    for account in accounts {
      for (asset, fee) in (account.totals?.fees ?? [:]).sorted(by: { $0.key < $1.key }) {
        text.add(MetricValue(fee), ["account": account.name, "currency": asset])
      }
    }
    text.begin(
      "carillon_decisions_total", .counter,
      "What rebalances decided about symbols, since metrics were first read of this process.")
    for account in accounts {
      guard let totals = account.totals else { continue }
      for decision in [PlanLine.Decision.buy, .sell, .later] {
        text.add(
          MetricValue(totals.decisions[decision] ?? 0),
          ["account": account.name, "action": decision.rawValue, "reason": ""])
      }
      for kind in PlanLine.HoldKind.allCases {
        text.add(
          MetricValue(totals.holds[kind] ?? 0),
          ["account": account.name, "action": "hold", "reason": kind.rawValue])
      }
    }
  }

  /// Who may order a halt; a source that is none of them counts as `other`.
  private static let haltSources = [
    "cli", "web", "telegram", "risk", "reconcile", "on-failure", "halt file", "other",
  ]

  private func halts(_ text: inout MetricsText) {
    text.begin("carillon_halted", .gauge, "Whether a halt of trading is in force.")
    text.add(MetricValue(isHalted))
    text.begin(
      "carillon_halts_total", .counter,
      "Halts by who ordered them, since the database was made.")
    var counts: [String: Int] = [:]
    for (source, count) in halts {
      counts[Self.haltSources.contains(source) ? source : "other", default: 0] += count
    }
    for source in Self.haltSources {
      text.add(MetricValue(counts[source] ?? 0), ["source": source])
    }
    text.begin(
      "carillon_deployments_total", .counter,
      "Deployments and returns to an earlier one that scripts have noted in the audit.")
    text.add(MetricValue(deployments))
  }
}
