import Domain
import Scheduler
import Store
import Testing

@testable import Service

/// The trial of thirty days that `carillon doctor --checklist production` asks for.
@Suite struct TrialDaysTests {
  private static let now = Instant(milliseconds: 1_800_000_000_000)
  private static func days(_ n: Int64) -> Instant { now - .days(n) }

  @Test(
    arguments: [
      // Only whole days count, and all thirty are wanted.
      (nil, 0, 0, 0, "? 30 days on record: there are 0, let it run on paper until there are"),
      (days(29), 0, 0, 0, "? 30 days on record: there are 29, let it run on paper until there are"),
      (
        days(30), 0, 0, 0,
        "✓ 30 days on record: no slot missed, no account that differs, no alert that nobody took "
          + "note of"
      ),
      // Each fault is told, also of days that are too few.
      (
        days(3), 2, 0, 0,
        "? 30 days on record: 2 slots were missed, carillon job history tells which"
      ),
      (
        days(90), 0, 1, 3,
        "? 30 days on record: 1 statements differ from the venue; 3 alerts nobody took note of, "
          + "carillon statement"
      ),
    ] as [(Instant?, Int, Int, Int, String)])
  func theLineSaysHowTheDaysStand(
    oldest: Instant?, missed: Int, mismatches: Int, alerts: Int, line: String
  ) {
    let trial = TrialDays(
      oldestSlot: oldest, missedSlots: missed, mismatches: mismatches, unacknowledgedAlerts: alerts)
    #expect(trial.line(at: Self.now).text == line)
    #expect(trial.line(at: Self.now).fails(inProduction: true) == line.hasPrefix("?"))
  }

  /// A slot, a statement and an alert of each kind, within the days and before them.
  @Test func theLedgerIsReadForTheDaysAlone() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    defer { try? store.close() }
    let fetch = try #require(JobName("fetch"))
    try store.write(at: Self.days(40)) {
      _ = try $0.accounts.open("main", quote: "USD", mode: .paper, initial: Amount(1000))
    }
    for (day, state) in [
      (Int64(40), RunState.skipped), (31, .missed), (29, .missed), (20, .coalesced), (10, .skipped),
    ] {
      try store.write(at: Self.days(day)) { tx in
        try tx.runs.record(
          Slot(job: fetch, time: Self.days(day)), trigger: .cron, state: state, reason: "a test")
        try tx.statements.insert("main", differences: day == 20 ? 0 : 1, detail: "{}")
      }
    }
    try store.write(at: Self.days(1)) { tx in
      _ = try tx.alerts.raise(Alert(.jobFailed, of: "fetch", "it failed"))
      _ = try tx.alerts.raise(Alert(.storage, "it is full"))
      _ = try tx.alerts.acknowledge("job-failed:fetch", by: "kim")
    }
    // Missed 29 days ago and covered 20 days ago; statements of 29 and 10 days ago differ.
    let found = try store.read { try TrialDays($0, accounts: ["main"], now: Self.now) }
    #expect(
      found
        == TrialDays(
          oldestSlot: Self.days(40), missedSlots: 2, mismatches: 2, unacknowledgedAlerts: 1))
  }
}
