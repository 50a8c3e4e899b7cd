import ArgumentParser
import Domain
import Portfolio
import Service
import Store

/// `carillon portfolio history`
struct PortfolioHistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show what an account became, and what holding would have.",
    discussion: """
      Deposits and withdrawals do not count as profit: returns are time-weighted (Modified Dietz \
      between the points); `money-weighted` is the internal rate of return a year. `hold` is a \
      purchase of the same instruments in equal parts at the first point. Ratios are of daily returns, \
      365 days a year, without a risk-free rate.
      """)

  @Option(help: "One account; all of them unless named.")
  var account: String?

  @Option(help: "From this time on, like 2026-03-08T07:00:00Z.")
  var from: String?

  @Option(help: "Up to this time.")
  var to: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for (name, text) in [("--from", from), ("--to", to)] {
      if let text, Instant(rfc3339: text) == nil {
        throw ValidationError("\(name) \(text) is no time; write it like 2026-03-08T07:00:00Z")
      }
    }
  }

  func run() throws {
    let store = try Workspace(global).existingStore()
    let clock = try global.clock()
    let histories = try store.read { transaction in
      let names = try account.map { [$0] } ?? transaction.accounts.all().map(\.name)
      return try names.compactMap {
        try PortfolioHistory(
          transaction, account: $0, from: from.flatMap { Instant(rfc3339: $0) },
          through: to.flatMap { Instant(rfc3339: $0) })
      }
    }
    try store.close()
    if histories.isEmpty, let account {
      throw Fault(
        "show", "account \(account)", cause: "there is no such account",
        remedy: "carillon portfolio shows all accounts", exit: .usage)
    }
    if output.json {
      return Console.out(
        .object([
          .init("schema", .string("carillon.portfolio.histories/1")),
          .init("accounts", .array(histories.map(\.json))),
        ]))
    }
    if histories.isEmpty { Console.say("no portfolio yet: rebalance has not run") }
    for history in histories {
      if histories.count > 1 { Console.out("── \(history.account.name) ──") }
      show(history, clock)
    }
  }

  private func show(_ history: PortfolioHistory, _ clock: Clock) {
    guard let first = history.points.first, let last = history.points.last else {
      return Console.say("\(history.account.name) was never valued")
    }
    if !output.plain {
      EquityChart(history.points.map(\.equity.double)).lines.forEach { Console.out($0) }
    }
    Console.out(
      "\(clock.text(first.time)) to \(clock.text(last.time)), valued \(history.points.count) times")
    var table = Table("", ">ACCOUNT", ">HOLD")
    table.add("return", Self.percent(last.growth - 1), last.hold.map { Self.percent($0 - 1) } ?? "")
    if let rate = history.moneyWeightedReturn {
      table.add("money-weighted, a year", Self.percent(rate))
    }
    table.add("deepest drawdown", Self.percent(-(history.drawdowns.first?.depth ?? 0)))
    if let figures = history.figures {
      table.add("volatility, a year", Self.percent(figures.volatility))
      table.add("Sharpe", Self.ratio(figures.sharpe))
      table.add("Sortino", Self.ratio(figures.sortino))
    }
    if let exposure = history.exposure { table.add("mean exposure", Self.percent(exposure)) }
    if let turnover = history.turnover { table.add("turnover", Self.ratio(turnover) + " x") }
    output.print(table)
    for (symbol, amount) in history.realised.sorted(by: { $0.key < $1.key })
    where amount != .zero {
      Console.out("realised \(symbol) \(amount) \(symbol.quote)")
    }
    for (asset, amount) in history.fees.sorted(by: { $0.key < $1.key }) {
      Console.out("fees \(amount) \(asset)")
    }
    for flow in history.flows {
      Console.out("\(clock.text(flow.time)) paid in \(flow.amount) \(history.account.quote)")
    }
  }

  private static func percent(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    let hundredths = (value * 10_000).rounded() / 100
    return "\(hundredths > 0 ? "+" : "")\(hundredths) %"
  }

  private static func ratio(_ value: Double) -> String {
    value.isFinite ? "\((value * 100).rounded() / 100)" : "-"
  }
}

/// `carillon portfolio drift`
struct PortfolioDriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Show how far each weight was from its target when it was last planned.",
    discussion: "Exit 1 where an instrument outside its band was left alone.")

  @Option(help: "One account; all of them unless named.")
  var account: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try Workspace(global).existingStore()
    let clock = try global.clock()
    let found = try store.read { transaction in
      let names = try account.map { [$0] } ?? transaction.accounts.all().map(\.name)
      return try names.compactMap { name in
        try transaction.plans.latest(account: name).map {
          (plan: $0, lines: try transaction.plans.lines($0.id))
        }
      }
    }
    try store.close()
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.portfolio.drift/1")),
          .init("accounts", .array(found.map { Self.json($0.plan, $0.lines) })),
        ]))
    } else if found.isEmpty {
      Console.say("no plan yet: rebalance has not run")
    } else {
      for (plan, lines) in found {
        if found.count > 1 { Console.out("── \(plan.account) ──") }
        var table = Table("SYMBOL", ">WEIGHT", ">TARGET", ">DRIFT", "DECISION", "WHY")
        for line in lines {
          table.add(
            "\(line.symbol)", Self.percent(line.weight), Self.percent(line.targetWeight),
            Self.percent(Self.drift(line)), line.decision.rawValue,
            line.reason ?? line.targetReason)
        }
        output.print(table)
        Console.out("planned for \(clock.text(plan.slot.time))")
      }
    }
    if found.contains(where: { $0.lines.contains(where: Self.isLeftOutside) }) { throw leave(.no) }
  }

  /// Held for another reason than that it is close enough, though its target is elsewhere.
  private static func isLeftOutside(_ line: PlanLine) -> Bool {
    line.decision == .hold && drift(line) != .zero
      && line.reason.map { !$0.contains("inside band") } ?? false
  }

  private static func drift(_ line: PlanLine) -> Amount {
    Amount(units: line.targetWeight.units - line.weight.units)
  }

  private static func percent(_ weight: Amount) -> String {
    Amount(units: weight.units * 100).formatted(places: 2) + " %"
  }

  private static func json(_ plan: Plan, _ lines: [PlanLine]) -> JSONValue {
    .object([
      .init("account", .string(plan.account)), .init("slot", .string("\(plan.slot)")),
      .init(
        "lines",
        .array(
          lines.map { line in
            .object([
              .init("symbol", .string("\(line.symbol)")),
              .init("weight", .string("\(line.weight)")),
              .init("target", .string("\(line.targetWeight)")),
              .init("drift", .string("\(drift(line))")),
              .init("decision", .string(line.decision.rawValue)),
              .init("reason", line.reason.map { .string($0) } ?? .null),
            ])
          })),
    ])
  }
}
