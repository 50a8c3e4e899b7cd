/// Kelly's bet.
enum Kelly {
  /// The part of the equity to bet: a fraction of `p - (1 - p) / b`, never below zero, never above the
  /// cap; zero for what is no probability.
  ///
  /// Source: J. L. Kelly, "A New Interpretation of Information Rate", Bell System Technical Journal
  /// 35 (1956), for a win of `b` with probability `p` against a loss of one.
  static func weight(probability: Double, _ bet: KellyBet?, cap: Double) -> Double {
    guard let bet, bet.payoff > 0, bet.fraction > 0, (0...1).contains(probability) else { return 0 }
    let whole = probability - (1 - probability) / bet.payoff
    return min(max(whole * bet.fraction, 0), cap)
  }
}
