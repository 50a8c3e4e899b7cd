public import Domain
public import Jobs
public import Portfolio

extension PlanPreview {
  /// The plan for machines: amounts are text, times are UTC.
  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("job", .string(job.text)), .init("account", .string(account)),
      .init("quote", .string(quote)), .init("time", .time(time)),
    ]
    switch outcome {
    case .abstained(let reason):
      members += [
        .init("plan", .null), .init("abstained", .string(reason)), .init("lines", .array([])),
        .init("orders", .array([])),
      ]
    case .planned(let proposal, let refusals):
      let plan = proposal.plan
      members += [
        .init("plan", .string("\(proposal.id)")), .init("abstained", .null),
        .init("scores", .string("\(proposal.scored)")), .init("equity", .amount(plan.equity)),
        .init("cash", .amount(plan.valuation.cash)),
        .init("restraint", .text(proposal.input.restraint?.words)),
        .init("warnings", .array(proposal.warnings.map { .string($0) })),
        .init("lines", .array(plan.lines.map(Self.line))),
        .init("orders", .array(plan.orders.map { Self.order($0, refusals[$0.id]) })),
      ]
    }
    return .object(members)
  }

  private static func line(_ line: RebalancePlan.Line) -> JSONValue {
    .object([
      .init("symbol", .string("\(line.symbol)")),
      .init("score", .ratio(line.score.flatMap { $0.isFinite ? $0 : nil })),
      .init("price", .amount(line.price)), .init("quantity", .amount(line.quantity)),
      .init("weight", .amount(line.weight)), .init("target", .amount(line.target.weight)),
      .init("target_reason", .string(line.target.words)),
      .init("decision", .string(line.decision.word)),
      .init("wanted", .amount(line.decision.quantity)),
      .init("reason", .text(line.decision.hold?.words ?? line.cut)),
    ])
  }

  private static func order(_ order: Order, _ refusal: String?) -> JSONValue {
    .object([
      .init("symbol", .string("\(order.key.symbol)")),
      .init("side", .string(order.side.rawValue)), .init("quantity", .amount(order.quantity)),
      .init("limit", .amount(order.limit)), .init("refused", .text(refusal)),
    ])
  }
}

extension [PlanPreview] {
  /// Plans as one answer for machines.
  public var json: JSONValue {
    .object([
      .init("schema", .string("carillon.plan/1")), .init("plans", .array(map(\.json))),
    ])
  }
}

extension RebalancePlan.Decision {
  /// In one word: `buy`, `sell`, `later`, `hold`.
  public var word: String {
    switch self {
    case .buy: "buy"
    case .sell: "sell"
    case .later: "later"
    case .hold: "hold"
    }
  }

  /// How much is bought or sold, now or later; nil where nothing is.
  public var quantity: Amount? {
    switch self {
    case .buy(let quantity), .sell(let quantity), .later(let quantity): quantity
    case .hold: nil
    }
  }

  /// Why nothing is done; nil where something is.
  public var hold: Hold? { if case .hold(let hold) = self { hold } else { nil } }
}

extension RebalancePlan.Input.Restraint {
  /// What it does and why, in words.
  public var words: String {
    switch self {
    case .noEntries(let reason): "nothing new is bought: \(reason)"
    case .noPurchases(let reason): "nothing is bought: \(reason)"
    case .flatten(let reason): "everything is sold: \(reason)"
    }
  }
}
