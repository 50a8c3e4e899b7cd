public import Domain

/// A series that a source has, and how far it reaches: what a demo or a backtest chooses from.
public struct AvailableSeries: Hashable, Sendable {
  /// The series.
  public var series: Series
  /// When its first candle opens.
  public var firstOpen: Instant
  /// When its last candle opens.
  public var lastOpen: Instant
  /// How many candles it has.
  public var candles: Int
  /// How many rows of its source are not candles.
  public var rejected: Int

  /// A series of this reach.
  public init(
    series: Series, firstOpen: Instant, lastOpen: Instant, candles: Int, rejected: Int
  ) {
    self.series = series
    self.firstOpen = firstOpen
    self.lastOpen = lastOpen
    self.candles = candles
    self.rejected = rejected
  }

  /// When its last candle closes.
  public var end: Instant { lastOpen + series.timeframe.span }
}
