import Domain
import Scheduler
import StrictYAML
import Testing

@Suite struct LearnedDurationsTests {
  private let now = Instant(rfc3339: "2026-11-20T14:07:31Z")!

  /// Twenty equal durations: every percentile is that duration.
  private func learned(_ jobs: [JobName: TimeSpan]) -> LearnedDurations {
    LearnedDurations(jobs.mapValues { DurationSample(Array(repeating: $0, count: 20)) })
  }

  /// Nearest rank: of n values in order the one of rank ceil(part * n).
  @Test func takesTheNearestRank() {
    let sample = DurationSample((1...200).shuffled().map { .milliseconds($0) })
    #expect(sample.median == .milliseconds(100))
    #expect(sample.nearlyAll == .milliseconds(190))
    #expect(DurationSample([.seconds(7)]).nearlyAll == .seconds(7))
    #expect(DurationSample([]).median == nil)
  }

  @Test func warnsOfAChainThatDoesNotFitItsInterval() throws {
    let schedule = try PlannerBench.parse(
      """
      fetch: { every: 10m }
      left: { job: compute, after: fetch }
      right: { job: compute, after: fetch }
      infer: { after: [left, right] }
      """)
    // 3 + 4 + 2 minutes along the longer path fit into 10 minutes; 3 + 6 + 2 do not.
    var spans: [JobName: TimeSpan] = [
      "fetch": .minutes(3), "left": .minutes(1), "right": .minutes(4), "infer": .minutes(2),
    ]
    #expect(learned(spans).warnings(of: schedule, now: now) == [])
    spans["right"] = .minutes(6)
    let warnings = learned(spans).warnings(of: schedule, now: now)
    #expect(
      warnings.map(\.message) == [
        "`fetch` → `right` → `infer`: 95 of 100 runs take up to 11m00s, and slots follow each other after 10m"
      ])
    #expect(warnings.map(\.location.line) == [3])
  }

  /// The nights are a day apart, but two of the slots only an hour.
  @Test func goesByTheShortestInterval() throws {
    let schedule = try PlannerBench.parse("fetch: { cron: \"0 3,4 * * *\" }")
    #expect(learned(["fetch": .minutes(59)]).warnings(of: schedule, now: now) == [])
    #expect(learned(["fetch": .minutes(61)]).warnings(of: schedule, now: now).count == 1)
  }

  @Test func saysNothingByFewRuns() throws {
    let schedule = try PlannerBench.parse("fetch: { every: 1m }")
    let sample = DurationSample(Array(repeating: .minutes(5), count: 19))
    #expect(LearnedDurations(["fetch": sample]).warnings(of: schedule, now: now) == [])
  }

  @Test func warnsOfAJobThatAStopMayInterrupt() throws {
    let schedule = try PlannerBench.parse(
      "fetch: { every: 1h }\nsnapshot: { every: 1d, timeout: 1h }")
    let learned = learned(["fetch": .minutes(1), "snapshot": .minutes(7)])
    #expect(learned.warnings(of: schedule, now: now) == [])
    let warnings = learned.warnings(of: schedule, now: now, stopGrace: .minutes(6))
    #expect(
      warnings.map(\.message) == [
        "`snapshot`: 95 of 100 runs take up to 7m00s, longer than the stop grace of 6m"
      ])
  }
}
