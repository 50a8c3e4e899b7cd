import Domain
import Logging
import Portfolio
import Settings
import Store
import StrictYAML
import Venues

/// Brings an account from what it holds to what the scores want: a persisted state machine.
///
/// It reconciles first, every time. Then, if no plan is on record for its slot, it makes one and
/// commits it; if one is, an earlier attempt made it, and this one goes on with it. Each order's
/// intent is committed before it is sent, and what the venue says is committed before the next, so
/// that a process that dies anywhere leaves a record from which the next finds its way: an order
/// whose fate is unknown is looked up before anything is sent.
struct RebalanceJob: Job {
  let kind = JobKind.rebalance
  let universe: Universe
  let parameters: RebalanceParameters

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    let universe = Universe(reader, settings.market, sources)
    let timeframe = universe?.timeframe ?? settings.market.timeframe
    let parameters = RebalanceParameters(reader, settings, timeframe)
    guard let universe, let parameters else { return nil }
    self.universe = universe
    self.parameters = parameters
  }

  func run(_ context: JobContext) async throws -> JobResult {
    let desk = try await desk(context)
    try context.store.write(at: context.time.now) {
      _ = try $0.accounts.open(
        parameters.account, quote: parameters.settings.quote, mode: .paper,
        initial: parameters.settings.cash)
    }
    try await desk.reconcile()
    let planned: Planning
    if let plan = try context.store.read({
      try $0.plans.find(account: parameters.account, context.firing.slot)
    }) {
      planned = .plan(plan.id)
    } else {
      try await desk.cancelEarlierOrders()
      planned = try plan(context, desk)
    }
    switch planned {
    case .abstained(let reason):
      try recordEquity(context, desk)
      return JobResult(summary: "no plan", caveat: "abstained: \(reason)")
    case .plan(let id):
      let outcome = try await desk.work(through: id)
      try recordEquity(context, desk)
      return try result(of: id, outcome, context)
    }
  }

  private enum Planning {
    case plan(Int64)
    case abstained(String)
  }

  /// The order desk of this run.
  private func desk(_ context: JobContext) async throws -> OrderDesk {
    let symbols = try context.store.read { try universe.symbols(in: $0, at: context.slot) }
    var instruments = try context.store.read {
      Dictionary(
        uniqueKeysWithValues: try $0.instruments.all(at: universe.venue).map { ($0.symbol, $0) })
    }
    if let missing = symbols.first(where: { instruments[$0] == nil }) {
      context.log.debug("asking for the rules of \(missing)")
      for instrument in try await universe.source.instruments(symbols) {
        instruments[instrument.symbol] = instrument
      }
    }
    return OrderDesk(
      context: context, venue: paperVenue(context.store), account: parameters.account,
      instruments: symbols.compactMap { instruments[$0] }, universe: universe,
      maximumAge: parameters.maximumAge)
  }

  /// The paper venue over the candles of the database.
  private func paperVenue(_ store: Store) -> PaperVenue {
    let universe = self.universe
    return PaperVenue(
      market: universe.source, timeframe: universe.timeframe,
      costs: PaperCosts(
        feeBasisPoints: parameters.settings.feeBasisPoints,
        slippageBasisPoints: parameters.settings.slippageBasisPoints)
    ) { symbol, after, through in
      try store.read { transaction in
        guard let series = try transaction.series.find(universe.series(symbol)) else { return [] }
        guard let after else {
          return try transaction.candles.last(series, closedBy: through).map { [$0] } ?? []
        }
        let newest = universe.timeframe.lastClosedOpen(at: through)
        return try transaction.candles.range(series, after: after, through: newest, limit: .max)
      }
    }
  }

  /// Makes a plan and commits it with its orders, or says why there is none.
  private func plan(_ context: JobContext, _ desk: OrderDesk) throws -> Planning {
    let slot = context.firing.slot
    let tradable = Set(desk.instruments.map(\.symbol))
    let predictions = try context.store.read {
      try $0.predictions.latest(parameters.scores, atOrBefore: slot.time)
    }
    guard let (scored, predictions) = predictions else {
      return .abstained("no scores of \(parameters.scores) at or before the slot")
    }
    guard slot.time - scored.time <= parameters.maximumAge else {
      return .abstained("the newest scores of \(parameters.scores) are of \(scored.time)")
    }
    var scores: [Symbol: Double] = [:]
    for row in predictions where tradable.contains(row.series.symbol) {
      scores[row.series.symbol] = row.score
    }
    guard !scores.isEmpty else {
      return .abstained("\(parameters.scores) abstained on every instrument")
    }
    let book = try context.store.read { try Book($0, parameters, tradable) }
    let plan: RebalancePlan
    do {
      plan = try RebalancePlan(
        RebalancePlan.Input(
          account: parameters.account, slot: slot, instruments: desk.instruments,
          prices: try desk.prices().mapValues(\.price), scores: scores,
          targets: try parameters.rule.weights(of: scores),
          positions: book.positions, cash: book.cash, working: book.working,
          band: parameters.band, minimumNotional: parameters.minimumNotional,
          costs: try parameters.costs(), limitOffset: parameters.limitOffset))
    } catch let error as AmountError {
      throw Fault(
        "plan", "\(slot)", cause: "an amount does not fit (\(error))",
        remedy: "look at the prices and holdings: carillon portfolio", exit: .data)
    }
    let record = try context.store.write(at: context.time.now) {
      try $0.plans.insert(
        account: parameters.account, slot, run: context.run, equity: plan.equity, cash: book.cash,
        detail: detail(scored), lines: plan.lines.map(PlanLine.init), orders: plan.orders)
    }
    return .plan(record.id)
  }

  /// The circumstances of a plan, for whoever asks why.
  private func detail(_ scored: Slot) -> String {
    JSONValue.object([
      .init("scores", .string("\(scored)")), .init("top", .number(parameters.rule.top)),
      .init("weighting", .string(parameters.rule.weighting.rawValue)),
      .init("threshold", .number(parameters.rule.threshold)),
      .init("max_weight", .string("\(parameters.rule.maximumWeight)")),
      .init("cash_buffer", .string("\(parameters.rule.cashBuffer)")),
      .init("band", .string("\(parameters.band)")),
    ]).text()
  }

  private func recordEquity(_ context: JobContext, _ desk: OrderDesk) throws {
    let prices = try desk.prices(ofAnyAge: true).mapValues(\.price)
    try context.store.write(at: context.time.now) { transaction in
      let cash = try transaction.accounts.cash(parameters.account)[parameters.settings.quote]
      var equity = cash ?? .zero
      for position in try transaction.accounts.positions(parameters.account) {
        let value = try prices[position.symbol].map { try position.quantity.multiplied(by: $0) }
        equity = try equity.adding(value ?? position.cost)
      }
      try transaction.equity.append(
        EquityPoint(time: context.slot, equity: equity, cash: cash ?? .zero),
        account: parameters.account, run: context.run)
    }
  }

  private func result(
    of plan: Int64, _ outcome: OrderDesk.Outcome, _ context: JobContext
  ) throws -> JobResult {
    let orders = try context.store.read { try $0.orders.ofPlan(plan).map(\.order) }
    let details = orders.map { order in
      let reason = order.reason.map { " (\($0))" } ?? ""
      return "\(order.side) \(order.quantity) \(order.key.symbol) \(order.state)\(reason)"
    }
    let counts = Dictionary(grouping: orders, by: \.state).mapValues(\.count)
    let states = counts.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return JobResult(
      summary: orders.isEmpty
        ? "nothing to trade" : "\(orders.count) order\(orders.count == 1 ? "" : "s"): \(states)",
      details: details, caveat: outcome.blocked.map { "blocked: \($0)" })
  }
}

/// What an account holds and has under way of a job's instruments.
private struct Book {
  var positions: [Symbol: Position] = [:]
  var cash: Amount
  var working: [(order: Order, open: Amount)] = []

  init(
    _ transaction: ReadTransaction, _ parameters: RebalanceParameters, _ tradable: Set<Symbol>
  ) throws {
    for position in try transaction.accounts.positions(parameters.account)
    where tradable.contains(position.symbol) {
      positions[position.symbol] = position
    }
    cash = try transaction.accounts.cash(parameters.account)[parameters.settings.quote] ?? .zero
    for record in try transaction.orders.working(parameters.account)
    where tradable.contains(record.order.key.symbol) {
      working.append((record.order, record.remaining))
    }
  }
}

extension PlanLine {
  /// A line of a plan as the database keeps it.
  fileprivate init(_ line: RebalancePlan.Line) {
    let (decision, reason): (Decision, String?) =
      switch line.decision {
      case .buy: (.buy, nil)
      case .sell: (.sell, nil)
      case .hold(let reason): (.hold, reason)
      }
    self.init(
      symbol: line.symbol, score: line.score, price: line.price, quantity: line.quantity,
      weight: line.weight, targetWeight: line.target.weight,
      targetReason: line.target.reason.description, decision: decision, reason: reason)
  }
}
