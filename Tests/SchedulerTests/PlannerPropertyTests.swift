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
    var random = SeededRandom(seed: seed)
    let (text, edited) = Self.files(&random)
    let schedule = try Schedule.parse(text, file: "f")
    let other = try Schedule.parse(edited, file: "f")
    // Three days with both a weekend and the end of daylight saving in New York.
    let start =
      Instant(rfc3339: "2026-10-30T20:00:00Z")!
      + .milliseconds(
        Int64.random(in: 0...3_600_000, using: &random))
    var world = PlannerWorld(schedule, other, from: start, seed: seed)
    world.live(for: .days(3))

    #expect(world.violations == [], "seed \(seed)\n\(text)")
    #expect(world.ledger.violations == [], "seed \(seed)\n\(text)")
    for job in schedule.jobs {
      if let eras = world.eras[job.name] {
        check(job, eras, world, seed: seed)
      } else {
        check(follower: job, world, seed: seed)
      }
    }
  }

  /// Every slot of the cadences has one final state, and no slot beside them has a row.
  private func check(
    _ job: ScheduledJob, _ eras: [PlannerWorld.Era], _ world: PlannerWorld, seed: UInt64
  ) {
    var expected: Set<Instant> = []
    for era in eras {
      // An edit lets fall due at once what jitter still holds back.
      let end = era.through ?? world.horizon - job.offset
      var slot = era.cadence.next(after: era.from)
      while let time = slot, time <= end {
        expected.insert(time)
        let state = world.ledger.rows[Slot(job: job.name, time: time)]?.state
        #expect(
          state?.isFinal == true,
          "\(job.name)@\(time) is \(String(describing: state)), seed \(seed)")
        slot = era.cadence.next(after: time)
      }
    }
    for (slot, row) in world.ledger.rows where slot.job == job.name && row.trigger != .manual {
      // The end of a pause lets slots fall due that jitter holds back.
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
      // What would have followed a run under a clock that was ahead was withdrawn.
      let chain = [job] + world.schedule.ancestors(of: job.name)
      if chain.contains(where: { world.ledger.rows[Slot(job: $0.name, time: time)]?.ahead != nil })
      {
        continue
      }
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
      var random = SeededRandom(seed: 42)
      let (text, edited) = Self.files(&random)
      var world = PlannerWorld(
        try Schedule.parse(text, file: "f"), try Schedule.parse(edited, file: "f"),
        from: Instant(rfc3339: "2026-10-30T20:00:00Z")!, seed: 42)
      world.live(for: .days(1))
      return world.ledger.log
    }
    let first = try story()
    #expect(first.count > 100)
    #expect(try story() == first)
  }

  /// A random schedules file, heads of many cadences and policies, chains and diamonds after them;
  /// and the same file with other cadences.
  static func files(_ random: inout SeededRandom) -> (String, String) {
    let cadences = [
      "cron: \"1 * * * *\"", "cron: \"*/7 * * * *\"", "every: 13m/2m", "every: 95s", "every: 6h/1m",
      "cron: \"30 9 * * 1-5\", timezone: America/New_York",
      "cron: \"*/20 1 * * *\", timezone: America/New_York",
      "cron: \"30 1 * * *\", timezone: America/New_York",
      "cron: \"0 */4 * * *\", timezone: Europe/London",
    ]
    let kinds = ["fetch", "compute", "infer", "rebalance", "snapshot"]
    var lines = ["version: 1", "jobs:"]
    var edited: [Int: String] = [:]
    for head in 0..<Int.random(in: 1...4, using: &random) {
      var chain = ["h\(head)"]
      let cadence = cadences.randomElement(using: &random) ?? cadences[0]
      let kind = kinds.randomElement(using: &random) ?? "fetch"
      let rest = policy(&random, isHead: true)
      let another = random.once(in: 2) ? cadence : cadences.randomElement(using: &random) ?? cadence
      edited[lines.count] = "  h\(head): { job: \(kind), \(another)\(rest) }"
      lines.append("  h\(head): { job: \(kind), \(cadence)\(rest) }")
      for follower in 0..<Int.random(in: 0...3, using: &random) {
        let name = "h\(head)f\(follower)"
        var parents = [chain.randomElement(using: &random) ?? chain[0]]
        if random.once(in: 3), let other = chain.randomElement(using: &random), other != parents[0]
        {
          parents.append(other)
        }
        let kind = kinds.randomElement(using: &random) ?? "infer"
        let rest = policy(&random, isHead: false)
        lines.append(
          "  \(name): { job: \(kind), after: [\(parents.joined(separator: ", "))]\(rest) }")
        chain.append(name)
      }
    }
    let other = lines.indices.map { edited[$0] ?? lines[$0] }
    return (lines.joined(separator: "\n") + "\n", other.joined(separator: "\n") + "\n")
  }

  private static func policy(_ random: inout SeededRandom, isHead: Bool) -> String {
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
