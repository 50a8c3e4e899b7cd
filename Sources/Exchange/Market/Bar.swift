public import Domain

/// A closed candle as the exchange sees it: exact prices, its own close, and a volume unless its
/// source has none.
public struct Bar: Hashable, Sendable {
  /// When it opened.
  public var open: Instant
  /// When it closed: by its session, where there is one.
  public var close: Instant
  /// The first price.
  public var first: Amount
  /// The highest price.
  public var high: Amount
  /// The lowest price.
  public var low: Amount
  /// The last price.
  public var last: Amount
  /// What was traded, in the base asset; nil when the source does not say.
  public var volume: Amount?

  /// A bar of these numbers; low is the least of its prices, high the greatest, and it closes after
  /// it opened.
  public init(
    open: Instant, close: Instant, first: Amount, high: Amount, low: Amount, last: Amount,
    volume: Amount?
  ) {
    precondition(open < close, "a bar closes after it opened")
    precondition(
      low > .zero && low <= min(first, last) && high >= max(first, last),
      "low and high bound a bar's prices")
    precondition(!(volume?.isNegative ?? false), "a volume is not negative")
    (self.open, self.close) = (open, close)
    (self.first, self.high, self.low, self.last) = (first, high, low, last)
    self.volume = volume
  }

  /// The bar of a candle that closes at `close`.
  ///
  /// - Throws: `AmountError.overflow` when a price is no amount: not finite, too large, or less than
  ///   the 10^-12 that an amount can hold.
  public init(_ candle: Candle, close: Instant, hasVolume: Bool = true) throws(AmountError) {
    let low = try Amount(observed: candle.low)
    guard low > .zero else { throw .overflow }
    self.init(
      open: candle.time, close: close, first: try Amount(observed: candle.open),
      high: try Amount(observed: candle.high), low: low,
      last: try Amount(observed: candle.close),
      volume: hasVolume ? try Amount(observed: candle.volume) : nil)
  }
}
