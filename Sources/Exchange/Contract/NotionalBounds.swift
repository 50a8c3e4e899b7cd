public import Domain

/// What an order may be worth, price times quantity, in the quote asset.
public struct NotionalBounds: Hashable, Sendable {
  /// The least; zero: any.
  public var minimum: Amount
  /// The most; nil: any.
  public var maximum: Amount?
  /// Whether the least holds for market orders too, whose value is judged at the reference price.
  public var minimumAppliesToMarket: Bool
  /// Whether the most holds for market orders too.
  public var maximumAppliesToMarket: Bool

  /// Bounds, which hold for market orders unless told otherwise.
  public init(
    minimum: Amount = .zero, maximum: Amount? = nil, minimumAppliesToMarket: Bool = true,
    maximumAppliesToMarket: Bool = true
  ) {
    self.minimum = minimum
    self.maximum = maximum
    self.minimumAppliesToMarket = minimumAppliesToMarket
    self.maximumAppliesToMarket = maximumAppliesToMarket
  }
}
