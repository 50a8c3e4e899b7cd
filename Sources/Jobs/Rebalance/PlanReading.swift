import Calendars
public import Domain
public import Portfolio
import Settings
import Store

/// A plan that could be carried out now, and what it was made from.
public struct PlanProposal: Sendable {
  /// What it was made from.
  public var input: RebalancePlan.Input
  /// The plan.
  public var plan: RebalancePlan
  /// The slot of the scores.
  public var scored: Slot
  /// How the limits of risk stand.
  public var risk: RiskReading
  /// The baseline that this look at them would leave; nil before the first equity.
  var baseline: RiskBaseline?
  /// What a person should know, in words.
  public var warnings: [String]
  /// Its circumstances, for whoever asks why; JSON.
  var detail: String

  /// What it is called before it is on record.
  public var id: PlanID { PlanID(input, plan) }
}

/// Reads what a plan is made from and makes it. It writes nothing, so that a plan which is carried out
/// and one that is only looked at are made by the same code.
struct PlanReading: Sendable {
  let universe: Universe
  let parameters: RebalanceParameters
  let members: [Symbol]
  let leftOut: Int
  let rules: [Symbol: Instrument]
  /// The rebalance run's job and slot.
  let slot: Slot
  /// Whether what a run would take back or let expire before it plans is left out of the book: for a
  /// look ahead, at which nothing was taken back yet.
  var isAhead = false

  /// What came of planning.
  enum Outcome {
    /// A plan.
    case proposal(PlanProposal)
    /// There is none, for a reason.
    case abstained(String)
  }

  /// The plan by what the database knows.
  ///
  /// - Throws: `AmountError` when an amount does not fit, a `Fault` of the database.
  func outcome(_ transaction: ReadTransaction) throws -> Outcome {
    let scoring: Scoring
    switch try Self.scoring(transaction, parameters, universe, members, slot) {
    case .failure(let reason): return .abstained(reason)
    case .success(let found): scoring = found
    }
    var input = try input(scoring, transaction)
    let valuation = try Valuation(
      input.book, at: Rates(quote: input.book.quote, prices: input.rates))
    let (risk, baseline) = try RiskWatch(parameters.account, parameters.settings).look(
      transaction, valuation, now: slot.time)
    input.restraint = try restraint(risk, transaction)
    if let most = parameters.settings.maximumLiveEquity, let equity = valuation.equity {
      input.rule = try input.rule.trading(atMost: most, of: equity)
    }
    let plan = try RebalancePlan(input)
    var warnings = plan.warnings
    if leftOut > 0 {
      warnings.append(
        "\(leftOut) symbol\(leftOut == 1 ? " is" : "s are") left out: not paid in "
          + parameters.settings.quote)
    }
    return .proposal(
      PlanProposal(
        input: input, plan: plan, scored: scoring.slot, risk: risk, baseline: baseline,
        warnings: warnings, detail: detail(scoring.slot, warnings)))
  }

  /// The scores to plan by, or why they are not enough to plan at all. To sell what is held takes none.
  static func scoring(
    _ transaction: ReadTransaction, _ parameters: RebalanceParameters, _ universe: Universe,
    _ members: [Symbol], _ slot: Slot
  ) throws -> Scoring.Reading {
    let found = try Scoring.read(transaction, parameters.scores, by: slot.time, members)
    guard case .success(let scoring) = found,
      let reason = scoring.refusal(
        slot: slot.time, maximumAge: universe.wallAge(parameters.maximumAge, at: slot.time),
        quorum: parameters.quorum)
    else { return try withoutScores(found, transaction, parameters, members, slot) }
    return try withoutScores(.failure(reason), transaction, parameters, members, slot)
  }

  /// What was found; where that is nothing, and a halt sells all that is held, nothing for each member.
  private static func withoutScores(
    _ found: Scoring.Reading, _ transaction: ReadTransaction,
    _ parameters: RebalanceParameters, _ members: [Symbol], _ slot: Slot
  ) throws -> Scoring.Reading {
    guard case .failure(let reason) = found,
      try transaction.halts.recorded()?.level == .flatten
    else { return found }
    var scoring = Scoring(slot: Slot(job: parameters.scores, time: slot.time))
    for symbol in members { scoring.silences[symbol] = reason }
    return .success(scoring)
  }

  private func input(
    _ scoring: Scoring, _ transaction: ReadTransaction
  ) throws -> RebalancePlan.Input {
    let reading = AccountReading(transaction, clock: universe.clock)
    let book = try book(reading, transaction)
    let symbols = Set(members).union(AccountReading.symbols(pricing: book))
      .union(book.working.map(\.order.key.symbol))
    let rates = try reading.rates(
      of: symbols, at: universe.venue, universe.timeframe, by: slot.time)
    var nextLeg: [Symbol: Int] = [:]
    var barred: [Symbol: String] = [:]
    for symbol in symbols {
      if let status = rules[symbol]?.filters.haltedStatus { barred[symbol] = "halted: \(status)" }
    }
    for record in try transaction.orders.ofSlot(parameters.account, slot) {
      let key = record.order.key
      nextLeg[key.symbol] = max(nextLeg[key.symbol] ?? 0, key.leg + 1)
      if record.order.state == .rejected {
        barred[key.symbol] = "refused in this slot: \(record.order.reason ?? "no reason given")"
      }
    }
    return RebalancePlan.Input(
      slot: slot, book: book, members: members, instruments: rules, barred: barred,
      rates: rates,
      freshSince: universe.clock.earliest(within: parameters.maximumAge, at: slot.time),
      scores: scoring.scores,
      silences: scoring.silences, rule: parameters.rule,
      facts: try facts(Array(scoring.scores.keys), transaction), band: parameters.band,
      minimumNotional: parameters.minimumNotional, costs: try parameters.costs(),
      limitOffset: parameters.limitOffset, nextLeg: nextLeg)
  }

  /// What the account holds. Before its first rebalance that is the cash that it is to begin with.
  private func book(
    _ reading: AccountReading, _ transaction: ReadTransaction
  ) throws -> Book {
    var book = try reading.book(parameters.account, quote: parameters.settings.quote)
    guard isAhead else { return book }
    if try transaction.accounts.account(parameters.account) == nil {
      book.cash = [parameters.settings.quote: parameters.settings.cash]
    }
    let own = Set(members)
    let halt = try transaction.halts.recorded()?.level
    book.working.removeAll {
      $0.order.state == .planned && $0.order.key.slot != slot
        || OrderDesk.takesBack($0.order, before: slot, members: own, rules, halt: halt)
    }
    return book
  }

  /// What the limits of risk and a halt forbid or demand.
  private func restraint(
    _ reading: RiskReading, _ transaction: ReadTransaction
  ) throws -> RebalancePlan.Input.Restraint? {
    if let halt = try transaction.halts.recorded(), halt.level == .flatten {
      return .flatten("halted: \(halt.reason)")
    }
    guard let (action, reason) = reading.inForce else { return nil }
    switch action {
    case .blockEntries: return .noEntries(reason)
    case .reduceOnly, .cancelOrders: return .noPurchases(reason)
    case .flatten: return .flatten(reason)
    }
  }

  /// The returns that the sizing looks at; none where it looks at none.
  private func facts(
    _ symbols: [Symbol], _ transaction: ReadTransaction
  ) throws -> SizingFacts {
    guard parameters.rule.weighting.needsReturns else { return SizingFacts() }
    var closes: [Symbol: [Candle]] = [:]
    for symbol in symbols {
      guard let record = try transaction.series.find(universe.series(symbol)) else { continue }
      closes[symbol] = try transaction.candles.last(
        record, count: parameters.lookback + 1,
        closedBy: universe.clock.horizon(at: slot.time))
    }
    return SizingFacts(returns: CloseReturns.aligned(closes, count: parameters.lookback))
  }

  /// The circumstances of a plan, for whoever asks why.
  private func detail(_ scored: Slot, _ warnings: [String]) -> String {
    let rule = parameters.rule
    return JSONValue.object([
      .init("scores", .string("\(scored)")), .init("venue", .string(universe.venue)),
      .init("timeframe", .string("\(universe.timeframe)")), .init("top", .number(rule.top)),
      .init("weighting", .string(rule.weighting.rawValue)),
      .init("threshold", .number(rule.threshold)),
      .init("max_weight", .string("\(rule.maximumWeight)")),
      .init("cash_buffer", .string("\(rule.cashBuffer)")),
      .init("band", .string("\(parameters.band)")),
      .init("quorum", .string("\(parameters.quorum)")),
      .init("warnings", .array(warnings.map { .string($0) })),
    ]).text()
  }
}
