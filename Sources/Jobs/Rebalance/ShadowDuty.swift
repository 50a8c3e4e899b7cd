import Domain
import Settings
public import Store

/// Whether an account of real money has watched long enough before its first order.
public struct ShadowDuty {
  /// How many slots an account plans as a shadow before real money moves, unless its settings say it.
  public static let standardSlots = 24
  /// The kind of the audit's event by which a person waives the rest.
  public static let waiver = "shadow-waived"
  /// What marks a plan of a shadow.
  static let mark = JSONValue.Member(PlanMark.key, .string(PlanMark.shadow))

  private enum PlanMark {
    static let key = "mode"
    static let shadow = "shadow"
  }

  private let account: String
  /// How many slots are asked for.
  public let needed: Int

  /// The duty of an account; none on this machine unless its settings ask for it, since nothing is lost
  /// there.
  init(_ account: String, _ settings: AccountSettings, _ universe: Universe) {
    let isHere = universe.exchange.map { $0.place == .here } ?? true
    self.account = account
    needed =
      settings.isLive ? settings.shadowSlots ?? (isHere ? 0 : Self.standardSlots) : 0
  }

  /// Why nothing is sent yet; nil when it may be: it has watched, an order went out before, or a person
  /// has waived the rest.
  func lack(_ transaction: ReadTransaction) throws -> String? {
    guard needed > 0, try !transaction.orders.wasAnySent(account),
      try !Self.isWaived(account, transaction)
    else { return nil }
    let done = try Self.slots(of: account, transaction)
    guard done < needed else { return nil }
    return "\(done) of \(needed) slots were planned in `mode: shadow`; "
      + "without them: carillon shadow \(account) --waive --reason TEXT"
  }

  /// How many slots an account has planned as a shadow.
  public static func slots(of account: String, _ transaction: ReadTransaction) throws -> Int {
    try transaction.plans.slots(account, marked: PlanMark.key, as: PlanMark.shadow)
  }

  /// Whether a person has waived what is left of it.
  public static func isWaived(_ account: String, _ transaction: ReadTransaction) throws -> Bool {
    try transaction.audit.latest(limit: .max, kind: waiver).contains {
      $0.text.hasPrefix(words(account))
    }
  }

  /// Waives what is left of it.
  public static func waive(
    _ account: String, reason: String, _ transaction: WriteTransaction
  ) throws {
    try transaction.audit.append(waiver, words(account) + reason)
  }

  /// Why an account of real money would send nothing yet, by the jobs of a schedule; nil when it may.
  public static func lack(
    of account: String, _ jobs: [any Job], _ transaction: ReadTransaction
  ) throws -> String? {
    for case let job as RebalanceJob in jobs where job.parameters.account == account {
      return try ShadowDuty(account, job.parameters.settings, job.universe).lack(transaction)
    }
    return nil
  }

  private static func words(_ account: String) -> String { "account \(account): " }
}
