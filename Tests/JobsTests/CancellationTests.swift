import Domain
import Jobs
import Logging
import Store
import Testing

/// Runs that a person cancels, at each moment at which that can happen.
@Suite struct CancellationTests {
  /// When the cancellation comes.
  enum Moment: CaseIterable {
    case beforeTheRun, inTheAttempt, beforeThePause, inThePause
  }

  private static let reason = RunReason.cancelled("wrong venue")
  /// A pause that the test's clock never lets pass.
  private static let policy = JobPolicy(
    kind: .fetch, retry: RetryPolicy(max: 3, firstBackoff: .hours(1), lastBackoff: .hours(1)))

  /// A job that cancels its own run, and comes to a safe point or fails.
  private struct Cancelling: Job {
    let kind = JobKind.fetch
    let moment: Moment
    let runner: Runner

    func run(_ context: JobContext) async throws -> JobResult {
      let slot = context.firing.slot
      switch moment {
      case .beforeTheRun: break
      case .inTheAttempt, .beforeThePause:
        runner.cancel(slot, because: CancellationTests.reason)
      case .inThePause:
        Task.detached { [runner] in
          while !runner.activity.contains(where: \.isBackingOff) { await Task.yield() }
          runner.cancel(slot, because: CancellationTests.reason)
        }
      }
      if moment == .beforeTheRun || moment == .inTheAttempt { try context.checkpoint() }
      throw Fault(
        "fetch", "candles", cause: "HTTP 503", exit: .unavailable, isTransient: true,
        retryAfter: .hours(1))
    }
  }

  @Test(arguments: Moment.allCases)
  func endsFailedWithoutAnotherAttempt(_ moment: Moment) async throws {
    let bench = try Workbench()
    let runner = Runner(
      store: bench.store, holder: bench.lock.holder, time: bench.time, conditions: Conditions(),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let job = try #require(JobName("fetch"))
    let slot = Slot(job: job, time: Workbench.start)
    let follower = Follower(job: try #require(JobName("compute")), parents: [job])
    let firing = Firing(
      slot: slot, trigger: .cron, policy: Self.policy, followers: [follower])
    guard case .claimed(let run, let attempt) = try runner.claim(firing) else {
      Issue.record("the slot is free")
      return
    }
    if moment == .beforeTheRun { runner.cancel(slot, because: Self.reason) }
    let worker = WorkerThread(name: "test")
    defer { worker.stop() }
    let end = try await runner.run(
      ClaimedRun(firing: firing, run: run, attempt: attempt),
      job: Cancelling(moment: moment, runner: runner), on: worker)
    #expect(end.state == .failed)
    #expect(end.reason == "cancelled by hand: wrong venue")
    #expect(end.due == [])
    try bench.store.read { transaction in
      let row = try #require(try transaction.runs.run(run))
      #expect(row.state == .failed && row.cause == .cancelled && row.attempts == 1)
      #expect(try transaction.runs.failureRow(job) == [])
    }
    // What was cancelled once is not cancelled for ever.
    guard case .claimed(_, let second) = try runner.claim(firing, force: true) else {
      Issue.record("force claims anew")
      return
    }
    let again = try await runner.run(
      ClaimedRun(firing: firing, run: run, attempt: second), job: Done(), on: worker)
    #expect(again.state == .succeeded)
  }

  @Test func aJobThatIsDoneBeforeASafePointIsDone() async throws {
    let bench = try Workbench()
    let job = try #require(JobName("fetch"))
    let end = try await bench.run(Done(), hours: 1)
    #expect(end?.state == .succeeded)
    #expect(try bench.store.read { try $0.runs.latest(job) }?.reason == nil)
  }

  private struct Done: Job {
    let kind = JobKind.fetch
    func run(_ context: JobContext) async throws -> JobResult { JobResult(summary: "done") }
  }
}
