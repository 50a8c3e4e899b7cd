import Domain
import Store
import Testing

@testable import Jobs

/// What becomes of a run after each attempt and each pause.
@Suite struct RunLifeTests {
  private static let slot = Slot(job: JobName("fetch")!, time: .epoch)
  private static let transient = Fault(
    "fetch", "candles", cause: "HTTP 503", exit: .unavailable, isTransient: true)
  private static let permanent = Fault("fetch", "candles", cause: "no such symbol", exit: .data)
  private static let full = Fault("write", "db", cause: "full", exit: .io, storage: .full)
  private static let file = Fault("write", "S1.zst", cause: "No space left", exit: .io)

  private static let cut = RunReason.cancelled("enough")

  private static func life(max: Int, latestStart: Instant? = nil) -> RunLife {
    RunLife(
      Firing(
        slot: slot, trigger: .cron,
        policy: JobPolicy(
          kind: .fetch, timeout: .minutes(5),
          retry: RetryPolicy(max: max, firstBackoff: .seconds(10), lastBackoff: .minutes(2))),
        latestStart: latestStart))
  }

  /// The first of three attempts is over; `cut` is a person's wish to end the run.
  @Test(
    arguments: [
      (.done(caveat: nil), nil, .end(.succeeded, nil, nil)),
      (.done(caveat: "abstained: x"), nil, .end(.succeeded, .init(nil, "abstained: x"), nil)),
      // Done is done, whoever wanted it to end.
      (.done(caveat: nil), cut, .end(.succeeded, nil, nil)),
      (.refused("needs infer"), nil, .end(.skipped, .init(.stale, "needs infer"), nil)),
      (.failed(permanent), nil, .end(.failed, .init(.fault, permanent.description), permanent)),
      (.failed(permanent), cut, .end(.failed, .init(cut), nil)),
      (.failed(transient), cut, .end(.failed, .init(cut), nil)),
      (.stopped, nil, .end(.interrupted, .init(.stopping, "told to stop"), nil)),
      (.stopped, cut, .end(.failed, .init(cut), nil)),
      (.timedOut, cut, .end(.failed, .init(cut), nil)),
      (.failed(transient), nil, .pause(.seconds(10), .failed, transient)),
      // A disk that refuses, the database's or another file's, may take it the next time.
      (.failed(full), nil, .pause(.seconds(10), .failed, full)),
      (.failed(file), nil, .pause(.seconds(10), .failed, file)),
    ] as [(RunLife.Outcome, RunReason?, RunLife.Step)])
  func afterTheFirstAttempt(_ outcome: RunLife.Outcome, _ cut: RunReason?, _ step: RunLife.Step) {
    var life = Self.life(max: 3)
    #expect(life.ended(outcome, cancellation: cut, draw: \.upperBound) == step)
  }

  @Test func theLastAttemptEndsTheRun() {
    var life = Self.life(max: 2)
    // The bound doubles from 10 s: full jitter draws below it.
    #expect(
      life.ended(.failed(Self.transient), cancellation: nil, draw: \.upperBound)
        == .pause(.seconds(10), .failed, Self.transient))
    #expect(life.paused(isDraining: false, cancellation: nil, now: .epoch) == .attempt)
    #expect(life.tries == 2)
    #expect(
      life.ended(.failed(Self.transient), cancellation: nil, draw: \.upperBound)
        == .end(.failed, .init(.fault, Self.transient.description), Self.transient))
  }

  @Test func aTimeoutIsTriedAgainAndEndsTimedOut() {
    var life = Self.life(max: 2)
    guard
      case .pause(.zero, .timedOut, let fault) = life.ended(
        .timedOut, cancellation: nil, draw: \.lowerBound)
    else {
      Issue.record("a time-out may pass")
      return
    }
    #expect(fault.cause == "it took longer than its time-out of 5m")
    #expect(life.paused(isDraining: false, cancellation: nil, now: .epoch) == .attempt)
    #expect(
      life.ended(.timedOut, cancellation: nil, draw: \.lowerBound)
        == .end(.timedOut, .init(.timeOut, fault.description), fault))
  }

  /// The pause after the first of three attempts is over at second 20; the latest start is second 30 or
  /// 10.
  @Test(
    arguments: [
      (false, nil, 30, .attempt),
      (
        true, nil, 30,
        .end(
          .deferred, .init(.stopping, "back-off cut by shutdown: \(transient)"), transient)
      ),
      (false, cut, 30, .end(.failed, .init(cut), nil)),
      (true, cut, 30, .end(.failed, .init(cut), nil)),
      (
        false, nil, 10,
        .end(
          .failed, .init(.fault, "\(transient); too late for another attempt"), transient)
      ),
      // Shutdown leaves the decision to the next start.
      (
        true, nil, 10,
        .end(
          .deferred, .init(.stopping, "back-off cut by shutdown: \(transient)"), transient)
      ),
    ] as [(Bool, RunReason?, Int64, RunLife.Step)])
  func afterAPause(_ isDraining: Bool, _ cut: RunReason?, _ latest: Int64, _ step: RunLife.Step) {
    var life = Self.life(max: 3, latestStart: .epoch + .seconds(latest))
    _ = life.ended(.failed(Self.transient), cancellation: nil, draw: \.upperBound)
    #expect(
      life.paused(isDraining: isDraining, cancellation: cut, now: .epoch + .seconds(20)) == step)
  }

  /// 100 ms, doubled up to 5 s, for a minute.
  @Test func theStorageIsAskedAgainEverLessOften() {
    var backoff = StorageBackoff(began: .seconds(1), patience: .minutes(1))
    var (uptime, pauses) = (TimeSpan.seconds(1), [TimeSpan]())
    while let pause = backoff.next(at: uptime) {
      pauses.append(pause)
      uptime = uptime + pause
    }
    #expect(
      pauses.prefix(8).map(\.milliseconds) == [100, 200, 400, 800, 1600, 3200, 5000, 5000])
    #expect(uptime == .seconds(61))
  }
}
