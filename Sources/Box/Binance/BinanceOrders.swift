import Domain
import Exchange

// Placing, cancelling and looking up orders.
extension BinanceSkin {
  mutating func place(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    let request = try order(parameters, as: account)
    return WireReply(.object(try placedRow(request, as: account)))
  }

  /// Places an order that was read.
  mutating func placedRow(
    _ request: BinanceOrderRequest, as account: String
  ) throws(BinanceRefusal) -> [JSONValue.Member] {
    let count = limits.count(of: account, at: floor.core.now)
    if count.inTens >= BinanceLimits.ordersPerTenSeconds
      || count.inDay >= BinanceLimits.ordersPerDay
    {
      let isTens = count.inTens >= BinanceLimits.ordersPerTenSeconds
      throw BinanceRefusal(
        -1015,
        "Too many new orders; current limit is "
          + (isTens
            ? "\(BinanceLimits.ordersPerTenSeconds) orders per 10 SECOND."
            : "\(BinanceLimits.ordersPerDay) orders per 1 DAY."),
        status: 429, retryAfter: 10)
    }
    try checkOpenOrders(request, account)
    let tradesBefore = floor.core.trades.count
    switch floor.handle(.place(request.ticket, validUntil: nil), as: account) {
    case .order(let order):
      notes[order.number] = request.note
      limits.add(1, to: account, at: floor.core.now)
      let trades = floor.core.trades[tradesBefore...].filter { $0.order == order.number }
      return placed(order, request, Array(trades))
    case .refused(let reason): throw Self.refusal(reason, request)
    case .notFound, .orders, .trades, .account:
      preconditionFailure("a placed order is answered with an order or a refusal")
    }
  }

  /// Everything that placing does but for placing.
  mutating func test(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    let request = try order(parameters, as: account)
    try checkOpenOrders(request, account)
    // Balances are the matching engine's affair, which a test does not reach.
    if let contract = floor.core.contracts[request.listed.id],
      let reason = contract.check(
        request.ticket, reference: floor.core.reference(contract.id)?.price)
    {
      throw Self.refusal(reason, request)
    }
    guard try parameters.flag("computeCommissionRates") == true else {
      return WireReply(.object([]))
    }
    func rates(_ rate: String) -> JSONValue {
      .object([.init("maker", .string(rate)), .init("taker", .string(rate))])
    }
    return WireReply(
      .object([
        .init("standardCommissionForOrder", rates(commissionRate)),
        .init("specialCommissionForOrder", rates("0.00000000")),
        .init("taxCommissionForOrder", rates("0.00000000")), .init("discount", discount),
      ]))
  }

  private func checkOpenOrders(
    _ request: BinanceOrderRequest, _ account: String
  ) throws(BinanceRefusal) {
    let most = request.listed.instrument.filters.maximumOpenOrders ?? 200
    let open = floor.core.resting(request.listed.id).count { $0.account == account }
    guard open < most else { throw .filter("MAX_NUM_ORDERS") }
  }

  /// Why an order was refused, in Binance's words.
  private static func refusal(
    _ reason: Reason, _ request: BinanceOrderRequest
  ) -> BinanceRefusal {
    switch reason {
    case .unknownContract: .invalidSymbol
    case .priceFilter: .filter("PRICE_FILTER")
    case .priceCollar: .filter("PERCENT_PRICE_BY_SIDE")
    case .lotSize(let quantity, _): .filter(lotFilter(quantity, request))
    case .notional, .notionalAbove, .numberTooLarge: .filter("NOTIONAL")
    case .insufficientFunds, .feeExceedsValue:
      .rejected("Account has insufficient balance for requested action.")
    case .duplicate: .rejected("Duplicate order sent.")
    case .wouldTrade: .rejected("Order would immediately match and take.")
    case .state, .marketClosed, .stalePrice: .rejected("Market is closed.")
    case .tooLate:
      BinanceRefusal(-1021, "Timestamp for this request is outside of the recvWindow.")
    case .wrongAsset, .unknownOrder, .impossible, .noLiquidity, .openPassed, .cancelled, .other:
      .rejected("Unsupported order combination")
    }
  }

  /// Which of both filters a quantity breaks: a market order may break the one of market orders alone.
  private static func lotFilter(_ quantity: Amount, _ request: BinanceOrderRequest) -> String {
    let rules = request.listed.instrument.filters
    guard request.ticket.limit == nil, let most = rules.marketMaximum, quantity > most,
      quantity <= rules.maximumQuantity ?? quantity
    else { return "LOT_SIZE" }
    return "MARKET_LOT_SIZE"
  }

  mutating func cancel(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    WireReply(.object(try cancelledRow(parameters, as: account)))
  }

  /// Cancels the order that the parameters name.
  mutating func cancelledRow(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> [JSONValue.Member] {
    guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
    guard parameters.has("orderId") || parameters.has("origClientOrderId") else {
      throw .missing(oneOf: "origClientOrderId", "orderId")
    }
    guard let order = try found(parameters, one, account), order.state == .open else {
      throw .unknownOrder
    }
    if let restriction = parameters["cancelRestrictions"] {
      guard ["ONLY_NEW", "ONLY_PARTIALLY_FILLED"].contains(restriction) else {
        throw BinanceRefusal(-1145, "Invalid cancelRestrictions")
      }
      guard (order.filled.amount == .zero) == (restriction == "ONLY_NEW") else {
        throw BinanceRefusal(-2011, "Order was not canceled due to cancel restrictions.")
      }
    }
    let id = parameters["newClientOrderId"] ?? madeID()
    return cancel(order, as: account, id)
  }

  private mutating func cancel(
    _ order: VenueOrder, as account: String, _ id: String
  ) -> [JSONValue.Member] {
    guard case .order(let ended) = floor.handle(.cancel(order.ticket.id), as: account) else {
      preconditionFailure("an open order can be cancelled")
    }
    return cancelled(ended, id)
  }

  mutating func cancelAll(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
    let open = floor.core.openOrders(of: account).filter { $0.ticket.contract == one.id }
    guard !open.isEmpty else { throw .unknownOrder }
    let id = madeID()
    return WireReply(.array(open.map { .object(cancel($0, as: account, id)) }))
  }

  /// The order that `orderId` or `origClientOrderId` name.
  private func found(
    _ parameters: BinanceParameters, _ one: TradingFloor.Listed, _ account: String
  ) throws(BinanceRefusal) -> VenueOrder? {
    let id = parameters["origClientOrderId"]
    guard let number = try parameters.number("orderId") else {
      return id.flatMap { floor.core.order(ClientOrderID($0), of: account) }
        .flatMap { $0.ticket.contract == one.id ? $0 : nil }
    }
    guard let order = floor.core.orders[number], order.account == account,
      order.ticket.contract == one.id
    else { return nil }
    if let id, order.ticket.id.text != id {
      throw BinanceRefusal(-2039, "Client order ID is not correct for this order ID.")
    }
    return order
  }

  func query(_ parameters: BinanceParameters, as account: String) throws(BinanceRefusal)
    -> WireReply
  {
    guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
    guard parameters.has("orderId") || parameters.has("origClientOrderId") else {
      throw .missing(oneOf: "origClientOrderId", "orderId")
    }
    guard let order = try found(parameters, one, account) else { throw .noSuchOrder }
    return WireReply(.object(row(order)))
  }

  func openOrders(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    var orders = floor.core.openOrders(of: account)
    if parameters.has("symbol") {
      guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
      orders = orders.filter { $0.ticket.contract == one.id }
    }
    return WireReply(.array(orders.map { .object(row($0)) }))
  }

  func allOrders(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
    let limit = try parameters.limit(500, most: 1000)
    let span = try Span(parameters)
    let from = try parameters.number("orderId")
    let all = floor.core.orders.values
      .filter { $0.account == account && $0.ticket.contract == one.id }
      .filter { span.holds($0.placed) && $0.number >= from ?? 0 }
      .sorted { $0.number < $1.number }
    let rows = from == nil && span.start == nil ? all.suffix(limit) : all.prefix(limit)
    return WireReply(.array(rows.map { .object(row($0)) }))
  }

  /// A span of time that a question for history is limited to.
  struct Span {
    let start: Instant?
    let end: Instant?

    init(_ parameters: BinanceParameters) throws(BinanceRefusal) {
      (start, end) = (try parameters.time("startTime"), try parameters.time("endTime"))
      if let start, let end, end - start > .days(1) {
        throw BinanceRefusal(-1127, "More than 24 hours between startTime and endTime.")
      }
      if let start, let end, end < start { throw .invalid("startTime") }
    }

    func holds(_ time: Instant) -> Bool {
      time >= start ?? Instant(milliseconds: .min) && time <= end ?? .latest
    }
  }
}
