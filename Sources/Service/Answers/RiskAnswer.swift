public import Domain
import Jobs
public import Portfolio
public import Settings
public import Store

/// The answer to `risk`: each limit of an account, how much of it is used, and what it does.
public struct RiskAnswer: Sendable {
  /// The account's name.
  public let account: String
  /// The limits.
  public let reading: RiskReading
  /// What losses are counted from; nil before the first rebalance.
  public let baseline: RiskBaseline?
  /// What may be sent at most.
  public let orders: AccountSettings.OrderLimits

  /// The limits of an account; nil when it holds nothing yet.
  ///
  /// - Throws: a `Fault` of the database, or `AmountError` when a figure does not fit.
  public init?(
    _ transaction: ReadTransaction, account name: String, _ settings: AccountSettings,
    now: Instant
  ) throws {
    guard let account = try transaction.accounts.account(name) else { return nil }
    self.account = name
    let (valuation, _) = try AccountReading(transaction).valuation(of: account)
    (reading, baseline) = try RiskWatch(name, settings).look(transaction, valuation, now: now)
    orders = settings.limits
  }

  /// For machines: amounts are text.
  public var json: JSONValue {
    get throws {
      let limits = try reading.lines.map { line in
        JSONValue.object([
          .init("limit", .string(line.limit.name)), .init("bound", .amount(line.limit.bound)),
          .init("used", .amount(line.used)), .init("part", .amount(try line.part)),
          .init("action", .string(line.limit.action.rawValue)),
          .init("passed_since", .time(line.since)),
          .init("rearms", .string(line.limit.kind.rearms)),
        ])
      }
      return .object([
        .init("account", .string(account)), .init("limits", .array(limits)),
        .init("in_force", reading.inForce.map { .string($0.reason) } ?? .null),
        .init("unknown", reading.unknown.map { .string($0) } ?? .null),
        .init("day_start", .time(baseline?.dayStart)),
        .init("day_equity", .amount(baseline?.dayEquity)), .init("peak", .amount(baseline?.peak)),
      ])
    }
  }
}

extension [RiskAnswer] {
  /// Limits of accounts as one answer for machines.
  public var json: JSONValue {
    get throws {
      .object([
        .init("schema", .string("carillon.risk/1")),
        .init("accounts", .array(try map { try $0.json })),
      ])
    }
  }
}
