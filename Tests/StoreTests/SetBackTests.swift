import Domain
import GRDB
import Testing

@testable import Store

@Suite("A clock that was set back")
struct SetBackTests {
  let database = TestDatabase()
  let store: Store
  let lock: ProcessLock
  /// The right time, a moment before the clock went ahead.
  static let now = Int64(100_000)

  init() throws {
    store = try database.open()
    lock = try database.lock()
  }

  @discardableResult
  private func run(
    _ name: String, _ time: Int64, _ state: RunState? = .succeeded, trigger: Trigger = .cron
  ) throws -> Int64 {
    try store.write(at: at(time)) { transaction in
      let firing = Firing(
        slot: slot(name, time), trigger: trigger, policy: JobPolicy(kind: .fetch))
      guard
        case .claimed(let run, let attempt) = try transaction.runs.claim(
          firing, holder: lock.holder)
      else {
        Issue.record("not claimed")
        return 0
      }
      if let state { try transaction.runs.finish(run: run, attempt: attempt, state: state) }
      return run
    }
  }

  private func record(_ name: String, _ time: Int64, _ state: RunState) throws {
    _ = try store.write(at: at(time)) {
      try $0.runs.record(slot(name, time), trigger: .cron, state: state, reason: "why")
    }
  }

  private func state(_ name: String, _ time: Int64) throws -> RunState? {
    try store.read { try $0.runs.run(slot(name, time))?.state }
  }

  @Test func verdictsGoAttemptsStayAndMarksFollow() throws {
    let now = Self.now
    try run("a", now - 60)
    try record("a", now + 3600, .coalesced)
    try record("a", now + 7200, .missed)
    try run("a", now + 10_800)
    try record("b", now + 3600, .deferred)
    try run("b", now + 10_800, .interrupted)
    #expect(try store.latestFromTheFuture(at: at(now)) == at(now + 10_801) - .seconds(1))

    let before = store.commits
    let found = try store.setBack(at: at(now))
    #expect(found.withdrawnSlots == 3)
    #expect(found.endedDebts == 1)
    #expect(found.triedSlots == 2)
    #expect(try state("a", now + 3600) == nil)
    #expect(try state("a", now + 7200) == nil)
    #expect(try state("a", now + 10_800) == .succeeded)
    #expect(try state("b", now + 10_800) == .missed)
    let mark = try store.read { try $0.marks.mark(of: job("a")) }
    #expect(mark?.slot == at(now - 60))
    #expect(mark?.lastSuccess?.slot == at(now - 60))
    #expect(try store.read { try $0.marks.mark(of: job("b"))?.slot } == nil)
    #expect(try store.read { try $0.audit.latest(limit: 9, kind: "clock_set_back") }.count == 1)
    // What was found once is no news, and costs no write.
    #expect(try store.setBack(at: at(now)) == SetBack())
    #expect(store.commits == before)
    // SQLite still minds its references.
    let foreignKeys = try store.connections.writeWithoutTransaction {
      try Bool.fetchOne($0, sql: "PRAGMA foreign_keys")
    }
    #expect(foreignKeys == true)
    // The newest run, and the history, are those of times that have come.
    #expect(try store.read { try $0.runs.latest(job("a"))?.slot.time } == at(now - 60))
    // In its time, the slot that ran is passed.
    let claim = try store.write(at: at(now + 10_801)) {
      try $0.runs.claim(
        Firing(slot: slot("a", now + 10_800), trigger: .cron, policy: JobPolicy(kind: .fetch)),
        holder: lock.holder)
    }
    guard case .already(let row) = claim else {
      Issue.record("\(claim)")
      return
    }
    #expect(row.ahead == at(now))
    #expect(row.attempts == 1)
  }

  /// Seconds from now, and whether a slot there counts as from the future.
  @Test(arguments: [(-1, false), (0, false), (120, false), (121, true), (86_400, true)])
  func theFutureBeginsInTwoMinutes(_ seconds: Int64, _ isAhead: Bool) throws {
    try record("a", Self.now + seconds, .skipped)
    #expect(try store.setBack(at: at(Self.now)).withdrawnSlots == (isAhead ? 1 : 0))
    #expect(try state("a", Self.now + seconds) == (isAhead ? nil : .skipped))
  }

  @Test func nothingStartsBeforeItsTimeAndWhatEndsAheadIsNoSuccess() throws {
    let claim = try store.write(at: at(Self.now)) {
      try $0.runs.claim(
        Firing(slot: slot("a", Self.now + 121), trigger: .cron, policy: JobPolicy(kind: .fetch)),
        holder: lock.holder)
    }
    #expect(claim == .early)
    #expect(try state("a", Self.now + 121) == nil)
    // A run that was under way when the clock was set back.
    let id = try run("a", Self.now + 7200, nil)
    let due = try store.write(at: at(Self.now)) {
      try $0.runs.finish(
        run: id, attempt: 1, state: .succeeded,
        followers: [Follower(job: job("b"), parents: [job("a")])])
    }
    #expect(due == [])
    let mark = try store.read { try $0.marks.mark(of: job("a")) }
    #expect(mark?.lastSuccess == nil)
    #expect(try store.read { try $0.runs.run(id)?.ahead } == at(Self.now))
  }

  @Test func theFloorNeverGoesDown() throws {
    try run("a", Self.now - 60)
    try store.write(at: at(Self.now)) { try $0.marks.raiseFloor(slot("a", Self.now - 30)) }
    try store.write(at: at(Self.now)) { try $0.marks.raiseFloor(slot("a", Self.now - 90)) }
    try run("a", Self.now + 7200)
    _ = try store.setBack(at: at(Self.now - 3600))
    #expect(try store.read { try $0.marks.mark(of: job("a"))?.slot } == at(Self.now - 30))
  }

  @Test func sparedJobsAreLeftUntilTheClockIsProven() throws {
    try record("orders", Self.now + 3600, .coalesced)
    try record("a", Self.now + 3600, .coalesced)
    #expect(try store.setBack(at: at(Self.now), sparing: [job("orders")]).withdrawnSlots == 1)
    #expect(try state("orders", Self.now + 3600) == .coalesced)
    #expect(try store.latestFromTheFuture(at: at(Self.now)) == at(Self.now + 3600))
    #expect(try store.setBack(at: at(Self.now)).withdrawnSlots == 1)
    #expect(try store.latestFromTheFuture(at: at(Self.now)) == nil)
  }

  @Test func candlesWatermarksAndRulesFollow() throws {
    let minute = try #require(Timeframe("1m"))
    let symbol = try #require(Symbol("BTC-USDT"))
    let series = Series(venue: "v", symbol: symbol, timeframe: minute)
    // Opening times: the last that has closed or closes within two minutes, and later ones.
    let open = Int64(99_960)
    func candle(_ time: Int64) -> Candle {
      Candle(time: at(time), open: 1, high: 1, low: 1, close: 1, volume: 1)
    }
    try store.write(at: at(Self.now + 86_400)) { transaction in
      let record = try transaction.series.register(series)
      try transaction.candles.upsert(
        [candle(open), candle(open + 86_400), candle(open + 86_460)], series: record, run: nil)
      try transaction.series.advance(record, watermark: at(open + 86_460))
    }
    let found = try store.setBack(at: at(Self.now))
    #expect(found.candles == 2)
    let record = try #require(try store.read { try $0.series.find(series) })
    #expect(record.watermark == at(open))
    #expect(try store.read { try $0.candles.count(record) } == 1)
    #expect(try store.latestFromTheFuture(at: at(Self.now)) == nil)
  }

  /// The newest plan of an account, of those whose slot has come.
  @Test func aPlanFromTheFutureBarsNothing() throws {
    try store.connections.writeWithoutTransaction { db in
      try db.execute(
        sql: """
          INSERT INTO account (name, quote, mode, initial, opened)
            VALUES ('main', 'USDT', 'paper', '1000', 0)
          """)
      for slot in [Self.now - 7200, Self.now - 3600, Self.now + 121] {
        try db.execute(
          sql: """
            INSERT INTO plan (account, job, slot, round, state, equity, cash, detail, created, updated)
              VALUES ('main', 'rebalance', ?, 0, 'done', '1', '1', '', 0, 0)
            """, arguments: [slot * 1000])
      }
    }
    let newest = try store.read { try $0.plans.newest(account: "main", by: at(Self.now)) }
    #expect(newest?.slot.time == at(Self.now - 3600))
    #expect(try store.read { try $0.plans.newest(account: "other", by: at(Self.now)) } == nil)
  }
}
