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
    let lock = try ProcessLock.acquire(beside: path, purpose: "test", now: start)
    var pair = LedgerPair(
      store: store, holder: lock.holder, schedule: try Schedule.parse(Self.file, file: "f"),
      now: start, random: Draws(state: seed))
    for _ in 0..<300 { try pair.step() }
    try pair.drain()
    try pair.compare()
    #expect(pair.memory.violations == [])
    // It was a life: all states but those of crashes and time-outs have occurred.
    let states = Set(pair.memory.rows.values.map(\.state))
    #expect(states.isSuperset(of: [.succeeded, .failed, .skipped, .coalesced, .missed]))
    try store.close()
    try Folder.clear(path + ".locks")
    withExtendedLifetime(lock) {}
  }
}

/// A planner whose actions two ledgers perform.
private struct LedgerPair {
  private(set) var memory = MemoryLedger()
  private let store: Store
  private let holder: HolderID
  private let schedule: Schedule
  private var now: Instant
  private var random: Draws
  private var planner: Planner
  private var running: [(firing: Firing, run: Int64, attempt: Int)] = []

  init(store: Store, holder: HolderID, schedule: Schedule, now: Instant, random: Draws) {
    (self.store, self.holder, self.schedule) = (store, holder, schedule)
    (self.now, self.random) = (now, random)
    planner = memory.planner(for: schedule, workers: 3, now: now)
  }

  mutating func step() throws {
    switch random.value(below: 40) {
    case 0:
      try drain()
      try compare()
      now = now + .minutes(Int64(random.value(below: 300)))
      planner = memory.planner(for: schedule, workers: 3, now: now)
    case 1: now = now - .minutes(Int64(random.value(below: 90)))
    case 2...20: try endOne()
    default: now = now + .milliseconds(Int64(random.value(below: 900_000)))
    }
    try perform(planner.tick(now: now))
  }

  /// Stops, and lets what runs end.
  mutating func drain() throws {
    try perform(planner.drain(now: now))
    while !running.isEmpty { try endOne() }
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
      case .start(let firing): try start(firing)
      case .record(let slot, let trigger, let state, let reason):
        memory.record(slot, trigger, state, reason)
        try store.write(at: now) {
          _ = try $0.runs.record(slot, trigger: trigger, state: state, reason: reason)
        }
      case .saveMark(let mark):
        memory.save(mark)
        try store.write(at: now) { try $0.marks.save(mark) }
      }
    }
  }

  private mutating func start(_ firing: Firing) throws {
    let stored = try store.write(at: now) { try $0.runs.claim(firing, holder: holder) }
    switch (memory.claim(firing, now: now), stored) {
    case (.claimed, .claimed(let run, let attempt)): running.append((firing, run, attempt))
    case (let claim, _): Issue.record("\(firing.slot): \(claim) in memory, \(stored) stored")
    }
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
    #expect(count == memory.rows.count)
    for (slot, row) in memory.rows {
      let stored = try #require(try store.read { try $0.runs.run(slot) }, "\(slot)")
      #expect(
        stored.state == row.state && stored.trigger == row.trigger && stored.reason == row.reason
          && stored.attempts == row.attempts && stored.started == row.started, "\(slot)")
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
