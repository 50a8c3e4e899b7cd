import Domain
import Scheduler

/// A service under a wall clock that is set by seconds to years, forward and back, over and over, while
/// processes die, rows are pruned, and people run jobs by hand. All of it follows from the seed.
///
/// It checks, apart from what the planner or the ledger remember: no slot whose attempt has ended runs
/// again; nothing starts before its time; and after each set-back every job is planned for the next time
/// that really comes.
struct ClockWorld {
  private(set) var ledger = MemoryLedger()
  private(set) var violations: [String] = []
  /// Runs that succeeded in each sane stretch, by job.
  private(set) var successes: [JobName: Int] = [:]
  private(set) var steps = 0
  private let schedule: Schedule
  private var planner: Planner
  private var watch: ClockWatch
  private var random: SeededRandom
  private var real: Int64 = 0
  private var wall: Instant
  private var runs: [Slot: (ends: Int64, firing: Firing)] = [:]
  /// Slots that were tried to an end, also when their rows are gone.
  private var tried: Set<Slot> = []

  init(_ schedule: Schedule, from start: Instant, seed: UInt64) {
    self.schedule = schedule
    (random, wall) = (SeededRandom(seed: seed), start)
    planner = ledger.planner(for: schedule, workers: 4, now: start)
    watch = ClockWatch(now: start, uptime: .zero)
  }

  private var uptime: TimeSpan { .milliseconds(real) }

  /// Stretches of some minutes to hours, each under a clock of its own.
  mutating func live(stretches: Int) {
    turn()
    for _ in 0..<stretches {
      live(for: .seconds(Int64.random(in: 10...9000, using: &random)))
      if random.once(in: 3) { restart() }
      if random.once(in: 4), let job = schedule.jobs.randomElement(using: &random)?.name {
        ledger.prune(job, through: wall - .seconds(Int64.random(in: 0...86_400, using: &random)))
      }
      step()
      if random.once(in: 5) { restart() }
    }
  }

  /// Steps the clock: sizes are drawn evenly over their logarithm, from a second to ten years.
  private mutating func step() {
    let size = Int64(1) << Int64.random(in: 0...28, using: &random)  // 2^28 s are 8.5 years
    let forward = random.once(in: 2) && wall < Instant(rfc3339: "2060-01-01T00:00:00Z")!
    set(wall + .seconds(forward ? size : -size))
  }

  /// Sets the clock.
  mutating func set(_ now: Instant) {
    steps += 1
    wall = now
    turn()
    expectNextSlots()
  }

  /// Lives through a span of real time.
  mutating func live(for span: TimeSpan) {
    let end = real + span.milliseconds
    while real < end {
      var next = min(end, real + 30_000)
      if let wake = planner.nextWake { next = min(next, real + (wake - wall).milliseconds) }
      for run in runs.values { next = min(next, run.ends) }
      next = max(next, real + 1)
      wall = wall + .milliseconds(next - real)
      real = next
      turn()
    }
  }

  private mutating func turn() {
    for slot in runs.keys.sorted() where (runs[slot]?.ends ?? .max) <= real { end(slot) }
    if let jump = watch.look(now: wall, uptime: uptime), jump < .zero, ledger.setBack(now: wall) {
      let marks = ledger.marks.values.sorted { $0.job < $1.job }
      perform(planner.setBack(marks: marks, debts: ledger.debts, now: wall))
    }
    perform(planner.tick(now: wall))
  }

  private mutating func end(_ slot: Slot) {
    guard let run = runs.removeValue(forKey: slot) else { return }
    let state: RunState = random.once(in: 5) ? .failed : .succeeded
    let due = ledger.finish(slot, state, followers: run.firing.followers, now: wall)
    tried.insert(slot)
    if state == .succeeded { successes[slot.job, default: 0] += 1 }
    perform(planner.handle(.finished(slot, state, due: due), now: wall))
  }

  private mutating func perform(_ actions: [PlannerAction]) {
    for action in actions {
      switch action {
      case .start(let firing): start(firing)
      case .record(let slot, let trigger, let state, let reason):
        ledger.record(slot, trigger, state, reason, now: wall)
      case .saveMark(let mark): ledger.save(mark, now: wall)
      }
    }
  }

  private mutating func start(_ firing: Firing) {
    switch ledger.claim(firing, now: wall) {
    case .refused(let obstacle):
      perform(planner.handle(.couldNotStart(firing.slot, because: obstacle), now: wall))
    case .claimed:
      if tried.contains(firing.slot) { violations.append("\(firing.slot) ran twice") }
      if firing.slot.time.isFromTheFuture(at: wall) {
        violations.append("\(firing.slot) started at \(wall)")
      }
      runs[firing.slot] = (real + Int64.random(in: 1...90_000, using: &random), firing)
    }
  }

  /// The process is killed, and another one starts, at once or later.
  private mutating func restart() {
    ledger.reap()
    runs = [:]
    let down = random.once(in: 2) ? 1000 : Int64.random(in: 1...7_200_000, using: &random)
    real += down
    wall = wall + .milliseconds(down)
    _ = ledger.setBack(now: wall)
    planner = ledger.planner(for: schedule, workers: 4, now: wall)
    watch = ClockWatch(now: wall, uptime: uptime)
    turn()
    expectNextSlots()
  }

  /// No job waits for a time later than its next slot beyond what two minutes can hide, and none has a
  /// success to show that has not come.
  private mutating func expectNextSlots() {
    for job in schedule.jobs {
      let mark = ledger.marks[job.name]
      if let success = mark?.lastSuccess, success.slot.isFromTheFuture(at: wall) {
        violations.append("\(job.name) succeeded at \(success.slot), which is not yet (\(wall))")
      }
      // What was pruned bars for ever.
      let floor = ledger.floor(of: job.name) ?? wall
      guard let cadence = job.cadence, let next = planner.nextSlot(of: job.name),
        let expected = cadence.next(after: max(floor, wall + Instant.futureMargin)),
        next > expected
      else { continue }
      violations.append("\(job.name) waits for \(next) at \(wall)")
    }
  }
}
