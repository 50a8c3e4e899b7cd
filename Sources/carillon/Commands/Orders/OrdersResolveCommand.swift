import ArgumentParser
import Domain
import Service
import Store

/// `carillon orders resolve`
struct OrdersResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "End a doubt by your own word: the venue does not have this order.",
    discussion: """
      While an order is in doubt nothing of its account is bought. Where a venue gives no proof that an \
      order is absent, look at the venue's own page: no such order, no such trade, balances that fit. \
      Then say so here, with the reason, for the record.
      """)

  @Argument(help: "The order: car-...")
  var order: String

  @Flag(help: "The venue does not have it, and never will.")
  var absent = false

  @Option(help: "How you know, for the record.")
  var reason: String

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard absent else {
      throw ValidationError("say --absent: what the venue has, the next rebalance sees by itself")
    }
    if reason.isEmpty { throw ValidationError("--reason must say how you know") }
  }

  func run() throws {
    let database = try DatabaseLocation(global).path
    let now = SystemTime().now
    try Brake.writing(database, purpose: "carillon orders resolve", now: now) { store in
      try store.write(at: now) {
        try $0.orders.resolveAbsent(ClientOrderID(order), reason: reason, by: "cli")
      }
    }
    Console.out("order \(order) is absent: \(reason)")
  }
}
