public import Domain

/// The timeframes that Kraken has candles of, as its documentation of `OHLC` lists them, without those
/// longer than a day, whose beginning it does not tell.
public enum KrakenInterval {
  /// Their names, from the shortest.
  public static let names = ["1m", "5m", "15m", "30m", "1h", "4h", "1d"]

  /// How many candles can be had of each: the newest, the one that is not closed yet among them.
  public static let maximumCandles = 720

  /// Whether there are candles of this timeframe.
  public static func has(_ timeframe: Timeframe) -> Bool { names.contains(timeframe.description) }

  /// How far back closed candles of a timeframe reach.
  public static func depth(of timeframe: Timeframe) -> TimeSpan {
    timeframe.span * Int64(maximumCandles - 1)
  }
}
