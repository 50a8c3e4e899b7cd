public import Domain

/// Which prices a venue takes: bands of ticks between a lowest and a highest price.
///
/// Most venues have one band. Shares below a dollar, options, and markets of chances near 0 and 1 have
/// a finer tick in some bands.
public struct PriceGrid: Hashable, Sendable {
  /// Prices from here on are multiples of a tick.
  public struct Band: Hashable, Sendable {
    /// The lowest price of the band.
    public var from: Amount
    /// Its tick.
    public var tick: Amount

    /// A band from a price on; the tick must be positive.
    public init(from: Amount, tick: Amount) {
      precondition(tick > .zero, "a tick must be positive")
      (self.from, self.tick) = (from, tick)
    }
  }

  /// The bands, lowest first; never empty.
  public let bands: [Band]
  /// The lowest price that is taken; nil: any that is positive.
  public var minimum: Amount?
  /// The highest price that is taken; nil: any.
  public var maximum: Amount?

  /// One tick for all prices.
  public init(tick: Amount, minimum: Amount? = nil, maximum: Amount? = nil) {
    self.init(bands: [Band(from: .zero, tick: tick)], minimum: minimum, maximum: maximum)
  }

  /// Several bands; there must be one, and each begins above the one before.
  public init(bands: [Band], minimum: Amount? = nil, maximum: Amount? = nil) {
    precondition(!bands.isEmpty, "a grid has a band")
    precondition(
      zip(bands, bands.dropFirst()).allSatisfy { $0.from < $1.from },
      "bands are in the order of their prices")
    self.bands = bands
    self.minimum = minimum
    self.maximum = maximum
  }

  /// The tick at a price: that of its band, or of the first below all of them.
  public func tick(at price: Amount) -> Amount {
    (bands.last { $0.from <= price } ?? bands[0]).tick
  }

  /// Whether a price is a multiple of its band's tick.
  public func holds(_ price: Amount) throws(AmountError) -> Bool {
    try price.rounded(toMultipleOf: tick(at: price), .down) == price
  }

  /// The nearest price of the grid in a direction; one that crosses into a band above is a multiple of
  /// that band's tick. Bounds are not looked at.
  ///
  /// - Throws: `AmountError.overflow`.
  public func rounded(
    _ price: Amount, _ rounding: Amount.Rounding
  ) throws(AmountError) -> Amount {
    let rounded = try price.rounded(toMultipleOf: tick(at: price), rounding)
    // Up from the end of one band, the next band's tick decides.
    return try holds(rounded)
      ? rounded : try rounded.rounded(toMultipleOf: tick(at: rounded), rounding)
  }
}
