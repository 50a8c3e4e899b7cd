// The time of one next(after:), each fire found from the one before, as the scheduler does it.
// Prints a line for each expression and zone: expression, zone, nanoseconds of CPU time per fire
// (the best of five rounds), and the last fire of a round, for comparison with peers.
import Calendars
import Domain
import Glibc
import Scheduler

/// The rows of the comparison; peers/cron_peers.py has the same ones.
let expressions = [
  "* * * * *", "*/5 * * * *", "0 * * * *", "30 9 * * 1-5", "0 0 * * *", "0 0 1 * *", "15 14 1 * *",
  "0 9-17/2 * * 1-5", "0 0 29 2 *", "5 4 13 * 5",
]
let firesInARow = 200
let repetitions = 500
let rounds = 5

func cpuNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

func report(_ what: String, of count: Int, _ work: () throws -> Void) rethrows {
  var best = Int64.max
  for _ in 0..<rounds {
    let begin = cpuNanoseconds()
    try work()
    best = min(best, cpuNanoseconds() - begin)
  }
  print("# \(what): \(best / Int64(count)) ns")
}

let start = Instant(seconds: 1_767_225_600)  // 2026-01-01T00:00Z
for name in ["UTC", "America/New_York"] {
  let zone = try ZoneDatabase.zone(name)
  for text in expressions {
    let expression = try CronExpression(text)
    var best = Double.infinity
    var last = start
    for _ in 0..<rounds {
      let begin = cpuNanoseconds()
      for _ in 0..<repetitions {
        var time = start
        for _ in 0..<firesInARow {
          guard let next = expression.next(after: time, in: zone) else { fatalError(text) }
          time = next
        }
        last = time
      }
      let nanoseconds = Double(cpuNanoseconds() - begin)
      best = min(best, nanoseconds / Double(repetitions * firesInARow))
    }
    let tenths = Int((best * 10).rounded())
    print("\(text)\t\(name)\t\(tenths / 10).\(tenths % 10)\t\(last)")
  }
}

// What a schedules file of 10,000 jobs costs, and the way back.
try report("reading an expression", of: 10_000) {
  for n in 0..<10_000 { _ = try CronExpression("\(n % 60) \(n % 24),\(n % 23) * * mon-fri") }
}
let newYork = try ZoneDatabase.zone("America/New_York")
let expression = try CronExpression("30 9 * * 1-5")
report("previous(before:), 30 9 * * 1-5 America/New_York", of: 100_000) {
  for n in 0..<100_000 {
    _ = expression.previous(before: start + .hours(Int64(n % 9000)), in: newYork)
  }
}
let calendar = try TradingCalendar.builtIn("XNYS")
let gated = Cadence.cron(expression, zone: newYork, calendar: calendar)
report("next(after:), the same on days of XNYS", of: 100_000) {
  for n in 0..<100_000 { _ = gated.next(after: start + .hours(Int64(n % 9000))) }
}
try report("the calendar XNYS from its text", of: 10) {
  for _ in 0..<10 { _ = try TradingCalendar.named("XNYS", zones: ZoneDatabase.zone) }
}
