/// The spread of returns.
enum Volatility {
  /// The sample standard deviation (divisor n - 1), in two passes; 0 of fewer than two returns.
  static func ofReturns(_ returns: [Double]) -> Double {
    guard returns.count > 1 else { return 0 }
    let mean = returns.reduce(0, +) / Double(returns.count)
    let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(returns.count - 1)).squareRoot()
  }
}

/// Weights in proportion to one over the volatility.
enum InverseVolatility {
  /// The parts, which add up to one; what never moved gets none. All are zero when nothing moved.
  static func weights(_ volatilities: [Double]) -> [Double] {
    let inverses = volatilities.map { $0 > 0 && $0.isFinite ? 1 / $0 : 0 }
    let sum = inverses.reduce(0, +)
    return sum > 0 && sum.isFinite ? inverses.map { $0 / sum } : inverses.map { _ in 0 }
  }
}
