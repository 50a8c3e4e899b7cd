import Domain

/// Returns from close to close.
enum CloseReturns {
  /// The newest returns of each instrument, oldest first, over the candles that all have in common.
  ///
  /// - Parameters:
  ///   - candles: the newest candles of each instrument, in order.
  ///   - count: how many returns are wanted.
  /// - Returns: nothing of an instrument that has fewer than half of the candles wanted: one newcomer
  ///   must not shorten the history of all.
  static func aligned(_ candles: [Symbol: [Candle]], count: Int) -> [Symbol: [Double]] {
    let known = candles.filter { $0.value.count > max(count / 2, 2) }
    guard var times = known.values.first.map({ Set($0.map(\.time)) }) else { return [:] }
    for series in known.values { times.formIntersection(series.map(\.time)) }
    return known.mapValues { series in
      let closes = series.filter { times.contains($0.time) }.map(\.close)
      let returns = zip(closes.dropFirst(), closes).map { $0 / $1 - 1 }
      return Array(returns.suffix(count))
    }
  }
}
