import Domain
import Store

/// Looks at the state of things on a thread of its own, so that no job is delayed, and keeps the alerts
/// that follow from it.
final class AlertKeeper: Sendable {
  private let store: Store
  private let survey: HealthSurvey
  private let vitals: Vitals

  /// Between two looks.
  static let lookInterval = TimeSpan.seconds(30)
  /// After a start, what was late while nothing ran has so long to be made good.
  static let settlingTime = TimeSpan.minutes(2)

  init(
    _ store: Store, survey: HealthSurvey, vitals: Vitals
  ) {
    (self.store, self.survey, self.vitals) = (store, survey, vitals)
  }

  /// What follows from a look. A database that cannot be read is something to tell of, too.
  func look(now: Instant) -> [AlertWatch.Action] {
    var facts = survey.look(store, now: now)
    facts.storage = vitals.storage ?? facts.storage
    if let fault = facts.databaseFault {
      return [.open(Alert(.storage, "the database cannot be read: \(fault)", remedy: fault.remedy))]
    }
    var actions = AlertWatch.turn(
      seen: HealthReport(of: facts), open: facts.alerts, now: now)
    if now - vitals.started < Self.settlingTime {
      actions.removeAll { if case .open(let alert) = $0 { Self.settles(alert) } else { false } }
    }
    return actions
  }

  /// Writes what follows, and what was told while nothing could be written; makes the deliveries of all
  /// that is to be told. Nothing is written where nothing is new.
  ///
  /// - Returns: whether something is to be delivered.
  /// - Throws: a `Fault` of the database.
  func keep(
    _ actions: [AlertWatch.Action], owed: [Alert], for subscriptions: [Subscription], now: Instant
  ) throws -> Bool {
    let (repeated, isNews) = try store.read { transaction in
      let silenced = Set(try transaction.silences.inForce(at: now).map(\.key))
      return (
        OutboxPlan.due(try transaction.alerts.open(), silenced: silenced, now: now),
        try transaction.deliveries.hasUnplanned()
      )
    }
    guard isNews || !actions.isEmpty || !repeated.isEmpty || !owed.isEmpty else { return false }
    return try store.write(at: now) { transaction in
      for action in actions {
        switch action {
        case .open(let alert): try transaction.alerts.raise(alert)
        case .touch(let alert): try transaction.alerts.raise(alert, isNews: false)
        case .close(let kind, let subject, let text):
          try transaction.alerts.settle(kind, subject, saying: text)
        }
      }
      for alert in owed where try transaction.alerts.open(alert.key) == nil {
        try transaction.alerts.raise(alert)
      }
      for record in repeated { try transaction.alerts.repeat(record) }
      return try transaction.deliveries.plan(for: subscriptions) > 0
    }
  }

  private static func settles(_ alert: Alert) -> Bool {
    alert.kind == .jobStale || alert.kind == .data
  }
}
