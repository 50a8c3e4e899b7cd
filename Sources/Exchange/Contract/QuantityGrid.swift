public import Domain

/// Which quantities a venue takes.
public struct QuantityGrid: Hashable, Sendable {
  /// Quantities are multiples of this.
  public var lot: Amount
  /// The least of an order; nil: one lot.
  public var minimum: Amount?
  /// The most of an order; nil: any.
  public var maximum: Amount?
  /// The lot of market orders, where it differs.
  public var marketLot: Amount?
  /// The most of a market order, where it differs.
  public var marketMaximum: Amount?

  /// A grid of these steps and bounds; lots must be positive.
  public init(
    lot: Amount, minimum: Amount? = nil, maximum: Amount? = nil, marketLot: Amount? = nil,
    marketMaximum: Amount? = nil
  ) {
    precondition(lot > .zero && (marketLot ?? lot) > .zero, "a lot must be positive")
    self.lot = lot
    self.minimum = minimum
    self.maximum = maximum
    self.marketLot = marketLot
    self.marketMaximum = marketMaximum
  }

  /// The step of an order's quantity: the coarser of both lots for a market order.
  public func lot(isMarket: Bool) -> Amount { isMarket ? max(marketLot ?? lot, lot) : lot }

  /// The most of an order; nil: any.
  public func maximum(isMarket: Bool) -> Amount? {
    guard isMarket, let marketMaximum else { return maximum }
    return maximum.map { min($0, marketMaximum) } ?? marketMaximum
  }
}
