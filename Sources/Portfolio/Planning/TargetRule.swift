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
    /// In proportion to one over the volatility of the returns.
    case inverseVolatility = "inverse-volatility"
    /// The weights of the least variance together, by a shrunk covariance.
    case minimumVariance = "minimum-variance"
    /// A fraction of Kelly's bet on the score as a probability.
    case kelly

    /// Whether it looks at the returns of the past.
    public var needsReturns: Bool { self == .inverseVolatility || self == .minimumVariance }
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
  /// What Kelly's bet is on; asked for by `weighting: kelly` alone.
  public var bet: KellyBet?

  /// A rule of these parts.
  public init(
    top: Int, weighting: Weighting, maximumWeight: Amount, cashBuffer: Amount, threshold: Double,
    bet: KellyBet? = nil
  ) {
    self.top = top
    self.weighting = weighting
    self.maximumWeight = maximumWeight
    self.cashBuffer = cashBuffer
    self.threshold = threshold
    self.bet = bet
  }

  /// Whether a holding of a whole place would never be corrected, since it lies within the band of
  /// nothing at all: equal places of `(1 - buffer) / top`, none above the cap.
  public func isNeverCorrected(band: Amount) throws(AmountError) -> Bool {
    let place = try Amount.one.subtracting(cashBuffer).divided(by: Amount(max(top, 1)))
    return min(place, maximumWeight) <= band
  }

  /// The target weight of every scored instrument, zero for those not chosen; the sum is at most
  /// `share`. Ties of score are broken by symbol. A score that is not finite gets no weight.
  ///
  /// - Parameters:
  ///   - scores: the scores of the instruments that can be traded.
  ///   - share: the part of the equity that they may have; nil: `1 - cashBuffer`.
  ///   - places: how many may be chosen; nil: `top`.
  ///   - facts: what the sizing needs beyond the scores.
  /// - Throws: `AmountError` when the rule's own numbers overflow.
  public func weights(
    of scores: [Symbol: Double], share: Amount? = nil, places: Int? = nil,
    facts: SizingFacts = SizingFacts()
  ) throws(AmountError) -> [Symbol: Target] {
    let places = places ?? top
    let invested: Amount
    if let share { invested = share } else { invested = try Amount.one.subtracting(cashBuffer) }
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
      .prefix(max(places, 0))
    let sizing = Sizing(
      weighting: weighting, chosen: chosen.map { ($0.key, $0.value) }, threshold: threshold,
      cap: maximumWeight.double, share: invested.double, bet: bet, facts: facts)
    for (place, (symbol, _)) in chosen.enumerated() {
      let wanted: Amount
      switch sizing.shares {
      case .equal:
        wanted = try invested.divided(by: Amount(max(places, 1)), rounding: .towardsZero)
      case .ofInvested(let parts):
        // Shares come from floating-point numbers; ten places are far below any lot.
        let part = try Amount(observed: parts[place])
          .rounded(toMultipleOf: Self.shareStep, .towardsZero)
        wanted = try invested.multiplied(by: part, rounding: .towardsZero)
      case .ofEquity(let parts):
        wanted = try Amount(observed: parts[place])
          .rounded(toMultipleOf: Self.shareStep, .towardsZero)
      }
      targets[symbol] = Target(
        weight: min(wanted, maximumWeight),
        reason: wanted > maximumWeight ? .capped(wanted) : .chosen, note: sizing.notes[place])
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
    /// Left as it is: the line says why.
    case held
    /// Sold with everything else.
    case flattened

    /// Whether a finite score lost its place: the only thing that sells a whole holding.
    public var isExit: Bool { self == .outranked || self == .belowThreshold }

    /// Whether the weight is what is held, and not what was wanted.
    public var isHeld: Bool {
      switch self {
      case .held, .noScore: true
      default: false
      }
    }

    /// In words.
    public var description: String {
      switch self {
      case .chosen: "chosen"
      case .capped(let wanted): "capped from \(wanted.formatted(places: 4))"
      case .outranked: "outranked"
      case .belowThreshold: "score not above threshold"
      case .noScore: "no score"
      case .held: "held"
      case .flattened: "flattened"
      }
    }
  }

  /// The target weight, 0 to 1 of the equity.
  public var weight: Amount
  /// Why.
  public var reason: Reason
  /// What the sizing rule made the weight from: `volatility 0.0123 of 60 returns`.
  public var note: String?

  /// A target of these parts.
  public init(weight: Amount, reason: Reason, note: String? = nil) {
    (self.weight, self.reason, self.note) = (weight, reason, note)
  }

  /// Reason and note in one line.
  public var words: String { note.map { "\(reason): \($0)" } ?? reason.description }
}
