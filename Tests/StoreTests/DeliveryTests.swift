import Domain
import Testing

@testable import Store

/// The outbox: an event, and the channels that it goes through.
@Suite("Deliveries")
struct DeliveryTests {
  let database = TestDatabase()
  let store: Store

  init() throws { store = try database.open() }

  private func write<T>(_ seconds: Int64, _ body: (WriteTransaction) throws -> T) throws -> T {
    try store.write(at: at(seconds), body)
  }

  private static let both = [
    Subscription("mail", from: .warning), Subscription("log", from: .info),
  ]

  private func pending(_ channel: String) throws -> [String] {
    try store.read { try $0.deliveries.pending(channel, limit: 99) }
      .map { "\($0.what.rawValue) \($0.told.key)" }
  }

  /// An alert, the channels that are subscribed, and where its opening and its end go.
  static let cases: [(alert: Alert, silenced: String?, mail: Int, log: Int)] = [
    (Alert(.jobFailed, of: "a", "x"), nil, 2, 2),
    (Alert(.jobFailed, of: "a", severity: .info, "x"), nil, 0, 2),
    // Channels that the alert names take it, however quiet it is.
    (Alert(.jobFailed, of: "a", severity: .info, "x", channels: ["mail"]), nil, 2, 0),
    // A misspelt name silences nobody; who names none wants none.
    (Alert(.jobFailed, of: "a", "x", channels: ["mial"]), nil, 2, 2),
    (Alert(.jobFailed, of: "a", "x", channels: []), nil, 0, 0),
    (Alert(.jobFailed, of: "a", "x"), "job-failed:a", 0, 0),
    (Alert(.jobFailed, of: "a", "x"), "all", 0, 0),
    (Alert(.jobFailed, of: "a", "x"), "job-failed:b", 2, 2),
    // A channel's own trouble goes through the others.
    (Alert(.channel, of: "mail", "x"), nil, 0, 2), (Alert(.channel, of: "log", "x"), nil, 2, 0),
  ]

  @Test(arguments: cases)
  func whereItGoes(_ alert: Alert, _ silenced: String?, _ mail: Int, _ log: Int) throws {
    if let silenced {
      try write(0) { try $0.silences.set(silenced, until: at(50), reason: "known", by: "me") }
    }
    try write(1) { _ = try $0.alerts.raise(alert) }
    try write(1) { _ = try $0.deliveries.plan(for: Self.both) }
    // The silence is over by then; what was not told has no end to tell.
    try write(60) { _ = try $0.alerts.settle(alert.kind, alert.subject, saying: "well") }
    try write(60) { _ = try $0.deliveries.plan(for: Self.both) }
    #expect(try pending("mail").count == mail)
    #expect(try pending("log").count == log)
    #expect(try store.read { try !$0.deliveries.hasUnplanned() })
  }

  @Test func oneAfterTheOther() throws {
    for name in ["a", "b", "c"] {
      try write(1) { _ = try $0.alerts.raise(Alert(.jobFailed, of: name, "x")) }
    }
    try write(2) { _ = try $0.deliveries.plan(for: Self.both) }
    #expect(
      try pending("mail") == ["opened job-failed:a", "opened job-failed:b", "opened job-failed:c"])
    let first = try #require(try store.read { try $0.deliveries.pending("mail", limit: 1) }.first)
    try write(3) { try $0.deliveries.failed(first, reason: "no\nanswer", due: at(18)) }
    let again = try #require(try store.read { try $0.deliveries.pending("mail", limit: 1) }.first)
    #expect(again.tries == 1)
    #expect(again.due == at(18))
    #expect(again.reason == "no answer")
    try write(20) { try $0.deliveries.sent(again) }
    // Said twice, counted once.
    try write(20) { try $0.deliveries.sent(again) }
    #expect(try pending("mail") == ["opened job-failed:b", "opened job-failed:c"])
    #expect(try pending("log").count == 3)
    #expect(try write(30) { try $0.deliveries.dropAll(except: ["mail"]) } == 3)
    let figures = try store.read { try $0.deliveries.figures() }
    #expect(figures["mail"]?.sent == 1)
    #expect(figures["mail"]?.pending == 2)
    #expect(figures["log"]?.dropped == 3)
  }
}
