public import Domain

/// The prices of one pair for ever: any candle of any time, whether it has closed yet or not.
///
/// Who shows them to somebody shows what has closed; the series itself has no clock.
public protocol PriceSeries: Sendable {
  /// The spans that it has candles of without adding up others, the longest first; the last is one
  /// minute.
  var grains: [TimeSpan] { get }

  /// The candles of one of its grains that open from a time on and before another, in order. A market
  /// that was closed has gaps.
  func candles(_ grain: TimeSpan, from: Instant, before: Instant) -> [Candle]

  /// When its first candle opens.
  var begins: Instant { get }

  /// What is traded in a minute on average, in the base asset.
  var minuteVolume: Double { get }
}

extension PriceSeries {
  /// The candles of a span that may be no grain, each added up from finer ones; a candle is there when
  /// one of its parts is. `open` gives the opening of the candle that a time belongs to.
  func candles(
    _ interval: KlineInterval, offset: TimeSpan = .zero, from: Instant, before: Instant
  ) -> [Candle] {
    let grain = grains.first { interval.isMultiple(of: $0, offset: offset) } ?? .minutes(1)
    let first = interval.open(at: from, offset: offset)
    var sums: [Candle] = []
    for candle in candles(grain, from: first, before: before) {
      let open = interval.open(at: candle.time, offset: offset)
      guard open >= from else { continue }
      if let last = sums.indices.last, sums[last].time == open {
        sums[last].add(candle)
      } else {
        var sum = candle
        sum.time = open
        sums.append(sum)
      }
    }
    return sums
  }
}

extension Candle {
  /// Adds the candle that follows.
  mutating func add(_ next: Candle) {
    high = max(high, next.high)
    low = min(low, next.low)
    close = next.close
    volume += next.volume
  }
}
