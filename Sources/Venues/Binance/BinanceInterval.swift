public import Domain

/// The timeframes that Binance Spot has candles of, as its documentation of `klines` lists them,
/// without those that are no fixed multiple of a minute dividing a day or a week.
public enum BinanceInterval {
  /// Their names, from the shortest.
  public static let names = [
    "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w",
  ]

  /// The most candles of one answer.
  public static let maximumCandles = 1000

  /// Whether there are candles of this timeframe.
  public static func has(_ timeframe: Timeframe) -> Bool { names.contains(timeframe.description) }
}
