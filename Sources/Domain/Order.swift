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

/// The life of an order.
public enum OrderState: String, CaseIterable, Sendable, CustomStringConvertible {
  /// Part of a committed plan; nothing says yet that it will be sent.
  case planned
  /// Committed to be sent; whether it was is known only to the venue if the process dies now.
  case intent
  /// The venue accepted it.
  case sent
  /// It may or may not have reached the venue; to be looked up before anything else.
  case unknown
  /// Working at the venue.
  case open
  /// Final: filled whole.
  case filled
  /// Final: cancelled, perhaps after a part was filled.
  case cancelled
  /// Final: refused by the venue or by the gate.
  case rejected
  /// Final: never sent, since its run's deadline passed.
  case expired

  /// Whether the state can never change again.
  public var isFinal: Bool { Self.followers[self]?.isEmpty ?? true }

  /// Whether some of the order may still be filled: it counts against targets.
  public var isWorking: Bool {
    self == .intent || self == .sent || self == .unknown || self == .open
  }

  /// Whether an order in this state may pass to `next`.
  public func mayBecome(_ next: OrderState) -> Bool {
    Self.followers[self]?.contains(next) ?? false
  }

  private static let followers: [OrderState: Set<OrderState>] = [
    .planned: [.intent, .rejected, .expired],
    .intent: [.sent, .unknown, .open, .filled, .rejected, .expired],
    .sent: [.open, .filled, .cancelled, .rejected, .expired],
    .unknown: [.intent, .open, .filled, .cancelled, .rejected, .expired],
    .open: [.filled, .cancelled, .expired],
  ]

  /// The text in the database and on the screen.
  public var description: String { rawValue }
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
  /// Which fill of that order, from 0 (or the venue's trade id): unique with `order`.
  public var number: Int64
  /// How much of the base asset.
  public var quantity: Amount
  /// The price of one base asset, in the quote asset.
  public var price: Amount
  /// The fee, in `feeAsset`.
  public var fee: Amount
  /// What the fee is paid in.
  public var feeAsset: String
  /// When it was executed.
  public var time: Instant
  /// The opening time of the candle that the paper venue filled it from; nil at a real venue.
  public var candle: Instant?

  /// A fill of these parts.
  public init(
    order: ClientOrderID, number: Int64, quantity: Amount, price: Amount, fee: Amount,
    feeAsset: String, time: Instant, candle: Instant? = nil
  ) {
    self.order = order
    self.number = number
    self.quantity = quantity
    self.price = price
    self.fee = fee
    self.feeAsset = feeAsset
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
