/// What makes an order this order: a pure key, so that a replay of the same run finds the same
/// orders again. The client order id is its hash.
public struct OrderKey: Hashable, Sendable {
  /// The portfolio that trades.
  public var account: String
  /// The rebalance run's job and slot.
  public var slot: Slot
  /// The instrument.
  public var symbol: Symbol
  /// Which order of this instrument in this run, from 0.
  public var leg: Int

  /// The key of these parts.
  public init(account: String, slot: Slot, symbol: Symbol, leg: Int) {
    self.account = account
    self.slot = slot
    self.symbol = symbol
    self.leg = leg
  }
}

/// The name by which an order is known on both sides before it is sent: `car-` and 14 characters.
public struct ClientOrderID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The text that the venue sees.
  public let text: String

  /// An id read back; the derivation is in Portfolio.
  public init(_ text: String) { self.text = text }

  /// Orders as text.
  public static func < (a: ClientOrderID, b: ClientOrderID) -> Bool { a.text < b.text }

  /// The text that the venue sees.
  public var description: String { text }
}

/// An order, at any point of its life.
public struct Order: Hashable, Sendable {
  /// The client order id, a pure function of `key`.
  public var id: ClientOrderID
  /// What the id was derived from.
  public var key: OrderKey
  /// Buy or sell.
  public var side: Side
  /// How much of the base asset, a multiple of the lot.
  public var quantity: Amount
  /// The limit, a multiple of the tick, in the quote asset; nil for a market order.
  public var limit: Amount?
  /// Where it is in its life.
  public var state: OrderState
  /// The venue's own id, once it gave one.
  public var venueID: String?
  /// Why it is in this state, when the state alone does not say so.
  public var reason: String?

  /// An order of these parts.
  public init(
    id: ClientOrderID, key: OrderKey, side: Side, quantity: Amount, limit: Amount? = nil,
    state: OrderState = .planned, venueID: String? = nil, reason: String? = nil
  ) {
    self.id = id
    self.key = key
    self.side = side
    self.quantity = quantity
    self.limit = limit
    self.state = state
    self.venueID = venueID
    self.reason = reason
  }
}

/// A trade: all or a part of an order, executed.
public struct Fill: Hashable, Sendable {
  /// The order.
  public var order: ClientOrderID
  /// The venue's id of the trade: unique with `order`.
  public var trade: String
  /// How much of the base asset.
  public var quantity: Amount
  /// The price of one base asset, in the quote asset.
  public var price: Amount
  /// The fee; nil while the venue has not told it, since at some a trade is told before its
  /// commission.
  public var fee: Fee?
  /// When it was executed.
  public var time: Instant
  /// The opening time of the candle that the paper venue filled it from; nil at a real venue.
  public var candle: Instant?

  /// What a trade cost beside its price.
  public struct Fee: Hashable, Sendable {
    /// How much; negative for a rebate.
    public var amount: Amount
    /// What it is paid in.
    public var asset: String

    /// A fee of these parts.
    public init(_ amount: Amount, _ asset: String) { (self.amount, self.asset) = (amount, asset) }
  }

  /// A fill of these parts.
  public init(
    order: ClientOrderID, trade: String, quantity: Amount, price: Amount, fee: Fee?,
    time: Instant, candle: Instant? = nil
  ) {
    self.order = order
    self.trade = trade
    self.quantity = quantity
    self.price = price
    self.fee = fee
    self.time = time
    self.candle = candle
  }
}

/// What an account holds of one instrument.
public struct Position: Hashable, Sendable {
  /// The instrument.
  public var symbol: Symbol
  /// How much of the base asset.
  public var quantity: Amount
  /// What the quantity held cost, fees included, in the quote asset (average cost).
  public var cost: Amount

  /// A position of these parts.
  public init(symbol: Symbol, quantity: Amount, cost: Amount) {
    (self.symbol, self.quantity, self.cost) = (symbol, quantity, cost)
  }
}
