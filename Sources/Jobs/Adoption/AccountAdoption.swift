public import Domain
import Exchange
public import Logging
import Portfolio
import Settings
public import Store
import Venues

/// A job whose account can be taken over after its ledger was lost.
public protocol AdoptingJob: Job {
  /// Asks the exchange for every order of ours that the ledger does not know, and books them: those
  /// whose ids are made again, and the rest once a person accepts it.
  ///
  /// - Parameters:
  ///   - search: knows the slots of the time that was lost.
  ///   - acceptance: why whatever is left is to be booked as an adjustment; nil: it is not.
  /// - Throws: exit 77 when the account is on paper; a `Fault` of the exchange or the database.
  func adopt(
    _ search: OrderSearch, in store: Store, time: any TimeSource, acceptance: String?,
    log: Logger
  ) async throws -> AdoptionReport
}

extension RebalanceJob: AdoptingJob {
  /// What adopted orders are booked under where nothing tells their slot.
  static let adopted: JobName = {
    guard let name = JobName("adopted") else { preconditionFailure("it is a name of a job") }
    return name
  }()

  func adopt(
    _ search: OrderSearch, in store: Store, time: any TimeSource, acceptance: String?,
    log: Logger
  ) async throws -> AdoptionReport {
    // An order that a statement or a rebalance of another process books just now would be found twice.
    let lock = try JobLock.acquire(account: parameters.account, beside: store.path, log: log)
    let report = try await adopt(search, in: store, time: time, acceptance: acceptance)
    lock.release()
    return report
  }

  private func adopt(
    _ search: OrderSearch, in store: Store, time: any TimeSource, acceptance: String?
  ) async throws -> AdoptionReport {
    universe.keepBudgets(in: store)
    let (began, account) = (time.uptime, parameters.account)
    guard let (venue, place) = try exchange(time: time) else {
      throw Fault(
        "adopt", "account \(account)", cause: "it is on paper: its orders were nowhere else",
        remedy: "restore the newest snapshot: carillon snapshot list", exit: .refused)
    }
    var report = AdoptionReport(account: account, place: place)
    let snapshot = try await venue.account()
    let rules = try await adoptable(store, snapshot, at: time.now)
    report.symbols = rules.count
    var search = search
    for instrument in rules.values.sorted(by: { $0.symbol < $1.symbol }) {
      let contract = venue.contract(instrument)
      let placed = try await venue.orders(of: contract)
      let strange = try store.read { transaction in
        try placed.filter {
          try $0.standing.id.text.hasPrefix(StrangeOrders.prefix)
            && transaction.orders.order($0.standing.id) == nil
        }
      }
      for one in strange {
        report.found.append(try await found(one, instrument, venue, &search))
      }
    }
    report.weight = venue.spent
    report.found.sort { ($0.placed, $0.order.id) < ($1.placed, $1.order.id) }
    try book(&report, store, snapshot, acceptance: acceptance, at: time.now)
    report.took = time.uptime - began
    return report
  }

  /// The instruments that orders may have been of: what the ledger has, what the job trades, and whatever
  /// lies there.
  private func adoptable(
    _ store: Store, _ snapshot: AccountSnapshot, at now: Instant
  ) async throws -> [Symbol: Instrument] {
    let market = try await market(store, at: now)
    var wanted = Set(market.members)
    try store.read { transaction in
      for position in try transaction.accounts.positions(parameters.account) {
        wanted.insert(position.symbol)
      }
      for record in try transaction.orders.working(parameters.account) {
        wanted.insert(record.order.key.symbol)
      }
    }
    let lying = Set(snapshot.free.keys).union(snapshot.locked.keys)
      .compactMap { Symbol(base: $0, quote: parameters.settings.quote) }
      .filter { $0.base != parameters.settings.quote }
    var rules = market.rules.filter { wanted.contains($0.key) }
    let unknown = wanted.union(lying).filter { rules[$0] == nil }.sorted()
    for (symbol, listing) in try await universe.source.listings(unknown) {
      rules[symbol] = listing.instrument
    }
    return rules
  }

  private func found(
    _ one: PlacedOrder, _ instrument: Instrument, _ venue: any Venue, _ search: inout OrderSearch
  ) async throws -> AdoptionReport.Found {
    let (standing, symbol) = (one.standing, instrument.symbol)
    let key = search.key(of: standing.id, symbol, ordered: one.placed)
    let order = Order(
      id: standing.id,
      key: key
        ?? OrderKey(
          account: parameters.account, slot: Slot(job: Self.adopted, time: one.placed),
          symbol: symbol, leg: 0),
      side: standing.side, quantity: standing.quantity.amount, limit: standing.limit?.amount,
      state: .planned, venueID: standing.venueID)
    let told = try await venue.report(on: order, instrument: instrument, at: one.placed)
    var known = order
    known.state = told?.state ?? .unknown
    known.reason = told?.reason
    return AdoptionReport.Found(
      order: known, isMatched: key != nil, fills: told?.fills ?? [], placed: one.placed)
  }

  /// Books what was found, in one transaction.
  private func book(
    _ report: inout AdoptionReport, _ store: Store, _ snapshot: AccountSnapshot,
    acceptance: String?, at now: Instant
  ) throws {
    let (account, quote) = (parameters.account, parameters.settings.quote)
    let start = report
    report = try store.write(at: now) { (transaction) -> AdoptionReport in
      var report = start
      if try transaction.accounts.account(account) == nil {
        try transaction.accounts.open(
          account, quote: quote, mode: parameters.settings.isReal ? .live : .test,
          initial: try Self.beginning(report.found, snapshot, quote), place: report.place)
      }
      let bookable = report.found.filter { $0.isMatched || acceptance != nil }
      for (slot, orders) in Self.bySlot(bookable) {
        try Self.book(orders, slot, account, acceptance, transaction)
      }
      let held = try transaction.accounts.held(account)
      report.differences = try BalanceStatement(held: held, snapshot).shortfalls.map {
        .init(asset: $0.asset, ledger: $0.ledger, venue: $0.venue)
      }
      if let acceptance {
        for difference in report.differences {
          let missing = try difference.ledger.subtracting(difference.venue)
          _ = try transaction.accounts.book(
            .withdrawal(
              asset: difference.asset, amount: missing,
              rate: difference.asset == quote ? .one : .zero),
            account: account, at: now, reason: "adopted: \(acceptance)")
        }
      }
      report.isBooked =
        report.found.allSatisfy { $0.isMatched || acceptance != nil }
        && (report.differences.isEmpty || acceptance != nil)
      try transaction.audit.append(
        "adopt",
        "\(account): \(bookable.count) of \(report.found.count) orders that the ledger did not know, "
          + "\(report.differences.count) assets that did not add up"
          + (acceptance.map { "; accepted: \($0)" } ?? ""))
      return report
    }
  }

  /// What a lost account began with: what of the quote asset is there now, and what the orders took of it.
  private static func beginning(
    _ found: [AdoptionReport.Found], _ snapshot: AccountSnapshot, _ quote: String
  ) throws -> Amount {
    var sum = try (snapshot.free[quote] ?? .zero).adding(snapshot.locked[quote] ?? .zero)
    for one in found where one.order.key.symbol.quote == quote {
      for fill in one.fills {
        let value = try fill.quantity.multiplied(by: fill.price)
        sum = one.order.side == .buy ? try sum.adding(value) : try sum.subtracting(value)
        if let fee = fill.fee, fee.asset == quote { sum = try sum.adding(fee.amount) }
      }
    }
    return max(sum, .zero)
  }

  private static func bySlot(
    _ found: [AdoptionReport.Found]
  ) -> [(slot: Slot, orders: [AdoptionReport.Found])] {
    let groups = Dictionary(grouping: found, by: \.order.key.slot)
    return groups.map { (slot: $0.key, orders: $0.value) }.sorted {
      ($0.orders[0].placed, $0.slot) < ($1.orders[0].placed, $1.slot)
    }
  }

  private static func book(
    _ found: [AdoptionReport.Found], _ slot: Slot, _ account: String, _ acceptance: String?,
    _ transaction: WriteTransaction
  ) throws {
    let newest = try transaction.plans.find(account: account, slot)
    let cash = try transaction.accounts.cash(account)
    let quote = found[0].order.key.symbol.quote
    let detail = JSONValue.object([
      .init("adopted", .string(acceptance ?? "its ids were made again"))
    ])
    let plan = try transaction.plans.insert(
      account: account, slot, round: (newest?.round ?? -1) + 1, run: nil, equity: nil,
      cash: cash[quote] ?? .zero, detail: detail.text(), lines: [],
      orders: found.map { one in
        var order = one.order
        order.state = .planned
        return order
      })
    for one in found {
      let id = one.order.id
      try transaction.orders.move(id, to: .intent)
      for fill in one.fills { _ = try transaction.fills.insert(fill) }
      try transaction.orders.move(
        id, to: one.order.state, venueID: one.order.venueID,
        reason: one.order.reason ?? "adopted", isSent: true)
    }
    try transaction.plans.finish(plan.id)
  }
}
