public import Domain

/// How scores become target weights.
///
/// Long only: an instrument whose score is not above `threshold` gets no weight. Of the others the
/// `top` best share `1 - cashBuffer`, and none gets more than `maximumWeight`; what a cap cuts off
/// stays in cash, since moving it to the next best would raise the risk of names that scored lower.
public struct TargetRule: Hashable, Sendable {
  /// How the weight is shared among the chosen.
  public enum Weighting: String, CaseIterable, Sendable {
    /// The same weight for each place in `top`, so that fewer candidates mean more cash.
    case equal
    /// In proportion to the score's distance from the threshold.
    case score
  }

  /// How many instruments are held at most.
  public var top: Int
  /// How the weight is shared.
  public var weighting: Weighting
  /// The largest weight of one instrument, 0 to 1.
  public var maximumWeight: Amount
  /// The part of the equity that stays in cash, 0 to 1.
  public var cashBuffer: Amount
  /// A score must be above this to be held.
  public var threshold: Double

  /// A rule of these parts.
  public init(
    top: Int, weighting: Weighting, maximumWeight: Amount, cashBuffer: Amount, threshold: Double
  ) {
    self.top = top
    self.weighting = weighting
    self.maximumWeight = maximumWeight
    self.cashBuffer = cashBuffer
    self.threshold = threshold
  }

  /// The target weight of every scored instrument, zero for those not chosen; the sum is at most
  /// `1 - cashBuffer`. Ties of score are broken by symbol. A score that is not finite gets no
  /// weight.
  ///
  /// - Throws: `AmountError` when the rule's own numbers overflow.
  public func weights(of scores: [Symbol: Double]) throws(AmountError) -> [Symbol: Target] {
    var targets: [Symbol: Target] = [:]
    for (symbol, score) in scores {
      targets[symbol] = Target(
        weight: .zero,
        reason: score.isFinite
          ? (score > threshold ? .outranked : .belowThreshold) : .noScore)
    }
    let chosen =
      scores
      .filter { $0.value.isFinite && $0.value > threshold }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .prefix(top)
    let invested = try Amount.one.subtracting(cashBuffer)
    let distances = chosen.map { $0.value - threshold }
    let sum = distances.reduce(0, +)
    for ((symbol, _), distance) in zip(chosen, distances) {
      let wanted: Amount
      switch weighting {
      case .equal:
        wanted = try invested.divided(by: Amount(max(top, 1)), rounding: .towardsZero)
      case .score:
        // Shares come from floating-point scores; ten places are far below any lot.
        let share = try Amount(observed: sum.isFinite ? distance / sum : 0)
          .rounded(toMultipleOf: Self.shareStep, .towardsZero)
        wanted = try invested.multiplied(by: share, rounding: .towardsZero)
      }
      targets[symbol] =
        wanted > maximumWeight
        ? Target(weight: maximumWeight, reason: .capped(wanted))
        : Target(weight: wanted, reason: .chosen)
    }
    return targets
  }

  private static let shareStep = Amount(units: 100)
}

/// The weight that an instrument should have, and why.
public struct Target: Hashable, Sendable {
  /// Why the weight is what it is.
  public enum Reason: Hashable, Sendable, CustomStringConvertible {
    /// Among the best.
    case chosen
    /// Among the best, but the rule's cap is below the weight in the payload.
    case capped(Amount)
    /// Above the threshold, but others scored higher.
    case outranked
    /// The score is not above the threshold.
    case belowThreshold
    /// There is no finite score.
    case noScore

    /// In words.
    public var description: String {
      switch self {
      case .chosen: "chosen"
      case .capped(let wanted): "capped from \(wanted.formatted(places: 4))"
      case .outranked: "outranked"
      case .belowThreshold: "score not above threshold"
      case .noScore: "no score"
      }
    }
  }

  /// The target weight, 0 to 1 of the equity.
  public var weight: Amount
  /// Why.
  public var reason: Reason

  /// A target of these parts.
  public init(weight: Amount, reason: Reason) { (self.weight, self.reason) = (weight, reason) }
}
