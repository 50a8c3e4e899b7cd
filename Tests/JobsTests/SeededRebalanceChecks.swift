import Domain
import Jobs
import Store
import Testing

// What must hold of every rebalance, by arithmetic of its own.
extension SeededRebalances {
  /// What the account is worth before a plan is made; nil when that plan will start from something else.
  struct Expectation {
    var equity: Amount?
  }

  /// The orders of the account that were sent.
  func sentOrders() throws -> Set<ClientOrderID> {
    try world.store.read { transaction in
      Set(try transaction.orders.all().filter { $0.sent != nil }.map(\.order.id))
    }
  }

  /// What the ledger should price a symbol at; nil before its first close.
  func mark(_ symbol: Symbol) throws -> Amount? {
    try closes[symbol].map { try Amount(observed: $0) }
  }

  /// The worth of all that is held, at the newest closes; nil when something has no price yet.
  private func worth() throws -> Amount? {
    let (cash, positions) = try world.store.read {
      (try $0.accounts.cash("main"), try $0.accounts.positions("main"))
    }
    var sum = cash["USD"] ?? .zero
    for (asset, amount) in cash where asset != "USD" && amount != .zero {
      guard let mark = try mark(Self.third) else { return nil }
      sum = try sum.adding(amount.multiplied(by: mark))
    }
    for position in positions where position.quantity != .zero {
      guard let mark = try mark(position.symbol) else { return nil }
      sum = try sum.adding(position.quantity.multiplied(by: mark))
    }
    return sum
  }

  private func slot(_ hours: Int64) throws -> Slot {
    Slot(job: try #require(JobName("rebalance")), time: Workbench.start + .hours(hours))
  }

  func expectation(of hours: Int64) throws -> Expectation {
    let slot = try slot(hours)
    let isFresh = try world.store.read { transaction in
      try transaction.plans.find(account: "main", slot) == nil
        && transaction.orders.working("main").isEmpty
        && transaction.accounts.account("main") != nil
    }
    return Expectation(equity: isFresh ? try worth() : nil)
  }

  mutating func check(_ hours: Int64, before: Expectation, sent: Set<ClientOrderID>) throws {
    findings += try world.findings().map { "slot \(hours): \($0)" }
    try checkEquity(hours, before)
    let new = try sentOrders().subtracting(sent)
    for order in try world.store.read({ try $0.orders.all() }).map(\.order)
    where new.contains(order.id) {
      guard halt != nil || isFileHalted else { break }
      if halt == .flatten, order.side == .sell { continue }
      findings.append(
        "slot \(hours): \(order.side) \(order.id) was sent beside a halt: "
          + (halt.map { "\($0)" } ?? "the file"))
    }
    if halt == .cancelOrders {
      for record in try world.store.read({ try $0.orders.working("main") }) {
        findings.append(
          "slot \(hours): \(record.order.id) is \(record.order.state) beside a halt that takes back"
        )
      }
    }
    try checkSent(new, hours)
  }

  /// What must hold of orders that were sent at a slot.
  mutating func checkSent(_ new: Set<ClientOrderID>, _ hours: Int64) throws {
    let slot = Workbench.start + .hours(hours)
    for order in try world.store.read({ try $0.orders.all() }).map(\.order)
    where new.contains(order.id) {
      guard order.key.slot.time == slot else {
        findings.append("slot \(hours): \(order.id) of \(order.key.slot.time) was sent")
        continue
      }
      guard order.state != .rejected else { continue }
      try checkRules(of: order, hours)
    }
  }

  private mutating func checkEquity(_ hours: Int64, _ before: Expectation) throws {
    let slot = try slot(hours)
    let (plan, last) = try world.store.read {
      (try $0.plans.find(account: "main", slot), try $0.equity.latest("main"))
    }
    if let right = before.equity, let plan, plan.round == 0, let equity = plan.equity {
      counts.plansValued += 1
      if isApart(equity, right) {
        findings.append("slot \(hours): the plan goes by \(equity), the account is worth \(right)")
      }
    }
    if let last, last.time == slot.time, let right = try worth(), isApart(last.equity, right) {
      findings.append("slot \(hours): \(last.equity) on record, the account is worth \(right)")
    }
  }

  /// Whether two sums differ by more than the rounding of their products: one unit each, of which there
  /// are eight at most, and the last bit of a price that a split divided.
  private func isApart(_ a: Amount, _ b: Amount) -> Bool {
    (a.double - b.double).magnitude > 1e-11 * Swift.max(1, b.double.magnitude)
  }

  private mutating func checkRules(of order: Order, _ hours: Int64) throws {
    func find(_ text: String) { findings.append("slot \(hours): \(order.id): \(text)") }
    let symbol = order.key.symbol
    if halted.contains(symbol) { find("\(symbol) is halted") }
    let lot = try #require(Amount(lots[symbol] ?? ""))
    if try order.quantity.rounded(toMultipleOf: lot, .down) != order.quantity {
      find("\(order.quantity) is no multiple of \(lot)")
    }
    // A cent is the tick.
    if let limit = order.limit,
      try limit.rounded(toMultipleOf: Amount(units: 10_000_000_000), .down) != limit
    {
      find("the limit \(limit) is between ticks")
    }
    if (order.limit != nil) != isLimit { find("it is of the wrong type") }
    let marked = try mark(symbol)
    let price = try #require(order.limit ?? marked)
    let value = try order.quantity.multiplied(by: price, rounding: .up)
    let least = try #require(Amount(self.least[symbol] ?? ""))
    if value < least { find("it is worth \(value), below the least of \(least)") }
  }
}
