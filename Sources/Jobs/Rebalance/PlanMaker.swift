import Calendars
import Domain
import Portfolio
import Settings
import Store

/// Makes the plans of a slot, and commits each in the transaction that read what it is made from, so
/// that two runs never plan the same cash.
struct PlanMaker: Sendable {
  let context: JobContext
  let reading: PlanReading
  /// The plan that alone may be carried out; nil: whatever comes of it.
  var expected: PlanID?

  private var parameters: RebalanceParameters { reading.parameters }

  /// What came of planning.
  enum Planning {
    /// A plan is on record, with what it warns of.
    case committed([String])
    /// This round would have no orders.
    case nothingMore
    /// There is no plan, for a reason; nothing of the slot is used up.
    case abstained(String)
  }

  /// Makes the plan of a round and commits it with its orders, or says why there is none.
  func plan(round: Int) throws -> Planning {
    do {
      return try context.store.write(at: context.time.now) { try commit(round, $0) }
    } catch let error as AmountError {
      throw Fault(
        "plan", "\(context.firing.slot)", cause: "an amount does not fit (\(error))",
        remedy: "look at the prices and holdings: carillon portfolio", exit: .data)
    }
  }

  private func commit(_ round: Int, _ transaction: WriteTransaction) throws -> Planning {
    switch try reading.outcome(transaction) {
    case .abstained(let reason):
      if let expected, round == 0 {
        throw Self.stale(expected, "nothing is planned now: \(reason)")
      }
      return .abstained(reason)
    case .proposal(let proposal):
      if let expected, round == 0 { try Self.check(proposal.id, against: expected) }
      try RiskWatch(parameters.account, parameters.settings).enforce(
        proposal.risk, proposal.baseline, transaction)
      let (plan, book) = (proposal.plan, proposal.input.book)
      if round > 0, plan.orders.isEmpty { return .nothingMore }
      try transaction.plans.insert(
        account: parameters.account, context.firing.slot, round: round, run: context.run,
        equity: plan.equity, cash: book.cash[book.quote] ?? .zero, detail: proposal.detail,
        lines: plan.lines.map(PlanLine.init), orders: plan.orders)
      return .committed(proposal.warnings)
    }
  }

  /// Refuses a plan other than the one that was asked for, and says what has changed.
  private static func check(_ id: PlanID, against expected: PlanID) throws(Fault) {
    let differences = id.differences(from: expected)
    guard !differences.isEmpty else { return }
    let inputs = differences.filter { $0 != .decisions }.map(\.rawValue)
    throw stale(
      expected,
      inputs.isEmpty
        ? "it is stale: prices that it trades on have grown too old"
        : "it is stale: \(inputs.joined(separator: ", ")) changed since")
  }

  private static func stale(_ id: PlanID, _ cause: String) -> Fault {
    Fault(
      "carry out", "\(id)", cause: cause, remedy: "look again: carillon plan", exit: .refused)
  }

  /// Records what the account is worth by now.
  ///
  /// - Returns: why it is not known, where it is not: then nothing is recorded, since a guess would be
  ///   taken for a fact.
  func recordEquity() throws -> [String] {
    try context.store.write(at: context.time.now) { transaction in
      let universe = reading.universe
      let account = AccountReading(transaction, clock: universe.clock)
      let book = try account.book(parameters.account, quote: parameters.settings.quote)
      let rates = try account.rates(
        of: AccountReading.symbols(pricing: book), at: universe.venue, universe.timeframe,
        by: context.slot)
      let valuation = try Valuation(book, at: Rates(quote: book.quote, prices: rates))
      guard let equity = valuation.equity else {
        return ["equity unknown: \(valuation.unknown ?? "no valuation")"]
      }
      try transaction.equity.append(
        EquityPoint(time: context.slot, equity: equity, cash: valuation.cash),
        account: parameters.account, run: context.run)
      return []
    }
  }
}

extension PlanLine {
  /// A line of a plan as the database keeps it.
  init(_ line: RebalancePlan.Line) {
    var (decision, wanted): (Decision, Amount?) = (.hold, nil)
    var hold: Hold?
    switch line.decision {
    case .buy(let quantity): (decision, wanted) = (.buy, quantity)
    case .sell(let quantity): (decision, wanted) = (.sell, quantity)
    case .later(let quantity): (decision, wanted) = (.later, quantity)
    case .hold(let reason): hold = reason
    }
    self.init(
      symbol: line.symbol, score: line.score, price: line.price, quantity: line.quantity,
      weight: line.weight, targetWeight: line.target.weight, targetReason: line.target.words,
      decision: decision, wanted: wanted,
      hold: hold.flatMap { HoldKind(rawValue: $0.kind.rawValue) }, reason: hold?.words ?? line.cut)
  }
}
