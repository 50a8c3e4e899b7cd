public import Domain
public import Portfolio
public import Settings
public import Store

/// The limits of risk of an account against what the database knows: for the rebalance, which obeys
/// them, and for the screen, which shows them.
public struct RiskWatch: Sendable {
  private let account: String
  private let settings: AccountSettings

  /// The watch over an account.
  public init(_ account: String, _ settings: AccountSettings) {
    self.account = account
    self.settings = settings
  }

  /// The limits of the account.
  public var limits: [RiskLimit] {
    settings.risk.limits.map { limit in
      guard let kind = RiskLimit.Kind(rawValue: limit.kind),
        let action = RiskLimit.Action(rawValue: limit.action.rawValue)
      else { preconditionFailure("a limit of the settings is one of risk: \(limit.kind)") }
      return RiskLimit(
        kind, bound: limit.bound, action: action, group: limit.group,
        members: Set(limit.symbols))
    }
  }

  /// How the limits stand by a valuation, and the baseline that they would leave.
  ///
  /// - Throws: a `Fault` of the database, or `AmountError` when a figure does not fit.
  public func look(
    _ transaction: ReadTransaction, _ valuation: Valuation, now: Instant
  ) throws -> (reading: RiskReading, baseline: RiskBaseline?) {
    let before = try transaction.risk.find(account).map(RiskBaseline.init)
    var baseline = before
    if let equity = valuation.equity {
      var flow = Amount.zero
      if let seen = before?.seen {
        for (time, amount) in try transaction.entries.flows(account, after: seen)
        where time <= now { flow = try flow.adding(amount) }
      }
      baseline = try RiskBaseline.moved(
        before, equity: equity, flow: flow, day: settings.riskTimezone.startOfDay(now), now: now)
    }
    let reading = try RiskReading(limits, valuation, &baseline, now: now)
    return (reading, baseline)
  }

  /// Keeps what follows from a look at the limits: the baseline, what tripped, and a halt where a limit
  /// demands one.
  func enforce(
    _ reading: RiskReading, _ baseline: RiskBaseline?, _ transaction: WriteTransaction
  ) throws {
    if let baseline { try transaction.risk.save(RiskRecord(baseline), account) }
    for limit in reading.newly where limit.action >= .cancelOrders {
      let level: Halt.Level = limit.action == .flatten ? .flatten : .cancelOrders
      try transaction.halts.begin(
        level, reason: "account \(account): \(limit.name) \(limit.bound) is passed",
        source: "risk")
    }
  }
}

extension RiskBaseline {
  init(_ record: RiskRecord) {
    self.init(
      dayStart: record.dayStart, dayEquity: record.dayEquity, peak: record.peak,
      last: record.last, seen: record.seen, losingDays: record.losingDays,
      tripped: record.tripped)
  }
}

extension RiskRecord {
  init(_ baseline: RiskBaseline) {
    self.init(
      dayStart: baseline.dayStart, dayEquity: baseline.dayEquity, peak: baseline.peak,
      last: baseline.last, seen: baseline.seen, losingDays: baseline.losingDays,
      tripped: baseline.tripped)
  }
}
