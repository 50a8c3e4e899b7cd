import Domain
import Logging
import Scheduler
import Store
import StrictYAML
import Testing

@testable import Jobs
@testable import Service

/// A job that is never run here.
private struct Nothing: Job {
  let kind: JobKind

  func run(_ context: JobContext) async throws -> JobResult { JobResult(summary: "nothing") }
}

private struct NothingMaker: JobMaker {
  func job(
    _ name: JobName, _ kind: JobKind, parameters: YAMLNode?, log: DiagnosticLog
  ) -> (any Job)? {
    Nothing(kind: kind)
  }
}

@Suite struct DaemonTests {
  private let folder: ServiceFolder
  private let store: Store
  private let lock: ProcessLock
  private let time = SetTime(ServiceFolder.start)

  init() throws {
    folder = try ServiceFolder()
    store = try Store.open(folder.database, mode: .readWrite)
    lock = try ProcessLock.acquire(
      beside: folder.database, purpose: "test", now: ServiceFolder.start)
  }

  private func daemon(
    _ jobs: String, workers: Int, asksForClockProof: Bool = false
  ) throws -> Daemon {
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let conditions = Conditions()
    return try Daemon(
      schedule: try Schedule.parse("version: 1\njobs:\n\(jobs)", file: "f"),
      catalog: NothingMaker(), store: store,
      runner: Runner(
        store: store, holder: lock.holder, time: time, conditions: conditions, log: log),
      conditions: conditions, workers: workers, asksForClockProof: asksForClockProof, now: time.now,
      uptime: time.uptime, log: log)
  }

  /// Ends runs, in the ledger and for the daemon.
  private func succeed(_ runs: [ClaimedRun], _ daemon: inout Daemon) throws {
    for run in runs {
      _ = try store.write(at: time.now) {
        try $0.runs.finish(run: run.run, attempt: run.attempt, state: .succeeded)
      }
    }
    _ = try daemon.finished(runs.map { ($0, RunEnd(state: .succeeded)) }, now: time.now)
  }

  // Six slots and three workers: three claims in one transaction, and when those three runs are told
  // to have ended together, the other three in one more.
  @Test func whatStartsTogetherIsClaimedInOneTransaction() throws {
    let jobs = (1...6).map { "  job-\($0): { job: fetch, every: 1m }\n" }.joined()
    var daemon = try daemon(jobs, workers: 3)
    #expect(try daemon.turn(now: time.now, uptime: time.uptime).isEmpty)
    time.now = ServiceFolder.start + .minutes(1)
    var before = store.commits
    let first = try daemon.turn(now: time.now, uptime: time.uptime)
    #expect(first.map(\.firing.slot.job.text) == ["job-1", "job-2", "job-3"])
    #expect(store.commits - before == 1)
    before = store.commits
    let second = try daemon.finished(
      first.map { ($0, RunEnd(state: .succeeded)) }, now: time.now)
    #expect(second.map(\.firing.slot.job.text) == ["job-4", "job-5", "job-6"])
    #expect(store.commits - before == 1)
    let running = try store.read { try $0.runs.running() }
    #expect(running.count == 6)
    try store.close()
  }

  // 2,500 marks of jobs that nobody has seen before, a thousand in a transaction, and one that turns
  // the runs of dead processes into debts.
  @Test func theMarksOfALargeScheduleAreSavedTogether() throws {
    let jobs = (1...2500).map { "  job-\($0): { job: fetch, every: 1d }\n" }.joined()
    let before = store.commits
    var daemon = try daemon(jobs, workers: 1)
    _ = try daemon.turn(now: time.now, uptime: time.uptime)
    #expect(store.commits - before == 4)
    let marks = try store.read { try $0.marks.all() }
    #expect(marks.filter { $0.job.text.hasPrefix("job-") }.count == 2500)
    try store.close()
  }

  // One of three slots has its end already, by hand: the others are claimed all the same.
  @Test func aSlotThatIsNotToBeHadDoesNotHoldUpTheOthers() throws {
    var daemon = try daemon(
      (1...3).map { "  job-\($0): { job: fetch, every: 1m }\n" }.joined(), workers: 4)
    _ = try daemon.turn(now: time.now, uptime: time.uptime)
    time.now = ServiceFolder.start + .minutes(1)
    let name = try #require(JobName("job-2"))
    try store.write(at: time.now) {
      _ = try $0.runs.record(
        Slot(job: name, time: time.now), trigger: .manual, state: .skipped, reason: "by hand")
    }
    let claimed = try daemon.turn(now: time.now, uptime: time.uptime)
    #expect(claimed.map(\.firing.slot.job.text) == ["job-1", "job-3"])
    #expect(daemon.inFlight.count == 2)
    try store.close()
  }

  // The edit and the slot wake the loop together, and the edit is looked at first: the slot was due
  // under the old schedule, so it starts, and who starts it needs the job.
  @Test func aJobThatLeavesAsItFallsDueIsStillThereToBeRun() throws {
    let staying = "  staying: { job: fetch, every: 1m }\n"
    var daemon = try daemon(staying + "  leaving: { job: fetch, every: 1m }\n", workers: 4)
    _ = try daemon.turn(now: time.now, uptime: time.uptime)
    time.now = ServiceFolder.start + .minutes(1)
    let claimed = try daemon.reload(
      try Schedule.parse("version: 1\njobs:\n\(staying)", file: "f"), now: time.now)
    #expect(claimed.map(\.firing.slot.job.text) == ["staying", "leaving"])
    #expect(claimed.allSatisfy { daemon.job($0.firing.slot.job) != nil })
    try store.close()
  }

  /// Where orders are worth money: a distrust is told once, jobs that place no orders go on at once,
  /// and the others once two readings prove the clock.
  @Test func distrustOfTheClockIsToldOnce() throws {
    let jobs = "  fetch: { every: 1m }\n  rebalance: { job: rebalance, every: 1m, deadline: 10m }\n"
    var daemon = try daemon(jobs, workers: 4, asksForClockProof: true)
    let boot = time.uptime
    _ = try daemon.turn(now: time.now, uptime: boot)
    // Five hours ahead for a minute, and back.
    let ahead = ServiceFolder.start + .hours(5)
    time.now = ahead
    let first = try daemon.turn(now: ahead, uptime: boot)
    #expect(first.map(\.firing.slot.job.text) == ["fetch"], "a leap of five hours is to be proven")
    try succeed(first, &daemon)
    let right = ServiceFolder.start + .minutes(1)
    time.now = right
    let second = try daemon.turn(now: right, uptime: boot + .minutes(1))
    // What was passed over within two minutes of now stays passed over.
    #expect(second.isEmpty)
    let told = try store.read { try $0.service.fact(.clockSuspicion) }
    #expect(told?.since == ahead)
    let before = store.commits
    _ = try daemon.turn(now: right + .seconds(10), uptime: boot + .seconds(70))
    #expect(store.commits == before)
    // The proof.
    func reading(_ uptime: Int64) -> ClockReading {
      ClockReading(uptime: .seconds(uptime), isSynchronised: true, venues: [.seconds(1)])
    }
    time.now = ServiceFolder.start + .minutes(4)
    let third = try daemon.turn(now: time.now, uptime: boot + .minutes(4))
    #expect(third.map(\.firing.slot.job.text) == ["fetch"])
    #expect(third.map(\.firing.slot.time) == [time.now])
    try succeed(third, &daemon)
    time.now = ServiceFolder.start + .minutes(4) + .seconds(10)
    #expect(try daemon.take(reading(250), now: time.now).isEmpty)
    time.now = ServiceFolder.start + .minutes(4) + .seconds(40)
    var fourth = try daemon.take(reading(280), now: time.now)
    time.now = ServiceFolder.start + .minutes(5)
    fourth += try daemon.turn(now: time.now, uptime: boot + .minutes(5))
    #expect(fourth.contains { $0.firing.slot.job.text == "rebalance" })
    #expect(try store.read { try $0.service.fact(.clockSuspicion) } == nil)
    let jumps = try store.read { try $0.audit.latest(limit: 9, kind: "clock_jump") }
    #expect(jumps.count == 2)
    try store.close()
  }

  /// On paper nothing waits: a month ahead for a moment, and the next minute has its run; so has the
  /// first minute of a process that finds such a ledger.
  @Test(arguments: [false, true]) func aMonthAheadStopsNothing(isRestarted: Bool) throws {
    let jobs = "  fetch: { every: 1m }\n  rebalance: { job: rebalance, every: 1m }\n"
    var daemon = try daemon(jobs, workers: 4)
    let boot = time.uptime
    _ = try daemon.turn(now: time.now, uptime: boot)
    time.now = ServiceFolder.start + .days(30)
    let ahead = try daemon.turn(now: time.now, uptime: boot)
    try succeed(ahead, &daemon)
    time.now = ServiceFolder.start + .minutes(1)
    if isRestarted { daemon = try self.daemon(jobs, workers: 4) }
    let claimed = try daemon.turn(now: time.now, uptime: boot + .minutes(1))
    #expect(claimed.map(\.firing.slot.job.text) == ["fetch", "rebalance"])
    #expect(claimed.allSatisfy { $0.firing.slot.time == time.now })
    let marks = try store.read { try $0.marks.all(asOf: time.now) }
    #expect(marks.allSatisfy { $0.lastSuccess == nil })
    #expect(try store.read { try $0.audit.latest(limit: 9, kind: "clock_set_back") }.count == 1)
    try store.close()
  }

  /// A run by hand dies, and somebody else's claim or command notices: the row is a debt already when
  /// the daemon looks, and is owed all the same.
  @Test func aDeathThatAnotherNoticedIsToldToThePlanner() throws {
    var daemon = try daemon("  fetch: { job: fetch, every: 1h }\n", workers: 2)
    _ = try daemon.turn(now: time.now, uptime: time.uptime)
    let slot = Slot(job: try #require(JobName("fetch")), time: time.now + .milliseconds(7))
    time.now = time.now + .seconds(1)
    var dead: ProcessLock? = try ProcessLock.acquire(
      beside: folder.database, purpose: "test", now: time.now)
    let holder = try #require(dead?.holder)
    _ = try store.write(at: time.now) {
      try $0.runs.claim(
        Firing(slot: slot, trigger: .manual, policy: JobPolicy(kind: .fetch)), holder: holder)
    }
    #expect(try daemon.adoptOrphans(now: time.now).isEmpty)
    dead = nil
    try store.write(at: time.now) { _ = try $0.runs.reap() }
    let claimed = try daemon.adoptOrphans(now: time.now)
    #expect(claimed.map(\.firing.slot) == [slot])
    #expect(claimed.map(\.attempt) == [2])
    #expect(try daemon.adoptOrphans(now: time.now).isEmpty)
    try store.close()
  }
}
