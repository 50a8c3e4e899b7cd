import Domain
import Jobs
import Scheduler
import Store
import Testing

@testable import Service

/// What the running daemon answers.
@Suite struct RequestDeskTests {
  private static let noon = ServiceFolder.start
  private static let fetch = JobName("fetch")!
  private static let rebalance = JobName("rebalance")!
  private static let jobs = "fetch: { every: 1h }\nrebalance: { every: 1h, deadline: 30m }"

  @Test func pausesUntilATimeAndResumes() throws {
    let bench = try ServiceBench(Self.jobs, at: Self.noon - .minutes(30))
    try bench.turn(at: Self.noon - .minutes(30))
    let until = Self.noon + .minutes(90)
    let asked = Self.noon - .minutes(20)
    let pause = OperatorRequest.pause(Self.fetch, until: until, reason: "the exchange is down")
    #expect(
      try bench.ask(pause, at: asked)
        == OperatorAnswer(.done, "fetch is paused until 2026-11-20T13:30:00Z"))
    #expect(try bench.ask(pause, at: asked + .minutes(1))?.outcome == .nothingToDo)
    #expect(
      try bench.ask(.pause(Self.fetch, until: asked, reason: nil), at: Self.noon)?.outcome
        == .refused)
    #expect(bench.claimed == [Slot(job: Self.rebalance, time: Self.noon)])
    #expect(try bench.state(Slot(job: Self.fetch, time: Self.noon)) == .skipped)
    #expect(
      try bench.ask(.resume(Self.fetch), at: Self.noon + .minutes(10))?.outcome == .done)
    #expect(
      try bench.ask(.resume(Self.fetch), at: Self.noon + .minutes(11))?.outcome == .nothingToDo)
    try bench.turn(at: Self.noon + .hours(1))
    #expect(bench.claimed.last == Slot(job: Self.fetch, time: Self.noon + .hours(1)))
    let audit = try bench.store.read { try $0.audit.latest(limit: 1, kind: "pause") }.last
    #expect(audit?.text.contains("the exchange is down") == false)  // the refused one, newest
    let first = try bench.store.read { try $0.audit.latest(limit: 9, kind: "pause") }.last
    #expect(first?.text.contains("the exchange is down") == true)
  }

  @Test(
    arguments: [
      (.pause(JobName("nobody")!, until: nil, reason: nil), "no job named nobody"),
      (.resume(JobName("nobody")!), "no job named nobody"),
      (.cancel(Slot("nobody@2026-11-20T12:00:00Z")!, reason: nil), "no job named nobody"),
      (.cancel(Slot("fetch@2026-11-20T14:00:00Z")!, reason: nil), "has not fallen due"),
    ] as [(OperatorRequest, String)])
  func refusesInWords(_ request: OperatorRequest, _ words: String) throws {
    let bench = try ServiceBench(Self.jobs, at: Self.noon - .minutes(30))
    let answer = try bench.ask(request, at: Self.noon)
    #expect(answer?.outcome == .refused)
    #expect(answer?.words.contains(words) == true, "\(answer?.words ?? "")")
  }

  /// A slot of its own beside the schedule, once, however often the request is read.
  @Test func runsAJobNow() throws {
    let bench = try ServiceBench(Self.jobs, at: Self.noon - .minutes(30))
    try bench.turn(at: Self.noon - .minutes(30))
    let asked = Self.noon - .minutes(20)
    let slot = Slot(job: Self.fetch, time: asked)
    let answer = try bench.ask(.run(Self.fetch, reason: "kim from 10.0.0.1"), at: asked)
    #expect(answer?.outcome == .done)
    #expect(answer?.words.contains("\(slot) has started: run ") == true, "\(answer?.words ?? "")")
    #expect(bench.claimed == [slot])
    let run = try bench.store.read { try $0.runs.run(slot) }
    #expect(run?.trigger == .manual)
    let marks = try bench.store.read { try $0.marks.mark(of: Self.fetch)?.slot }
    #expect(marks == nil)
    // While it runs there is no second one.
    let again = try bench.ask(.run(Self.fetch, reason: nil), at: asked + .seconds(1))
    #expect(again == OperatorAnswer(.refused, "fetch is already running"))
    let audit = try bench.store.read { try $0.audit.latest(limit: 9, kind: "run-job") }
    #expect(audit.last?.text.contains("kim from 10.0.0.1") == true)
  }

  @Test func aRunThatHasEndedIsTriedAgain() throws {
    let bench = try ServiceBench(Self.jobs, at: Self.noon - .minutes(30))
    try bench.turn(at: Self.noon - .minutes(30))
    let slot = Slot(job: Self.fetch, time: Self.noon - .minutes(40))
    #expect(
      try bench.ask(.retry(slot, reason: nil), at: Self.noon - .minutes(29))?.words
        == "there is no run of \(slot) to be tried again")
    try bench.store.write(at: Self.noon - .minutes(29)) {
      _ = try $0.runs.record(slot, trigger: .cron, state: .missed, reason: "for the test")
    }
    let answer = try bench.ask(.retry(slot, reason: "now"), at: Self.noon - .minutes(28))
    #expect(answer?.words.hasPrefix("\(slot) has started: run ") == true, "\(answer?.words ?? "")")
    #expect(try bench.state(slot) == .running)
    // What first made it due stays.
    #expect(try bench.store.read { try $0.runs.run(slot)?.trigger } == .cron)
  }

  @Test func whatIsPausedOrOldIsNotRun() throws {
    let bench = try ServiceBench(Self.jobs, at: Self.noon - .minutes(30))
    try bench.turn(at: Self.noon - .minutes(30))
    _ = try bench.ask(.pause(Self.fetch, until: nil, reason: nil), at: Self.noon - .minutes(29))
    #expect(
      try bench.ask(.run(Self.fetch, reason: nil), at: Self.noon - .minutes(28))
        == OperatorAnswer(.refused, "fetch is paused until it is resumed: resume it first"))
    // Asked while nothing ran, and read six minutes later.
    let id = try bench.store.write(at: Self.noon - .minutes(27)) {
      try $0.requests.append("run-job", "rebalance", detail: nil)
    }
    try bench.turn(at: Self.noon - .minutes(21))
    #expect(
      try bench.store.read { try $0.requests.request(id)?.answer }?.contains("ask again") == true)
    #expect(bench.claimed.isEmpty)
  }

  @Test func answersWhatItDoesNotUnderstand() throws {
    let bench = try ServiceBench(Self.jobs, at: Self.noon)
    let id = try bench.store.write(at: Self.noon) {
      try $0.requests.append("dance", "fetch", detail: nil)
    }
    try bench.turn(at: Self.noon)
    let record = try #require(try bench.store.read { try $0.requests.request(id) })
    #expect(record.outcome == .refused)
    #expect(record.answer == "this version does not understand `dance`")
  }

  @Test func leavesTheRunsOfOtherProcessesToThem() throws {
    let bench = try ServiceBench(Self.jobs, at: Self.noon - .minutes(30))
    let slot = Slot(job: Self.fetch, time: Self.noon - .minutes(1))
    var other: ProcessLock? = try ProcessLock.acquire(
      beside: bench.folder.database, purpose: "test", now: Self.noon)
    let holder = try #require(other?.holder)
    _ = try bench.store.write(at: Self.noon) {
      try $0.runs.claim(
        Firing(slot: slot, trigger: .manual, policy: JobPolicy(kind: .fetch)), holder: holder)
    }
    #expect(try bench.ask(.cancel(slot, reason: nil), at: Self.noon) == nil)
    #expect(try bench.state(slot) == .running)
    // It dies: the daemon takes over what it owes, and the request is about a run of its own then.
    other = nil
    try bench.turn(at: Self.noon + .seconds(1))
    try bench.turn(at: Self.noon + .seconds(2))
    #expect(try bench.store.read { try $0.requests.open() }.isEmpty)
  }

  /// The process dies after it has answered, and before the run came to its safe point.
  @Test(arguments: [true, false])
  func aCancelledRunIsNotTakenUpAfterACrash(_ isAskedOfThisRun: Bool) throws {
    let slot = Slot(job: Self.fetch, time: Self.noon)
    let asked = isAskedOfThisRun ? Self.noon + .seconds(2) : Self.noon - .hours(1)
    let bench = try ServiceBench(Self.jobs, at: Self.noon - .minutes(30))
    try bench.turn(at: Self.noon - .minutes(30))
    let id = try bench.store.write(at: asked) {
      let request = OperatorRequest.cancel(slot, reason: "why")
      return try $0.requests.append(request.verb, request.subject, detail: request.detail)
    }
    try bench.store.write(at: asked) {
      _ = try $0.requests.answer(id, .done, "it was asked to stop")
    }
    // A process that is gone has claimed it.
    var dead: ProcessLock? = try ProcessLock.acquire(
      beside: bench.folder.database, purpose: "test", now: Self.noon)
    let holder = try #require(dead?.holder)
    _ = try bench.store.write(at: Self.noon) {
      try $0.runs.claim(
        Firing(slot: slot, trigger: .cron, policy: JobPolicy(kind: .fetch)), holder: holder)
    }
    dead = nil
    try bench.restart(at: Self.noon + .seconds(10))
    try bench.turn(at: Self.noon + .seconds(10))
    let row = try #require(try bench.store.read { try $0.runs.run(slot) })
    #expect(row.state == (isAskedOfThisRun ? .skipped : .running))
    #expect(bench.claimed.contains(slot) == !isAskedOfThisRun)
    if isAskedOfThisRun { #expect(row.reason == "cancelled by hand: why") }
  }

  /// Whenever anything on record is from the future, suspected or not, a person can say that the clock
  /// is right.
  @Test func theOperatorTakesTheClockForTheTruth() throws {
    let bench = try ServiceBench(Self.jobs, at: Self.noon - .minutes(1))
    try bench.turn(at: Self.noon)
    let trust = OperatorRequest.trustClock(reason: "the battery was empty")
    #expect(try bench.ask(trust, at: Self.noon + .seconds(2))?.outcome == .nothingToDo)
    // Another process, under a clock of its own that was ahead, ran a job by hand.
    let slot = Slot(job: Self.fetch, time: Self.noon + .hours(5))
    try bench.store.write(at: slot.time) {
      _ = try $0.runs.record(slot, trigger: .cron, state: .coalesced, reason: "why")
    }
    // A question that was asked by another clock is not answered with yes.
    let old = try bench.store.write(at: Self.noon - .minutes(6)) {
      try $0.requests.append("trust-clock", "clock", detail: #"{"reason":"old"}"#)
    }
    try bench.turn(at: Self.noon + .seconds(3))
    #expect(try bench.store.read { try $0.requests.request(old)?.outcome } == .refused)
    #expect(try bench.ask(trust, at: Self.noon + .seconds(4))?.outcome == .done)
    #expect(try bench.store.read { try $0.runs.run(slot) } == nil)
    #expect(try bench.store.read { try $0.marks.mark(of: Self.fetch)?.slot } == Self.noon)
    #expect(try bench.ask(trust, at: Self.noon + .seconds(5))?.outcome == .nothingToDo)
    // Health tells, until the clock has passed what was overruled.
    let survey = bench.folder.survey
    let lock = try DaemonLock.acquire(bench.folder.database, now: Self.noon)
    func words(_ now: Instant) -> String? { survey.look(bench.store, now: now).clockTrust?.text }
    #expect(
      words(Self.noon + .minutes(1))
        == "the battery was empty (the latest time seen before was 2026-11-20T17:00:00Z)")
    #expect(words(Self.noon + .hours(5)) == nil)
    withExtendedLifetime(lock) {}
  }
}
