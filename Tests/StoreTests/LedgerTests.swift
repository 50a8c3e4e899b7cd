import Domain
import Testing

@testable import Store

@Suite("The ledger")
struct LedgerTests {
  let database = TestDatabase()
  let store: Store
  let lock: ProcessLock

  init() throws {
    store = try database.open()
    lock = try database.lock()
  }

  func claim(_ firing: Firing, at now: Int64, force: Bool = false) throws -> Claim {
    try store.write(at: at(now)) { try $0.runs.claim(firing, holder: lock.holder, force: force) }
  }

  /// Claims and finishes a run.
  @discardableResult
  func run(
    _ firing: Firing, at now: Int64, state: RunState = .succeeded, force: Bool = false
  ) throws -> [Slot] {
    guard case .claimed(let run, let attempt) = try claim(firing, at: now, force: force) else {
      Issue.record("not claimed: \(firing.slot)")
      return []
    }
    return try store.write(at: at(now + 1)) {
      try $0.runs.finish(
        run: run, attempt: attempt, state: state, followers: firing.followers)
    }
  }

  func record(_ slot: Slot) throws -> RunRecord {
    try #require(try store.read { try $0.runs.run(slot) })
  }

  func mark(_ name: String) throws -> JobMark? {
    try store.read { try $0.marks.mark(of: job(name)) }
  }

  @Test func aRunFromClaimToEnd() throws {
    let claimed = try claim(firing("fetch", 60, group: "net"), at: 61)
    #expect(claimed == .claimed(run: 1, attempt: 1))
    var row = try record(slot("fetch", 60))
    #expect(row.state == .running)
    #expect(row.holder == lock.holder)
    #expect(row.group == "net")
    #expect(row.trigger == .cron)
    #expect(row.started == at(61))
    #expect(row.ended == nil)
    #expect(try mark("fetch")?.slot == at(60))
    #expect(try mark("fetch")?.lastSuccess == nil)
    try store.write(at: at(65)) {
      try $0.runs.finish(run: 1, attempt: 1, state: .succeeded, result: "12 candles")
    }
    row = try record(slot("fetch", 60))
    #expect(row.state == .succeeded)
    #expect(row.result == "12 candles")
    #expect(row.holder == nil)
    #expect(row.duration == .seconds(4))
    #expect(try mark("fetch")?.lastSuccess?.slot == at(60))
    #expect(try mark("fetch")?.lastSuccess?.ended == at(65))
    let attempts = try store.read { try $0.runs.attempts(of: 1) }
    #expect(attempts.map(\.outcome) == [.succeeded])
    #expect(try claim(firing("fetch", 60), at: 70) == .already(row))
  }

  @Test func oneRunOfAJobAtATime() throws {
    _ = try claim(firing("fetch", 60), at: 61)
    let running = try record(slot("fetch", 60))
    #expect(try claim(firing("fetch", 60), at: 62) == .busy(running))
    #expect(try claim(firing("fetch", 120), at: 121) == .busy(running))
    // The slot that found the job busy has no row and did not move the mark: its planner decides.
    #expect(try store.read { try $0.runs.run(slot("fetch", 120)) } == nil)
    #expect(try mark("fetch")?.slot == at(60))
    #expect(try claim(firing("compute", 60), at: 62) == .claimed(run: 2, attempt: 1))
  }

  @Test func oneRunOfAGroupAtATime() throws {
    _ = try claim(firing("fetch-a", 60, group: "net"), at: 61)
    let running = try record(slot("fetch-a", 60))
    #expect(try claim(firing("fetch-b", 60, group: "net"), at: 62) == .groupBusy(running))
    #expect(try claim(firing("fetch-b", 60, group: "disk"), at: 62) == .claimed(run: 2, attempt: 1))
  }

  @Test func tooLateIsMissed() throws {
    // The latest start itself is in time.
    #expect(try claim(firing("a", 60, latest: 100), at: 100) == .claimed(run: 1, attempt: 1))
    #expect(try claim(firing("b", 60, latest: 100), at: 101) == .tooLate)
    let row = try record(slot("b", 60))
    #expect(row.state == .missed)
    #expect(row.reason == "too late")
    #expect(try mark("b")?.slot == at(60))
    #expect(try claim(firing("b", 60), at: 102) == .already(row))
  }

  @Test func aDebtThatIsTooLateIsMissed() throws {
    try store.write(at: at(61)) {
      try $0.runs.record(slot("b", 60), trigger: .cron, state: .deferred, reason: "draining")
    }
    #expect(try claim(firing("b", 60, latest: 100), at: 101) == .tooLate)
    #expect(try record(slot("b", 60)).state == .missed)
    #expect(try store.read { try $0.runs.debts() }.isEmpty)
  }

  @Test func forceAddsAnAttempt() throws {
    try run(firing("fetch", 60), at: 61, state: .failed)
    #expect(
      try claim(firing("fetch", 60, trigger: .manual), at: 70, force: true)
        == .claimed(run: 1, attempt: 2))
    let row = try record(slot("fetch", 60))
    #expect(row.state == .running)
    #expect(row.attempts == 2)
    #expect(row.trigger == .cron)
  }

  @Test func manualRunsNeverMoveTheMarkButCountForHealth() throws {
    try run(firing("fetch", 60), at: 61)
    try run(firing("fetch", 1000, trigger: .manual), at: 1000)
    #expect(try mark("fetch")?.slot == at(60))
    #expect(try mark("fetch")?.lastSuccess?.slot == at(1000))
    // An older slot that succeeds later does not make the job look staler.
    try run(firing("fetch", 30, trigger: .manual), at: 2000)
    #expect(try mark("fetch")?.lastSuccess?.slot == at(1000))
    // A scheduled slot that a manual run has done already moves the mark past it.
    let done = try record(slot("fetch", 1000))
    #expect(try claim(firing("fetch", 1000), at: 2001) == .already(done))
    #expect(try mark("fetch")?.slot == at(1000))
    // The mark never moves back.
    try run(firing("fetch", 500), at: 2002)
    #expect(try mark("fetch")?.slot == at(1000))
  }

  @Test func aDaemonsMarkDoesNotUndoARunsMark() throws {
    let name = job("fetch")
    try store.write(at: at(1)) {
      try $0.marks.save(JobMark(job: name, since: at(1), timing: "a"))
    }
    var stale = try #require(try mark("fetch"))
    try run(firing("fetch", 60), at: 61)
    stale.since = at(50)
    stale.timing = "b"
    stale.pausedUntil = .distantFuture
    try store.write(at: at(70)) { try $0.marks.save(stale) }
    #expect(
      try mark("fetch")
        == JobMark(
          job: name, slot: at(60), since: at(50), timing: "b", pausedUntil: .distantFuture,
          lastSuccess: (at(60), at(62))))
    #expect(try store.read { try $0.marks.all() }.count == 1)
  }

  // A chain: b and c follow a, d follows both.
  @Test func followersFallDueWhenAllTheirParentsSucceeded() throws {
    let d = Follower(job: job("d"), parents: [job("b"), job("c")])
    let first = try run(
      firing(
        "a", 60,
        followers: [
          Follower(job: job("b"), parents: [job("a")]),
          Follower(job: job("c"), parents: [job("a")]),
        ]), at: 61)
    #expect(first == [slot("b", 60), slot("c", 60)])
    #expect(
      try store.read { try $0.runs.debts() }.map { "\($0.slot) \($0.trigger) \($0.reason ?? "")" }
        == [
          "b@1970-01-01T00:01:00Z after due after a", "c@1970-01-01T00:01:00Z after due after a",
        ])
    #expect(try run(firing("b", 60, trigger: .after, followers: [d]), at: 63) == [])
    #expect(try run(firing("c", 60, trigger: .after, followers: [d]), at: 64) == [slot("d", 60)])
    #expect(try mark("b")?.slot == at(60))
    // Nobody has taken d up: its mark stands, only its row says that it is due.
    #expect(try mark("d") == nil)
    // A forced repetition of a parent makes no second row.
    #expect(
      try run(firing("c", 60, trigger: .manual, followers: [d]), at: 70, force: true) == [])
  }

  @Test func followersOfAFailureAreNotDue() throws {
    let b = Follower(job: job("b"), parents: [job("a")])
    #expect(try run(firing("a", 60, followers: [b]), at: 61, state: .failed) == [])
    #expect(try store.read { try $0.runs.run(slot("b", 60)) } == nil)
  }

  @Test func whatFollowsAManualRunIsManual() throws {
    let b = Follower(job: job("b"), parents: [job("a")])
    try run(firing("a", 60, trigger: .manual, followers: [b]), at: 61)
    #expect(try store.read { try $0.runs.debts() }.map(\.trigger) == [.manual])
  }

  @Test func retriesInsideOneClaim() throws {
    _ = try claim(firing("fetch", 60), at: 61)
    try store.write(at: at(62)) {
      try $0.runs.endAttempt(run: 1, attempt: 1, outcome: .failed, reason: "status 503")
    }
    #expect(try record(slot("fetch", 60)).state == .running)
    let second = try store.write(at: at(72)) {
      try $0.runs.beginAttempt(run: 1, holder: lock.holder)
    }
    #expect(second == 2)
    // An attempt is not begun twice, nor by another process, and an old attempt ends nothing.
    for holder in [lock.holder, .random()] {
      #expect(
        fault { try store.write(at: at(73)) { try $0.runs.beginAttempt(run: 1, holder: holder) } }
          != nil)
    }
    #expect(
      fault {
        try store.write(at: at(73)) { try $0.runs.finish(run: 1, attempt: 1, state: .succeeded) }
      } != nil)
    try store.write(at: at(74)) { try $0.runs.finish(run: 1, attempt: 2, state: .succeeded) }
    #expect(
      try store.read { try $0.runs.attempts(of: 1) }.map(\.outcome) == [.failed, .succeeded])
    #expect(try record(slot("fetch", 60)).duration == .seconds(13))
  }

  @Test func aPauseBetweenAttemptsCanBeCut() throws {
    _ = try claim(firing("fetch", 60), at: 61)
    try store.write(at: at(62)) {
      try $0.runs.endAttempt(run: 1, attempt: 1, outcome: .failed, reason: "status 503")
    }
    try store.write(at: at(63)) {
      try $0.runs.finish(run: 1, attempt: 1, state: .deferred, reason: "draining")
    }
    let debt = try #require(try store.read { try $0.runs.debts() }.first)
    #expect(
      debt
        == Debt(
          slot: slot("fetch", 60), trigger: .cron, state: .deferred, reason: "draining",
          attempts: 1, crashes: 0))
    #expect(try store.read { try $0.runs.attempts(of: 1) }.map(\.outcome) == [.failed])
    #expect(try claim(firing("fetch", 60), at: 80) == .claimed(run: 1, attempt: 2))
  }

  @Test func deadHoldersAreReapedByWhoeverClaims() throws {
    var dead: ProcessLock? = try database.lock()
    _ = try store.write(at: at(61)) {
      try $0.runs.claim(firing("fetch", 60, group: "net"), holder: try #require(dead).holder)
    }
    dead = nil
    #expect(
      try claim(firing("other", 60, group: "net"), at: 62) == .claimed(run: 2, attempt: 1))
    let row = try record(slot("fetch", 60))
    #expect(row.state == .interrupted)
    #expect(row.reason == "its process ended")
    #expect(try store.read { try $0.runs.attempts(of: 1) }.map(\.outcome) == [.crashed])
  }

  // Attempts that crash are counted against the larger of retry.max and 3.
  @Test(arguments: [(1, 3), (3, 3), (5, 5)])
  func aRunCannotCrashForEver(retries: Int, allowed: Int) throws {
    let due = firing("fetch", 60, retries: retries)
    for attempt in 1...allowed {
      var dead: ProcessLock? = try database.lock()
      let claimed = try store.write(at: at(61)) {
        try $0.runs.claim(due, holder: try #require(dead).holder)
      }
      #expect(claimed == .claimed(run: 1, attempt: attempt))
      dead = nil
    }
    #expect(try claim(due, at: 62) == .crashedTooOften)
    let row = try record(slot("fetch", 60))
    #expect(row.state == .failed)
    #expect(row.reason == "the process ended during each of \(allowed) attempts")
    #expect(try claim(due, at: 63) == .already(row))
    #expect(try claim(due, at: 64, force: true) == .claimed(run: 1, attempt: allowed + 1))
  }

  @Test func aRunThatWasTakenAwayCannotBeFinished() throws {
    var dead: ProcessLock? = try database.lock()
    _ = try store.write(at: at(61)) {
      try $0.runs.claim(firing("fetch", 60), holder: try #require(dead).holder)
    }
    dead = nil
    try store.write(at: at(62)) { _ = try $0.runs.reap() }
    #expect(
      fault {
        try store.write(at: at(63)) { try $0.runs.finish(run: 1, attempt: 1, state: .succeeded) }
      }?.exit == .internal)
    // Nor when another attempt of it runs by now.
    _ = try claim(firing("fetch", 60), at: 64)
    #expect(
      fault {
        try store.write(at: at(65)) { try $0.runs.finish(run: 1, attempt: 1, state: .succeeded) }
      }?.exit == .internal)
    #expect(try mark("fetch")?.lastSuccess == nil)
  }

  @Test func slotsThatAreNeverRun() throws {
    let ends: [(String, RunState)] = [
      ("a", .coalesced), ("b", .missed), ("c", .skipped), ("d", .deferred),
    ]
    for (name, state) in ends {
      try store.write(at: at(100)) {
        let recorded = try $0.runs.record(
          slot(name, 60), trigger: .catchup, state: state, reason: "why")
        #expect(recorded)
      }
      #expect(try mark(name)?.slot == at(60))
      #expect(try record(slot(name, 60)).state == state)
      #expect(try record(slot(name, 60)).ended == (state == .deferred ? nil : at(100)))
    }
    // A debt moves to its end; an end stays.
    try store.write(at: at(101)) { tx in
      let moved = try ["d", "a"].map {
        try tx.runs.record(slot($0, 60), trigger: .catchup, state: .missed, reason: nil)
      }
      #expect(moved == [true, false])
    }
    #expect(try record(slot("a", 60)).state == .coalesced)
    #expect(try record(slot("d", 60)).state == .missed)
  }

  @Test func totalsCountEveryEnd() throws {
    try run(firing("a", 60), at: 61)
    try run(firing("a", 120), at: 121)
    try run(firing("a", 180, trigger: .manual), at: 181, state: .failed)
    try run(firing("a", 180, trigger: .manual), at: 190, force: true)
    try store.write(at: at(200)) {
      try $0.runs.record(slot("a", 200), trigger: .cron, state: .missed, reason: nil)
      try $0.runs.record(slot("a", 201), trigger: .cron, state: .deferred, reason: nil)
    }
    let totals = try store.read { try $0.runs.totals() }
    #expect(
      totals.map { "\($0.job) \($0.trigger) \($0.state) \($0.runs)" }
        == [
          "a cron missed 1", "a cron succeeded 2", "a manual failed 1", "a manual succeeded 1",
        ])
  }

  @Test func historyAndFigures() throws {
    try run(firing("a", 60), at: 61)
    for second in [120, 180] as [Int64] {
      try run(firing("a", second), at: second, state: .failed)
    }
    try run(firing("a", 240), at: 240, state: .skipped)
    try run(firing("b", 240), at: 240)
    func read<T>(_ body: (RunTable<ReadTransaction>) throws -> T) throws -> T {
      try store.read { try body($0.runs) }
    }
    #expect(
      try read { try $0.history(job: job("a"), limit: 3) }.map(\.slot.time)
        == [at(240), at(180), at(120)])
    #expect(
      try read { try $0.history(job: nil, limit: 9, failedOnly: true) }.map(\.slot.time)
        == [at(180), at(120)])
    #expect(try read { try $0.latest(job("a")) }?.state == .skipped)
    #expect(try read { try $0.consecutiveFailures(job("a")) } == 2)
    #expect(try read { try $0.consecutiveFailures(job("b")) } == 0)
    #expect(try read { try $0.lastDurations(job("a"), limit: 5) } == [.seconds(1)])
    #expect(try read { try $0.run(1) }?.slot == slot("a", 60))
  }

  @Test func aRunThatDoesNothingTakesTwoTransactions() throws {
    let before = try changeCounter()
    try run(firing("a", 60), at: 61)
    #expect(try changeCounter() - before == 2)
  }

  /// Commits since the log was last reset: each ends with a frame whose size-of-database field is
  /// not zero. Source: sqlite.org/fileformat2.html, "WAL frame header format".
  private func changeCounter() throws -> Int {
    let log = contents(database.path + "-wal")
    let frame = 24 + 4096
    return stride(from: 32, to: log.count - frame + 1, by: frame).filter {
      log[$0 + 4..<$0 + 8].contains { $0 != 0 }
    }.count
  }
}
