import Domain
import Testing

@testable import Service

/// What is told of a start, from what the service before left behind.
@Suite struct EarlierEndTests {
  static let now = Instant(rfc3339: "2026-11-20T12:00:00Z")!
  static let lock = StorageNote(
    trouble: .full, since: now - .hours(1), words: "the disk is full", remedy: nil)

  static let cases: [(stopped: Bool, end: EarlierEnd, kind: AlertKind, words: String)] = [
    (true, EarlierEnd(lastTurn: nil, booted: now), .serviceStarted, "has started"),
    (
      false, EarlierEnd(lastTurn: now - .minutes(90), booted: now - .days(9)), .serviceCrashed,
      "it was killed, or its watchdog ended it; it was down for 1h30m"
    ),
    (
      false, EarlierEnd(lastTurn: now - .minutes(90), booted: now - .minutes(80)),
      .serviceCrashed, "this machine has been restarted at 2026-11-20T10:40:00Z"
    ),
    (
      false, EarlierEnd(lastTurn: now - .minutes(90), storage: lock, booted: now - .days(9)),
      .serviceCrashed, "its database refused: the disk is full"
    ),
    (false, EarlierEnd(lastTurn: nil, booted: now), .serviceCrashed, "it was killed"),
  ]

  @Test(arguments: cases)
  func aStartIsTold(_ stopped: Bool, _ end: EarlierEnd, _ kind: AlertKind, _ words: String) {
    let alert = end.alert(version: "1.2.0", wasStopped: stopped, now: Self.now)
    #expect(alert.kind == kind)
    #expect(alert.text.contains(words), "\(alert.text)")
  }
}
