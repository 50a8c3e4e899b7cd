import Domain

/// The candles of a file as a market that goes on: moved to where they are wanted, cut into minutes,
/// and after their end played backwards and forwards again, so that a market in the box never dies and
/// its price never jumps.
struct FileSeries: PriceSeries {
  private let candles: [Candle]
  private let timeframe: Timeframe
  /// By how much the file's times are moved.
  let shift: TimeSpan
  private let cut: MinuteCut
  let minuteVolume: Double

  /// The series of a file's candles, of which there must be one.
  ///
  /// - Parameter decimals: how many places its prices have.
  init(_ candles: [Candle], _ timeframe: Timeframe, shift: TimeSpan, decimals: Int) {
    precondition(!candles.isEmpty, "a series has a candle")
    (self.candles, self.timeframe, self.shift) = (candles, timeframe, shift)
    cut = MinuteCut(decimals: decimals)
    let minutes = Double(timeframe.span.milliseconds / 60_000) * Double(candles.count)
    minuteVolume = candles.reduce(0) { $0 + $1.volume } / minutes
  }

  var begins: Instant { first + shift }

  var grains: [TimeSpan] {
    timeframe.span == .minutes(1) ? [.minutes(1)] : [timeframe.span, .minutes(1)]
  }

  func candles(_ grain: TimeSpan, from: Instant, before: Instant) -> [Candle] {
    guard grain == .minutes(1), timeframe.span != .minutes(1) else {
      return whole(from: from, before: before)
    }
    return whole(from: timeframe.open(at: from), before: before).flatMap { candle in
      cut.minutes(of: candle, timeframe.span).filter { $0.time >= from && $0.time < before }
    }
  }

  /// The file's own candles, repeated for ever.
  private func whole(from: Instant, before: Instant) -> [Candle] {
    var found: [Candle] = []
    let length = end - first
    var copy = max(0, (from - shift - first).milliseconds.flooringQuotient(length.milliseconds))
    // Each copy covers as long as the file; every second one runs backwards.
    while first + shift + length * copy < before {
      let start = first + shift + length * copy
      found += copy % 2 == 0 ? forwards(start, from, before) : backwards(start, from, before)
      copy += 1
    }
    return found
  }

  private func forwards(_ start: Instant, _ from: Instant, _ before: Instant) -> [Candle] {
    let move = start - first
    return candles[index(from - move)..<max(index(from - move), index(before - move))].map {
      var candle = $0
      candle.time = candle.time + move
      return candle
    }
  }

  private func backwards(_ start: Instant, _ from: Instant, _ before: Instant) -> [Candle] {
    // A candle that closes so long before the end opens so long after the start.
    let mirrored = { (time: Instant) in start + (end - (time + timeframe.span)) }
    // It opens from `from` on where the file's opened at most at the mirror of that, and so on.
    let begin = index(end - timeframe.span - (before - start) + .milliseconds(1))
    let stop = index(end - timeframe.span - (from - start) + .milliseconds(1))
    guard begin < stop else { return [] }
    return candles[begin..<stop].reversed().map {
      Candle(
        time: mirrored($0.time), open: $0.close, high: $0.high, low: $0.low, close: $0.open,
        volume: $0.volume)
    }
  }

  private var first: Instant { candles[0].time }

  private var end: Instant { candles[candles.count - 1].time + timeframe.span }

  /// How many candles open before a time.
  private func index(_ time: Instant) -> Int {
    var (low, high) = (0, candles.count)
    while low < high {
      let middle = (low + high) / 2
      if candles[middle].time < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
