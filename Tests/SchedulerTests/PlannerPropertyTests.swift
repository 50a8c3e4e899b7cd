import Domain
import Glibc
import Scheduler
import StrictYAML
import Testing

/// Promise 1 of the design, over random schedules and misfortunes: no slot is lost, none runs twice.
/// A failure prints the seed; `CARILLON_SEED=N CARILLON_SEEDS=1 swift test --filter PlannerProperty`
/// replays it.
struct PlannerPropertyTests {
  static let firstSeed = UInt64(environment("CARILLON_SEED") ?? "") ?? 1
  static let seeds = UInt64(environment("CARILLON_SEEDS") ?? "") ?? 24

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  @Test(arguments: firstSeed..<firstSeed + seeds)
  func losesNoSlotAndRunsNoneTwice(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let text = Self.file(&random)
    let schedule = try Schedule.parse(text, file: "f")
    // Three days with both a weekend and the end of daylight saving in New York.
    let start =
      Instant(rfc3339: "2026-10-30T20:00:00Z")!
      + .milliseconds(
        Int64.random(in: 0...3_600_000, using: &random))
    var world = PlannerWorld(schedule, from: start, seed: seed)
    world.live(for: .days(3))

    #expect(world.violations == [], "seed \(seed)\n\(text)")
    #expect(world.ledger.violations == [], "seed \(seed)\n\(text)")
    for job in schedule.jobs {
      if let cadence = job.cadence {
        check(job, cadence, from: start, world, seed: seed)
      } else {
        check(follower: job, world, seed: seed)
      }
    }
  }

  /// Every slot of the cadence has one final state, and no slot beside them has a row.
  private func check(
    _ job: ScheduledJob, _ cadence: Cadence, from start: Instant, _ world: PlannerWorld,
    seed: UInt64
  ) {
    var expected: Set<Instant> = []
    var slot = cadence.next(after: start)
    while let time = slot, time + job.offset <= world.horizon {
      expected.insert(time)
      let state = world.ledger.rows[Slot(job: job.name, time: time)]?.state
      #expect(
        state?.isFinal == true, "\(job.name)@\(time) is \(String(describing: state)), seed \(seed)")
      slot = cadence.next(after: time)
    }
    for (slot, row) in world.ledger.rows where slot.job == job.name && row.trigger != .manual {
      // A pause that is ended lets slots fall due that jitter holds back.
      let isDue =
        expected.contains(slot.time) || (slot.time <= world.horizon && row.state == .skipped)
      #expect(isDue, "\(slot) was never due, seed \(seed)")
    }
  }

  /// A follower has a row where all its parents succeeded, and ran nowhere else.
  private func check(follower job: ScheduledJob, _ world: PlannerWorld, seed: UInt64) {
    let heads = world.ledger.rows.filter { $0.key.job == job.head && $0.value.trigger != .manual }
    for time in heads.keys.map(\.time) {
      let row = world.ledger.rows[Slot(job: job.name, time: time)]
      let isDue = job.parents.allSatisfy {
        world.ledger.rows[Slot(job: $0, time: time)]?.state == .succeeded
      }
      if isDue {
        #expect(row?.state.isFinal == true, "\(job.name)@\(time) was due, seed \(seed)")
      } else {
        #expect(row == nil || row?.state.isFinal == true, "\(job.name)@\(time), seed \(seed)")
        #expect(row?.attempts ?? 0 == 0, "\(job.name)@\(time) ran, seed \(seed)")
      }
    }
    let times = Set(heads.keys.map(\.time))
    for (slot, row) in world.ledger.rows where slot.job == job.name && row.trigger != .manual {
      #expect(times.contains(slot.time), "\(slot) has no head, seed \(seed)")
    }
  }

  /// The same seed gives the same story.
  @Test func isDeterministic() throws {
    func story() throws -> [String] {
      var random = SplitMix64(seed: 42)
      var world = PlannerWorld(
        try Schedule.parse(Self.file(&random), file: "f"),
        from: Instant(rfc3339: "2026-10-30T20:00:00Z")!, seed: 42)
      world.live(for: .days(1))
      return world.ledger.log
    }
    let first = try story()
    #expect(first.count > 100)
    #expect(try story() == first)
  }

  /// A random schedules file: heads of many cadences and policies, chains and diamonds after them.
  static func file(_ random: inout SplitMix64) -> String {
    let cadences = [
      "cron: \"1 * * * *\"", "cron: \"*/7 * * * *\"", "every: 13m/2m", "every: 95s", "every: 6h/1m",
      "cron: \"30 9 * * 1-5\", timezone: America/New_York",
      "cron: \"*/20 1 * * *\", timezone: America/New_York",
      "cron: \"30 1 * * *\", timezone: America/New_York",
      "cron: \"0 */4 * * *\", timezone: Europe/London",
    ]
    let kinds = ["fetch", "compute", "infer", "rebalance", "snapshot"]
    var lines = ["version: 1", "jobs:"]
    for head in 0..<Int.random(in: 1...4, using: &random) {
      var chain = ["h\(head)"]
      let cadence = cadences.randomElement(using: &random) ?? cadences[0]
      lines.append(
        "  h\(head): { job: \(kinds.randomElement(using: &random) ?? "fetch"), \(cadence)\(policy(&random, isHead: true)) }"
      )
      for follower in 0..<Int.random(in: 0...3, using: &random) {
        let name = "h\(head)f\(follower)"
        var parents = [chain.randomElement(using: &random) ?? chain[0]]
        if random.once(in: 3), let other = chain.randomElement(using: &random), other != parents[0]
        {
          parents.append(other)
        }
        lines.append(
          "  \(name): { job: \(kinds.randomElement(using: &random) ?? "infer"), after: [\(parents.joined(separator: ", "))]\(policy(&random, isHead: false)) }"
        )
        chain.append(name)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func policy(_ random: inout SplitMix64, isHead: Bool) -> String {
    var text = ""
    if random.once(in: 3) { text += ", overlap: queue" }
    if random.once(in: 4) { text += ", group: g\(Int.random(in: 0...1, using: &random))" }
    if random.once(in: 3) { text += ", deadline: \(Int.random(in: 1...400, using: &random))m" }
    guard isHead else { return text }
    if random.once(in: 2) {
      text += ", catchup: \(["latest", "none", "all"].randomElement(using: &random) ?? "all")"
    }
    if random.once(in: 4) { text += ", jitter: \(Int.random(in: 1...59, using: &random))s" }
    return text
  }
}
