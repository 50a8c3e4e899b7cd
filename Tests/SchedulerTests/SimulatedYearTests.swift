import Calendars
import Domain
import Scheduler
import Testing

/// A year with a week of downtime, both changes of the clocks in New York, a clock that steps three
/// times, and jobs of every policy: no slot is lost, and none has two states.
@Suite struct SimulatedYearTests {
  static let file = """
    version: 1
    timezone: America/New_York
    jobs:
      fetch: { cron: "1 * * * *", timezone: UTC }
      compute: { after: fetch }
      infer: { after: compute, needs: { fetch: 10m } }
      rebalance: { after: infer }
      nightly: { job: snapshot, cron: "30 2 * * *", catchup: all, group: disk }
      quarters: { job: fetch, cron: "*/15 1 * * *", catchup: none, overlap: queue }
      office: { job: fetch, cron: "0 9-17 * * 1-5", timezone: Europe/London, deadline: 2h }
      opening: { job: fetch, cron: "30 9 * * *", calendar: XNYS, catchup: none }
      orders: { job: rebalance, cron: "5 0,8,16 * * *", timezone: UTC }
      slow: { job: compute, every: 95m, group: disk, timeout: 3h }
      asleep: { job: fetch, cron: "0 12 * * *", timezone: UTC, paused: true }
    """
  private static let start = Instant(rfc3339: "2027-01-01T00:00:00Z")!
  private static let end = Instant(rfc3339: "2027-12-31T23:30:00Z")!
  /// The wall clock at the end: a day ahead, then 2 h and 5 h back.
  private static let horizon = end + .hours(24 - 2 - 5)

  private static let year = Result { try simulation().run() }
  private let ledger: MemoryLedger

  init() throws { ledger = try Self.year.get() }

  private static func simulation() throws -> ScheduleSimulation {
    let schedule = try Schedule.parse(file, file: "year.yaml")
    var simulation = ScheduleSimulation(schedule, from: start, to: end)
    func time(_ text: String) -> Instant { Instant(rfc3339: text)! }
    simulation.downtimes = [time("2027-05-10T00:00:00Z")..<time("2027-05-17T00:00:00Z")]
    simulation.clockSteps = [
      (time("2027-08-01T12:30:00Z"), .days(1)),
      // The second pass of the repeated hour in New York, which the wall clock, a day ahead, shows.
      (time("2027-11-06T06:30:00Z"), .zero - .hours(2)),
      (time("2027-12-10T10:00:00Z"), .zero - .hours(5)),
    ]
    simulation.pauses = [
      ("office", time("2027-02-01T00:00:00Z"), time("2027-02-22T00:00:00Z"))
    ]
    simulation.runs.durations = ["slow": .minutes(100), "fetch": .seconds(20)]
    simulation.runs.failureRates = ["fetch": 0.02, "compute": 0.01]
    return simulation
  }

  /// The slots that the expressions define, found without the code under test.
  private static func expectedSlots() throws -> [String: [Instant]] {
    func scan(
      _ minutes: Set<Int>, _ hours: Set<Int>, week: Set<Int> = Set(0...6), zone: String = "UTC",
      isWildcard: Bool = false
    ) throws -> [Instant] {
      let scan = MinuteScan(
        fields: [minutes, hours, Set(1...31), Set(1...12), week], bothDays: true,
        isWildcard: isWildcard)
      return scan.fires(
        after: start, before: horizon + .milliseconds(1), in: try ZoneDatabase.zone(zone))
    }
    let everyHour = Set(0...23)
    // Every 95 minutes since 1970.
    let first = (start.seconds / 5700 + 1) * 5700
    return [
      "fetch": try scan([1], everyHour, isWildcard: true),
      "nightly": try scan([30], [2], zone: "America/New_York"),
      "quarters": try scan([0, 15, 30, 45], [1], zone: "America/New_York", isWildcard: true),
      "office": try scan([0], Set(9...17), week: Set(1...5), zone: "Europe/London"),
      "orders": try scan([5], [0, 8, 16]),
      "slow": stride(from: first, through: horizon.seconds, by: 5700).map { Instant(seconds: $0) },
      "asleep": try scan([0], [12]),
    ]
  }

  @Test func theLedgerWasKept() {
    #expect(ledger.violations == [])
    #expect(ledger.rows.values.filter { !$0.state.isFinal } == [])
  }

  @Test func everySlotHasOneStateAndNoOtherHasAny() throws {
    let expected = try Self.expectedSlots()
    // The scan's own check: 365 days and 16.5 hours; 366 nights and one hour that comes twice.
    #expect(expected["fetch"]?.count == 365 * 24 + 17)
    #expect(expected["quarters"]?.count == (366 + 1) * 4)
    for (name, slots) in expected {
      let rows = Set(ledger.rows.keys.filter { $0.job.text == name }.map(\.time))
      #expect(rows == Set(slots), "\(name)")
      let sum = states(name).values.reduce(0, +)
      #expect(sum == slots.count, "\(name): \(states(name))")
    }
  }

  /// 261 weekdays and 10 holidays: 1 and 18 January, 15 February, 26 March, 31 May, 18 June, 5 July,
  /// 6 September, 25 November, 24 December (nyse.com, Holidays & Trading Hours 2027).
  @Test func theCalendarGates() {
    #expect(states("opening").values.reduce(0, +) == 251)
    let holiday = Instant(rfc3339: "2027-11-25T14:30:00Z")!
    #expect(ledger.rows[Slot(job: "opening", time: holiday)] == nil)
  }

  /// What the policies make of the week (168 hours) and of the day that was jumped over (24).
  @Test func thePoliciesHold() {
    #expect(states("fetch")[.coalesced] == 168 - 1 + 24 - 1)
    #expect(states("fetch")[.missed] == nil)
    // Three a day, none of them is made up for.
    #expect(states("orders")[.missed] == 3 * 7 + 3)
    // The week and the day of `all` run late, but run.
    #expect(states("nightly") == [.succeeded: 366])
    // A week from Monday midnight, UTC, holds seven nights in New York, of four slots each.
    #expect(states("quarters")[.missed] == 4 * 7 + 4)
    #expect(states("asleep") == [.skipped: 366])
    // Three weeks of 5 days and 9 hours.
    #expect(states("office")[.skipped] == 3 * 5 * 9)
    // Each run of 100 minutes is in the way of the slot after it, every 95 minutes.
    let skipped = states("slow")[.skipped] ?? 0
    #expect(skipped > 2000)
  }

  @Test func followersShareTheFateOfTheirHeads() {
    for (parent, child) in [("fetch", "compute"), ("compute", "infer"), ("infer", "rebalance")] {
      let done = Set(
        ledger.rows.filter { $0.key.job.text == parent && $0.value.state == .succeeded }
          .map(\.key.time))
      let due = Set(ledger.rows.keys.filter { $0.job.text == child }.map(\.time))
      #expect(due == done, "\(child)")
    }
    // 2 % of about 8,760 hours, drawn from the seed.
    let failed = states("fetch")[.failed] ?? 0
    #expect((120...230).contains(failed), "\(failed)")
    // Older than a quarter of an hour, orders of a slot are not placed.
    #expect((states("rebalance")[.missed] ?? 0) > 0)
  }

  @Test func theSameSeedTellsTheSameStory() throws {
    let again = try Self.simulation().run()
    #expect(again.rows == ledger.rows)
    var other = try Self.simulation()
    other.runs.seed = 2
    #expect(try other.run().rows != ledger.rows)
  }

  private func states(_ job: String) -> [RunState: Int] {
    ledger.rows.filter { $0.key.job.text == job }
      .reduce(into: [:]) { $0[$1.value.state, default: 0] += 1 }
  }
}
