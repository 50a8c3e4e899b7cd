public import Domain
import Logging
public import Store

/// Decides what follows when a run of a job has failed: an alert, and what `on-failure` says, a halt of trading after
/// so many failures in a row. It does so inside the transaction that ends the run, so that no crash
/// comes between the failure and what it calls for.
///
/// The row is counted from the ledger, so that restarts do not reset it and runs by hand belong to it.
/// A halt is put in force once for each row: who resumes while the job goes on failing is not overruled
/// by the next failure.
public enum FailureWatch {
  /// The kind of the audit's events.
  static let alertKind = "alert"
  static let haltKind = AuditTable<WriteTransaction>.haltAfterKind

  /// Answers the end of a run, whose state is in the ledger by now; what was cancelled by hand is no
  /// failure.
  ///
  /// - Returns: what to tell once the transaction is on disk; nil when nobody asked to be told.
  /// - Throws: a `Fault` of the database.
  public static func ended(
    _ slot: Slot, _ state: RunState, reason: String?, cause: RunCause?,
    response: FailureResponse,
    _ transaction: WriteTransaction
  ) throws -> RunAlert? {
    if state == .succeeded {
      try transaction.alerts.settle(.jobFailed, slot.job.text, saying: "\(slot) succeeded")
    }
    guard state == .failed || state == .timedOut,
      cause != .cancelled
    else { return nil }
    let words = "\(slot) \(state)" + (reason.map { ": \($0)" } ?? "")
    try transaction.alerts.raise(
      Alert(
        .jobFailed, of: slot.job.text, severity: response.severity, words,
        remedy: "carillon job show \(slot.job); carillon job log \(slot.job)",
        channels: response.notify))
    guard response != FailureResponse() else { return nil }
    var alert = RunAlert(
      slot: slot, severity: response.severity ?? AlertKind.jobFailed.rule.severity, words: words)
    try transaction.audit.append(
      alertKind, "\(alert.severity.rawValue): \(alert.words)", of: slot.job.text)
    alert.halt = try response.haltAfter.flatMap { try halt(slot.job, after: $0, transaction) }
    return alert
  }

  /// Puts a halt in force, unless it was for this row. Returns its reason when it did.
  private static func halt(
    _ job: JobName, after limit: Int, _ transaction: WriteTransaction
  ) throws -> String? {
    let row = try transaction.runs.failureRow(job)
    guard row.count >= limit, let first = row.first else { return nil }
    let mark = "\(job), halt-after \(limit), the row of failures since run \(first)"
    guard try !transaction.audit.wasAnswered(mark) else { return nil }
    try transaction.audit.append(haltKind, mark, of: job.text)
    // Somebody's halt that is in force already keeps its own reason.
    guard try transaction.halts.current() == nil else { return nil }
    let reason = "\(job) failed \(row.count) times in a row (halt-after: \(limit))"
    try transaction.halts.begin(.noNew, reason: reason, source: "on-failure")
    return reason
  }
}

/// What a failed run calls for, as it is told in the log.
public struct RunAlert: Hashable, Sendable {
  /// The run's slot.
  public var slot: Slot
  /// How loud.
  public var severity: FailureResponse.Severity
  /// What happened.
  public var words: String
  /// The reason of the halt of trading that it put in force, if it did.
  public var halt: String?

  /// Tells it.
  func tell(_ log: Logger) {
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
