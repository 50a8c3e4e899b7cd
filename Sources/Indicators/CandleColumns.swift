public import Domain

/// Candles as columns of equal length.
public struct CandleColumns: Sendable {
  /// Opening times in milliseconds, strictly rising.
  public var times: [Int64] = []
  /// First prices.
  public var open: [Double] = []
  /// Highest prices.
  public var high: [Double] = []
  /// Lowest prices.
  public var low: [Double] = []
  /// Last prices.
  public var close: [Double] = []
  /// Quantities traded.
  public var volume: [Double] = []

  /// No candles.
  public init() {}

  /// The candles of a series as columns.
  public init(_ candles: some Sequence<Candle>) {
    for candle in candles { append(candle) }
  }

  /// How many candles there are.
  public var count: Int { times.count }

  /// Appends a candle.
  public mutating func append(_ candle: Candle) {
    times.append(candle.time.milliseconds)
    open.append(candle.open)
    high.append(candle.high)
    low.append(candle.low)
    close.append(candle.close)
    volume.append(candle.volume)
  }

  /// The candle at a place.
  public subscript(index: Int) -> Candle {
    Candle(
      time: Instant(milliseconds: times[index]), open: open[index], high: high[index],
      low: low[index], close: close[index], volume: volume[index])
  }
}
