import Domain
import Logging
import Store
import Synchronization

/// Puts the course of one run into the ledger, and waits for a storage that refuses for now: what has
/// happened is recorded late rather than not at all.
struct RunRecorder {
  private let runner: Runner
  private let claimed: ClaimedRun
  /// The run's log, each line of which bears job and slot.
  let log: Logger
  /// The number of the present attempt.
  private(set) var attempt: Int
  /// What the present attempt logged, until it is in the ledger.
  var capture: LogCapture?

  init(_ runner: Runner, _ claimed: ClaimedRun) {
    (self.runner, self.claimed, attempt) = (runner, claimed, claimed.attempt)
    var log = runner.log
    log[metadataKey: "job"] = "\(claimed.firing.slot.job)"
    log[metadataKey: "slot"] = "\(claimed.firing.slot.time)"
    self.log = log
  }

  /// Records the end of the run, with its log, the writes of a success, and what a failure calls for,
  /// in one transaction.
  func end(
    _ state: RunState, _ reason: RunLife.Reason?, _ fault: Fault?, _ result: JobResult?, tries: Int
  ) async throws -> RunEnd {
    let firing = claimed.firing
    let (due, alert) = try await persist { transaction in
      try result?.commit?(transaction)
      try capture?.commit(to: transaction, firing.slot, run: claimed.run, attempt: attempt)
      let due = try transaction.runs.finish(
        run: claimed.run, attempt: attempt, state: state, reason: reason?.words,
        cause: reason?.cause,
        result: result?.line, followers: firing.followers)
      return (
        due,
        try FailureWatch.ended(
          firing.slot, state, reason: reason?.words, cause: reason?.cause,
          response: firing.onFailure, transaction)
      )
    }
    if let result {
      log.info("succeeded", metadata: ["attempt": "\(attempt)", "result": "\(result.line)"])
    } else {
      log.log(
        level: state == .skipped ? .warning : .error, "\(state): \(reason?.words ?? "")",
        metadata: tries > 1 ? ["attempt": "\(attempt)"] : [:])
    }
    alert?.tell(log)
    return RunEnd(
      state: state, reason: reason?.words, run: claimed.run, result: result, fault: fault, due: due)
  }

  /// Records that an attempt ended, while the run goes on.
  mutating func endAttempt(_ outcome: AttemptOutcome, _ fault: Fault, pause: TimeSpan) async throws
  {
    log.warning("attempt \(attempt) failed, the next in \(pause.rounded): \(fault)")
    try await persist { [self] transaction in
      try capture?.commit(to: transaction, claimed.firing.slot, run: claimed.run, attempt: attempt)
      try transaction.runs.endAttempt(
        run: claimed.run, attempt: attempt, outcome: outcome, reason: fault.description)
    }
    capture = nil
  }

  /// Records that another attempt begins.
  mutating func beginAttempt() async throws {
    attempt = try await persist { [claimed, runner] transaction in
      try transaction.runs.beginAttempt(run: claimed.run, holder: runner.holder)
    }
    runner.active.withLock {
      $0[claimed.firing.slot]?.activity = Runner.Activity(
        firing: claimed.firing, since: runner.time.uptime)
    }
  }

  /// Writes, again and again while the storage refuses.
  ///
  /// - Throws: the last refusal, once patience is at its end or the process was told to leave now; any
  ///   other fault at once.
  private func persist<T>(_ body: (WriteTransaction) throws -> T) async throws -> T {
    let (time, conditions) = (runner.time, runner.conditions)
    var backoff = StorageBackoff(began: time.uptime, patience: runner.patience)
    while true {
      do {
        let value = try runner.store.write(at: time.now, body)
        if let before = conditions.storageWorks() {
          log.notice(
            "the database takes writes again, after \((time.uptime - before.since).rounded)")
        }
        return value
      } catch let fault as Fault where fault.storage != nil {
        if conditions.storageFailed(fault, uptime: time.uptime) {
          log.error("what happened cannot be recorded yet, it is tried again: \(fault)")
        }
        guard !runner.isTold, let pause = backoff.next(at: time.uptime) else { throw fault }
        // The watchdog must not take the wait for a job that does not stop.
        runner.active.withLock { $0[claimed.firing.slot]?.activity.isBackingOff = true }
        try await time.sleep(for: pause)
      }
    }
  }
}
