public import Domain
import Scheduler
public import Store

/// Decides what is told of the state of things: a value that compares what health sees with the alerts
/// that are open, and says which to raise and which to settle.
///
/// What a transaction causes (a failed run, a doubt) is raised there, and is none of its business.
public enum AlertWatch {
  /// What to do with an alert.
  public enum Action: Hashable, Sendable {
    /// It was not there, or has become louder.
    case open(Alert)
    /// It is still seen.
    case touch(Alert)
    /// It is no longer seen.
    case close(AlertKind, String?, String)
  }

  /// An alert that is still seen is noted so often, so that looking costs no write.
  public static let touchInterval = TimeSpan.minutes(5)

  /// What follows from a look.
  ///
  /// - Parameters:
  ///   - report: what was seen.
  ///   - open: the alerts that are not over.
  ///   - now: the time.
  public static func turn(
    seen report: HealthReport, open: [AlertRecord], now: Instant
  ) -> [Action] {
    let seen = report.checks.compactMap(alert)
    let known = Dictionary(open.map { ($0.key, $0) }) { first, _ in first }
    var actions: [Action] = seen.compactMap { alert in
      guard let record = known[alert.key] else { return .open(alert) }
      if alert.severity > record.alert.severity { return .open(alert) }
      // What a transaction has told keeps its own words.
      guard alert.kind != .halt, now - record.last >= touchInterval || now < record.last else {
        return nil
      }
      return .touch(alert)
    }
    // Without the database nothing is known of the jobs.
    let isBlind = report.checks.contains { $0.name == "database" && $0.status == .fail }
    let keys = Set(seen.map(\.key))
    for record in open where record.alert.kind.isObserved && !keys.contains(record.key) {
      guard !isBlind else { continue }
      let check = report.checks.first { name(of: record.alert) == $0.name }
      actions.append(
        .close(record.alert.kind, record.alert.subject, check?.text ?? "it is over"))
    }
    return actions
  }

  /// The check of health that an alert came from.
  private static func name(of alert: Alert) -> String {
    alert.kind == .jobStale ? alert.subject ?? "" : alert.kind.rawValue
  }

  /// What is told of a check; nil where nothing is wrong, or a transaction tells it.
  private static func alert(_ check: HealthCheck) -> Alert? {
    guard check.status != .pass else { return nil }
    if let job = check.job {
      // Of a chain that stands still, the first job is the one to look at.
      guard check.cause == nil else { return nil }
      switch (check.status, job.state) {
      case (.fail, _): return alert(.jobStale, job.job.text, .critical, check)
      case (_, .late): return alert(.jobStale, job.job.text, .warning, check)
      default: return nil
      }
    }
    guard let kind = AlertKind(rawValue: check.name), kind.isObserved else { return nil }
    let severity = check.status == .fail ? AlertSeverity.critical : .warning
    return alert(kind, nil, severity, check)
  }

  private static func alert(
    _ kind: AlertKind, _ subject: String?, _ severity: AlertSeverity, _ check: HealthCheck
  ) -> Alert {
    Alert(kind, of: subject, severity: severity, check.text, remedy: check.next)
  }
}
