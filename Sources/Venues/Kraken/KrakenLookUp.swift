import Domain
import Exchange
import Synchronization

/// Finds orders at Kraken in few calls, since a key has fifteen and then one in three seconds: all open
/// orders and those that ended of late are asked for together, and what has ended is not asked for again.
///
/// However many orders are in doubt, one look at all of them decides: `gather`.
final class KrakenLookUp: Sendable {
  /// For how long a list of orders is good; what we do ourselves ends it at once.
  static let listAge = TimeSpan.seconds(2)
  /// For how long one is good that was read for orders by name: going through them may take a minute, and
  /// whatever is concluded from it is as of its own time.
  static let gatheredAge = TimeSpan.minutes(2)
  /// How far back orders that ended are listed; older ones are asked for one by one.
  static let listedWithin = TimeSpan.hours(25)
  /// By how much the venue's clock may be off when it dates an order.
  static let datingSlack = TimeSpan.seconds(60)
  /// Rows of a page of orders.
  static let pageRows = 50
  /// The most pages of orders that ended, of a look at one order, and at many.
  static let maximumListPages = 4
  static let maximumGatheredPages = 40
  /// The most pages of all orders: a quarter of a million are no history of ours.
  static let maximumHistoryPages = 5000
  /// The most orders of one question for them by their numbers.
  static let maximumOrdersAsked = 50

  private let caller: KrakenCaller
  private let replies: KrakenReplies
  private let pairs: KrakenPairs
  private let trades: KrakenTrades
  private let state = Mutex(State())

  private struct State {
    var list: KrakenOrderList?
    /// Orders that have ended: nothing about them changes any more.
    var ended: [ClientOrderID: KrakenOrder] = [:]
    /// Orders that were proved to be absent, as of an instant of the venue's clock: nor about them, unless
    /// they are sent anew.
    var gone: [ClientOrderID: Instant] = [:]
    /// Orders that were placed in this session, as they stood then, and when.
    var placed: [ClientOrderID: (standing: OrderStanding, at: Instant)] = [:]
    /// Every order that is told, and when they were read by our clock.
    var history: (orders: [KrakenOrder], read: Instant)?
  }

  init(
    caller: KrakenCaller, replies: KrakenReplies, pairs: KrakenPairs, trades: KrakenTrades
  ) {
    (self.caller, self.replies, self.pairs, self.trades) = (caller, replies, pairs, trades)
  }

  /// Notes an order that was placed.
  func placed(_ standing: OrderStanding, at time: Instant) {
    state.withLock { $0.placed[standing.id] = (standing, time) }
  }

  /// An order that was placed a short time ago, as it stood then.
  func placed(_ id: ClientOrderID, within span: TimeSpan) -> OrderStanding? {
    state.withLock { $0.placed[id] }.flatMap {
      (TimeSpan.zero...span).contains(caller.now - $0.at) ? $0.standing : nil
    }
  }

  /// Forgets what may have changed by something that we did.
  ///
  /// - Parameter sent: an order that is sent, if one is.
  func forget(_ sent: ClientOrderID? = nil) {
    state.withLock { state in
      (state.list, state.history) = (nil, nil)
      if let sent { state.gone[sent] = nil }
    }
  }

  /// An order, open or ended; nil where there is none as of an instant of the venue's clock.
  func order(_ id: ClientOrderID) async throws -> (order: KrakenOrder?, asOf: Instant) {
    if let ended = state.withLock({ $0.ended[id] }) { return (ended, caller.now) }
    if let asOf = state.withLock({ $0.gone[id] }) { return (nil, asOf) }
    let list = try await list()
    if let order = list.orders[id] { return (keep(order), list.asked) }
    if list.absent.contains(id) { return (nil, list.asked) }
    // An id of ours that was wrongly told leads nowhere: then the client's own id decides.
    if let order = try await placedHere([id]).first { return (keep(order), list.asked) }
    // Nothing is absent by one answer, whose bytes may be others than were sent.
    for (method, key) in [("ClosedOrders", "closed"), ("OpenOrders", "open")] {
      let result = try await caller.ask(
        method, [("cl_ord_id", id.text), ("trades", "true"), ("without_count", "true")])
      guard let rows = result?[key] else { throw replies.defect("\(method) tells no orders") }
      let orders = try await orders(rows)
      guard orders.allSatisfy({ $0.standing.id == id }) else {
        throw replies.defect("\(method) tells other orders than those of \(id)")
      }
      if let order = orders.first { return (keep(order), list.asked) }
    }
    return (nil, list.asked)
  }

  private func keep(_ order: KrakenOrder) -> KrakenOrder {
    if order.standing.state != .open {
      state.withLock { $0.ended[order.standing.id] = order }
    }
    return order
  }

  /// Looks many orders up by one look at the account; what is absent is so by two, and by the trades.
  ///
  /// - Parameters:
  ///   - wanted: the orders, each with the span of our clock in which it may have been sent.
  ///   - proves: from which age on being absent proves something: then the trades are read too.
  func gather(
    _ wanted: [ClientOrderID: ClosedRange<Instant>], proves age: TimeSpan
  ) async throws {
    let wanted = state.withLock { state in
      wanted.filter { state.ended[$0.key] == nil && state.gone[$0.key] == nil }
    }
    guard !wanted.isEmpty else { return }
    let clock = try await caller.clock()
    func begin(_ ids: [ClientOrderID]) -> Instant {
      let oldest = ids.compactMap { wanted[$0]?.lowerBound }.min() ?? caller.now
      return clock.venueTime(at: oldest) - Self.datingSlack
    }
    func missing(_ list: KrakenOrderList) -> [ClientOrderID] {
      wanted.keys.filter { list.orders[$0] == nil }.sorted()
    }
    var list = KrakenOrderList(asked: clock.venueTime(at: caller.now), read: caller.now)
    list.isGathered = true
    // The open ones come first: one that ends meanwhile is then in the second answer.
    list.add(open: try await openOrders())
    if !missing(list).isEmpty {
      try await readEnded(into: &list, since: begin(missing(list))) { missing($0).isEmpty }
      list.add(ended: try await placedHere(missing(list)))
    }
    let absent = missing(list)
    let old = absent.filter { wanted[$0].map { list.read - $0.upperBound >= age } ?? false }
    if !absent.isEmpty, list.isWhole {
      // Nothing is absent by one answer, whose bytes may be others than were sent.
      let start = begin(absent)
      try await readEnded(into: &list, since: start) { missing($0).isEmpty }
      list.add(open: try await openOrders())
      if !Set(missing(list)).isDisjoint(with: old) {
        // A trade of an order that neither list has: they lag behind, and prove nothing. Two seconds later,
        // so that none is at the edge of the lists.
        let told = try await trades.trades(after: start + .seconds(2))
        if let strange = told.first(where: { !list.numbers.contains($0.venueOrder) }) {
          throw replies.lagging(
            "trade \(strange.id) is of order \(strange.venueOrder), which it does not list")
        }
      }
      if list.isWhole { list.absent = Set(missing(list)) }
    }
    list.read = caller.now
    state.withLock { [list] in
      $0.list = list
      for id in old where list.absent.contains(id) { $0.gone[id] = list.asked }
    }
  }

  /// Every order that the venue tells, open and ended, once each.
  func history() async throws -> [KrakenOrder] {
    if let (orders, read) = state.withLock({ $0.history }), caller.now >= read,
      caller.now - read < Self.gatheredAge
    {
      return orders
    }
    var list = KrakenOrderList(asked: try await caller.venueTime(), read: caller.now)
    list.isGathered = true
    let open = try await openOrders()
    var all: [String: KrakenOrder] = [:]
    for order in open { all[order.standing.venueID] = order }
    try await readEnded(
      into: &list, since: nil, pages: Self.maximumHistoryPages,
      each: { orders in for order in orders { all[order.standing.venueID] = order } })
    guard list.isWhole else {
      throw Fault(
        "list orders", replies.venue,
        cause: "there are more than \(Self.maximumHistoryPages * Self.pageRows)",
        remedy: "restore the newest snapshot: carillon snapshot list", exit: .refused)
    }
    list.add(open: open)
    list.read = caller.now
    state.withLock { [list, all] in
      $0.list = list
      $0.history = (Array(all.values), list.read)
    }
    return Array(all.values)
  }

  /// Those of some orders that were placed in this session, by the numbers that they were given then.
  private func placedHere(_ ids: [ClientOrderID]) async throws -> [KrakenOrder] {
    var numbers = state.withLock { state in
      ids.compactMap { id in state.placed[id].map { (number: $0.standing.venueID, id: id) } }
    }[...]
    var found: [KrakenOrder] = []
    while !numbers.isEmpty {
      let asked = Dictionary(
        numbers.prefix(Self.maximumOrdersAsked).map { ($0.number, $0.id) },
        uniquingKeysWith: { first, _ in first })
      numbers = numbers.dropFirst(Self.maximumOrdersAsked)
      let list = asked.keys.sorted().joined(separator: ",")
      guard let result = try await caller.ask("QueryOrders", [("txid", list), ("trades", "true")])
      else { continue }
      let orders = try await orders(result)
      guard !orders.isEmpty, orders.allSatisfy({ asked[$0.standing.venueID] == $0.standing.id })
      else { throw replies.defect("the orders \(list) are not those of their ids") }
      found += orders
    }
    return found
  }

  /// All open orders now, in the order of the answer.
  func openOrders() async throws -> [KrakenOrder] {
    guard let result = try await caller.ask("OpenOrders", [("trades", "true")]),
      let rows = result["open"]
    else { throw replies.defect("the open orders are missing") }
    return try await orders(rows)
  }

  /// Open orders, and those that ended of late.
  private func list() async throws -> KrakenOrderList {
    if let list = state.withLock({ $0.list }), caller.now >= list.read,
      caller.now - list.read < (list.isGathered ? Self.gatheredAge : Self.listAge)
    {
      return list
    }
    var list = KrakenOrderList(asked: try await caller.venueTime(), read: caller.now)
    let open = try await openOrders()
    try await readEnded(
      into: &list, since: list.asked - Self.listedWithin, pages: Self.maximumListPages)
    list.add(open: open)
    state.withLock { $0.list = list }
    return list
  }

  /// Reads the orders that ended after a time (nil: all), the newest first, until there are enough of them.
  private func readEnded(
    into list: inout KrakenOrderList, since start: Instant?, pages: Int = maximumGatheredPages,
    until isEnough: (KrakenOrderList) -> Bool = { _ in false },
    each: ([KrakenOrder]) -> Void = { _ in }
  ) async throws {
    list.isWhole = false
    for page in 0..<pages {
      let begin = start.map { [("start", "\($0.seconds)")] } ?? []
      guard
        let result = try await caller.ask(
          "ClosedOrders",
          begin + [
            ("ofs", "\(page * Self.pageRows)"), ("closetime", "close"), ("trades", "true"),
            ("without_count", "true"),
          ]), let rows = result["closed"]
      else { throw replies.defect("the orders that ended are missing") }
      let orders = try await orders(rows)
      list.add(ended: orders)
      each(orders)
      if orders.count < Self.pageRows { list.isWhole = true }
      if list.isWhole || isEnough(list) { return }
    }
  }

  private func orders(_ rows: JSONValue) async throws -> [KrakenOrder] {
    guard let members = rows.object else { throw replies.defect("the orders are no table") }
    try await pairs.learn(try members.map { try replies.pairName($0.value) })
    var orders: [KrakenOrder] = []
    for row in members {
      let symbol = try await pairs.symbol(named: try replies.pairName(row.value))
      orders.append(
        try replies.order(row.key, row.value, pairs.contract(symbol), pair: symbol))
    }
    return orders
  }

  /// The trades of an order, together with those of others that will be asked for.
  func trades(of order: KrakenOrder) async throws -> [VenueFill] {
    let listed = state.withLock { $0.list?.orders.values.flatMap(\.trades) ?? [] }
    return try await trades.trades(of: order, others: listed.sorted())
  }
}
