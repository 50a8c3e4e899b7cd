import Domain
import Logging
import Portfolio
import Settings
import Store
import Venues

/// Takes orders from plan to end. What is decided is in `DeskDecision`, `Gate` and `OrderState`; here
/// is the loop that performs it.
///
/// Intents are committed some at a time before the first of them is sent, and answers some at a time:
/// whatever is lost between the two has an intent on record and is looked up.
struct OrderDesk: Sendable {
  let context: JobContext
  let venue: any Venue
  let parameters: RebalanceParameters
  let universe: Universe
  let members: [Symbol]
  let leftOut: Int
  let rules: [Symbol: Instrument]
  /// What cancels the orders that rest should this process die; nil where nothing does.
  var deadMan: DeadManSwitch?

  /// How many intents share a commit.
  static let ordersInCommit = 50
  /// How long after their commit intents are sent; what is left then gets a commit anew. An order counts
  /// as absent so long after its intent was committed, and no request may be younger than that by more.
  static let intentsWithin = TimeSpan.seconds(5)

  private var account: String { parameters.account }
  private var isAtExchange: Bool { parameters.settings.execution != .paper }

  /// Asks the venue what became of every order that may have changed, of this run's plan and of
  /// earlier ones: always the first step. What an earlier slot planned and never sent has expired.
  ///
  /// - Returns: what a person should know.
  func reconcile() async throws -> [String] {
    try context.store.write(at: context.time.now) {
      try $0.orders.expirePlanned(
        account, before: context.firing.slot, reason: DeskDecision.neverSent)
    }
    return try await reconciliation.ask()
  }

  private typealias Answer = OrderReconciliation.Answer

  private var reconciliation: OrderReconciliation {
    OrderReconciliation(
      store: context.store, time: context.time, log: context.log, venue: venue, account: account,
      rules: rules, slot: context.firing.slot, deadMan: deadMan)
  }

  /// Takes back what still rests from earlier slots of this job, or of its instruments, so that a new
  /// plan starts from what is held; and whatever a halt in force wants back.
  ///
  /// - Returns: how many orders were taken back.
  @discardableResult
  func cancelEarlierOrders() async throws -> Int {
    let own = Set(members)
    var answers: [Answer] = []
    let (working, halt) = try context.store.read {
      (try $0.orders.working(account), try $0.halts.recorded()?.level)
    }
    for record in working
    where Self.takesBack(
      record.order, before: context.firing.slot, members: own, rules, halt: halt)
    {
      guard let instrument = rules[record.order.key.symbol] else { continue }
      try context.checkpoint()
      let report = try await venue.cancel(record.order, on: instrument, at: context.slot)
      answers.append(Answer(record: record, report: report))
    }
    try reconciliation.commit(answers)
    return answers.count { $0.report?.state == .cancelled }
  }

  /// Whether a slot takes an order back before it plans.
  ///
  /// - Parameter halt: how far the halt in force goes. One that cancels wants every order of the account;
  ///   one that sells what is held leaves the slot its own, which are those sales.
  static func takesBack(
    _ order: Order, before slot: Slot, members: Set<Symbol>, _ rules: [Symbol: Instrument],
    halt: Halt.Level?
  ) -> Bool {
    let key = order.key
    guard order.state == .open, rules[key.symbol] != nil else { return false }
    switch halt {
    case .cancelOrders: return true
    case .flatten: return key.slot != slot
    case .noNew, nil:
      return key.slot != slot && (key.slot.job == slot.job || members.contains(key.symbol))
    }
  }

  /// Sends what is not sent of a plan, in its order, as far as the gate lets it.
  func work(through plan: Plan) async throws {
    let orders = try context.store.read { try $0.orders.ofPlan(plan.id) }
      .filter { $0.order.state == .planned }
    var gate = try GateKeeper(
      GateKeeper.Circumstances(
        store: context.store, time: context.time, conditions: context.conditions,
        slot: context.firing.slot, latestSend: context.firing.latestStart),
      parameters, universe, rules, orders.map(\.order))
    if isAtExchange, !orders.isEmpty { gate.take(try await venue.account()) }
    var left = orders[...]
    while !left.isEmpty {
      try context.checkpoint()
      let batch = Array(left.prefix(Self.ordersInCommit))
      left = left.dropFirst(batch.count)
      if isAtExchange {
        gate.take(try await universe.quotes(batch.map(\.order.key.symbol), time: context.time))
      }
      let admitted = try admit(batch, &gate)
      left = try await send(admitted, &gate) + left
    }
    try context.store.write(at: context.time.now) { try $0.plans.finish(plan.id) }
  }

  /// Commits the intents of what the gate lets pass, and the end of what it does not.
  private func admit(
    _ batch: [OrderRecord], _ gate: inout GateKeeper
  ) throws -> [OrderRecord] {
    var admitted: [OrderRecord] = []
    var refused: [(ClientOrderID, Gate.Refusal)] = []
    let refusals = try gate.refusals(of: batch.map(\.order))
    for record in batch {
      if let refusal = refusals[record.order.id] {
        refused.append((record.order.id, refusal))
      } else {
        admitted.append(record)
      }
    }
    try context.store.write(at: context.time.now) { transaction in
      for record in admitted { try transaction.orders.move(record.order.id, to: .intent) }
      for (id, refusal) in refused { try refuse(id, refusal, transaction) }
    }
    return admitted
  }

  /// Sends intents, the gate asked again for each, and commits what the venue said.
  ///
  /// - Returns: what was not sent since that took too long; it is planned again.
  private func send(
    _ admitted: [OrderRecord], _ gate: inout GateKeeper
  ) async throws -> ArraySlice<OrderRecord> {
    let committed = context.time.now
    var left: ArraySlice<OrderRecord> = []
    var answers: [Answer] = []
    var refused: [(ClientOrderID, Gate.Refusal)] = []
    var failure: (any Error)?
    for (index, record) in admitted.enumerated() {
      var order = record.order
      order.state = .intent
      let isLate = Self.isLate(index, committed: committed, now: context.time.now)
      if isLate, failure == nil { left.append(record) }
      if isLate || failure != nil {
        answers.append(Answer(record: record, report: nil, isUnsent: true))
        continue
      }
      do {
        if gate.wantsQuote(order.key.symbol) {
          let left = admitted[index...].map(\.order.key.symbol)
          gate.take(try await universe.quotes(left, time: context.time))
        }
        if let refusal = try gate.refusalNow(of: order) {
          refused.append((order.id, refusal))
          continue
        }
        guard let instrument = rules[order.key.symbol] else {
          preconditionFailure("\(order.id): planned without rules")
        }
        if order.limit != nil { try await deadMan?.tend(isResting: true) }
        try await deadMan?.renew()
        let report = try await venue.place(order, on: instrument, at: context.slot)
        gate.sent(order, report.state)
        answers.append(Answer(record: record, report: report))
      } catch {
        // `place` throws only where the order certainly had no effect.
        failure = error
        answers.append(Answer(record: record, report: nil, isUnsent: true))
      }
    }
    let (ended, others) = (answers, refused)
    try context.store.write(at: context.time.now) { transaction in
      for (id, refusal) in others { try refuse(id, refusal, transaction) }
      for answer in ended { try reconciliation.record(answer, transaction) }
    }
    if let failure { throw failure }
    return left
  }

  /// Whether an intent waits for a commit anew. The first one of a commit always goes, so that a slow
  /// machine gets on.
  static func isLate(_ index: Int, committed: Instant, now: Instant) -> Bool {
    index > 0 && now - committed >= intentsWithin
  }

  private func refuse(
    _ id: ClientOrderID, _ refusal: Gate.Refusal, _ transaction: WriteTransaction
  ) throws {
    context.conditions.count(.init(account: account, kind: refusal.kind))
    if case .inDoubt = refusal {
      // It is sent once the doubt is over, if that is in time.
      try transaction.orders.move(id, to: .planned, reason: refusal.description)
      return
    }
    let state: OrderState = if case .tooLate = refusal { .expired } else { .rejected }
    try transaction.orders.move(id, to: state, reason: refusal.description)
    context.log.warning(
      "order refused by the gate",
      metadata: ["order": "\(id)", "kind": "\(refusal.kind)", "reason": "\(refusal)"])
  }
}
