import Disk
import Domain
import Scheduler
import Store
import Testing

@testable import Service

/// The ledger in memory, in which schedules are simulated, against the real one: the same planner
/// drives both through random starts, ends, stops and steps of the clock.
@Suite struct LedgerAgreementTests {
  private static let file = """
    version: 1
    jobs:
      fetch: { cron: "*/20 * * * *" }
      compute: { after: fetch }
      left: { job: infer, after: compute, group: one }
      right: { job: infer, after: compute }
      rebalance: { after: [left, right], deadline: 2h }
      snapshot: { every: 45m, catchup: all, group: one }
      orders: { job: rebalance, cron: "5 * * * *" }
      queued: { job: fetch, every: 10m, overlap: queue, catchup: none }
    """

  @Test(arguments: 1...6) func theyHoldTheSame(seed: UInt64) throws {
    let folder = try ServiceFolder()
    let path = folder.path + "/agreement.db"
    let store = try Store.open(path, mode: .rehearsal)
    let start = ServiceFolder.start
    var pair = try LedgerPair(
      store: store, schedule: try Schedule.parse(Self.file, file: "f"), now: start,
      random: Draws(state: seed))
    for _ in 0..<600 { try pair.step() }
    try pair.drain()
    try pair.compare()
    #expect(pair.memory.violations == [])
    // It was a life: all states but those of time-outs have occurred, and every misfortune.
    let states = Set(pair.memory.rows.values.map(\.state))
    #expect(states.isSuperset(of: [.succeeded, .failed, .skipped, .coalesced, .missed]))
    #expect(pair.crashes > 0 && pair.runsByHand > 0 && pair.stepsBack > 0)
    try store.close()
    try Folder.clear(path + ".locks")
  }
}

/// A planner whose actions two ledgers perform.
private struct LedgerPair {
  private(set) var memory = MemoryLedger()
  private(set) var crashes = 0
  private(set) var runsByHand = 0
  private(set) var stepsBack = 0
  private let store: Store
  private var lock: ProcessLock?
  private let schedule: Schedule
  private var now: Instant
  private var random: Draws
  private var planner: Planner
  private var running: [(firing: Firing, run: Int64, attempt: Int)] = []

  init(store: Store, schedule: Schedule, now: Instant, random: Draws) throws {
    (self.store, self.schedule) = (store, schedule)
    (self.now, self.random) = (now, random)
    lock = try ProcessLock.acquire(beside: store.path, purpose: "test", now: now)
    planner = memory.planner(for: schedule, workers: 3, now: now)
  }

  mutating func step() throws {
    switch random.value(below: 50) {
    case 0:
      try drain()
      try compare()
      now = now + .minutes(Int64(random.value(below: 300)))
      planner = memory.planner(for: schedule, workers: 3, now: now)
    case 1: try stepBack(by: .minutes(Int64(random.value(below: 90))))
    case 2: try stepBack(by: .hours(Int64(random.value(below: 72))))
    case 3: now = now + .hours(Int64(random.value(below: 72)))
    case 4, 5: try crash()
    case 6...9: try runByHand()
    case 10...28: try endOne()
    default: now = now + .milliseconds(Int64(random.value(below: 900_000)))
    }
    try perform(planner.tick(now: now))
  }

  /// Stops, and lets what runs end.
  mutating func drain() throws {
    try perform(planner.drain(now: now))
    while !running.isEmpty { try endOne() }
  }

  /// The process dies, and another one starts.
  private mutating func crash() throws {
    crashes += 1
    lock = nil
    try store.write(at: now) { _ = try $0.runs.reap() }
    memory.reap()
    running = []
    lock = try ProcessLock.acquire(beside: store.path, purpose: "test", now: now)
    try compare()
    planner = memory.planner(for: schedule, workers: 3, now: now)
  }

  private mutating func stepBack(by span: TimeSpan) throws {
    now = now - span
    let found = try store.setBack(at: now)
    #expect(memory.setBack(now: now) == (found.latest != nil))
    try compare()
    guard found.latest != nil else { return }
    stepsBack += 1
    let marks = memory.marks.values.sorted { $0.job < $1.job }
    try perform(planner.setBack(marks: marks, debts: memory.debts, now: now))
  }

  /// A run by hand, of a new slot or one that is on record, with what follows it.
  private mutating func runByHand() throws {
    let old = memory.rows.keys.filter { $0.time <= now }.sorted()
    let job = schedule.jobs[random.value(below: schedule.jobs.count)].name
    let slot =
      old.isEmpty || random.value(below: 2) == 0
      ? Slot(job: job, time: now) : old[random.value(below: old.count)]
    // The planner has it, or will tell.
    guard !planner.waiting.contains(where: { $0.slot == slot }), !planner.inFlight.contains(slot),
      memory.rows[slot] != nil || schedule[slot.job]?.cadence?.next(after: now) != nil,
      let firing = schedule.firing(
        of: slot.job, slot: slot.time, trigger: .manual, latestStart: nil)
    else { return }
    runsByHand += 1
    try claim(firing, force: random.value(below: 2) == 0)
  }

  private mutating func endOne() throws {
    guard !running.isEmpty else { return }
    let (firing, run, attempt) = running.remove(at: random.value(below: running.count))
    let state: RunState = [.succeeded, .succeeded, .succeeded, .failed][random.value(below: 4)]
    let due = memory.finish(firing.slot, state, followers: firing.followers, now: now)
    let stored = try store.write(at: now) {
      try $0.runs.finish(run: run, attempt: attempt, state: state, followers: firing.followers)
    }
    #expect(due == stored)
    try perform(planner.handle(.finished(firing.slot, state, due: due), now: now))
  }

  private mutating func perform(_ actions: [PlannerAction]) throws {
    for action in actions {
      switch action {
      case .start(let firing):
        if let obstacle = try claim(firing, force: false) {
          try perform(planner.handle(.couldNotStart(firing.slot, because: obstacle), now: now))
        }
      case .record(let slot, let trigger, let state, let reason):
        let stored = try store.write(at: now) {
          try $0.runs.record(slot, trigger: trigger, state: state, reason: reason.words)
        }
        #expect(memory.record(slot, trigger, state, reason, now: now) == stored, "\(slot)")
      case .saveMark(let mark):
        memory.save(mark, now: now)
        try store.write(at: now) { try $0.marks.save(mark) }
      }
    }
  }

  /// Claims in both, which must answer alike. Returns why it was not to be had.
  @discardableResult
  private mutating func claim(_ firing: Firing, force: Bool) throws -> StartObstacle? {
    guard let holder = lock?.holder else { preconditionFailure("a process lives") }
    let stored = try store.write(at: now) {
      try $0.runs.claim(firing, holder: holder, force: force)
    }
    let obstacle: StartObstacle? =
      switch stored {
      case .claimed: nil
      case .already(let record): .settled(record.state)
      case .busy: .otherRun
      case .groupBusy: .groupBusy
      case .early: .early
      case .pruned, .tooLate: .settled(.missed)
      case .crashedTooOften: .settled(.failed)
      }
    let remembered = memory.claim(firing, force: force, now: now)
    #expect(remembered == obstacle.map { .refused($0) } ?? .claimed, "\(firing.slot)")
    if case .claimed(let run, let attempt) = stored { running.append((firing, run, attempt)) }
    return obstacle
  }

  /// Every row, mark and debt.
  func compare() throws {
    let (marks, debts, count) = try store.read {
      (
        try $0.marks.all(), try $0.runs.debts(),
        try $0.runs.history(job: nil, limit: 1_000_000).count
      )
    }
    #expect(marks.sorted { $0.job < $1.job } == memory.marks.values.sorted { $0.job < $1.job })
    #expect(debts.map(\.slot) == memory.debts.map(\.slot))
    #expect(debts.map(\.crashes) == memory.debts.map(\.crashes))
    #expect(count == memory.rows.count)
    for (slot, row) in memory.rows {
      let stored = try #require(try store.read { try $0.runs.run(slot) }, "\(slot)")
      #expect(
        stored.state == row.state && stored.trigger == row.trigger && stored.reason == row.reason
          && stored.attempts == row.attempts && stored.started == row.started
          && stored.ahead == row.ahead, "\(slot)")
    }
  }
}

/// Random numbers from a seed. Source: S. Vigna's public-domain splitmix64.
private struct Draws {
  var state: UInt64

  mutating func value(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}
