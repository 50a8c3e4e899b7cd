import Domain
import Glibc
import Scheduler

/// The processor time that the planner spends on one fire: falling due, starting, ending, finding the
/// next slot. Without ledger and threads: a value, driven by hand.
struct PlannerCost {
  var jobs: Int

  private static let fires = 40_000
  private static let rounds = 5

  /// Prints the median of some rounds.
  func report() throws {
    let begin = Figures.cpuNanoseconds()
    let schedule = try Schedule.parse(Self.schedule(jobs), file: "planner.yaml")
    let parsed = Figures.cpuNanoseconds() - begin
    var figures: [Int64] = []
    var made: [Int64] = []
    for _ in 0..<Self.rounds {
      let start = Instant(seconds: 1_767_225_600)
      let before = Figures.cpuNanoseconds()
      var planner = Planner(schedule: schedule, marks: [], debts: [], workers: 4, now: start)
      _ = planner.tick(now: start)
      made.append(Figures.cpuNanoseconds() - before)
      figures.append(Self.drive(&planner))
    }
    print(
      "{\"jobs\":\(jobs),\"ns_per_fire\":\(Figures.median(figures) / Int64(Self.fires)),"
        + "\"us_to_start\":\(Figures.median(made) / 1000),\"us_to_read\":\(parsed / 1000)}")
  }

  /// Lets slots fall due until enough have been run. Returns nanoseconds of processor time.
  private static func drive(_ planner: inout Planner) -> Int64 {
    let begin = Figures.cpuNanoseconds()
    var done = 0
    while done < fires {
      guard let now = planner.nextWake else { fatalError("nothing more falls due") }
      var actions = planner.tick(now: now)
      var next = 0
      while next < actions.count {
        guard case .start(let firing) = actions[next] else { fatalError("\(actions[next])") }
        next += 1
        done += 1
        actions += planner.handle(.finished(firing.slot, .succeeded, due: []), now: now)
      }
    }
    return Figures.cpuNanoseconds() - begin
  }

  /// Jobs each of which falls due once in a minute, evenly spread.
  private static func schedule(_ jobs: Int) -> String {
    var text = "version: 1\njobs:\n"
    for n in 0..<jobs { text += "  job-\(n): { job: fetch, every: 1m/\(n * 60_000 / jobs)ms }\n" }
    return text
  }
}
