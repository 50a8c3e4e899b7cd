import Domain
import Exchange
import Settings
import Store
import Venues

/// Where the orders of a rebalance go, and what must hold between the ledger and that place.
struct TradingDesk: Sendable {
  let venue: any Venue
  let account: String
  let settings: AccountSettings
  /// The address of the exchange; nil on paper.
  let place: String?

  /// How often the exchange is asked before its balances count as wrong: trades are told late.
  static let looks = 4
  /// How long is waited between the looks.
  static let pause = TimeSpan.seconds(3)

  /// Opens the account with what it begins with, if it is new.
  ///
  /// - Throws: exit 78 when the account exists as another, 77 when the exchange has not the cash that the
  ///   settings name.
  func open(_ context: JobContext) async throws {
    guard let place else {
      return try context.store.write(at: context.time.now) {
        _ = try $0.accounts.open(
          account, quote: settings.quote, mode: .paper, initial: settings.cash)
      }
    }
    var initial = Amount.zero
    if try context.store.read({ try $0.accounts.account(account) }) == nil {
      let free = try await venue.account().free[settings.quote] ?? .zero
      initial = settings.cash > .zero ? settings.cash : free
      guard initial > .zero, free >= initial else {
        throw Fault(
          "open the account", account,
          cause: "\(free) \(settings.quote) are free at \(place)"
            + (settings.cash > .zero ? ", and it is to begin with \(settings.cash)" : ""),
          remedy: "deposit there, or name less as `cash` of the account", exit: .refused)
      }
    }
    let begin = initial
    try context.store.write(at: context.time.now) {
      _ = try $0.accounts.open(
        account, quote: settings.quote, mode: settings.isReal ? .live : .test, initial: begin,
        place: place)
    }
  }

  /// Holds open orders and balances at the exchange against the ledger, once what became of our orders is
  /// on record.
  ///
  /// - Parameter reconcile: asks anew what became of our orders.
  /// - Returns: what a person should know.
  /// - Throws: exit 77, before anything is sent, when the exchange has orders like ours that the ledger
  ///   does not know, or less than the ledger has.
  func verify(
    _ context: JobContext, reconcile: () async throws -> [String]
  ) async throws -> [String] {
    guard place != nil else { return [] }
    if settings.isLive { try await checkKey() }
    let others = try await refuseStrangers(context.store)
    if settings.cancelAllAfter != nil, let first = others.first {
      throw Fault(
        "trade", "account \(account)",
        cause: "\(first), and the dead-man switch would cancel them too",
        remedy:
          "cancel them there, trade by a sub-account of its own, or take `cancel-all-after` out of "
          + "the account",
        exit: .refused)
    }
    try await balance(context, reconcile)
    return others
  }

  /// Refuses to go on beside open orders like ours that the ledger does not know.
  ///
  /// - Returns: what a person should know.
  /// - Throws: exit 77 when there are any.
  func refuseStrangers(_ store: Store) async throws -> [String] {
    guard let place else { return [] }
    let open = try await venue.openOrders().map(\.id)
    let strange = try store.read { transaction in
      StrangeOrders(
        open, known: Set(try open.filter { try transaction.orders.order($0) != nil }))
    }
    if let first = strange.ours.first {
      throw Fault(
        "trade", "account \(account)",
        cause:
          "\(place) has \(strange.ours.count) open orders like ours that the ledger does not know,"
          + " the first \(first): a second Carillon trades there, or a database was lost",
        remedy: "stop the other one, or take over what is there: carillon adopt \(account)",
        exit: .refused)
    }
    return strange.others == 0
      ? [] : ["\(strange.others) open orders there are not ours, and stay as they are"]
  }

  /// Refuses a key that may do more than trade: real money is at stake.
  private func checkKey() async throws {
    let isConfirmed = settings.execution.access?.isConfirmed ?? false
    guard let refusal = try await venue.permissions().refusal(isConfirmed: isConfirmed) else {
      return
    }
    throw Fault(
      "trade", "account \(account)", cause: refusal.cause, remedy: refusal.remedy, exit: .refused)
  }

  private func balance(
    _ context: JobContext, _ reconcile: () async throws -> [String]
  ) async throws {
    guard let place else { return }
    for look in 1...Self.looks {
      let (working, held) = try context.store.read {
        (try $0.orders.working(account), try $0.accounts.held(account))
      }
      // What rests or is in doubt may trade between two questions.
      guard working.isEmpty else { return }
      let statement = try BalanceStatement(held: held, try await venue.account())
      guard let worst = statement.shortfalls.first else { return }
      guard look < Self.looks else {
        throw Fault(
          "trade", "account \(account)",
          cause: "\(place) has \(worst)"
            + (statement.shortfalls.count > 1
              ? ", and \(statement.shortfalls.count - 1) more" : ""),
          remedy:
            "after a lost database: carillon adopt \(account); what was taken out is booked by: "
            + "carillon cash add withdrawal",
          exit: .refused)
      }
      try await context.time.sleep(for: Self.pause)
      _ = try await reconcile()
    }
  }
}
