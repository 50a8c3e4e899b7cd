public import Domain
public import Exchange

/// What an exchange must do for Carillon to trade there. Where candles and rules come from is
/// `MarketData`, which may be somebody else.
///
/// `place` and `cancel` never throw: an outcome is known, or a doubt is on record. Questions throw
/// `Fault`, and may be asked again.
public protocol Venue: Sendable {
  /// The name of the venue in the configuration.
  var name: String { get }

  /// What is particular about it.
  var traits: VenueTraits { get }

  /// The contract of an instrument of the database here.
  func contract(_ instrument: Instrument) -> Contract

  /// Sends an order, which the venue may act on until `validUntil` at the latest (nil: at once or
  /// never, as far as the venue can promise that).
  func place(
    _ ticket: OrderTicket, on contract: Contract, validUntil: Instant?
  ) async -> Placement

  /// Asks whether the venue would take an order, which it does not take.
  func rehearse(_ ticket: OrderTicket, on contract: Contract) async throws -> Rehearsal

  /// Takes back what is not filled of an order.
  func cancel(_ id: ClientOrderID, on contract: Contract) async -> CancelOutcome

  /// Looks many orders up at once, where the venue can: `find` and `fills(ofOrder:on:)` of these then need
  /// fewer questions of their own, and are as of this moment.
  ///
  /// - Parameter ids: each with the span of our clock in which it may have been sent.
  func gather(_ ids: [ClientOrderID: ClosedRange<Instant>]) async throws

  /// Has the venue cancel all orders of the account, whoever placed them, unless it hears this again within
  /// the span: a dead-man switch. Nil takes it back.
  ///
  /// - Throws: `Fault` 77 where the venue has none.
  func cancelAll(after span: TimeSpan?) async throws

  /// What is known of these orders, open and ended; every id has an answer.
  func find(
    _ ids: [ClientOrderID], on contract: Contract
  ) async throws -> [ClientOrderID: Sighting]

  /// The orders working on the account, ours or not.
  func openOrders() async throws -> [OrderStanding]

  /// The account's trades after a cursor, oldest first; nil begins with the oldest that the venue
  /// still tells. A commission may follow its trade: the trade is then told again with it.
  ///
  /// - Parameter contract: only of this contract; some venues cannot be asked for all.
  func fills(of contract: Contract?, after: FillCursor?) async throws -> FillPage

  /// The trades of one order, as far as the venue still tells them.
  func fills(ofOrder id: ClientOrderID, on contract: Contract) async throws -> [VenueFill]

  /// What the account holds.
  func account() async throws -> AccountSnapshot

  /// Every order of a contract that the venue still tells, ended ones too, oldest first: for a ledger
  /// that was lost.
  func orders(of contract: Contract) async throws -> [PlacedOrder]

  /// What was spent here of the venue's budget, in its own count, since this was made.
  var spent: Int { get }

  /// What the key may do there, as far as the venue tells.
  func permissions() async throws -> KeyPermissions
}

extension Venue {
  /// There is no such question.
  public func rehearse(
    _ ticket: OrderTicket, on contract: Contract
  ) async throws -> Rehearsal { .untold }

  /// There is no such switch.
  public func cancelAll(after span: TimeSpan?) async throws {
    throw Fault(
      "arm the dead-man switch", name, cause: "it cancels no orders by itself",
      remedy: "take `cancel-all-after` out of the account", exit: .refused)
  }

  /// Nothing: each order is looked up by a question of its own.
  public func gather(_ ids: [ClientOrderID: ClosedRange<Instant>]) async throws {}

  /// None are told: what was lost cannot be found again.
  public func orders(of contract: Contract) async throws -> [PlacedOrder] {
    throw Fault(
      "list orders", name, cause: "it does not tell those that have ended",
      remedy: "restore the newest snapshot: carillon snapshot list", exit: .refused)
  }

  /// Nothing: there is no budget.
  public var spent: Int { 0 }

  /// Nothing is told.
  public func permissions() async throws -> KeyPermissions { KeyPermissions() }
}

/// What is particular about a venue: what a caller must know to read its silence.
public struct VenueTraits: Hashable, Sendable {
  /// The most characters of a client order id.
  public var idLength: Int
  /// Whether a client order id may be used again.
  public var idReuse: ExchangeCore.IDReuse
  /// What orders may do besides standing until cancelled.
  public var timesInForce: Set<OrderTicket.TimeInForce>
  /// Whether an order's trades are known once `place` has answered; else they come later.
  public var tellsFillsAtOnce: Bool
  /// Whether `place` tells no more than that an order was taken, so that one that was filled at once is
  /// told as open.
  public var answersBlindly: Bool
  /// Whether all fills can be asked for; else those of one contract at a time.
  public var tellsAllFills: Bool
  /// For how long what happened may be missing from look-up, open orders and fills.
  public var lookUpLag: TimeSpan
  /// For how long a request may still act after it was sent; nil: the venue has no such bound.
  public var validityWindow: TimeSpan?
  /// Whether a cursor of fills is good for another session with the venue.
  public var cursorOutlivesSession: Bool
  /// Whether the venue can cancel everything by itself when we fall silent.
  public var hasDeadManSwitch: Bool

  /// Traits of these parts.
  public init(
    idLength: Int = 36, idReuse: ExchangeCore.IDReuse = .onceEnded,
    timesInForce: Set<OrderTicket.TimeInForce>, tellsFillsAtOnce: Bool,
    answersBlindly: Bool = false, tellsAllFills: Bool = true,
    lookUpLag: TimeSpan = .seconds(60), validityWindow: TimeSpan?,
    cursorOutlivesSession: Bool = true, hasDeadManSwitch: Bool = false
  ) {
    self.idLength = idLength
    self.idReuse = idReuse
    self.timesInForce = timesInForce
    self.tellsFillsAtOnce = tellsFillsAtOnce
    self.answersBlindly = answersBlindly
    self.tellsAllFills = tellsAllFills
    self.lookUpLag = lookUpLag
    self.validityWindow = validityWindow
    self.cursorOutlivesSession = cursorOutlivesSession
    self.hasDeadManSwitch = hasDeadManSwitch
  }
}
