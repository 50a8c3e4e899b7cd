import Domain
import Scheduler

/// A daemon, its ledger and its misfortunes in simulated time: runs that last and fail, crashes in the
/// middle of a batch of actions, downtime, drains, clocks that step, runs by hand, pauses, reloads
/// and full workers. All of it follows from the seed.
struct PlannerWorld {
  /// The times over which a cadence held.
  struct Era {
    var cadence: Cadence
    var from: Instant
    var through: Instant?
  }

  /// The schedule that is followed, and the one that an edit puts in its place.
  private(set) var schedule: Schedule
  private var other: Schedule
  private(set) var eras: [JobName: [Era]] = [:]
  private(set) var ledger = MemoryLedger(keepsLog: true)
  private(set) var violations: [String] = []
  /// The latest wall time at which the planner let slots fall due.
  private(set) var horizon: Instant
  /// The clock never steps to before this: a job that began in the future has no beginning.
  private var earliest: Instant
  private var planner: Planner
  private var random: SeededRandom
  private let workers: Int
  /// Time that never steps, in milliseconds.
  private var uptime: Int64 = 0
  /// The wall clock, as its distance from `uptime`.
  private var wall: Int64
  private var runs: [Slot: (ends: Int64, state: RunState, firing: Firing)] = [:]
  private var manual: [Slot: Int64] = [:]
  private var isCalm = false
  private var isDraining = false
  private var isSuspect = false
  private var newest: [JobName: Instant] = [:]

  private struct Crash: Error {}

  init(_ schedule: Schedule, _ other: Schedule, from start: Instant, seed: UInt64) {
    (self.schedule, self.other, self.earliest) = (schedule, other, start)
    random = SeededRandom(seed: seed)
    wall = start.milliseconds
    horizon = start
    workers = Int.random(in: 1...4, using: &random)
    planner = ledger.planner(for: schedule, workers: workers, now: start)
    for job in schedule.jobs {
      eras[job.name] = job.cadence.map { [Era(cadence: $0, from: start)] }
    }
  }

  private var now: Instant { Instant(milliseconds: uptime + wall) }

  /// Lives through a span, then calms down until nothing runs or waits.
  mutating func live(for span: TimeSpan) {
    var nextMisfortune: Int64 = 0
    // A job that no mark remembers yet begins at the next start.
    isCalm = true
    tick()
    isCalm = false
    while uptime < span.milliseconds {
      let next = nextEvent(before: nextMisfortune)
      uptime = max(uptime, next)
      step()
      if uptime >= nextMisfortune {
        misfortune()
        nextMisfortune = uptime + Int64.random(in: 1...7_200_000, using: &random)
      }
    }
    calmDown()
  }

  private func nextEvent(before limit: Int64) -> Int64 {
    var next = min(uptime + 30_000, limit)
    if let wake = planner.nextWake { next = min(next, wake.milliseconds - wall) }
    for run in runs.values { next = min(next, run.ends) }
    for ends in manual.values { next = min(next, ends) }
    return next
  }

  private mutating func step() {
    do {
      for slot in runs.keys.sorted() where (runs[slot]?.ends ?? .max) <= uptime {
        try end(slot)
      }
      for slot in manual.keys.sorted() where (manual[slot] ?? .max) <= uptime {
        if ledger.rows[slot]?.state == .running {
          _ = ledger.finish(slot, .succeeded, followers: [], now: now)
        }
        manual[slot] = nil
      }
      if isDraining, runs.isEmpty { restart() } else { try tickOrCrash() }
    } catch {
      restart()
    }
  }

  private mutating func end(_ slot: Slot) throws {
    guard let run = runs.removeValue(forKey: slot) else { return }
    let due = ledger.finish(slot, run.state, followers: run.firing.followers, now: now)
    try perform(planner.handle(.finished(slot, run.state, due: due), now: now))
  }

  private mutating func tick() {
    do { try tickOrCrash() } catch { restart() }
  }

  private mutating func tickOrCrash() throws {
    if !isDraining { horizon = max(horizon, now) }
    try perform(planner.tick(now: now))
  }

  private mutating func perform(_ actions: [PlannerAction]) throws {
    for action in actions {
      if !isCalm, random.once(in: 2000) { throw Crash() }
      switch action {
      case .start(let firing): try start(firing)
      case .record(let slot, let trigger, let state, let reason):
        ledger.record(slot, trigger, state, reason, now: now)
      case .saveMark(let mark): ledger.save(mark, now: now)
      }
    }
  }

  private mutating func start(_ firing: Firing) throws {
    let slot = firing.slot
    if isDraining { violations.append("\(slot) started in a drain") }
    if isSuspect, firing.policy.kind.placesOrders { violations.append("\(slot) trusts the clock") }
    if runs.count >= workers { violations.append("\(slot) has no worker") }
    if !isCalm, random.once(in: 50) {
      try perform(planner.handle(.couldNotStart(slot, because: .noWorker), now: now))
      return
    }
    let attempts = ledger.rows[slot]?.attempts ?? 0
    switch ledger.claim(firing, now: now) {
    case .refused(let obstacle):
      try perform(planner.handle(.couldNotStart(slot, because: obstacle), now: now))
    case .claimed:
      if attempts == 0, firing.trigger != .manual {
        if let last = newest[slot.job], last >= slot.time {
          violations.append("\(slot) started after \(last)")
        }
        newest[slot.job] = slot.time
      }
      let states: [RunState] = [.failed, .timedOut, .deferred]
      let state = isCalm || !random.once(in: 6) ? .succeeded : states.randomElement(using: &random)
      let length = Int64.random(in: 1...600_000, using: &random)
      runs[slot] = (uptime + (isCalm ? 1 : length), state ?? .failed, firing)
    }
  }

  /// The process is gone; another one starts, mostly at once, sometimes hours later.
  private mutating func restart() {
    let down = random.once(in: 3) ? Int64.random(in: 0...36_000_000, using: &random) : 2000
    ledger.reap()
    (runs, manual, isDraining, isSuspect) = ([:], [:], false, false)
    uptime += isCalm ? 0 : down
    if ledger.setBack(now: now) { newest = [:] }
    planner = ledger.planner(for: schedule, workers: workers, now: now)
  }

  private mutating func misfortune() {
    let job = schedule.jobs.randomElement(using: &random) ?? schedule.jobs[0]
    do {
      switch Int.random(in: 0..<11, using: &random) {
      case 0: restart()
      case 1:
        try perform(planner.drain(now: now))
        isDraining = true
      case 2: try stepClock(by: Int64.random(in: -14_400_000...14_400_000, using: &random))
      case 3: try stepClock(by: Int64.random(in: -3000...3000, using: &random))
      case 4:
        let until =
          random.once(in: 2)
          ? Instant.distantFuture : now + .minutes(Int64.random(in: 1...300, using: &random))
        if !isDraining { horizon = max(horizon, now) }
        try perform(planner.pause(job.name, until: until, now: now))
      case 5:
        if !isDraining { horizon = max(horizon, now) }
        try perform(planner.resume(job.name, now: now))
      case 6:
        // Never the instant of a scheduled slot.
        let second = now.seconds * 1000
        let slot = Slot(job: job.name, time: Instant(milliseconds: second + 7))
        guard ledger.rows[slot] == nil else { return }
        let firing = Firing(slot: slot, trigger: .manual, policy: job.policy)
        if ledger.claim(firing, now: now) == .claimed {
          manual[slot] = uptime + Int64.random(in: 1...900_000, using: &random)
        }
      case 7:
        isSuspect.toggle()
        try perform(planner.handle(.clockSuspect(isSuspect), now: now))
      case 8: try edit()
      case 9:
        guard let slot = planner.waiting.randomElement(using: &random)?.slot else { return }
        try perform(planner.cancel([(slot: slot, reason: .cancelled(nil))], now: now))
        if !planner.waiting.allSatisfy({ $0.slot != slot }) {
          violations.append("\(slot) waits after it was cancelled")
        }
      default:
        if !isDraining { horizon = max(horizon, now) }
        try perform(planner.reload(schedule, now: now))
      }
    } catch {
      restart()
    }
  }

  private mutating func stepClock(by milliseconds: Int64) throws {
    let before = wall
    wall = max(wall + milliseconds, earliest.milliseconds - uptime)
    guard wall < before, ledger.setBack(now: now) else { return }
    // Slots that were withdrawn fall due in their time, beside later ones that were tried.
    newest = [:]
    let marks = ledger.marks.values.sorted { $0.job < $1.job }
    try perform(planner.setBack(marks: marks, debts: ledger.debts, now: now))
  }

  /// An edit of the file that changes cadences. A crash can follow at once, but not before the marks
  /// are saved: then the edit belongs to the next start, which catches up nothing from before it.
  private mutating func edit() throws {
    guard !isDraining, now >= horizon else { return }
    (horizon, earliest) = (now, now)
    let actions = planner.reload(other, now: now)
    for job in other.jobs where schedule[job.name]?.timingIdentity != job.timingIdentity {
      guard let cadence = job.cadence, var list = eras[job.name] else { continue }
      list[list.count - 1].through = now
      list.append(Era(cadence: cadence, from: now))
      eras[job.name] = list
    }
    swap(&schedule, &other)
    let saved = actions.lastIndex { if case .saveMark = $0 { true } else { false } } ?? -1
    let wasCalm = isCalm
    isCalm = true
    try perform(Array(actions[...saved]))
    isCalm = wasCalm
    if random.once(in: 3) { throw Crash() }
    try perform(Array(actions[(saved + 1)...]))
  }

  /// A restart under a sane clock; then all that runs succeeds at once.
  private mutating func calmDown() {
    isCalm = true
    restart()
    wall = max(now, horizon).milliseconds - uptime + 1000
    planner = ledger.planner(for: schedule, workers: workers, now: now)
    for job in schedule.jobs {
      horizon = max(horizon, now)
      do { try perform(planner.resume(job.name, now: now)) } catch { violations.append("crash") }
    }
    for _ in 0..<200_000 {
      tick()
      guard let next = runs.values.map(\.ends).min() else { break }
      uptime = max(uptime, next)
      for slot in runs.keys.sorted() where (runs[slot]?.ends ?? .max) <= uptime {
        do { try end(slot) } catch { violations.append("crash") }
      }
    }
    if !planner.waiting.isEmpty { violations.append("still waiting: \(planner.waiting)") }
  }
}
