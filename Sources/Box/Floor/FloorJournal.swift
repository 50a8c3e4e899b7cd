public import Domain
import Exchange

/// The outside record of an exchange in the box: each call, order and trade as one line of JSON, by
/// which a trader's own books are judged.
public struct FloorJournal: Sendable {
  /// The number of the last line.
  public private(set) var count = 0
  private var lines: [String] = []

  /// An empty record.
  public init() {}

  /// Takes the lines that nobody has taken yet.
  public mutating func take() -> [String] {
    defer { lines = [] }
    return lines
  }

  /// Writes one line: number, time in milliseconds, kind, and what the kind has.
  public mutating func write(_ kind: String, at time: Instant, _ members: [JSONValue.Member]) {
    count += 1
    let head: [JSONValue.Member] = [
      .init("n", .number(count)), .init("time", .number(time.milliseconds)),
      .init("kind", .string(kind)),
    ]
    lines.append(JSONValue.object(head + members).text())
  }

  /// Writes down what happened.
  mutating func note(_ events: [Event], _ core: ExchangeCore) {
    for event in events {
      switch event {
      case .accepted(let order): write("order", at: order.placed, Self.members(order, "accepted"))
      case .ended(let order):
        write("order", at: order.updated, Self.members(order, order.state.rawValue))
      case .adjusted(let order): write("order", at: order.updated, Self.members(order, "adjusted"))
      case .traded(let trade): write("trade", at: trade.time, Self.members(trade))
      case .posted(let posting):
        // What trades move is in their lines.
        guard case .transfer(let why) = posting.cause else { continue }
        write(
          "transfer", at: posting.time,
          [
            .init("account", .string(posting.account)),
            .init("asset", .string(posting.money.asset)),
            .init("amount", .string("\(posting.money.amount)")), .init("why", .string(why)),
          ])
      case .state(let contract, let state):
        write(
          "state", at: core.now,
          [.init("symbol", .string(contract.text)), .init("state", .string("\(state)"))])
      }
    }
  }

  private static func members(_ order: VenueOrder, _ event: String) -> [JSONValue.Member] {
    [
      .init("event", .string(event)), .init("account", .string(order.account)),
      .init("order", .number(order.number)), .init("clientId", .string(order.ticket.id.text)),
      .init("symbol", .string(order.ticket.contract.text)),
      .init("side", .string(order.ticket.side.rawValue)),
      .init("quantity", .string("\(order.ticket.quantity.amount)")),
      .init("price", order.ticket.limit.map { .string("\($0.amount)") } ?? .null),
      .init("timeInForce", .string(order.ticket.timeInForce.rawValue)),
      .init("postOnly", .bool(order.ticket.isPostOnly)),
      .init("filled", .string("\(order.filled.amount)")),
      .init("value", .string("\(order.value.amount)")),
      .init("reason", order.reason.map { .string("\($0)") } ?? .null),
    ]
  }

  private static func members(_ trade: Trade) -> [JSONValue.Member] {
    [
      .init("account", .string(trade.account)), .init("trade", .number(trade.number)),
      .init("order", .number(trade.order)), .init("clientId", .string(trade.clientID.text)),
      .init("symbol", .string(trade.contract.text)), .init("side", .string(trade.side.rawValue)),
      .init("quantity", .string("\(trade.quantity.amount)")),
      .init("price", .string("\(trade.price.amount)")),
      .init("fee", .string("\(trade.fee.amount)")), .init("feeAsset", .string(trade.fee.asset)),
      .init("maker", .bool(trade.isMaker)),
    ]
  }
}
