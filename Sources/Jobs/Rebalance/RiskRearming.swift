import Domain
public import Portfolio
public import Store

/// Re-arms limits of risk by hand: the only thing besides their own rule that does. No start, no
/// restore and no edited setting re-arms one.
public struct RiskRearming: Hashable, Sendable {
  /// The limits that were passed until now, by name.
  public var rearmed: [String] = []
  /// The limits that stay passed, since the holdings alone decide about them.
  public var left: [String] = []

  /// Re-arms limits of an account that are passed.
  ///
  /// - Parameters:
  ///   - account: the account's name.
  ///   - limits: what may be re-armed; nil: everything that is passed, also what the settings name no
  ///     more.
  ///   - known: the limits of the account.
  ///   - reason: why, for the audit.
  public init(
    _ transaction: WriteTransaction, account: String, _ limits: Set<String>?,
    known: [RiskLimit], because reason: String
  ) throws {
    guard let record = try transaction.risk.find(account) else { return }
    var baseline = RiskBaseline(record)
    let byName = Dictionary(known.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for name in record.tripped.keys.sorted() where limits?.contains(name) ?? true {
      guard let limit = byName[name] else {
        baseline.tripped[name] = nil
        rearmed.append(name)
        continue
      }
      guard limit.kind.isRearmedByHand else {
        left.append(name)
        continue
      }
      baseline.rearm(limit)
      rearmed.append(name)
    }
    guard !rearmed.isEmpty else { return }
    try transaction.risk.save(
      RiskRecord(baseline), account, rearmed: "by hand, counted from \(baseline.last): \(reason)")
  }
}
