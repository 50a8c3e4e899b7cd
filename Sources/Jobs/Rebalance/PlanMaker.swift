import Calendars
import Domain
import Portfolio
import Settings
import Store

/// Makes the plans of a slot: reads what they are made from, and commits each in the transaction that
/// read it, so that two runs never plan the same cash.
struct PlanMaker: Sendable {
  let context: JobContext
  let universe: Universe
  let parameters: RebalanceParameters
  let members: [Symbol]
  let leftOut: Int
  let rules: [Symbol: Instrument]

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
    let slot = context.firing.slot
    let scoring: Scoring
    switch try Scoring.read(transaction, parameters.scores, by: slot.time, members) {
    case .failure(let reason): return .abstained(reason)
    case .success(let found): scoring = found
    }
    if let reason = scoring.refusal(
      slot: slot.time, maximumAge: universe.wallAge(parameters.maximumAge, at: slot.time),
      quorum: parameters.quorum)
    {
      return .abstained(reason)
    }
    let input = try input(scoring, transaction)
    let plan = try RebalancePlan(input)
    var warnings = plan.warnings
    if leftOut > 0 {
      warnings.append(
        "\(leftOut) symbol\(leftOut == 1 ? " is" : "s are") left out: not paid in "
          + parameters.settings.quote)
    }
    if round > 0, plan.orders.isEmpty { return .nothingMore }
    try transaction.plans.insert(
      account: parameters.account, slot, round: round, run: context.run, equity: plan.equity,
      cash: input.book.cash[input.book.quote] ?? .zero, detail: detail(scoring.slot, warnings),
      lines: plan.lines.map(PlanLine.init), orders: plan.orders)
    return .committed(warnings)
  }

  private func input(
    _ scoring: Scoring, _ transaction: WriteTransaction
  ) throws -> RebalancePlan.Input {
    let reading = AccountReading(transaction, clock: universe.clock)
    let book = try reading.book(parameters.account, quote: parameters.settings.quote)
    let symbols = Set(members).union(AccountReading.symbols(pricing: book))
      .union(book.working.map(\.order.key.symbol))
    let rates = try reading.rates(
      of: symbols, at: universe.venue, universe.timeframe, by: context.slot)
    var nextLeg: [Symbol: Int] = [:]
    var barred: [Symbol: String] = [:]
    for symbol in symbols {
      if let status = rules[symbol]?.filters.haltedStatus { barred[symbol] = "halted: \(status)" }
    }
    for record in try transaction.orders.ofSlot(parameters.account, context.firing.slot) {
      let key = record.order.key
      nextLeg[key.symbol] = max(nextLeg[key.symbol] ?? 0, key.leg + 1)
      if record.order.state == .rejected {
        barred[key.symbol] = "refused in this slot: \(record.order.reason ?? "no reason given")"
      }
    }
    return RebalancePlan.Input(
      slot: context.firing.slot, book: book, members: members, instruments: rules, barred: barred,
      rates: rates,
      freshSince: universe.clock.earliest(within: parameters.maximumAge, at: context.slot),
      scores: scoring.scores,
      silences: scoring.silences, rule: parameters.rule,
      facts: try facts(Array(scoring.scores.keys), transaction), band: parameters.band,
      minimumNotional: parameters.minimumNotional, costs: try parameters.costs(),
      limitOffset: parameters.limitOffset,
      restraint: try restraint(book, rates, transaction), nextLeg: nextLeg)
  }

  /// What the limits of risk and a halt forbid or demand; what the limits find is kept.
  private func restraint(
    _ book: Book, _ rates: [Symbol: Mark], _ transaction: WriteTransaction
  ) throws -> RebalancePlan.Input.Restraint? {
    let valuation = try Valuation(book, at: Rates(quote: book.quote, prices: rates))
    let reading = try RiskWatch(parameters.account, parameters.settings).enforce(
      transaction, valuation, now: context.slot)
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
        closedBy: universe.clock.horizon(at: context.slot))
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

  /// Records what the account is worth by now.
  ///
  /// - Returns: why it is not known, where it is not: then nothing is recorded, since a guess would be
  ///   taken for a fact.
  func recordEquity() throws -> [String] {
    try context.store.write(at: context.time.now) { transaction in
      let reading = AccountReading(transaction, clock: universe.clock)
      let book = try reading.book(parameters.account, quote: parameters.settings.quote)
      let rates = try reading.rates(
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
      hold: hold.flatMap { HoldKind(rawValue: $0.kind.rawValue) }, reason: hold?.words)
  }
}
