public import Domain

/// What is asked of a venue: an order before it is one.
public struct OrderTicket: Hashable, Sendable {
  /// How long the order stands.
  public enum TimeInForce: String, CaseIterable, Hashable, Sendable {
    /// Until it is filled or cancelled.
    case untilCancelled = "gtc"
    /// What can be filled now is, and the rest is dropped.
    case immediateOrCancel = "ioc"
    /// All of it now, or nothing.
    case fillOrKill = "fok"
    /// In the opening of the next session, and never after it.
    case onOpen = "on-open"
  }

  /// The client order id.
  public var id: ClientOrderID
  /// Of which contract.
  public var contract: ContractID
  /// Buy or sell.
  public var side: Side
  /// How much of the base asset.
  public var quantity: Quantity
  /// The worst price that is taken; nil: a market order.
  public var limit: Price?
  /// How long it stands; a market order that stands until cancelled is one of `.immediateOrCancel`.
  public var timeInForce: TimeInForce
  /// Whether it must rest: refused when it could trade at once.
  public var isPostOnly: Bool

  /// A ticket of these parts.
  public init(
    id: ClientOrderID, contract: ContractID, side: Side, quantity: Quantity, limit: Price? = nil,
    timeInForce: TimeInForce = .untilCancelled, isPostOnly: Bool = false
  ) {
    self.id = id
    self.contract = contract
    self.side = side
    self.quantity = quantity
    self.limit = limit
    self.timeInForce = timeInForce
    self.isPostOnly = isPostOnly
  }
}
