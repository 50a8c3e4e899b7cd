import Domain
import Indicators

/// A small seeded generator (SplitMix64), so that a failure can be replayed from its seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A random walk of hourly candles on a coarse tick, so that ties and flat stretches are common;
/// some candles are missing, alone or many in a row.
func randomCandles(seed: UInt64, count: Int, gaps: Bool) -> [Candle] {
  var random = SeededGenerator(seed: seed)
  var time: Int64 = 1_600_000_000_000 / 3_600_000 * 3_600_000
  var price = 100.0
  var candles: [Candle] = []
  for _ in 0..<count {
    time += 3_600_000
    if gaps, Int.random(in: 0..<25, using: &random) == 0 {
      time +=
        3_600_000 * Int64.random(in: 1...(Bool.random(using: &random) ? 3 : 90), using: &random)
    }
    func move() -> Double { (Double.random(in: -2...2, using: &random) * 4).rounded() / 4 }
    let open = max(1, price + (Int.random(in: 0..<4, using: &random) == 0 ? move() : 0))
    let close = Int.random(in: 0..<6, using: &random) == 0 ? open : max(1, open + move())
    let high = max(open, close) + max(0, move())
    let low = max(0.5, min(open, close) - max(0, move()))
    let volume =
      Int.random(in: 0..<9, using: &random) == 0 ? 0 : Double.random(in: 0...1e4, using: &random)
    candles.append(
      Candle(
        time: Instant(milliseconds: time), open: open, high: high, low: low, close: close,
        volume: volume))
    price = close
  }
  return candles
}
