import Domain
import Glibc
import Jobs
import Store
import Synchronization
import Testing

/// A job made of what a test wants each attempt to do.
private struct Scripted: Job {
  let kind = JobKind.fetch
  let attempts: @Sendable (Int, JobContext) async throws -> JobResult

  func run(_ context: JobContext) async throws -> JobResult {
    try await attempts(context.attempt, context)
  }
}

private let transient = Fault(
  "fetch", "candles", cause: "HTTP 503", exit: .unavailable, isTransient: true)
private let permanent = Fault("fetch", "candles", cause: "no such symbol", exit: .data)

/// The threads on which something ran.
private final class ThreadNotes: Sendable {
  private let threads = Mutex<[pthread_t]>([])

  var all: [pthread_t] { threads.withLock { $0 } }
  func add() { threads.withLock { $0.append(pthread_self()) } }
}

@Suite struct RunnerTests {
  /// Pauses of at most a millisecond, which the test's clock lets pass.
  private let patient = JobPolicy(
    kind: .fetch,
    retry: RetryPolicy(max: 3, firstBackoff: .milliseconds(1), lastBackoff: .milliseconds(1)))

  @Test func transientFaultsAreTriedAgain() async throws {
    let bench = try Workbench()
    let job = Scripted { attempt, _ in
      if attempt < 3 { throw transient }
      return JobResult(summary: "done")
    }
    let end = try await bench.run(job, hours: 1, policy: patient)
    #expect(end?.state == .succeeded)
    let attempts = try bench.store.read { try $0.runs.attempts(of: try #require(end?.run)) }
    #expect(attempts.map(\.outcome) == [.failed, .failed, .succeeded])
  }

  @Test func permanentFaultsAreNot() async throws {
    let bench = try Workbench()
    let end = try await bench.run(Scripted { _, _ in throw permanent }, hours: 1, policy: patient)
    #expect(end?.state == .failed)
    #expect(end?.reason == "cannot fetch candles: no such symbol")
    let attempts = try bench.store.read { try $0.runs.attempts(of: try #require(end?.run)) }
    #expect(attempts.count == 1)
  }

  @Test func theLastAttemptsFaultIsTheReason() async throws {
    let bench = try Workbench()
    let end = try await bench.run(Scripted { _, _ in throw transient }, hours: 1, policy: patient)
    #expect(end?.state == .failed)
    let attempts = try bench.store.read { try $0.runs.attempts(of: try #require(end?.run)) }
    #expect(attempts.count == 3)
  }

  /// A stop that comes between the claim and the first attempt is not missed: the slot is owed.
  @Test func aStopAfterTheClaimIsNotMissed() async throws {
    let bench = try Workbench()
    let runner = bench.runner()
    runner.interrupt()
    let job = Scripted { _, context in
      try context.checkpoint()
      return JobResult(summary: "done all the same")
    }
    let end = try await bench.run(job, hours: 1, runner: runner)
    #expect(end?.state == .interrupted)
    #expect(try bench.store.read { try $0.runs.debts() }.count == 1)
  }

  @Test func aJobPastItsTimeoutIsToldToStop() async throws {
    let bench = try Workbench()
    // The test's clock lets sleeps below a second pass at once, so this time-out strikes at once.
    let policy = JobPolicy(kind: .fetch, timeout: .milliseconds(1))
    let job = Scripted { _, context in
      while true {
        try context.checkpoint()
        await Task.yield()
      }
    }
    let end = try await bench.run(job, hours: 1, policy: policy)
    #expect(end?.state == .timedOut)
    #expect(end?.reason?.contains("longer than its time-out of 1ms") == true)
  }

  @Test func shutdownCutsTheBackoffAndOwesTheSlot() async throws {
    let bench = try Workbench()
    let conditions = Conditions()
    let policy = JobPolicy(
      kind: .fetch,
      retry: RetryPolicy(max: 3, firstBackoff: .hours(1), lastBackoff: .hours(1)))
    let job = Scripted { _, _ in
      conditions.isDraining = true
      throw transient
    }
    let end = try await bench.run(job, hours: 1, policy: policy, conditions: conditions)
    #expect(end?.state == .deferred)
    let debts = try bench.store.read { try $0.runs.debts() }
    #expect(debts.map(\.attempts) == [1])
  }

  @Test func aFailingCommitLeavesNothingBehind() async throws {
    let bench = try Workbench()
    let job = Scripted { _, _ in
      JobResult(summary: "written") { transaction in
        try transaction.audit.append("half", "written")
        throw permanent
      }
    }
    let end = try await bench.run(job, hours: 1)
    #expect(end?.state == .failed)
    #expect(try bench.store.read { try $0.audit.latest(limit: 10) }.isEmpty)
  }

  @Test func needsThatAreNotFreshSkipTheSlot() async throws {
    let bench = try Workbench()
    let infer = try #require(JobName("infer"))
    let policy = JobPolicy(kind: .fetch, needs: [infer: .minutes(20)])
    let end = try await bench.run(
      Scripted { _, _ in JobResult(summary: "ran") }, hours: 1, policy: policy)
    #expect(end?.state == .skipped)
    #expect(end?.reason == "needs infer, which has never succeeded")
  }

  @Test func successMakesFollowersDueInTheSameTransaction() async throws {
    let bench = try Workbench()
    let (fetch, compute) = (try #require(JobName("fetch")), try #require(JobName("compute")))
    let end = try await bench.run(
      Scripted { _, _ in JobResult(summary: "done") }, hours: 1,
      followers: [Follower(job: compute, parents: [fetch])])
    let slot = Slot(job: compute, time: Workbench.start + .hours(1))
    #expect(end?.due == [slot])
    #expect(try bench.store.read { try $0.runs.run(slot) }?.state == .deferred)
  }

  @Test func jobsRunOnTheWorkersThreadAndNotOnThePool() async throws {
    let bench = try Workbench()
    let notes = ThreadNotes()
    let job = Scripted { _, context in
      notes.add()
      await withTaskGroup(of: Void.self) { group in group.addTask { notes.add() } }
      try await context.time.sleep(for: .milliseconds(1))
      notes.add()
      return JobResult(summary: "done")
    }
    _ = try await bench.run(job, hours: 1)
    // The pool's threads are reused at random, so one and the same three times is the worker.
    #expect(notes.all.count == 3)
    #expect(Set(notes.all).count == 1)
  }
}
