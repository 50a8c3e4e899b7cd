import Domain
import Exchange
import Synchronization

/// Finds orders and their trades at Kraken in few calls, since a key has fifteen and then one in three
/// seconds: all open orders and those that ended of late are asked for together, trades twenty at a time,
/// and what has ended is not asked for again.
final class KrakenLookUp: Sendable {
  /// For how long a list of orders is good; what we do ourselves ends it at once.
  static let listAge = TimeSpan.seconds(2)
  /// How far back orders that ended are listed; older ones are asked for one by one.
  static let listedWithin = TimeSpan.hours(25)
  /// Rows of a page of orders or trades.
  static let pageRows = 50
  /// The most pages of orders that ended.
  static let maximumListPages = 4
  /// The most trades of one question.
  static let maximumTradesAsked = 20

  private let caller: KrakenCaller
  private let replies: KrakenReplies
  private let pairs: KrakenPairs
  private let state = Mutex(State())

  private struct State {
    var list: List?
    /// Orders that have ended: nothing about them changes any more.
    var ended: [ClientOrderID: KrakenOrder] = [:]
    /// Orders that were placed in this session, as they stood then, and when.
    var placed: [ClientOrderID: (standing: OrderStanding, at: Instant)] = [:]
    var trades: [String: VenueFill] = [:]
  }

  private struct List {
    /// When it was asked for by the venue's clock, and by ours.
    var asked: Instant
    var read: Instant
    var orders: [ClientOrderID: KrakenOrder] = [:]
  }

  init(caller: KrakenCaller, replies: KrakenReplies, pairs: KrakenPairs) {
    (self.caller, self.replies, self.pairs) = (caller, replies, pairs)
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
  func forget() { state.withLock { $0.list = nil } }

  /// An order, open or ended; nil where there is none as of an instant of the venue's clock.
  func order(_ id: ClientOrderID) async throws -> (order: KrakenOrder?, asOf: Instant) {
    if let ended = state.withLock({ $0.ended[id] }) { return (ended, caller.now) }
    let list = try await list()
    if let order = list.orders[id] { return (keep(order), list.asked) }
    // An id of ours that was wrongly told leads nowhere: then the client's own id decides.
    if let number = state.withLock({ $0.placed[id]?.standing.venueID }),
      let result = try await caller.ask("QueryOrders", [("txid", number), ("trades", "true")])
    {
      guard let order = try await orders(result).first(where: { $0.standing.id == id }) else {
        throw replies.defect("order \(number) is not that of \(id)")
      }
      return (keep(order), list.asked)
    }
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

  /// All open orders now, in the order of the answer.
  func openOrders() async throws -> [KrakenOrder] {
    guard let result = try await caller.ask("OpenOrders", [("trades", "true")]),
      let rows = result["open"]
    else { throw replies.defect("the open orders are missing") }
    return try await orders(rows)
  }

  /// Open orders, and those that ended of late. The open ones come first: one that ends meanwhile is then
  /// in the second answer.
  private func list() async throws -> List {
    if let list = state.withLock({ $0.list }), caller.now - list.read < Self.listAge,
      caller.now >= list.read
    {
      return list
    }
    var list = List(asked: try await caller.venueTime(), read: caller.now)
    let open = try await openOrders()
    let start = list.asked - Self.listedWithin
    for page in 0..<Self.maximumListPages {
      guard
        let result = try await caller.ask(
          "ClosedOrders",
          [
            ("start", "\(start.seconds)"), ("ofs", "\(page * Self.pageRows)"), ("trades", "true"),
            ("without_count", "true"),
          ]), let rows = result["closed"]
      else { throw replies.defect("the orders that ended are missing") }
      let orders = try await orders(rows)
      // The newest come first: an id that was used again is that of its newest order.
      for order in orders where list.orders[order.standing.id] == nil {
        list.orders[order.standing.id] = order
      }
      if orders.count < Self.pageRows { break }
    }
    for order in open { list.orders[order.standing.id] = order }
    state.withLock { $0.list = list }
    return list
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

  /// The trades of an order, which must add up to what the order says of itself.
  func trades(of order: KrakenOrder) async throws -> [VenueFill] {
    let standing = order.standing
    try await learnTrades(order.trades)
    let fills = try order.trades.map { id in
      guard let fill = state.withLock({ $0.trades[id] }) else {
        throw replies.lagging("trade \(id) of order \(standing.venueID) is not told")
      }
      guard fill.venueOrder == standing.venueID, fill.contract == standing.contract,
        fill.side == standing.side
      else { throw replies.defect("trade \(id) is not of order \(standing.venueID)") }
      var own = fill
      own.order = standing.id
      return own
    }
    var (quantity, value, fee) = (Amount.zero, Amount.zero, Amount.zero)
    for fill in fills {
      quantity = try quantity.adding(fill.quantity.amount)
      value = try value.adding(fill.price.amount.multiplied(by: fill.quantity.amount))
      fee = try fee.adding(fill.fee?.amount ?? .zero)
    }
    guard quantity == standing.filled.amount,
      order.cost.agrees(with: value, roundings: fills.count),
      order.fee.agrees(with: fee, roundings: fills.count)
    else {
      throw replies.lagging(
        "\(standing.filled.amount) of order \(standing.venueID) are filled for \(order.cost.amount) "
          + "and a fee of \(order.fee.amount), and its trades are \(quantity), \(value) and \(fee)")
    }
    return fills.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
  }

  /// Asks for trades that are not known yet, and for those of other orders that are on the list.
  private func learnTrades(_ ids: [String]) async throws {
    var missing = state.withLock { state in
      var wanted = ids.filter { state.trades[$0] == nil }
      guard !wanted.isEmpty else { return wanted }
      let others = (state.list?.orders.values.flatMap(\.trades) ?? []).sorted()
        .filter { state.trades[$0] == nil && !ids.contains($0) }
      let rest = -wanted.count % Self.maximumTradesAsked + Self.maximumTradesAsked
      wanted += others.prefix(rest % Self.maximumTradesAsked)
      return wanted
    }
    while !missing.isEmpty {
      let asked = missing.prefix(Self.maximumTradesAsked)
      missing.removeFirst(asked.count)
      guard
        let members = try await caller.ask(
          "QueryTrades", [("txid", asked.joined(separator: ","))], weight: 2)?.object
      else { throw replies.defect("the trades are no table") }
      try await pairs.learn(members.compactMap { $0.value["pair"]?.string })
      for row in members {
        let fill = try await trade(row)
        state.withLock { $0.trades[row.key] = fill }
      }
    }
  }

  private func trade(_ row: JSONValue.Member) async throws -> VenueFill {
    guard let name = row.value["pair"]?.string else { throw replies.defect("a trade has no pair") }
    let symbol = try await pairs.symbol(named: name)
    return try replies.trade(row.key, row.value, pairs.contract(symbol), pair: symbol)
  }

  /// The most pages of trades of one question of ours.
  static let maximumTradePages = 400

  /// All trades after a time, oldest first.
  func trades(after start: Instant?) async throws -> [VenueFill] {
    var fills: [String: VenueFill] = [:]
    var offset = 0
    for _ in 0..<Self.maximumTradePages {
      var parameters = [("ofs", "\(offset)"), ("consolidate_taker", "false")]
      if let start { parameters.append(("start", "\(start.seconds)")) }
      guard let result = try await caller.ask("TradesHistory", parameters, weight: 2),
        let members = result["trades"]?.object, let count = result["count"]?.int
      else { throw replies.defect("the trades are no table with their number") }
      try await pairs.learn(members.compactMap { $0.value["pair"]?.string })
      for row in members { fills[row.key] = try await trade(row) }
      offset += members.count
      // Trades that are made meanwhile shift the pages: what comes twice is one trade.
      if members.isEmpty || offset >= count { break }
    }
    return fills.values.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
  }
}
