import Domain
import Jobs
import Portfolio
import Service

/// Shows a plan that was looked at: what would be done, why, and under which id it can be carried out.
struct PlanView {
  let preview: PlanPreview
  let clock: Clock
  let output: OutputOptions

  /// Prints the plan; several have a heading each.
  func print(isOne: Bool) throws {
    if !isOne { Console.out("── \(preview.job) · \(preview.account) ──") }
    switch preview.outcome {
    case .abstained(let reason): Console.out("no plan: \(reason)")
    case .planned(let proposal, let refusals): try print(proposal, refusals, isOne: isOne)
    }
  }

  private func print(
    _ proposal: PlanProposal, _ refusals: [ClientOrderID: String], isOne: Bool
  ) throws {
    let plan = proposal.plan
    let equity = plan.equity.map { "\($0.formatted(places: 2)) \(preview.quote)" } ?? "unknown"
    Console.out(
      "account \(preview.account) · equity \(equity) · cash "
        + "\(plan.valuation.cash.formatted(places: 2)) · scores of \(proposal.scored.job) at "
        + clock.text(proposal.scored.time))
    if let restraint = proposal.input.restraint { Console.out(restraint.words) }
    let orders = Dictionary(
      plan.orders.map { ($0.key.symbol, $0) }, uniquingKeysWith: { first, _ in first })
    var table = Table("SYMBOL", ">SCORE", ">WEIGHT", ">TARGET", "DECISION", ">QTY", ">LIMIT", "WHY")
    for line in plan.lines {
      let order = orders[line.symbol]
      let refusal = order.flatMap { refusals[$0.id] }.map { "the gate would refuse it: \($0)" }
      let reasons = [
        line.decision.hold?.words, line.target.reason.isHeld ? nil : line.target.words, line.cut,
        refusal,
      ]
      table.add(
        "\(line.symbol)", line.score.map(Self.short) ?? "", Self.percent(line.weight),
        Self.percent(line.target.weight), line.decision.word,
        line.decision.quantity.map { "\($0)" } ?? "",
        order.map { $0.limit.map { "\($0)" } ?? "market" } ?? "",
        reasons.compactMap(\.self).joined(separator: "; "))
    }
    output.print(table)
    if plan.waitsForSales {
      Console.out("later: bought from the cash that the sales bring, in the same run")
    }
    for warning in proposal.warnings { Console.say("warning: \(warning)") }
    if plan.orders.isEmpty { return Console.out("nothing to trade") }
    Console.out(
      "to do exactly this: carillon rebalance \(isOne ? "" : "\(preview.job) ")"
        + "--plan \(proposal.id)")
  }

  private static func percent(_ weight: Amount) -> String {
    Amount(units: weight.units * 100).formatted(places: 1) + "%"
  }

  /// Four digits after the point: enough to see the order, JSON has them all.
  private static func short(_ score: Double) -> String {
    guard score.isFinite, score.magnitude < 1e9 else { return "\(score)" }
    return "\((score * 10_000).rounded() / 10_000)"
  }
}
