import Calendars
import Domain
import Logging
import Portfolio
import Settings
import Store
import StrictYAML
import Venues

/// Brings an account from what it holds to what the scores want: a persisted state machine.
///
/// It reconciles first, every time. Then it goes on in rounds, as `RebalanceStep` says: sales, then
/// purchases planned anew from the cash that is there, then what is left over. Each plan is made and
/// committed in one transaction, before any of it is sent; an attempt that finds a plan on record goes
/// on with it. Intents are committed before their orders are sent, so that a process that dies anywhere
/// leaves a record from which the next finds its way.
struct RebalanceJob: Job {
  let kind = JobKind.rebalance
  let universe: Universe
  let parameters: RebalanceParameters
  var account: String? { parameters.account }
  /// The plan that alone may be carried out; nil: whatever comes of it.
  var expected: PlanID?
  /// Whether it does what the halt in force demands, and no more.
  var isForHalt = false

  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    let universe = Universe(reader, settings, sources)
    let timeframe = universe?.timeframe ?? settings.market.timeframe
    let parameters = RebalanceParameters(reader, settings, timeframe)
    guard let universe, let parameters else { return nil }
    parameters.check(universe.chosen ?? [], reader)
    parameters.check(universe, reader)
    self.universe = universe
    self.parameters = parameters
  }

  func run(_ context: JobContext) async throws -> JobResult {
    guard parameters.settings.execution != .paper else { return try await rebalance(context) }
    let lock = try JobLock.acquire(
      account: parameters.account, beside: context.store.path, log: context.log)
    let result = try await rebalance(context)
    lock.release()
    return result
  }

  private func rebalance(_ context: JobContext) async throws -> JobResult {
    let market = try await market(context.store, at: context.slot)
    let trading = try trading(context, market.rules)
    let deadMan = parameters.settings.cancelAllAfter.map {
      DeadManSwitch(trading.venue, span: $0, time: context.time)
    }
    let desk = OrderDesk(
      context: context, venue: trading.venue, parameters: parameters, universe: universe,
      members: market.members, leftOut: market.leftOut, rules: market.rules, deadMan: deadMan)
    do {
      let result = try await trade(context, trading, desk, warnings: market.absences)
      await deadMan?.end(context.log)
      return result
    } catch {
      await deadMan?.end(context.log)
      throw error
    }
  }

  private func trade(
    _ context: JobContext, _ trading: TradingDesk, _ desk: OrderDesk, warnings: [String]
  ) async throws -> JobResult {
    try await refuseLostLedger(
      trading, desk.rules.filter { desk.members.contains($0.key) }, context)
    try await trading.open(context)
    var warnings = warnings + (try await desk.reconcile())
    // Before balances are looked at, which may refuse the run: what is taken back can do no harm.
    let (level, takenBack) = try await desk.obeyHalt()
    if isForHalt, level < .flatten { return try desk.resultOfHalt(takenBack, warnings) }
    warnings += try await trading.verify(context) { try await desk.reconcile() }
    let maker = PlanMaker(
      context: context,
      reading: PlanReading(
        universe: universe, parameters: parameters, members: desk.members, leftOut: desk.leftOut,
        rules: desk.rules, slot: context.firing.slot), expected: expected)
    var isFirstLook = true
    while true {
      try context.checkpoint()
      var facts = try facts(context, isFirstLook: isFirstLook)
      facts.isToldLate = trading.venue.traits.answersBlindly
      isFirstLook = false
      try await desk.deadMan?.tend(isResting: facts.isResting)
      switch RebalanceStep.next(facts) {
      case .finish: return try result(context, maker, warnings)
      case .work:
        guard let plan = facts.plan else {
          preconditionFailure("a plan that is worked on is there")
        }
        try await desk.work(through: plan)
        // Where an answer does not tell what became of an order, one at the market is done by now.
        if desk.venue.traits.answersBlindly { warnings += try await desk.reconcile() }
      case .wait(let until):
        try await context.time.sleep(for: until - context.time.now)
        warnings += try await desk.reconcile().filter { !warnings.contains($0) }
        _ = try await desk.obeyHalt()
      case .plan(let round):
        if round == 0 { try await desk.cancelEarlierOrders() }
        switch try maker.plan(round: round) {
        case .committed(let words): warnings += words
        case .nothingMore: return try result(context, maker, warnings)
        case .abstained(let reason):
          let unknown = try maker.recordEquity()
          return JobResult(
            summary: "no plan",
            caveat: (["abstained: \(reason)"] + warnings + unknown).joined(separator: "; "))
        }
      }
    }
  }

  private func facts(_ context: JobContext, isFirstLook: Bool) throws -> RebalanceStep.Facts {
    try context.store.read { transaction in
      var facts = RebalanceStep.Facts(
        isFirstLook: isFirstLook, now: context.time.now, latestSend: context.firing.latestStart,
        salesWithin: parameters.salesWithin)
      let slot = context.firing.slot
      guard let plan = try transaction.plans.find(account: parameters.account, slot) else {
        return facts
      }
      facts.plan = plan
      let working = try transaction.orders.working(parameters.account)
      facts.doubted = working.filter { $0.order.state == .unknown }
        .map { $0.doubted ?? $0.updated }.max()
      facts.isResting = working.contains { $0.order.limit != nil }
      facts.orders = try transaction.orders.ofPlan(plan.id)
      facts.waitsForSales = try transaction.plans.waitsForSales(plan.id)
      return facts
    }
  }

  /// Where the orders go.
  private func trading(
    _ context: JobContext, _ rules: [Symbol: Instrument]
  ) throws -> TradingDesk {
    if let (venue, place) = try exchange(time: context.time) {
      universe.keepBudgets(in: context.store)
      return TradingDesk(
        venue: venue, account: parameters.account, settings: parameters.settings, place: place)
    }
    let paper = try PaperMarket(
      store: context.store, universe: universe, account: parameters.account,
      settings: parameters.settings, maximumAge: parameters.maximumAge, time: context.slot,
      rules: rules
    ).venue()
    return TradingDesk(
      venue: paper, account: parameters.account, settings: parameters.settings, place: nil)
  }

  /// The exchange of the account, and its address; nil on paper.
  func exchange(time: any TimeSource) throws -> (venue: any Venue, place: String)? {
    try universe.exchange(of: parameters.account, parameters.settings, time: time)
  }

  /// What the account has at its exchange, in words.
  ///
  /// - Throws: a `Fault` when its key cannot be read, or is not taken.
  func standing(time: any TimeSource) async throws -> String {
    guard let (venue, place) = try exchange(time: time) else { return "on paper" }
    let free = try await venue.account().free[parameters.settings.quote] ?? .zero
    return "\(place) takes its key, and has \(free) \(parameters.settings.quote) free"
  }

  /// The symbols that the account can trade, and how many of the list it cannot.
  func members(
    _ transaction: ReadTransaction, at slot: Instant
  ) throws -> (own: [Symbol], leftOut: Int) {
    let listed = try universe.symbols(in: transaction, at: slot)
    let own = listed.filter { $0.quote == parameters.settings.quote }
    return (own, listed.count - own.count)
  }

  /// What a slot may trade.
  struct Market {
    /// The symbols of the list that the account can trade and the venue has.
    var members: [Symbol]
    /// How many of the list the account cannot trade: they are not paid in its quote.
    var leftOut: Int
    /// The rules of all that a slot may meet: of the members, and of whatever the account has under way.
    var rules: [Symbol: Instrument]
    /// What the venue does not have, in words: it stops nothing else.
    var absences: [String] = []
  }

  /// What may be traded at a slot.
  ///
  /// - Throws: a `Fault` of the venue, also when it has none of the members.
  func market(_ store: Store, at slot: Instant) async throws -> Market {
    let (members, leftOut) = try store.read { try self.members($0, at: slot) }
    let rules = try store.read {
      Dictionary(
        try $0.instruments.all(at: universe.venue).map { ($0.symbol, $0) },
        uniquingKeysWith: { first, _ in first })
    }
    var market = Market(members: members, leftOut: leftOut, rules: rules)
    guard members.contains(where: { rules[$0] == nil }) else { return market }
    let found = try await universe.source.listings(members)
    for symbol in members {
      switch found[symbol] {
      case .listed(let instrument), .halted(let instrument, _): market.rules[symbol] = instrument
      case .absent(let fault) where market.rules[symbol] == nil:
        guard members.count > 1 else { throw fault }
        market.absences.append("\(symbol) is not traded: \(fault.cause)")
      case .absent, nil: break
      }
    }
    market.members.removeAll { market.rules[$0] == nil }
    guard !market.members.isEmpty else {
      throw Fault(
        "find", "symbols of \(universe.venue)", cause: market.absences.joined(separator: "; "),
        exit: .data)
    }
    return market
  }

  /// What became of the slot; a fault when it could do nothing that it should have.
  private func result(
    _ context: JobContext, _ maker: PlanMaker, _ warnings: [String]
  ) throws -> JobResult {
    let unknown = try maker.recordEquity()
    let (orders, lines) = try context.store.read { transaction in
      let slot = context.firing.slot
      let plan = try transaction.plans.find(account: parameters.account, slot)
      return (
        try transaction.orders.ofSlot(parameters.account, slot),
        try plan.map { try transaction.plans.lines($0.id) } ?? []
      )
    }
    let verdict = RebalanceVerdict(orders: orders, lines: lines, warnings: warnings + unknown)
    if let failure = verdict.failure {
      throw Fault(
        "rebalance", "account \(parameters.account)", cause: failure.cause,
        remedy: failure.remedy, exit: failure.exit)
    }
    let details = orders.map { record in
      let (order, reason) = (record.order, record.order.reason.map { " (\($0))" } ?? "")
      return "\(order.side) \(order.quantity) \(order.key.symbol) \(order.state)\(reason)"
    }
    return JobResult(summary: verdict.summary, details: details, caveat: verdict.caveat)
  }
}
