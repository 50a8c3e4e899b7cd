public import Domain

/// The best prices at which something could be traded.
public struct MarketQuote: Hashable, Sendable {
  /// What a sale brings.
  public var bid: Amount
  /// What a purchase costs.
  public var ask: Amount
  /// When it was asked for, by our clock.
  public var read: Instant

  /// A quote of these parts.
  public init(bid: Amount, ask: Amount, read: Instant) {
    (self.bid, self.ask, self.read) = (bid, ask, read)
  }

  /// The price for a side.
  public func price(_ side: Side) -> Amount { side == .buy ? ask : bid }
}
