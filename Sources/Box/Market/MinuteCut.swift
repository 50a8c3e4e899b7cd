import Domain

/// Cuts a candle into minutes that add up to it again: its price goes from the open to the nearer
/// extreme, to the other one and to the close, a third of the time each.
struct MinuteCut {
  /// Prices are whole multiples of 10^-decimals.
  private let ticksPerOne: Double

  init(decimals: Int) {
    ticksPerOne = (0..<min(decimals, 8)).reduce(1.0) { product, _ in product * 10 }
  }

  /// The minutes of a candle of a span, in order; the candle itself where it is one minute.
  func minutes(of candle: Candle, _ span: TimeSpan) -> [Candle] {
    let count = Int(span.milliseconds / 60_000)
    guard count > 1 else { return [candle] }
    // A rising candle meets its low first, a falling one its high.
    let isRising = candle.close >= candle.open
    let corners = [
      candle.open, isRising ? candle.low : candle.high, isRising ? candle.high : candle.low,
      candle.close,
    ]
    let third = Double(count) / 3
    let each = share(of: candle.volume, count)
    var minutes: [Candle] = []
    minutes.reserveCapacity(count)
    var value = candle.open
    for minute in 0..<count {
      let next =
        minute == count - 1 ? candle.close : price(at: Double(minute + 1) / third, corners)
      var cut = Candle(
        time: candle.time + .minutes(Int64(minute)), open: value, high: max(value, next),
        low: min(value, next), close: next,
        volume: minute == count - 1 ? max(0, candle.volume - each * Double(count - 1)) : each)
      for corner in 1...2 where Int(third * Double(corner)) == minute {
        cut.high = max(cut.high, corners[corner])
        cut.low = min(cut.low, corners[corner])
      }
      minutes.append(cut)
      value = next
    }
    return minutes
  }

  /// The price after so many thirds of the way.
  private func price(at way: Double, _ corners: [Double]) -> Double {
    let corner = min(2, Int(way))
    let part = way - Double(corner)
    let value = corners[corner] + (corners[corner + 1] - corners[corner]) * part
    let rounded = (value * ticksPerOne).rounded() / ticksPerOne
    // Rounding must not leave the candle, whose own prices may be on a finer grid.
    return min(max(rounded, min(corners[1], corners[2])), max(corners[1], corners[2]))
  }

  private func share(of volume: Double, _ count: Int) -> Double {
    let part = volume / Double(count)
    // Beyond this a number of 64 bits has no eighth place.
    guard volume < 9e7 else { return part.rounded(.down) }
    return (part * 1e8).rounded(.down) / 1e8
  }
}
