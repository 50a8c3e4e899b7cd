public import Domain

/// An exchange as a value: contracts, books, accounts and a clock. It does what calls and time make of
/// it, the same whenever it is made to do so again.
///
/// Orders trade against the tape, never against each other. All that is under paper trading, rehearsal,
/// backtest and the exchange in the box is this.
public struct ExchangeCore: Hashable, Sendable {
  /// Whether a client order id may be used again.
  public enum IDReuse: Hashable, Sendable {
    /// Once its order is no longer open (Binance, Kraken).
    case onceEnded
    /// Never (Kalshi).
    case never
  }

  /// How kind the market is.
  public var model: FillModel
  /// Whether a client order id may be used again.
  public var idReuse: IDReuse
  /// Its clock.
  public private(set) var now: Instant

  /// The contracts by id.
  public internal(set) var contracts: [ContractID: Contract] = [:]
  /// The accounts by name.
  public internal(set) var accounts: [String: AccountBook] = [:]
  /// All orders that were taken, by number.
  public internal(set) var orders: [Int64: VenueOrder] = [:]
  /// All trades, in order; the number of each is its place, from 1.
  public internal(set) var trades: [Trade] = []
  /// The hours of each calendar, as far as they are known.
  public internal(set) var calendars: [String: TradingHours] = [:]
  var books: [ContractID: Book] = [:]
  var byClientID: [ClientKey: Int64] = [:]
  private var lastOrder: Int64 = 0
  private var outbox: [Event] = []

  struct ClientKey: Hashable, Sendable {
    var account: String
    var id: ClientOrderID
  }

  /// An exchange without contracts and accounts, at a time.
  public init(model: FillModel, idReuse: IDReuse = .onceEnded, at now: Instant) {
    self.model = model
    self.idReuse = idReuse
    self.now = now
  }

  /// Answers a client's call. Time does not go back: an earlier `at` counts as the newest seen.
  public mutating func handle(_ call: Call, as account: String, at: Instant) -> Answer {
    pass(to: at)
    switch call {
    case .place(let ticket, let validUntil):
      if let validUntil, now > validUntil { return .refused(.tooLate) }
      return place(ticket, as: account)
    case .cancel(let id):
      guard let order = order(id, of: account) else { return .notFound }
      guard order.state == .open else { return .order(order) }
      return .order(end(order, .cancelled, .cancelled))
    case .find(let id):
      return order(id, of: account).map(Answer.order) ?? .notFound
    case .openOrders:
      return .orders(openOrders(of: account))
    case .trades(let after, let limit):
      // Numbers are places, so a cursor is where to go on.
      let rest = trades.dropFirst(Int(clamping: max(0, after ?? 0)))
      return .trades(Array(rest.lazy.filter { $0.account == account }.prefix(max(0, limit))))
    case .account:
      return .account(accounts[account] ?? AccountBook())
    }
  }

  /// Lets time pass: every bar of the tape that closed meanwhile is matched, in the order of their
  /// closes, and what is due is settled.
  ///
  /// - Returns: what happened since the events were last taken.
  public mutating func advance(to time: Instant, _ tape: Tape) -> [Event] {
    var due: [(bar: Bar, contract: ContractID)] = []
    for contract in contracts.keys {
      due += tape.closed(contract, after: now, through: time).map { ($0, contract) }
    }
    due.sort { ($0.bar.close, $0.contract) < ($1.bar.close, $1.contract) }
    for (bar, contract) in due {
      pass(to: bar.close)
      take(bar, of: contract, tape)
    }
    pass(to: time)
    return takeEvents()
  }

  /// What happened since the events were last taken.
  public mutating func takeEvents() -> [Event] {
    defer { outbox = [] }
    return outbox
  }

  /// The order of a client id, the newest when it was used again.
  public func order(_ id: ClientOrderID, of account: String) -> VenueOrder? {
    byClientID[ClientKey(account: account, id: id)].flatMap { orders[$0] }
  }

  /// The orders of an account of which some may still be filled, by number.
  public func openOrders(of account: String) -> [VenueOrder] {
    books.values.flatMap { $0.numbers }.sorted().compactMap { orders[$0] }
      .filter { $0.account == account }
  }

  /// The last known price of a contract with its time; nil before the first.
  public func reference(_ contract: ContractID) -> (price: Price, time: Instant)? {
    guard let known = contracts[contract], let reference = books[contract]?.reference else {
      return nil
    }
    return (known.price(reference.price), reference.time)
  }

  /// Whether a contract's market is open at an instant.
  public func isOpen(_ contract: Contract, at time: Instant) -> Bool {
    guard let calendar = contract.calendar else { return true }
    return calendars[calendar]?.isOpen(at: time) ?? false
  }

  mutating func emit(_ event: Event) { outbox.append(event) }

  mutating func nextOrder() -> Int64 {
    lastOrder += 1
    return lastOrder
  }

  /// Moves the clock, settles what is due, and ends contracts whose time has come.
  mutating func pass(to time: Instant) {
    guard time > now else { return }
    now = time
    for (name, var account) in accounts where account.isSettling {
      do throws(AccountBook.Shortage) {
        try account.settle(by: now)
        accounts[name] = account
      } catch {
        preconditionFailure("\(name): what is unsettled becomes free, and the total stays")
      }
    }
    for contract in contracts.values.filter({ $0.ends(by: now) }).sorted(by: { $0.id < $1.id }) {
      setState(of: contract.id, to: .expired)
    }
  }
}

extension Contract {
  /// Whether its time is over, and nobody has said so yet.
  fileprivate func ends(by now: Instant) -> Bool {
    guard let expiry, expiry <= now else { return false }
    switch state {
    case .listed, .halted, .closing: return true
    case .expired, .settled, .absent: return false
    }
  }
}
