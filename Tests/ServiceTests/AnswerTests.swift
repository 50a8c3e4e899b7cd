import Domain
import Scheduler
import Store
import Testing

@testable import Service

/// What machines are answered: schema, key by key, money as text and times in UTC.
@Suite struct AnswerTests {
  private static let start = ServiceFolder.start

  /// Cash of 750 and a plan that wants half of all in BTC at 100: weight 0 to target 0.5, cash 1.
  @Test func portfolio() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let symbol = try #require(Symbol("BTC-USDT"))
    let job = try #require(JobName("rebalance"))
    try store.write(at: Self.start) { transaction in
      try transaction.accounts.open("main", quote: "USDT", mode: .paper, initial: Amount(750))
      try transaction.plans.insert(
        account: "main", Slot(job: job, time: Self.start), run: nil, equity: Amount(750),
        cash: Amount(750), detail: "{}",
        lines: [
          PlanLine(
            symbol: symbol, score: 0.25, price: Amount(100), quantity: .zero, weight: .zero,
            targetWeight: try Amount(observed: 0.5), targetReason: "equal", decision: .buy,
            reason: nil)
        ], orders: [])
    }
    let answers = try store.read { transaction in
      try ["main", "none"].compactMap { try PortfolioAnswer(transaction, account: $0) }
    }
    try store.close()
    #expect(
      answers.json.text() == """
        {"schema":"carillon.portfolio/1","accounts":[{"account":"main","quote":"USDT","mode":"paper",\
        "equity":"750","unknown":null,"cash":"750","initial":"750","fees":{},"marked_at":"2026-11-20T12:00:00Z",\
        "holdings":[{"asset":"BTC","quantity":"0","price":"100","value":"0","weight":"0",\
        "target":"0.5"},{"asset":"USDT","quantity":"750","price":null,"value":"750","weight":"1",\
        "target":null}]}]}
        """)
  }

  /// A failed fetch: one attempt of two seconds, and compute, which follows it, has no row.
  @Test func runs() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let lock = try ProcessLock.acquire(beside: folder.database, purpose: "test", now: .epoch)
    let job = try #require(JobName("fetch"))
    let slot = Slot(job: job, time: Self.start + .minutes(1))
    let firing = Firing(slot: slot, trigger: .cron, policy: JobPolicy(kind: .fetch))
    let claim = try store.write(at: slot.time) {
      try $0.runs.claim(firing, holder: lock.holder)
    }
    guard case .claimed(let run, let attempt) = claim else {
      Issue.record("not claimed")
      return
    }
    try store.write(at: slot.time + .seconds(2)) {
      try $0.runs.finish(
        run: run, attempt: attempt, state: .failed, reason: "HTTP 503",
        cause: .fault)
    }
    let schedule = try Schedule.parse(ServiceFolder.schedules, file: "f")
    let (history, detail) = try store.read { transaction in
      let history = try HistoryAnswer(transaction, job: job, limit: 5, failedOnly: true)
      let row = try #require(try transaction.runs.run(slot))
      return (history, try RunDetail(row, schedule, transaction))
    }
    try store.close()
    let row = """
      {"run":\(run),"job":"fetch","slot":"2026-11-20T12:01:00Z","state":"failed","trigger":"cron",\
      "attempts":1,"started":"2026-11-20T12:01:00Z","ended":"2026-11-20T12:01:02Z",\
      "reason":"HTTP 503","cause":"fault","result":null}
      """
    #expect(history.json.text() == #"{"schema":"carillon.job.history/1","runs":[\#(row)]}"#)
    let latest = try #require(detail.deadline)
    #expect(
      detail.json.text() == """
        {"schema":"carillon.job.show/1","run":\(row),"created":"2026-11-20T12:01:00Z",\
        "deadline":"\(latest)","attempts":[{"attempt":1,"started":"2026-11-20T12:01:00Z",\
        "ended":"2026-11-20T12:01:02Z","outcome":"failed","reason":"HTTP 503"}],\
        "due_after":[],"followed_by":[]}
        """)
    #expect(latest > slot.time)
  }

  /// An overview of a service that never ran, with the jobs of the folder's schedule.
  @Test func status() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readOnly)
    let overview = try ServiceOverview(store, survey: folder.survey, now: Self.start)
    try store.close()
    let json = overview.json(mode: "paper", version: "9")
    #expect(json["schema"]?.string == "carillon.status/1")
    #expect(json["version"]?.string == "1.2.0")
    #expect(json["running"] == .bool(false))
    #expect(json["snapshot"] == .null)
    let jobs = try #require(json["jobs"]?.array)
    #expect(jobs.map { $0["job"]?.string } == ["fetch", "compute"])
    #expect(jobs.map { $0["next"] } == [.string("2026-11-20T12:01:00Z"), .null])
    #expect(jobs[1]["when"]?.string == "after fetch")
  }

  /// Every exit code is told once, and the busy job's is 75.
  @Test func exitCodes() {
    let codes = ExitCode.allCases.map(\.rawValue)
    #expect(codes == codes.sorted() && Set(codes).count == codes.count)
    #expect(ExitCode.tryAgain.rawValue == 75 && ExitCode.tryAgain.meaning.contains("job is busy"))
    #expect(ExitCode.cut(by: 2) == 130 && ExitCode.cut(by: 15) == 143)
  }
}
