public import Domain

/// A part of an order, executed.
public struct Trade: Hashable, Sendable {
  /// The venue's number of it, growing over all trades: the cursor of who reads them.
  public var number: Int64
  /// Which trade of its order, from 0.
  public var index: Int64
  /// The order's number.
  public var order: Int64
  /// The order's client id.
  public var clientID: ClientOrderID
  /// Whose it is.
  public var account: String
  /// Of which contract.
  public var contract: ContractID
  /// Buy or sell.
  public var side: Side
  /// How much.
  public var quantity: Quantity
  /// At which price.
  public var price: Price
  /// What it cost.
  public var fee: Money
  /// Whether the order rested.
  public var isMaker: Bool
  /// When it is known.
  public var time: Instant
  /// The opening time of the candle that it was made from.
  public var candle: Instant

  /// The venue's own id as text.
  public var id: String { "T\(number)" }
}
