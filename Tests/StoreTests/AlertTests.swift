import Domain
import GRDB
import Testing

@testable import Store

/// What people are told of: rows that open, count, and end with their causes.
@Suite("Alerts")
struct AlertTests {
  let database = TestDatabase()
  let store: Store

  init() throws { store = try database.open() }

  private func write<T>(_ seconds: Int64, _ body: (WriteTransaction) throws -> T) throws -> T {
    try store.write(at: at(seconds), body)
  }

  private static let failed = Alert(.jobFailed, of: "fetch", "fetch failed: no answer")

  @Test func aCauseThatGoesOnIsOneAlert() throws {
    #expect(try write(10) { try $0.alerts.raise(Self.failed) })
    #expect(try !write(20) { try $0.alerts.raise(Self.failed) })
    #expect(try !write(30) { try $0.alerts.raise(Self.failed, isNews: false) })
    let open = try store.read { try $0.alerts.open() }
    #expect(open.count == 1)
    #expect(open.first?.key == "job-failed:fetch")
    #expect(open.first?.count == 2)
    #expect(open.first?.since == at(10))
    #expect(open.first?.last == at(30))
    #expect(try events() == ["opened fetch failed: no answer"])
    #expect(try write(40) { try $0.alerts.settle(.jobFailed, "fetch", saying: "fetch succeeded") })
    #expect(try !write(50) { try $0.alerts.settle(.jobFailed, "fetch", saying: "fetch succeeded") })
    #expect(try store.read { try $0.alerts.open() }.isEmpty)
    #expect(try events() == ["opened fetch failed: no answer", "closed fetch succeeded"])
  }

  /// What comes back at once is told once in a quarter of an hour, and so is its end.
  @Test func whatFlutters() throws {
    try write(0) { _ = try $0.alerts.raise(Self.failed) }
    for second in stride(from: Int64(10), to: 900, by: 20) {
      try write(second) { _ = try $0.alerts.settle(.jobFailed, "fetch", saying: "well") }
      try write(second + 10) { _ = try $0.alerts.raise(Self.failed) }
    }
    // The last of them came at 900 s, a quarter of an hour after it was told first.
    #expect(
      try events() == [
        "opened fetch failed: no answer", "closed well", "opened fetch failed: no answer",
      ])
    #expect(try store.read { try $0.alerts.latest(limit: 9) }.map(\.count) == [46])
    try write(1000) { _ = try $0.alerts.settle(.jobFailed, "fetch", saying: "well") }
    #expect(try events().last == "closed well")
    // Later it is another one.
    try write(1000 + 900) { _ = try $0.alerts.raise(Self.failed) }
    #expect(try store.read { try $0.alerts.latest(limit: 9) }.map(\.count) == [1, 46])
  }

  @Test func whatBecomesLouderIsToldAnew() throws {
    let late = Alert(.jobStale, of: "fetch", severity: .warning, "late")
    let stale = Alert(.jobStale, of: "fetch", severity: .critical, "stale")
    try write(0) { _ = try $0.alerts.raise(late) }
    #expect(try write(1) { try $0.alerts.acknowledge("job-stale:fetch", by: "me") } != nil)
    #expect(try write(2) { try $0.alerts.raise(stale) })
    #expect(try store.read { try $0.alerts.open() }.map(\.state) == [.open])
    #expect(try !write(3) { try $0.alerts.raise(late) })
    #expect(try events() == ["opened late", "opened stale"])
  }

  @Test func aNoteIsOverAtOnce() throws {
    let note = Alert(.serviceStarted, "Carillon 1")
    #expect(try write(0) { try $0.alerts.raise(note) })
    #expect(try !write(899) { try $0.alerts.raise(note) })
    #expect(try write(899 + 900) { try $0.alerts.raise(note) })
    #expect(try store.read { try $0.alerts.open() }.isEmpty)
    #expect(try events() == ["noted Carillon 1", "noted Carillon 1"])
  }

  @Test func onlyAPersonEndsWhatNothingElseEnds() throws {
    try write(0) { _ = try $0.alerts.raise(Alert(.reconcile, of: "main", "they differ")) }
    try write(0) { _ = try $0.alerts.raise(Self.failed) }
    #expect(try write(1) { try $0.alerts.acknowledge("reconcile:main", by: "me") } != nil)
    #expect(try write(1) { try $0.alerts.acknowledge("job-failed:fetch", by: "me") } != nil)
    #expect(try write(1) { try $0.alerts.acknowledge("job-failed:none", by: "me") } == nil)
    let all = try store.read { try $0.alerts.latest(limit: 9) }
    #expect(all.map(\.state) == [.acknowledged, .closed])
    #expect(all.first?.acknowledged?.by == "me")
    #expect(try store.read { try $0.audit.latest(limit: 9) }.map(\.kind) == ["alert", "alert"])
  }

  /// A halt and its end are told in their own transactions, and a halt that replaces another is no end.
  @Test func aHaltIsToldWhereItIsMade() throws {
    try write(0) { try $0.halts.begin(.noNew, reason: "model drift", source: "cli") }
    #expect(try store.read { try $0.alerts.open("halt") }?.alert.severity == .warning)
    try write(1) { try $0.halts.begin(.flatten, reason: "drawdown", source: "risk") }
    #expect(try store.read { try $0.alerts.open("halt") }?.alert.severity == .critical)
    try write(2) { _ = try $0.halts.end(reason: "looked at") }
    #expect(
      try events() == [
        "opened no-new by cli: model drift", "opened flatten by risk: drawdown",
        "closed trading goes on: looked at",
      ])
  }

  @Test func whatIsOverForLongIsForgotten() throws {
    let day: Int64 = 86_400
    for n in 0..<1010 {
      try write(Int64(n) * 10) {
        _ = try $0.alerts.raise(Alert(.jobMissed, of: "j\(n)", "one slot"))
        _ = try $0.deliveries.plan(for: [])
      }
    }
    try write(91 * day) { _ = try $0.alerts.raise(Alert(.jobMissed, of: "new", "one slot")) }
    let all = try store.read { try $0.alerts.latest(limit: 5000) }
    // 1010 and the new one; the newest thousand before it stay.
    #expect(all.count == 1001)
    #expect(all.last?.alert.subject == "j10")
  }

  /// Each kind has a text that is its own, and a rule.
  @Test func theTableOfKinds() {
    #expect(Set(AlertKind.allCases.map(\.title)).count == AlertKind.allCases.count)
    for kind in AlertKind.allCases where kind.isObserved {
      #expect(kind.rule.life == .recovers, "what is observed ends when it is no longer seen")
    }
  }

  @Test(arguments: [
    ("a\nb\tc", "a b c"), ("\u{1B}[31mred\u{7}", "[31mred"), ("right\u{202E}left", "right left"),
    ("  two   words ", "two words"), ("zero\u{200B}width", "zero width"), ("", ""),
  ])
  func aTextIsWords(_ text: String, _ line: String) { #expect(Alert.line(text) == line) }

  @Test func aTextIsCut() {
    let line = Alert.line(String(repeating: "x", count: 5000))
    #expect(line.count == Alert.longestTextCharacters)
    #expect(line.hasSuffix("x…"))
  }

  private func events() throws -> [String] {
    try store.connections.read { db in
      try String.fetchAll(db, sql: "SELECT event || ' ' || text FROM alert_event ORDER BY id")
    }
  }
}
