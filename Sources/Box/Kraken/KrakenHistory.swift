import Domain
import Exchange

// What Kraken tells an account of its orders and trades.
extension KrakenSkin {
  /// Orders and trades of a page.
  static let pageRows = 50

  func openOrders(
    _ parameters: KrakenParameters, of account: String
  ) throws(KrakenRefusal) -> JSONValue {
    var rows: [VenueOrder] = []
    for order in floor.core.openOrders(of: account) where try isAsked(order, parameters) {
      rows.append(order)
    }
    return .object([.init("open", .object(members(rows, parameters)))])
  }

  func closedOrders(
    _ parameters: KrakenParameters, of account: String
  ) throws(KrakenRefusal) -> JSONValue {
    let span = try Span(parameters, self)
    let isTold = try Self.times(parameters)
    var rows: [VenueOrder] = []
    for order in floor.core.orders.values where order.account == account && order.state != .open {
      if try isAsked(order, parameters), isTold(order).contains(where: span.holds) {
        rows.append(order)
      }
    }
    rows.sort { ($0.updated, $0.number) > ($1.updated, $1.number) }
    let offset = Int(max(0, try parameters.number("ofs") ?? 0))
    let page = Array(rows.dropFirst(offset).prefix(Self.pageRows))
    var members: [JSONValue.Member] = [
      .init("closed", .object(self.members(page, parameters)))
    ]
    if !parameters.flag("without_count") {
      members.append(.init("count", .number(rows.count)))
    }
    return .object(members)
  }

  /// Which times of an order that ended decide whether it is told: both, unless one is asked for.
  private static func times(
    _ parameters: KrakenParameters
  ) throws(KrakenRefusal) -> (VenueOrder) -> [Instant] {
    switch parameters["closetime"] ?? "both" {
    case "both": { [$0.placed, $0.updated] }
    case "open": { [$0.placed] }
    case "close": { [$0.updated] }
    default: throw .invalid("closetime")
    }
  }

  func queryOrders(
    _ parameters: KrakenParameters, of account: String
  ) throws(KrakenRefusal) -> JSONValue {
    let ids = parameters.list("txid")
    guard (1...50).contains(ids.count) else { throw .invalid("txid") }
    var rows: [VenueOrder] = []
    for id in ids {
      guard let number = orderNumbers[id], let order = floor.core.orders[number],
        order.account == account
      else { throw .invalidOrder }
      if try isAsked(order, parameters) { rows.append(order) }
    }
    return .object(members(rows, parameters))
  }

  private func isAsked(
    _ order: VenueOrder, _ parameters: KrakenParameters
  ) throws(KrakenRefusal) -> Bool {
    let note = notes[order.number]
    if let reference = try parameters.number("userref"), note?.userref != reference { return false }
    if let id = parameters["cl_ord_id"], note?.clientID != id { return false }
    return true
  }

  private func members(
    _ orders: [VenueOrder], _ parameters: KrakenParameters
  ) -> [JSONValue.Member] {
    let withTrades = parameters.flag("trades")
    return orders.map { order in
      .init(notes[order.number]?.txid ?? order.id, .object(row(order, withTrades: withTrades)))
    }
  }

  private func row(_ order: VenueOrder, withTrades: Bool) -> [JSONValue.Member] {
    guard let one = floor.contract(order.ticket.contract.text), let note = notes[order.number]
    else {
      preconditionFailure("every order of the skin has its contract and its note")
    }
    let trades = floor.core.trades.filter { $0.order == order.number }
    let zero = price(Amount.zero, one)
    var members: [JSONValue.Member] = [.init("refid", .null)]
    members.append(.init("userref", note.userref.map { .number($0) } ?? .null))
    if let id = note.clientID { members.append(.init("cl_ord_id", .string(id))) }
    members += [
      .init("status", .string(Self.status(order, note))),
      .init("opentm", Self.seconds(order.placed)), .init("starttm", .number(0)),
      .init("expiretm", .number(note.toldExpiry?.seconds ?? 0)),
      .init("descr", descriptions(order, one)),
      .init("vol", .string(FixedText.text(order.ticket.quantity.amount))),
      .init("vol_exec", .string(FixedText.text(order.filled.amount))),
      .init("cost", .string(FixedText.text(order.value.amount, places: Self.assetPlaces))),
      .init("fee", .string(FixedText.text(fees(trades), places: Self.assetPlaces))),
      .init("price", .string(mean(order, one))), .init("stopprice", .string(zero)),
      .init("limitprice", .string(zero)),
      .init(
        "misc", .string(order.filled.amount > .zero && order.state != .filled ? "partial" : "")),
      .init("oflags", .string(note.flags.joined(separator: ","))),
      .init("timeinforce", .string(note.timeInForce)),
    ]
    if withTrades, !trades.isEmpty {
      members.append(
        .init("trades", .array(trades.map { .string(KrakenID.text("T", $0.number)) })))
    }
    guard order.state != .open else { return members }
    members.append(.init("closetm", Self.seconds(order.updated)))
    members.append(.init("reason", reason(order)))
    return members
  }

  private func descriptions(_ order: VenueOrder, _ one: TradingFloor.Listed) -> JSONValue {
    .object([
      .init("pair", .string(names[one.id.text]?.altname ?? one.id.text)),
      .init("type", .string(order.ticket.side.rawValue)),
      .init("ordertype", .string(order.ticket.limit == nil ? "market" : "limit")),
      .init("price", .string(price(order.ticket.limit?.amount ?? .zero, one))),
      .init("price2", .string("0")), .init("leverage", .string("none")),
      .init("order", .string(description(order.ticket, one))), .init("close", .string("")),
    ])
  }

  private func reason(_ order: VenueOrder) -> JSONValue {
    switch order.reason {
    case nil: .null
    case .cancelled: .string("User requested")
    case .noLiquidity: .string("Insufficient liquidity")
    case let other?: .string("\(other)")
    }
  }

  private static func status(_ order: VenueOrder, _ note: KrakenOrderNote) -> String {
    if let status = note.status { return status }
    switch order.state {
    case .open: return "open"
    case .filled: return "closed"
    case .cancelled, .expired: return "canceled"
    }
  }

  private func fees(_ trades: [Trade]) -> Amount {
    trades.reduce(Amount.zero) { Amount(units: $0.units + $1.fee.amount.units) }
  }

  private func mean(_ order: VenueOrder, _ one: TradingFloor.Listed) -> String {
    guard order.filled.amount > .zero else { return price(Amount.zero, one) }
    do throws(AmountError) {
      return price(try order.value.amount.divided(by: order.filled.amount), one)
    } catch {
      preconditionFailure("what was paid for a unit is an amount")
    }
  }

  func tradesHistory(
    _ parameters: KrakenParameters, of account: String
  ) throws(KrakenRefusal) -> JSONValue {
    let span = try Span(parameters, self)
    let all = floor.core.trades.filter { $0.account == account && span.holds($0.time) }
    let offset = Int(max(0, try parameters.number("ofs") ?? 0))
    let page = all.reversed().dropFirst(offset).prefix(Self.pageRows)
    return .object([
      .init("trades", .object(page.map { .init(KrakenID.text("T", $0.number), row($0)) })),
      .init("count", .number(all.count)),
    ])
  }

  func queryTrades(
    _ parameters: KrakenParameters, of account: String
  ) throws(KrakenRefusal) -> JSONValue {
    let ids = Set(parameters.list("txid"))
    guard (1...20).contains(ids.count) else { throw .invalid("txid") }
    let found = floor.core.trades.filter {
      $0.account == account && ids.contains(KrakenID.text("T", $0.number))
    }
    guard found.count == ids.count else { throw KrakenRefusal("EQuery:Unknown trade") }
    return .object(found.map { .init(KrakenID.text("T", $0.number), row($0)) })
  }

  private func row(_ trade: Trade) -> JSONValue {
    guard let one = floor.contract(trade.contract.text) else {
      preconditionFailure("trade \(trade.id) is of a contract that is listed")
    }
    var cost = trade.price.amount
    do throws(AmountError) {
      cost = try cost.multiplied(by: trade.quantity.amount)
    } catch {
      preconditionFailure("trade \(trade.id) was booked, so its value is an amount")
    }
    let isMarket = floor.core.orders[trade.order]?.ticket.limit == nil
    return .object([
      .init("ordertxid", .string(KrakenID.text("O", trade.order))),
      .init("postxid", .string("TKH2SE-M7IF5-CFI7LT")), .init("pair", .string(one.id.text)),
      .init("time", Self.seconds(trade.time)), .init("type", .string(trade.side.rawValue)),
      .init("ordertype", .string(isMarket ? "market" : "limit")),
      .init("price", .string(price(trade.price.amount, one))),
      .init("cost", .string(FixedText.text(cost, places: Self.assetPlaces))),
      .init("fee", .string(FixedText.text(trade.fee.amount, places: Self.assetPlaces))),
      .init("vol", .string(FixedText.text(trade.quantity.amount))),
      .init("margin", .string(FixedText.text(Amount.zero, places: 5))),
      .init("leverage", .string("0")), .init("misc", .string("")),
      .init("trade_id", .number(trade.number)), .init("maker", .bool(trade.isMaker)),
    ])
  }

  /// A span of time from `start`, which is left out, to `end`; each may be an order's or a trade's id: the
  /// order's opening, then.
  struct Span {
    private let start: Instant?
    private let end: Instant?

    init(_ parameters: KrakenParameters, _ skin: KrakenSkin) throws(KrakenRefusal) {
      start = try Self.time("start", parameters, skin)
      end = try Self.time("end", parameters, skin)
    }

    private static func time(
      _ name: String, _ parameters: KrakenParameters, _ skin: KrakenSkin
    ) throws(KrakenRefusal) -> Instant? {
      guard let text = parameters[name], text.contains("-") else {
        return try parameters.time(name)
      }
      if let number = skin.orderNumbers[text] { return skin.floor.core.orders[number]?.placed }
      let trade = skin.floor.core.trades.first { KrakenID.text("T", $0.number) == text }
      guard let trade else { throw .invalid(name) }
      return trade.time
    }

    func holds(_ time: Instant) -> Bool {
      start.map { time > $0 } ?? true && time <= end ?? .latest
    }
  }
}
