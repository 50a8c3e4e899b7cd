public import Domain
public import Exchange

/// What became of a placement.
public enum Placement: Hashable, Sendable {
  /// The venue took it, and this is how it stands.
  case accepted(OrderStanding)
  /// The venue did not take it, and never will.
  case refused(Reason)
  /// It certainly did not leave, so it may be sent again.
  case notSent(Fault)
  /// It may or may not have arrived.
  case unknown(Doubt)
}

/// What a venue says of an order that it is not to take.
public enum Rehearsal: Hashable, Sendable {
  /// It would take it.
  case passes
  /// It would not.
  case refused(Reason)
  /// It has no such question.
  case untold
}

/// What became of a cancel.
public enum CancelOutcome: Hashable, Sendable {
  /// The order has ended, and this is how it stands: cancelled, or filled before.
  case done(OrderStanding)
  /// The venue knows no such order, or would not cancel it.
  case refused(Reason)
  /// It may or may not have arrived.
  case unknown(Doubt)
}

/// An outcome that is not known, on record until it is proved.
public struct Doubt: Hashable, Sendable {
  /// Which order it is about.
  public var id: ClientOrderID
  /// When it was sent.
  public var since: Instant
  /// Until when it may still act; nil: no bound is known.
  public var validUntil: Instant?
  /// Why it is not known.
  public var cause: String

  /// A doubt of these parts.
  public init(id: ClientOrderID, since: Instant, validUntil: Instant?, cause: String) {
    (self.id, self.since, self.validUntil, self.cause) = (id, since, validUntil, cause)
  }

  /// Whether not being seen as of an instant of the venue's clock proves that it never arrived: only
  /// past its validity and the venue's lag. Open orders, fills and balances must agree.
  public func isDisproved(by asOf: Instant, lag: TimeSpan) -> Bool {
    validUntil.map { asOf > $0 + lag } ?? false
  }
}

/// What a look-up tells of one order.
public enum Sighting: Hashable, Sendable {
  /// It is known, and this is how it stands.
  case seen(OrderStanding)
  /// It was not known as of an instant of the venue's clock.
  case absent(asOf: Instant)
}

/// How an order stands at its venue.
public struct OrderStanding: Hashable, Sendable {
  /// The client order id, which is not one of ours when somebody else trades on the account.
  public var id: ClientOrderID
  /// The venue's own id.
  public var venueID: String
  /// Of which contract.
  public var contract: ContractID
  /// Buy or sell.
  public var side: Side
  /// How much was asked.
  public var quantity: Quantity
  /// How much is filled.
  public var filled: Quantity
  /// The limit; nil for a market order.
  public var limit: Price?
  /// Where it is in its life.
  public var state: VenueOrder.State
  /// Why it ended before it was filled whole.
  public var reason: Reason?

  /// A standing of these parts.
  public init(
    id: ClientOrderID, venueID: String, contract: ContractID, side: Side, quantity: Quantity,
    filled: Quantity, limit: Price? = nil, state: VenueOrder.State, reason: Reason? = nil
  ) {
    self.id = id
    self.venueID = venueID
    self.contract = contract
    self.side = side
    self.quantity = quantity
    self.filled = filled
    self.limit = limit
    self.state = state
    self.reason = reason
  }

  /// The standing of an order of the exchange core.
  public init(_ order: VenueOrder, venueID: String? = nil) {
    self.init(
      id: order.ticket.id, venueID: venueID ?? order.id, contract: order.ticket.contract,
      side: order.ticket.side, quantity: order.ticket.quantity, filled: order.filled,
      limit: order.ticket.limit, state: order.state, reason: order.reason)
  }
}

/// A trade as a venue tells it.
public struct VenueFill: Hashable, Sendable {
  /// The venue's id of the trade, a text: unique within its order at least.
  public var id: String
  /// The client id of the order; nil where the venue does not tell it.
  public var order: ClientOrderID?
  /// The venue's id of the order.
  public var venueOrder: String
  /// Of which contract.
  public var contract: ContractID
  /// Buy or sell.
  public var side: Side
  /// How much.
  public var quantity: Quantity
  /// At which price.
  public var price: Price
  /// The commission; nil while it is not told.
  public var fee: Money?
  /// Whether the order rested.
  public var isMaker: Bool
  /// When.
  public var time: Instant
  /// The opening time of the candle that it was made from; nil at a real venue.
  public var candle: Instant?

  /// A fill of these parts.
  public init(
    id: String, order: ClientOrderID?, venueOrder: String, contract: ContractID, side: Side,
    quantity: Quantity, price: Price, fee: Money?, isMaker: Bool, time: Instant
  ) {
    self.id = id
    self.order = order
    self.venueOrder = venueOrder
    self.contract = contract
    self.side = side
    self.quantity = quantity
    self.price = price
    self.fee = fee
    self.isMaker = isMaker
    self.time = time
  }

  /// The fill of a trade of the exchange core, named as its venue names it.
  public init(_ trade: Trade, id: String? = nil, venueOrder: String? = nil) {
    self.id = id ?? trade.id
    order = trade.clientID
    self.venueOrder = venueOrder ?? "\(trade.order)"
    contract = trade.contract
    side = trade.side
    quantity = trade.quantity
    price = trade.price
    fee = trade.fee
    isMaker = trade.isMaker
    time = trade.time
    candle = trade.candle
  }
}

/// Where the next page of fills begins: the venue's own, never taken apart by others.
public struct FillCursor: Hashable, Sendable {
  /// The text that the venue gave.
  public var text: String

  /// A cursor of a text.
  public init(_ text: String) { self.text = text }
}

/// A page of fills.
public struct FillPage: Hashable, Sendable {
  /// The fills, oldest first.
  public var fills: [VenueFill]
  /// After which the next page begins; the same as was asked with when there was nothing.
  public var next: FillCursor?

  /// A page of these parts.
  public init(fills: [VenueFill], next: FillCursor?) { (self.fills, self.next) = (fills, next) }
}

/// What an account holds at its venue.
public struct AccountSnapshot: Hashable, Sendable {
  /// What may be spent, by asset.
  public var free: [String: Amount]
  /// What open orders hold, by asset.
  public var locked: [String: Amount]
  /// What is not settled yet, by asset.
  public var unsettled: [String: Amount]
  /// As of which instant of the venue's clock.
  public var asOf: Instant

  /// A snapshot of these parts.
  public init(
    free: [String: Amount], locked: [String: Amount], unsettled: [String: Amount] = [:],
    asOf: Instant
  ) {
    self.free = free
    self.locked = locked
    self.unsettled = unsettled
    self.asOf = asOf
  }

  /// A snapshot of the exchange core's book.
  public init(_ book: AccountBook, asOf: Instant) {
    free = book.balances.mapValues { $0.free }
    locked = book.balances.mapValues { $0.locked }
    unsettled = book.balances.mapValues { $0.unsettled }
    self.asOf = asOf
  }
}
