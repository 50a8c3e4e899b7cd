public import Domain

/// What an exchange must do for Carillon to trade there.
///
/// `at` is the time of the decision: the slot's time in a scheduled run. The paper venue trades at
/// that time; an exchange trades now and needs it only for its records.
///
/// Every method throws `Fault`. `place` and `cancel` throw only when the request certainly had no
/// effect; when that is not known they return a report whose state is `unknown`, to be resolved with
/// `report(on:)` before anything else is sent.
public protocol Venue: MarketData {
  /// Sends an order. Sending it a second time under its client order id may be refused or not: the
  /// caller asks `report(on:)` first.
  func place(_ order: Order, on instrument: Instrument, at: Instant) async throws -> OrderReport

  /// Takes back what is not filled of an order; the report says what it had become by then.
  func cancel(_ order: Order, on instrument: Instrument, at: Instant) async throws -> OrderReport

  /// Looks an order up by its client order id, among open and closed ones; nil when the venue does
  /// not know it, so that it was never sent and may be sent now.
  func report(on order: Order, instrument: Instrument, at: Instant) async throws -> OrderReport?

  /// The orders working at the venue, ours or not; nil when the venue keeps none and the ledger is
  /// the only book.
  func openOrders() async throws -> [OpenOrder]?

  /// What the account holds of each asset; nil when the venue keeps no account and the ledger is
  /// the account.
  func balances() async throws -> [String: Amount]?
}

/// What a venue says of one order.
public struct OrderReport: Hashable, Sendable {
  /// Its state: `open`, a final one, or `unknown` when the answer was lost.
  public var state: OrderState
  /// The venue's own id.
  public var venueID: String?
  /// Every fill so far, in order: reading the same order again repeats the earlier ones.
  public var fills: [Fill]
  /// Why it is in this state, when the state alone does not say so.
  public var reason: String?

  /// A report of these parts.
  public init(
    state: OrderState, venueID: String? = nil, fills: [Fill] = [], reason: String? = nil
  ) {
    self.state = state
    self.venueID = venueID
    self.fills = fills
    self.reason = reason
  }
}

/// An order that works at a venue.
public struct OpenOrder: Hashable, Sendable {
  /// The client order id, which is not one of ours when somebody else trades on the account.
  public var id: ClientOrderID
  /// The instrument.
  public var symbol: Symbol
  /// Buy or sell.
  public var side: Side
  /// What is not filled yet, in the base asset.
  public var remaining: Amount

  /// An open order of these parts.
  public init(id: ClientOrderID, symbol: Symbol, side: Side, remaining: Amount) {
    self.id = id
    self.symbol = symbol
    self.side = side
    self.remaining = remaining
  }
}
