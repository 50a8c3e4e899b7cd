import ArgumentParser
import Domain
import Service
import Store

/// `carillon orders ...`
struct OrdersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "orders", abstract: "Show orders and what became of them.",
    subcommands: [
      OrdersListCommand.self, OrdersShowCommand.self, OrdersResolveCommand.self,
      OrdersReconcileCommand.self,
    ],
    defaultSubcommand: OrdersListCommand.self)
}

/// `carillon orders list`
struct OrdersListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the newest orders (the default).")

  @Option(help: "One account; all of them unless named.")
  var account: String?

  @Option(help: "Only this symbol.")
  var symbol: String?

  @Option(help: "Only orders in this state, like open or filled.")
  var state: String?

  @Option(name: [.short, .customLong("limit")], help: "How many at most.")
  var limit = 20

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be above zero") }
    if let state, OrderState(rawValue: state) == nil {
      throw ValidationError(
        "there is no state \(state); known are "
          + OrderState.allCases.map(\.rawValue).joined(separator: ", "))
    }
    if let symbol, Symbol(symbol) == nil {
      throw ValidationError("\(symbol) is no symbol; write it like BTC-USDT")
    }
  }

  func run() throws {
    let store = try Workspace(global).existingStore()
    let clock = try global.clock()
    let found = try store.read { transaction in
      let names = try account.map { [$0] } ?? transaction.accounts.all().map(\.name)
      let orders = try names.flatMap { try transaction.orders.latest($0, limit: .max) }
        .filter { record in
          symbol.map { "\(record.order.key.symbol)" == $0 } ?? true
            && state.map { record.order.state.rawValue == $0 } ?? true
        }
      return Array(
        orders.sorted { ($0.order.key.slot.time, $0.plan) > ($1.order.key.slot.time, $1.plan) }
          .prefix(limit))
    }
    try store.close()
    if output.json {
      return Console.out(
        .object([
          .init("schema", .string("carillon.orders/1")),
          .init("orders", .array(found.map(\.json))),
        ]))
    }
    if found.isEmpty { return Console.say("no orders") }
    var table = Table(
      "SLOT", "ACCOUNT", "SYMBOL", "SIDE", ">QTY", ">LIMIT", ">FILLED", ">PRICE", "STATE", "ORDER")
    for record in found {
      let order = record.order
      table.add(
        clock.text(order.key.slot.time), order.key.account, "\(order.key.symbol)",
        order.side.rawValue, "\(order.quantity)", order.limit.map { "\($0)" } ?? "market",
        "\(record.filled)", try record.averagePrice.map { "\($0)" } ?? "",
        order.state.rawValue, order.id.text)
    }
    output.print(table)
  }
}

/// `carillon orders show ID`
struct OrdersShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one order with its fills and the decision behind it.")

  @Argument(help: "The client order id, like car-k3v9q2m7x4hd1z.")
  var order: String

  @OptionGroup var global: GlobalOptions
  @Flag(help: "Print one JSON object; times in UTC, money as text.")
  var json = false

  func run() throws {
    let store = try Workspace(global).existingStore()
    let clock = try global.clock()
    let explanation = try store.read { try TradeExplanation(of: ClientOrderID(order), $0) }
    try store.close()
    guard let explanation else { throw TradeExplanation.unknownOrder(order) }
    json ? Console.out(explanation.json) : explanation.printed(clock)
  }
}

extension OrderRecord {
  /// The order for machines: amounts are text.
  var json: JSONValue {
    func text(_ amount: Amount?) -> JSONValue { amount.map { .string("\($0)") } ?? .null }
    return .object([
      .init("id", .string(order.id.text)), .init("account", .string(order.key.account)),
      .init("slot", .string("\(order.key.slot)")), .init("symbol", .string("\(order.key.symbol)")),
      .init("leg", .number(order.key.leg)), .init("side", .string(order.side.rawValue)),
      .init("quantity", text(order.quantity)), .init("limit", text(order.limit)),
      .init("state", .string(order.state.rawValue)),
      .init("reason", order.reason.map { .string($0) } ?? .null), .init("filled", text(filled)),
      .init("value", text(value)), .init("created", .string("\(created)")),
      .init("updated", .string("\(updated)")),
    ])
  }
}

extension TradeExplanation {
  /// Prints the explanation as labelled lines.
  func printed(_ clock: Clock) {
    for (label, text) in lines(time: clock.text) {
      Console.out(label.padding(to: Self.labelColumns) + text)
    }
  }

  private static let labelColumns = 12

  /// The fault of an order that nobody knows.
  static func unknownOrder(_ id: String) -> Fault {
    Fault(
      "show", "order \(id)", cause: "the ledger has no such order",
      remedy: "carillon orders list shows the newest", exit: .no)
  }
}

extension String {
  /// The text with spaces behind it, up to a number of columns; never cut.
  fileprivate func padding(to columns: Int) -> String {
    self + String(repeating: " ", count: max(1, columns - count))
  }
}
