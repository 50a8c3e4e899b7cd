import Domain
import Settings
import Store
import Testing

@testable import Service

/// What goes through a channel next.
@Suite struct OutboxPlanTests {
  static let now = Instant(rfc3339: "2026-11-20T23:00:00Z")!
  static let night = QuietHours(from: 22 * 60, to: 7 * 60, zone: .utc)

  private static func row(
    _ event: Int64, _ severity: AlertSeverity = .warning, _ what: AlertEvent = .opened,
    alert: Int64? = nil, due: TimeSpan = .zero, tries: Int = 0
  ) -> DeliveryRecord {
    DeliveryRecord(
      event: event, alert: alert ?? event, channel: "mail", what: what,
      told: Alert(.jobFailed, of: "j\(event)", severity: severity, "x"), time: now, since: now,
      tries: tries, due: now + due)
  }

  /// Rows that wait, whether it is night, and what is next.
  static let cases: [(name: String, rows: [DeliveryRecord], isNight: Bool, next: String)] = [
    ("nothing", [], false, "idle"), ("nothing at night", [], true, "idle"),
    ("the oldest", [row(1), row(2)], false, "send 1"),
    // In order: what has failed holds up what comes after it.
    ("the oldest waits", [row(1, due: .seconds(15), tries: 1), row(2)], false, "wait 15s"),
    ("it is due", [row(1, due: .seconds(-1), tries: 1), row(2)], false, "send 1"),
    // 22:00 to 07:00, and it is 23:00.
    ("held back", [row(1), row(2, .info)], true, "wait 8h"),
    ("critical passes", [row(1), row(2, .critical)], true, "send 2"),
    ("critical waits", [row(1), row(2, .critical, due: .minutes(1))], true, "wait 1m"),
    // Told again what is over meanwhile, or told again since.
    (
      "superseded", [row(1, .warning, .repeated, alert: 5), row(2, .warning, .closed, alert: 5)],
      false, "drop 1"
    ),
    (
      "not superseded",
      [row(1, .warning, .repeated, alert: 5), row(2, .warning, .closed, alert: 6)], false, "send 1"
    ),
    (
      "beginning and end", [row(1, alert: 5), row(2, .warning, .closed, alert: 5)], false, "send 1"
    ),
  ]

  @Test(arguments: cases.map(\.name))
  func whatIsNext(_ name: String) throws {
    let (_, rows, isNight, next) = try #require(Self.cases.first { $0.name == name })
    let step = OutboxPlan.next(rows, quiet: isNight ? Self.night : nil, now: Self.now)
    #expect(step.words(Self.now) == next)
  }

  /// Of too many, what only informs goes first, then what repeats, then the oldest.
  @Test func whatIsTooMuch() {
    let most = OutboxPlan.mostPending
    var rows = (1...Int64(most)).map { Self.row($0) }
    #expect(OutboxPlan.next(rows, quiet: nil, now: Self.now).words(Self.now) == "send 1")
    rows.append(Self.row(1001, .info))
    #expect(OutboxPlan.next(rows, quiet: nil, now: Self.now).words(Self.now) == "drop 1001")
    rows[rows.count - 1] = Self.row(1001, .warning, .repeated)
    #expect(OutboxPlan.next(rows, quiet: nil, now: Self.now).words(Self.now) == "drop 1001")
    rows[rows.count - 1] = Self.row(1001, .critical)
    #expect(OutboxPlan.next(rows, quiet: nil, now: Self.now).words(Self.now) == "drop 1")
  }

  @Test(arguments: [
    (1, nil, TimeSpan.seconds(15)), (2, nil, .seconds(30)), (6, nil, .minutes(8)),
    (7, nil, .minutes(15)), (1000, nil, .minutes(15)), (1, TimeSpan.seconds(90), .seconds(90)),
    (3, TimeSpan.seconds(5), .minutes(1)),
  ])
  func thePause(_ tries: Int, _ asked: TimeSpan?, _ pause: TimeSpan) {
    #expect(OutboxPlan.pause(after: tries, asked: asked) == pause)
  }

  /// Told at 0, again after 15 minutes, an hour, and every six hours.
  @Test func whatStillHoldsIsToldAgain() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    try store.write(at: Self.now) { transaction in
      try transaction.alerts.raise(Alert(.jobFailed, of: "fetch", "x"))
      try transaction.alerts.raise(Alert(.jobFailed, of: "quiet", severity: .info, "x"))
      try transaction.alerts.raise(Alert(.jobFailed, of: "known", "x"))
      try transaction.alerts.acknowledge("job-failed:known", by: "me")
      try transaction.alerts.raise(Alert(.jobFailed, of: "silenced", "x"))
    }
    var told: [Int64] = []
    for minute in stride(from: Int64(0), through: 16 * 60, by: 1) {
      let time = Self.now + .minutes(minute)
      let due = OutboxPlan.due(
        try store.read { try $0.alerts.open() }, silenced: ["job-failed:silenced"], now: time)
      guard !due.isEmpty else { continue }
      #expect(due.map(\.key) == ["job-failed:fetch"])
      told.append(minute)
      try store.write(at: time) { for record in due { try $0.alerts.repeat(record) } }
    }
    try store.close()
    #expect(told == [15, 75, 75 + 360, 75 + 720])
  }

  /// Without a database: of each key once in an hour.
  @Test func wordsFromMemory() {
    var words = DirectWords()
    let full = Alert(.storage, "the disk is full")
    var admitted: [Bool] = []
    for (alert, minute) in [(full, 0), (full, 59), (Alert(.disk, "no room"), 59), (full, 60)] {
      admitted.append(words.admits(alert, now: Self.now + .minutes(Int64(minute))))
    }
    #expect(admitted == [true, false, true, true])
    let owed = words.takeOwed().map(\.key).sorted()
    #expect(owed == ["disk", "storage"])
    #expect(words.owed.isEmpty)
    var many = DirectWords()
    let count = (0..<1000).count {
      many.admits(Alert(.jobFailed, of: "j\($0)", "x"), now: Self.now)
    }
    #expect(count == DirectWords.mostKeys)
  }
}

extension OutboxPlan.Step {
  fileprivate func words(_ now: Instant) -> String {
    switch self {
    case .idle: "idle"
    case .wait(let until): "wait \(until - now)"
    case .send(let row): "send \(row.event)"
    case .drop(let rows, _): "drop " + rows.map { "\($0.event)" }.joined(separator: " ")
    }
  }
}
