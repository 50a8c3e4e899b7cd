/// One bar of a series: an observation, so its numbers are `Double`, correctly rounded from text.
public struct Candle: Hashable, Sendable {
  /// When the candle opens; it closes one timeframe later.
  public var time: Instant
  /// The first price.
  public var open: Double
  /// The highest price.
  public var high: Double
  /// The lowest price.
  public var low: Double
  /// The last price.
  public var close: Double
  /// The quantity traded, in the base asset.
  public var volume: Double

  /// A candle of these numbers, which are not checked; see `defect(in:)`.
  public init(
    time: Instant, open: Double, high: Double, low: Double, close: Double, volume: Double
  ) {
    self.time = time
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
  }

  /// Whether nothing is wrong with this candle in a series of the given timeframe; see `defect(in:)`, which
  /// has the words.
  public func isSound(in timeframe: Timeframe) -> Bool {
    low > 0 && high < .infinity && low <= open && low <= close && open <= high && close <= high
      && volume >= 0 && volume < .infinity && timeframe.isAligned(time)
  }

  /// What is wrong with this candle in a series of the given timeframe; nil when nothing is.
  ///
  /// Checked on decoding and on reading back: finite numbers, positive prices, a volume that is not
  /// negative, low <= open, close <= high, and an aligned time.
  public func defect(in timeframe: Timeframe) -> String? {
    // The common case first and without words: this runs a million times in a back-fill.
    if isSound(in: timeframe) { return nil }
    let prices = [("open", open), ("high", high), ("low", low), ("close", close)]
    for (name, value) in prices {
      if !value.isFinite { return "\(name) is not a finite number" }
      if value <= 0 { return "\(name) \(value) is not positive" }
    }
    if !volume.isFinite { return "volume is not a finite number" }
    if volume < 0 { return "volume \(volume) is negative" }
    if low > high { return "low \(low) is above high \(high)" }
    if open < low || open > high { return "open \(open) is outside low \(low) to high \(high)" }
    if close < low || close > high {
      return "close \(close) is outside low \(low) to high \(high)"
    }
    if !timeframe.isAligned(time) { return "time \(time) is not aligned to \(timeframe)" }
    return nil
  }
}
