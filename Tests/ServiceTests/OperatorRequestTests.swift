import Domain
import Jobs
import Logging
import Scheduler
import Store
import Testing

@testable import Service

/// What people ask while no service runs, and how requests are written down.
@Suite struct OperatorRequestTests {
  private static let fetch = JobName("fetch")!
  private static let compute = JobName("compute")!
  private static let noon = ServiceFolder.start

  private static let all: [OperatorRequest] = [
    .pause(fetch, until: noon, reason: "a \"quoted\" reason"),
    .pause(fetch, until: nil, reason: nil),
    .resume(fetch), .cancel(Slot(job: fetch, time: noon), reason: nil),
    .cancel(Slot(job: fetch, time: noon + .milliseconds(7)), reason: "why"),
    .trustClock(reason: "it was repaired"),
  ]

  @Test(arguments: all)
  func isReadBackAsItWasWritten(_ request: OperatorRequest) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let record = try store.write(at: Self.noon) { transaction in
      let id = try transaction.requests.append(
        request.verb, request.subject, detail: request.detail)
      return try transaction.requests.request(id)
    }
    #expect(try OperatorRequest(#require(record)) == request)
    try store.close()
  }

  /// Rows of another version, or of somebody who writes into the table by hand.
  @Test(
    arguments: [
      ("dance", "fetch", nil), ("pause", "Not A Job", nil), ("cancel", "fetch", nil),
      ("pause", "fetch", #"{"until":"tomorrow"}"#), ("pause", "fetch", #"{"until":7}"#),
      ("cancel", "fetch@noon", nil), ("trust-clock", "clock", nil), ("trust-clock", "clock", "{"),
    ] as [(String, String, String?)])
  func refusesWhatItDoesNotKnow(_ verb: String, _ subject: String, _ detail: String?) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let record = try store.write(at: Self.noon) { transaction in
      let id = try transaction.requests.append(verb, subject, detail: detail)
      return try transaction.requests.request(id)
    }
    #expect(try OperatorRequest(#require(record)) == nil)
    try store.close()
  }

  @Test(arguments: OperatorAnswer.Outcome.allCases)
  func answersAreReadBack(_ outcome: OperatorAnswer.Outcome) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let answer = OperatorAnswer(outcome, "a: b: c")
    let (open, answered) = try store.write(at: Self.noon) { transaction in
      let id = try transaction.requests.append("pause", "fetch", detail: nil)
      let open = try transaction.requests.request(id)
      try transaction.requests.answer(id, answer.outcome, answer.words)
      return (open, try transaction.requests.request(id))
    }
    #expect(try OperatorAnswer(#require(answered)) == answer)
    #expect(try OperatorAnswer(#require(open)) == nil)
    try store.close()
  }

  @Test func pausesAndResumesInTheMark() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let schedule = try Schedule.parse(ServiceFolder.schedules, file: "f")
    func ask(_ request: OperatorRequest, _ minutes: Int64) throws -> OperatorAnswer? {
      try StoppedService.carryOut(request, store, schedule, now: Self.noon + .minutes(minutes))
    }
    func mark() throws -> JobMark? { try store.read { try $0.marks.mark(of: Self.fetch) } }
    #expect(try ask(.resume(Self.fetch), 0)?.outcome == .nothingToDo)
    #expect(
      try ask(.pause(Self.fetch, until: nil, reason: "x"), 1)
        == OperatorAnswer(
          .done, "fetch is paused until it is resumed; what follows it rests too: compute"))
    #expect(try mark()?.pausedUntil == .distantFuture)
    #expect(try ask(.pause(Self.fetch, until: nil, reason: nil), 2)?.outcome == .nothingToDo)
    #expect(
      try ask(.pause(Self.fetch, until: Self.noon, reason: nil), 3)?.outcome == .refused)
    #expect(try ask(.resume(Self.fetch), 90)?.outcome == .done)
    // The next start sees a pause that has ended, and ends its slots skipped.
    #expect(try mark()?.pausedUntil == Self.noon + .minutes(90))
    #expect(try ask(.resume(Self.fetch), 91)?.outcome == .nothingToDo)
    #expect(try ask(.resume(#require(JobName("nobody"))), 92)?.outcome == .refused)
    var planner = Planner(
      schedule: schedule, marks: try store.read { try $0.marks.all() }, debts: [],
      now: Self.noon + .minutes(125))
    let records = planner.tick(now: Self.noon + .minutes(125)).compactMap { action in
      if case .record(let slot, _, let state, _) = action { "\(slot) \(state)" } else { nil }
    }
    #expect(
      records == [
        "fetch@2026-11-20T12:01:00Z skipped", "fetch@2026-11-20T13:01:00Z skipped",
      ])
    try store.close()
  }

  @Test func endsDebtsAndLeavesAloneWhatHasEnded() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let schedule = try Schedule.parse(ServiceFolder.schedules, file: "f")
    let debt = Slot(job: Self.compute, time: Self.noon)
    try store.write(at: Self.noon) {
      _ = try $0.runs.record(debt, trigger: .after, state: .deferred, reason: "due after fetch")
    }
    func cancel(_ slot: Slot) throws -> OperatorAnswer? {
      try StoppedService.carryOut(
        .cancel(slot, reason: "why"), store, schedule, now: Self.noon + .minutes(1))
    }
    #expect(try cancel(debt)?.outcome == .done)
    let row = try #require(try store.read { try $0.runs.run(debt) })
    #expect(row.state == .skipped && row.reason == "cancelled by hand: why")
    #expect(try cancel(debt)?.outcome == .nothingToDo)
    #expect(try cancel(Slot(job: Self.fetch, time: Self.noon))?.outcome == .refused)
    #expect(try store.read { try $0.audit.latest(limit: 10, kind: "cancel") }.count == 3)
    try store.close()
  }

  @Test func leavesRequestsToAServiceThatRuns() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let schedule = try Schedule.parse(ServiceFolder.schedules, file: "f")
    let lock = try DaemonLock.acquire(folder.database, now: Self.noon)
    #expect(
      try StoppedService.carryOut(
        .pause(Self.fetch, until: nil, reason: nil), store, schedule, now: Self.noon) == nil)
    #expect(try store.read { try $0.marks.mark(of: Self.fetch) }?.pausedUntil == nil)
    withExtendedLifetime(lock) {}
    try store.close()
  }
}

/// What `on-failure` does.
@Suite struct FailureWatchTests {
  private static let rebalance = JobName("rebalance")!

  /// Each step is the end of a run, or the operator's resuming; `H` marks where a halt begins.
  @Test(
    arguments: [
      ("fail fail", "-H"), ("fail ok fail", "---"), ("fail ok fail fail", "---H"),
      // Once for a row: who resumes is not overruled by the next failure of the same row.
      ("fail fail resume fail fail", "-H---"), ("fail fail resume ok fail fail", "-H---H"),
      // What a person cancelled is no failure, and does not end the row.
      ("fail cancel cancel", "---"), ("fail cancel fail", "--H"),
      // Somebody's own halt keeps its reason.
      ("halt fail fail", "H--"), ("fail skip fail", "--H"),
    ])
  func haltsOnceForARowOfFailures(_ story: String, _ halts: String) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let lock = try ProcessLock.acquire(beside: folder.database, purpose: "test", now: .epoch)
    // A new watch at each step: nothing is remembered but by the ledger.
    var found = ""
    for (index, step) in story.split(separator: " ").enumerated() {
      let now = ServiceFolder.start + .minutes(Int64(index))
      let before = try store.read { try $0.halts.current() }
      switch step {
      case "resume": try store.write(at: now) { _ = try $0.halts.end(reason: "go on") }
      case "halt":
        try store.write(at: now) { try $0.halts.begin(.noNew, reason: "mine", source: "cli") }
      default: try end(step, store, lock.holder, now)
      }
      let after = try store.read { try $0.halts.current() }
      found += before == nil && after != nil ? "H" : "-"
      if story.hasPrefix("halt") { #expect(after?.reason == "mine") }
    }
    #expect(found == halts)
    try store.close()
  }

  private func end(
    _ step: Substring, _ store: Store, _ holder: HolderID, _ now: Instant
  ) throws {
    let slot = Slot(job: Self.rebalance, time: now)
    let state: RunState = step == "ok" ? .succeeded : step == "skip" ? .skipped : .failed
    let reason = step == "cancel" ? "enough" : step == "fail" ? "HTTP 503" : nil
    let cause: RunCause? = step == "cancel" ? .cancelled : step == "fail" ? .fault : nil
    _ = try store.write(at: now) { transaction -> RunAlert? in
      let firing = Firing(slot: slot, trigger: .cron, policy: JobPolicy(kind: .rebalance))
      let claim = try transaction.runs.claim(firing, holder: holder)
      guard case .claimed(let run, let attempt) = claim else {
        Issue.record("not claimed: \(claim)")
        return nil
      }
      try transaction.runs.finish(
        run: run, attempt: attempt, state: state, reason: reason, cause: cause)
      return try FailureWatch.ended(
        slot, state, reason: reason, cause: cause, response: FailureResponse(haltAfter: 2),
        transaction)
    }
  }

  @Test(
    arguments: [
      (FailureResponse(severity: .critical), RunState.failed, RunCause.fault, 1),
      (FailureResponse(notify: ["mail"]), .timedOut, .timeOut, 1),
      (FailureResponse(), .failed, .fault, 0),
      (FailureResponse(severity: .info), .succeeded, nil, 0),
      (FailureResponse(severity: .info), .interrupted, .died, 0),
      (FailureResponse(severity: .info), .failed, .cancelled, 0),
    ] as [(FailureResponse, RunState, RunCause?, Int)])
  func leavesOneRowOfTheAuditForEachFailure(
    _ response: FailureResponse, _ state: RunState, _ cause: RunCause?, _ rows: Int
  ) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let alert = try store.write(at: .epoch) {
      try FailureWatch.ended(
        Slot(job: Self.rebalance, time: .epoch), state, reason: "x", cause: cause,
        response: response, $0)
    }
    #expect((alert == nil) == (rows == 0))
    let alerts = try store.read { try $0.audit.latest(limit: 9, kind: "alert") }
    #expect(alerts.count == rows)
    if let severity = response.severity, let alert = alerts.first {
      #expect(alert.text == "\(severity.rawValue): rebalance@1970-01-01T00:00:00Z failed: x")
    }
    try store.close()
  }
}
