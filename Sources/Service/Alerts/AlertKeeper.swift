import Domain
import Jobs
import Logging
import Store
import Synchronization

/// Looks at the state of things on a thread of its own, so that no job is delayed, and keeps the alerts
/// that follow from it.
final class AlertKeeper: Sendable {
  private let store: Store
  private let survey: HealthSurvey
  private let vitals: Vitals
  private let time: any TimeSource
  private let log: Logger
  private let isStopped = Atomic<Bool>(false)

  /// Between two looks.
  static let lookInterval = TimeSpan.seconds(30)
  /// After a start, what was late while nothing ran has so long to be made good.
  static let settlingTime = TimeSpan.minutes(2)

  init(
    _ store: Store, survey: HealthSurvey, vitals: Vitals, time: any TimeSource, log: Logger
  ) {
    (self.store, self.survey, self.vitals) = (store, survey, vitals)
    (self.time, self.log) = (time, log)
  }

  /// Looks, and writes what follows. Nothing is written where nothing is new.
  ///
  /// - Returns: what was seen.
  /// - Throws: a `Fault` of the database.
  @discardableResult
  func look(now: Instant) throws -> HealthReport {
    var facts = survey.look(store, now: now)
    facts.storage = vitals.storage ?? facts.storage
    let report = HealthReport(of: facts)
    if let fault = facts.databaseFault { throw fault }
    var actions = AlertWatch.turn(seen: report, open: facts.alerts, now: now)
    if now - vitals.started < Self.settlingTime {
      actions.removeAll { if case .open(let alert) = $0 { Self.settles(alert) } else { false } }
    }
    guard !actions.isEmpty else { return report }
    try store.write(at: now) { transaction in
      for action in actions {
        switch action {
        case .open(let alert): try transaction.alerts.raise(alert)
        case .touch(let alert): try transaction.alerts.raise(alert, isNews: false)
        case .close(let kind, let subject, let text):
          try transaction.alerts.settle(kind, subject, saying: text)
        }
      }
    }
    return report
  }

  private static func settles(_ alert: Alert) -> Bool {
    alert.kind == .jobStale || alert.kind == .data
  }
}
