public import Domain

/// What losses are counted from. It is kept in the database, so that no restart resets it, and moves
/// with deposits and withdrawals, which are neither profit nor loss.
public struct RiskBaseline: Hashable, Sendable {
  /// When the day began, in the account's zone.
  public var dayStart: Instant
  /// The equity that the day began with.
  public var dayEquity: Amount
  /// The highest equity.
  public var peak: Amount
  /// The equity when it was last looked at.
  public var last: Amount
  /// When that was.
  public var seen: Instant
  /// How many days in a row ended lower than they began.
  public var losingDays: Int
  /// The limits that were passed and have not re-armed, each with the time.
  public var tripped: [String: Instant]

  /// A baseline of these parts.
  public init(
    dayStart: Instant, dayEquity: Amount, peak: Amount, last: Amount, seen: Instant,
    losingDays: Int = 0, tripped: [String: Instant] = [:]
  ) {
    self.dayStart = dayStart
    self.dayEquity = dayEquity
    self.peak = peak
    self.last = last
    self.seen = seen
    self.losingDays = losingDays
    self.tripped = tripped
  }

  /// Re-arms a limit by hand: its loss is counted anew, from the equity that was last seen. Counted
  /// from where it was, the limit would be passed again at the next look.
  public mutating func rearm(_ limit: RiskLimit) {
    tripped[limit.name] = nil
    switch limit.kind {
    case .dailyLoss: dayEquity = last
    case .drawdown: peak = last
    case .lossStreak: losingDays = 0
    case .weight, .positions, .exposure, .group: break
    }
  }

  /// The baseline once an equity was seen.
  ///
  /// - Parameters:
  ///   - before: the baseline so far; nil at the first look.
  ///   - equity: what the account is worth now.
  ///   - flow: what came in (above zero) or went out since the baseline was last moved.
  ///   - day: when the present day began.
  ///   - now: the time of the look.
  public static func moved(
    _ before: RiskBaseline?, equity: Amount, flow: Amount, day: Instant, now: Instant
  ) throws(AmountError) -> RiskBaseline {
    guard var base = before else {
      return RiskBaseline(
        dayStart: day, dayEquity: equity, peak: equity, last: equity, seen: now)
    }
    if day > base.dayStart {
      // The day that is over ended where it was last seen.
      base.losingDays = base.last < base.dayEquity ? base.losingDays + 1 : 0
      base.dayStart = day
      base.dayEquity = base.last
    }
    base.dayEquity = try base.dayEquity.adding(flow)
    base.peak = try max(base.peak.adding(flow), equity)
    base.last = equity
    base.seen = now
    return base
  }
}
