public import Domain

/// What sizing rules need beyond the scores.
public struct SizingFacts: Hashable, Sendable {
  /// The returns of each instrument, close to close, oldest first, all of one length and of the same
  /// candles; an instrument that lacks one of them is not in it.
  public var returns: [Symbol: [Double]]

  /// Facts of these parts.
  public init(returns: [Symbol: [Double]] = [:]) { self.returns = returns }
}

/// What a probability is bet on.
public struct KellyBet: Hashable, Sendable {
  /// What a win brings for each unit that a loss costs.
  public var payoff: Double
  /// The part of Kelly's bet that is taken, above 0, at most 1.
  public var fraction: Double

  /// A bet of these parts.
  public init(payoff: Double, fraction: Double) {
    (self.payoff, self.fraction) = (payoff, fraction)
  }
}

/// How the chosen share what is invested, and what each share was made from.
struct Sizing {
  /// The shares in the order of the chosen.
  enum Shares {
    /// One place each.
    case equal
    /// Parts of what is invested.
    case ofInvested([Double])
    /// Parts of the equity.
    case ofEquity([Double])
  }

  var shares: Shares
  var notes: [String?]

  init(
    weighting: TargetRule.Weighting, chosen: [(symbol: Symbol, score: Double)], threshold: Double,
    cap: Double, share: Double, bet: KellyBet?, facts: SizingFacts
  ) {
    let none = [String?](repeating: nil, count: chosen.count)
    let returns = chosen.map { facts.returns[$0.symbol] ?? [] }
    switch weighting {
    case .equal: (shares, notes) = (.equal, none)
    case .score:
      let distances = chosen.map { $0.score - threshold }
      let sum = distances.reduce(0, +)
      shares = .ofInvested(distances.map { sum.isFinite ? $0 / sum : 0 })
      notes = none
    case .inverseVolatility:
      let volatilities = returns.map(Volatility.ofReturns)
      shares = .ofInvested(InverseVolatility.weights(volatilities))
      notes = zip(volatilities, returns).map {
        "volatility \(Self.text($0)) of \($1.count) returns"
      }
    case .minimumVariance:
      let covariance = LedoitWolf(returns)
      let weights = MinimumVariance.weights(covariance.matrix, sum: share, cap: cap)
      shares = .ofEquity(weights)
      notes = chosen.indices.map {
        "variance \(Self.text(covariance.matrix[$0][$0])) of \(returns[$0].count) returns, "
          + "shrunk by \(Self.text(covariance.shrinkage))"
      }
    case .kelly:
      let bets = chosen.map { Kelly.weight(probability: $0.score, bet, cap: cap) }
      let sum = bets.reduce(0, +)
      let factor = sum > share && sum > 0 ? share / sum : 1
      shares = .ofEquity(bets.map { $0 * factor })
      notes = chosen.map {
        "probability \(Self.text($0.score)), payoff \(Self.text(bet?.payoff ?? 0)), "
          + "\(Self.text(bet?.fraction ?? 0)) of Kelly"
          + (factor < 1 ? ", all scaled by \(Self.text(factor))" : "")
      }
    }
  }

  /// A number with four significant digits or fewer.
  private static func text(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    var scale = 1.0
    while value.magnitude * scale < 1000, scale < 1e12 { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
  }
}
