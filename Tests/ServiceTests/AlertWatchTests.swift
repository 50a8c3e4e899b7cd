import Domain
import Scheduler
import Store
import Testing

@testable import Service

/// What is told of the state of things, from what health sees and what is open.
@Suite struct AlertWatchTests {
  static let now = Instant(rfc3339: "2026-11-20T12:00:00Z")!

  /// A check of health, and what is told of it.
  static let checks: [(name: String, status: HealthCheck.Status, told: String?)] = [
    ("disk", .pass, nil), ("disk", .warn, "warning disk"), ("disk", .fail, "critical disk"),
    ("storage", .warn, "warning storage"), ("storage", .fail, "critical storage"),
    ("clock", .warn, "warning clock"), ("clock", .fail, "critical clock"),
    ("schedule", .warn, "warning schedule"), ("settings", .warn, "warning settings"),
    ("halt", .warn, "warning halt"), ("data", .fail, "critical data"),
    ("scheduler", .fail, "critical scheduler"),
    // What cannot be read cannot be written either; and alerts are no alert.
    ("database", .fail, nil), ("alerts", .warn, nil),
  ]

  @Test(arguments: checks)
  func aCheckIsTold(_ name: String, _ status: HealthCheck.Status, _ told: String?) {
    let actions = turn([HealthCheck(name, .component, status, "it is so", next: "do this")])
    #expect(
      actions.map(\.words) == (told.map { ["open \($0): it is so"] } ?? []))
    if case .open(let alert)? = actions.first { #expect(alert.remedy == "do this") }
  }

  /// A job's state and its check, and what is told of it.
  static let jobs: [(state: JobHealth.State, status: HealthCheck.Status, told: String?)] = [
    (.up, .pass, nil), (.new, .pass, nil), (.paused, .pass, nil), (.running, .pass, nil),
    // It failed, or did less: the end of its run has told that.
    (.up, .warn, nil), (.late, .warn, "warning job-stale:fetch"),
    (.down, .fail, "critical job-stale:fetch"), (.running, .fail, "critical job-stale:fetch"),
  ]

  @Test(arguments: jobs)
  func aJobIsTold(
    _ state: JobHealth.State, _ status: HealthCheck.Status, _ told: String?
  ) throws {
    #expect(
      turn([try job("fetch", state, status)]).map(\.words)
        == (told.map { ["open \($0): fetch is so"] } ?? []))
  }

  /// Of a chain that stands still only its head is told.
  @Test func aChainIsOneAlert() throws {
    let head = try job("fetch", .down, .fail)
    var second = try job("compute", .down, .fail)
    second.cause = head.job?.job
    #expect(turn([head, second]).map(\.words) == ["open critical job-stale:fetch: fetch is so"])
  }

  @Test func whatIsOpenIsNotOpenedAgain() throws {
    let disk = HealthCheck("disk", .system, .warn, "little room")
    var open = try records([Alert(.disk, severity: .warning, "little room")])
    #expect(turn([disk], open).isEmpty)
    // Noted from time to time that it is still so.
    open[0].last = Self.now - .minutes(5)
    #expect(turn([disk], open).map(\.words) == ["touch warning disk: little room"])
    // Louder is news; quieter is not.
    let full = HealthCheck("disk", .system, .fail, "no room")
    #expect(turn([full], open).map(\.words) == ["open critical disk: no room"])
    #expect(
      turn([HealthCheck("disk", .system, .pass, "1 GiB free")], open).map(\.words) == [
        "close disk: 1 GiB free"
      ])
    #expect(turn([], open).map(\.words) == ["close disk: it is over"])
  }

  /// Without the database nothing is known, so nothing is over; what a transaction told stays.
  @Test func whatIsNotKnownIsNotOver() throws {
    let open = try records([
      Alert(.jobStale, of: "fetch", "stale"), Alert(.jobFailed, of: "fetch", "failed"),
      Alert(.doubt, of: "car-1", "no answer"), Alert(.disk, "little room"),
    ])
    #expect(turn([HealthCheck("database", .datastore, .fail, "damaged")], open).isEmpty)
    #expect(
      Set(turn([HealthCheck("database", .datastore, .pass, "well")], open).map(\.words)) == [
        "close job-stale:fetch: it is over", "close disk: it is over",
      ])
  }

  private func turn(_ checks: [HealthCheck], _ open: [AlertRecord] = []) -> [AlertWatch.Action] {
    AlertWatch.turn(
      seen: HealthReport(time: Self.now, checks: checks), open: open, now: Self.now)
  }

  private func job(
    _ name: String, _ state: JobHealth.State, _ status: HealthCheck.Status
  ) throws -> HealthCheck {
    let schedule = try Schedule.parse(ServiceFolder.schedules, file: "schedules.yaml")
    var health = try #require(
      JobHealth.all(of: schedule, marks: [], running: [], now: Self.now)
        .first { $0.job.text == name })
    health.state = state
    var check = HealthCheck(name, .component, status, "\(name) is so")
    check.job = health
    return check
  }

  /// Rows of these alerts, from a real database.
  private func records(_ alerts: [Alert]) throws -> [AlertRecord] {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    try store.write(at: Self.now) { for alert in alerts { try $0.alerts.raise(alert) } }
    let open = try store.read { try $0.alerts.open() }
    try store.close()
    return open
  }
}

extension AlertWatch.Action {
  fileprivate var words: String {
    switch self {
    case .open(let alert): "open \(alert.severity.rawValue) \(alert.key): \(alert.text)"
    case .touch(let alert): "touch \(alert.severity.rawValue) \(alert.key): \(alert.text)"
    case .close(let kind, let subject, let text): "close \(Alert.key(kind, subject)): \(text)"
    }
  }
}
