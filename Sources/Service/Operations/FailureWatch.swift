public import Domain
public import Logging
public import Scheduler
public import Store

/// Does what `on-failure` says when a run of a job has failed: an alert, and a halt of trading after so
/// many failures in a row.
///
/// The row is counted from the ledger, so that restarts do not reset it and runs by hand belong to it.
/// A halt is put in force once for each row: who resumes while the job goes on failing is not overruled
/// by the next failure.
public struct FailureWatch {
  private let store: Store
  private let log: Logger

  /// The kind of the audit's events.
  static let alertKind = "alert"
  static let haltKind = "halt-after"

  /// A watch over the runs of a database.
  public init(store: Store, log: Logger) { (self.store, self.log) = (store, log) }

  /// Answers the end of a run; what was cancelled by hand is no failure.
  ///
  /// - Throws: a `Fault` of the database.
  public func ended(
    _ slot: Slot, _ state: RunState, reason: String?, response: FailureResponse, now: Instant
  ) throws {
    guard response != FailureResponse(), state == .failed || state == .timedOut,
      !Cancellation.isReason(reason)
    else { return }
    let words = "\(slot) \(state)" + (reason.map { ": \($0)" } ?? "")
    let severity = response.severity ?? .warning
    var halt: String?
    try store.write(at: now) { transaction in
      try transaction.audit.append(Self.alertKind, "\(severity.rawValue): \(words)")
      halt = try response.haltAfter.flatMap {
        try Self.halt(slot.job, after: $0, transaction)
      }
    }
    log.log(
      level: severity.level, "\(words)",
      metadata: [
        "alert": "job-failed:\(slot.job)", "severity": "\(severity.rawValue)",
        "job": "\(slot.job)", "slot": "\(slot.time)",
      ])
    if let halt {
      log.critical("trading is halted: \(halt)", metadata: ["alert": "halted:\(slot.job)"])
    }
  }

  /// Puts a halt in force, unless it was for this row. Returns its reason when it did.
  private static func halt(
    _ job: JobName, after limit: Int, _ transaction: WriteTransaction
  ) throws -> String? {
    let row = try transaction.runs.failureRow(job)
    guard row.count >= limit, let first = row.first else { return nil }
    let mark = "\(job), halt-after \(limit), the row of failures since run \(first)"
    guard try !transaction.audit.contains(haltKind, mark) else { return nil }
    try transaction.audit.append(haltKind, mark)
    // Somebody's halt that is in force already keeps its own reason.
    guard try transaction.halts.current() == nil else { return nil }
    let reason = "\(job) failed \(row.count) times in a row (halt-after: \(limit))"
    try transaction.halts.begin(.noNew, reason: reason, source: "on-failure")
    return reason
  }
}

extension FailureResponse.Severity {
  /// How loud the line in the log is.
  var level: Logger.Level {
    switch self {
    case .info: .notice
    case .warning: .warning
    case .critical: .critical
    }
  }
}
