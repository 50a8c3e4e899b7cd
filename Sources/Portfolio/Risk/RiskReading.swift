public import Domain

/// How much of each limit is used, and what follows.
public struct RiskReading: Hashable, Sendable {
  /// One limit.
  public struct Line: Hashable, Sendable {
    /// The limit.
    public var limit: RiskLimit
    /// How much there is of what it bounds; nil where it is not known.
    public var used: Amount?
    /// Since when it holds back; nil where it does not.
    public var since: Instant?

    /// How much of the bound is used, as a fraction; nil where it is not known.
    public var part: Amount? {
      get throws(AmountError) {
        guard let used, limit.bound > .zero else { return nil }
        return try used.divided(by: limit.bound)
      }
    }
  }

  /// The limits, in their order.
  public var lines: [Line]
  /// The limits that were passed just now.
  public var newly: [RiskLimit]
  /// Why nothing is known of them: the equity is unknown.
  public var unknown: String?

  /// The strongest action in force, with the limit that demands it; `reduce-only` while the equity is
  /// not known, since nobody can say then what a purchase risks.
  public var inForce: (action: RiskLimit.Action, reason: String)? {
    let strongest = lines.filter { $0.since != nil }.max { $0.limit.action < $1.limit.action }
    if let strongest {
      let used = strongest.used.map { " (\($0.formatted(places: 4)))" } ?? ""
      return (
        strongest.limit.action,
        "risk: \(strongest.limit.name) \(strongest.limit.bound) is passed\(used)"
      )
    }
    return unknown.map { (.reduceOnly, "risk: the equity is unknown: \($0)") }
  }

  /// Reads the limits.
  ///
  /// - Parameters:
  ///   - limits: the limits.
  ///   - valuation: what the account holds and is worth.
  ///   - baseline: what losses are counted from, moved to the present equity; what is tripped and what
  ///     re-armed is noted in it.
  ///   - now: the time of the look.
  public init(
    _ limits: [RiskLimit], _ valuation: Valuation, _ baseline: inout RiskBaseline?, now: Instant
  ) throws(AmountError) {
    lines = []
    newly = []
    unknown = valuation.unknown
    for limit in limits {
      let used = try Self.used(limit, valuation, baseline)
      var since = baseline?.tripped[limit.name]
      if let used {
        if used > limit.bound {
          if since == nil { newly.append(limit) }
          since = since ?? now
        } else if since != nil, try Self.isRearmed(limit, used) {
          since = nil
        }
      }
      baseline?.tripped[limit.name] = since
      lines.append(Line(limit: limit, used: used, since: since))
    }
  }

  /// A loss that was stopped re-arms only well within its bound: at the bound itself each tick would
  /// switch it on and off.
  private static func isRearmed(
    _ limit: RiskLimit, _ used: Amount
  ) throws(AmountError) -> Bool {
    switch limit.kind {
    case .drawdown: try used.multiplied(by: Amount(2)) <= limit.bound
    case .lossStreak: used == .zero
    // Passed today, it holds for the day, whatever the market does; the next day begins at zero.
    case .dailyLoss: used == .zero
    case .weight, .positions, .exposure, .group: true
    }
  }

  private static func used(
    _ limit: RiskLimit, _ valuation: Valuation, _ baseline: RiskBaseline?
  ) throws(AmountError) -> Amount? {
    let values = valuation.byInstrument
    switch limit.kind {
    case .positions:
      return Amount(valuation.items.count { $0.symbol != nil })
    case .lossStreak:
      return Amount(baseline?.losingDays ?? 0)
    case .dailyLoss:
      return try loss(valuation.equity, from: baseline?.dayEquity)
    case .drawdown:
      return try loss(valuation.equity, from: baseline?.peak)
    case .weight:
      return try part(values.values.max() ?? .zero, of: valuation.equity)
    case .exposure, .group:
      var sum = Amount.zero
      for (symbol, value) in values where limit.kind == .exposure || limit.members.contains(symbol)
      {
        sum = try sum.adding(value.magnitude())
      }
      return try part(sum, of: valuation.equity)
    }
  }

  private static func part(_ value: Amount, of equity: Amount?) throws(AmountError) -> Amount? {
    guard let equity else { return nil }
    guard equity > .zero else { return value > .zero ? .one : .zero }
    return try value.divided(by: equity)
  }

  /// The part of a base that is gone; zero where nothing is.
  private static func loss(
    _ equity: Amount?, from base: Amount?
  ) throws(AmountError) -> Amount? {
    guard let equity, let base else { return nil }
    guard base > .zero, equity < base else { return .zero }
    return try base.subtracting(equity).divided(by: base)
  }
}
