import Domain
import Store

// A series whose instrument was split: what a source tells of before, in the units of after.
extension SeriesReading {
  /// Candles of before a split in the units of after it, where the source tells them unadjusted: each as
  /// that one of the two that is nearer to what is on record of its time, or to the candle before it. What
  /// has neither is taken as it is told.
  func adjusted(_ candles: [Candle], _ known: Known) -> [Candle] {
    guard !splits.isEmpty else { return candles }
    var reference = previousClose
    return candles.map { candle in
      let adjusted = splits.reduce(candle) { $1.adjusting($0) }
      let beside = known.candles[candle.time]?.close ?? reference
      let nearer =
        beside.map { Self.distance(adjusted.close, $0) < Self.distance(candle.close, $0) } ?? false
      if reference != nil || known.candles[candle.time] != nil {
        reference = nearer ? adjusted.close : candle.close
      }
      return nearer ? adjusted : candle
    }
  }

  /// By what factor two prices differ.
  private static func distance(_ a: Double, _ b: Double) -> Double { max(a / b, b / a) }
}
