public import Domain

/// What was asked of an exchange and what happened there: the record outside of whoever trades, by
/// which a trader's own books are judged. Two runs did the same when their digests are equal.
public struct Journal: Hashable, Sendable {
  /// A hash of every line so far: FNV-1a in 64 bits, not against malice but against difference.
  public private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  /// How many lines there were.
  public private(set) var count = 0
  /// The newest lines, oldest first.
  public private(set) var lines: [String] = []
  /// How many lines are kept.
  public var kept: Int

  /// An empty journal that keeps so many of the newest lines.
  public init(keeping kept: Int = 0) { self.kept = kept }

  /// Records a call and its answer.
  public mutating func record(_ call: Call, _ answer: Answer, as account: String, at: Instant) {
    append("\(at.milliseconds) \(account) \(Self.text(call)) -> \(Self.text(answer))")
  }

  /// Records what happened.
  public mutating func record(_ events: [Event]) {
    for event in events { append(Self.text(event)) }
  }

  private mutating func append(_ line: String) {
    for byte in line.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
    digest = (digest ^ 10) &* 0x100_0000_01b3
    count += 1
    guard kept > 0 else { return }
    lines.append(line)
    if lines.count > kept { lines.removeFirst(lines.count - kept) }
  }

  private static func text(_ call: Call) -> String {
    switch call {
    case .place(let ticket, let validUntil):
      "place \(text(ticket)) until \(validUntil?.milliseconds.description ?? "-")"
    case .cancel(let id): "cancel \(id)"
    case .find(let id): "find \(id)"
    case .openOrders: "open-orders"
    case .trades(let after, let limit): "trades \(after?.description ?? "-") \(limit)"
    case .account: "account"
    }
  }

  private static func text(_ answer: Answer) -> String {
    switch answer {
    case .refused(let reason): "refused: \(reason)"
    case .order(let order): text(order)
    case .notFound: "not found"
    case .orders(let orders): orders.map(text).joined(separator: "; ")
    case .trades(let trades): trades.map(text).joined(separator: "; ")
    case .account(let account): text(account)
    }
  }

  private static func text(_ event: Event) -> String {
    switch event {
    case .accepted(let order): "accepted \(text(order))"
    case .traded(let trade): "traded \(text(trade))"
    case .ended(let order): "ended \(text(order))"
    case .adjusted(let order): "adjusted \(text(order))"
    case .posted(let posting):
      "posted \(posting.time.milliseconds) \(posting.account) \(posting.money) \(posting.cause)"
    case .state(let contract, let state): "state \(contract) \(state)"
    }
  }

  private static func text(_ ticket: OrderTicket) -> String {
    let limit = ticket.limit.map { "\($0.amount)" } ?? "market"
    return "\(ticket.id) \(ticket.side) \(ticket.quantity.amount) \(ticket.contract) \(limit) "
      + "\(ticket.timeInForce.rawValue)\(ticket.isPostOnly ? " post-only" : "")"
  }

  private static func text(_ order: VenueOrder) -> String {
    let locked = order.reserved.map { "\($0)" }.joined(separator: "+")
    let reason = order.reason.map { " (\($0))" } ?? ""
    return
      "#\(order.number) \(order.account) \(text(order.ticket)) \(order.state.rawValue)\(reason) "
      + "filled \(order.filled.amount) worth \(order.value.amount) locked \(locked)"
  }

  private static func text(_ trade: Trade) -> String {
    "\(trade.id) #\(trade.order)/\(trade.index) \(trade.side) \(trade.quantity.amount) at "
      + "\(trade.price.amount) fee \(trade.fee) \(trade.isMaker ? "maker" : "taker") "
      + "\(trade.time.milliseconds)"
  }

  private static func text(_ account: AccountBook) -> String {
    account.balances.sorted { $0.key < $1.key }.map { asset, balance in
      "\(asset) \(balance.free)/\(balance.locked)/\(balance.unsettled)"
    }.joined(separator: ", ")
  }
}
