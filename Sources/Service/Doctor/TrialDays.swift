public import Domain
import Settings
import Store

/// Whether the last thirty days of the ledger are a trial that was passed: on record, no slot missed,
/// no account that differed from its venue, and no alert that nobody took note of.
public struct TrialDays: Hashable, Sendable {
  /// How many days a trial lasts.
  public static let lengthDays: Int64 = 30

  /// The oldest slot on record; nil before the first.
  public var oldestSlot: Instant?
  /// Slots of these days that were too late to run, or covered by a later one.
  public var missedSlots: Int
  /// Statements of these days in which books and venue differed.
  public var mismatches: Int
  /// Alerts that are open, and that nobody took note of.
  public var unacknowledgedAlerts: Int

  /// What was found of the days.
  public init(
    oldestSlot: Instant?, missedSlots: Int, mismatches: Int, unacknowledgedAlerts: Int
  ) {
    (self.oldestSlot, self.missedSlots) = (oldestSlot, missedSlots)
    (self.mismatches, self.unacknowledgedAlerts) = (mismatches, unacknowledgedAlerts)
  }

  /// Reads what the ledger has of the days before an instant, for these accounts.
  ///
  /// - Throws: what the database throws.
  init(_ tx: ReadTransaction, accounts: some Sequence<String>, now: Instant) throws {
    let start = now - .days(Self.lengthDays)
    self.init(
      oldestSlot: try tx.runs.oldestSlot(),
      missedSlots: try tx.runs.countPassedOver(since: start),
      mismatches: try accounts.reduce(0) { count, account in
        count
          + (try tx.statements.latest(account, limit: Self.readStatements)
            .count { $0.time >= start && $0.differences > 0 })
      },
      unacknowledgedAlerts: try tx.alerts.open().count { $0.state != .acknowledged })
  }

  /// The most statements of an account that are read: one each half hour for the whole trial.
  static let readStatements = 1440

  /// How the days stand at an instant.
  public func line(at now: Instant) -> DoctorLine {
    let what = "\(Self.lengthDays) days on record"
    let days = oldestSlot.map { (now - $0).milliseconds / TimeSpan.days(1).milliseconds } ?? 0
    let faults = [
      (missedSlots, "slots were missed", "carillon job history tells which"),
      (mismatches, "statements differ from the venue", "carillon statement"),
      (unacknowledgedAlerts, "alerts nobody took note of", "carillon alerts"),
    ].filter { $0.0 > 0 }
    if let first = faults.first {
      return DoctorLine(
        what,
        .doubtful(
          faults.map { "\($0.0) \($0.1)" }.joined(separator: "; "), remedy: first.2))
    }
    guard days >= Self.lengthDays else {
      return DoctorLine(
        what,
        .doubtful("there are \(max(0, days))", remedy: "let it run on paper until there are"))
    }
    return DoctorLine(
      what, .well("no slot missed, no account that differs, no alert that nobody took note of"))
  }
}

extension Examination {
  /// The trial that comes before real money.
  static let trialDays = Examination("trial", isForProductionAlone: true) { setup in
    guard let settings = setup.settings else { return [] }
    let now = setup.time.now
    let trial = try setup.read {
      try TrialDays($0, accounts: settings.accounts.keys, now: now)
    }
    let none = TrialDays(
      oldestSlot: nil, missedSlots: 0, mismatches: 0, unacknowledgedAlerts: 0)
    return [(trial ?? none).line(at: now)]
  }
}
