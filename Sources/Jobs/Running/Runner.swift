public import Domain
public import Logging
public import Store
import Synchronization

/// Runs one firing from claim to final state: the only place where attempts begin and end.
///
/// The daemon, `carillon job run` and the simulation all call `run`, so a slot is claimed, bounded,
/// tried again and recorded in one way. A run without faults costs two transactions: the claim, and
/// the result with the final state.
public final class Runner: Sendable {
  private let store: Store
  /// In whose name it claims.
  public let holder: HolderID
  private let time: any TimeSource
  private let conditions: Conditions
  private let log: Logger
  let active = Mutex<[Slot: Active]>([:])
  let cancellations = Mutex<[Slot: String]>([:])

  struct Active {
    var cancel: (@Sendable () -> Void)?
    var backoff: Task<Void, Never>?
    var activity: Activity
    var isStopped = false
  }

  /// A runner that claims in the name of `holder`, this process's lock.
  public init(
    store: Store, holder: HolderID, time: any TimeSource, conditions: Conditions, log: Logger
  ) {
    self.store = store
    self.holder = holder
    self.time = time
    self.conditions = conditions
    self.log = log
  }

  /// Claims a firing's slot: the insert that only one process wins. Call it on a thread that may
  /// block.
  ///
  /// - Parameter force: adds an attempt to a run that has ended.
  public func claim(_ firing: Firing, force: Bool = false) throws -> Claim {
    try store.write(at: time.now) { try $0.runs.claim(firing, holder: holder, force: force) }
  }

  /// Claims slots that fell due together, in one transaction.
  ///
  /// - Returns: the answer to each, in their order.
  public func claim(_ firings: [Firing]) throws -> [Claim] {
    try store.write(at: time.now) { transaction in
      try firings.map { try transaction.runs.claim($0, holder: holder) }
    }
  }

  /// Runs a job at a slot that was claimed, and records the end, all on the worker's thread.
  ///
  /// - Throws: a `Fault` of the database; the run is then still `running` in the ledger, and the
  ///   next start takes it for interrupted.
  public func run(
    _ claimed: ClaimedRun, job: any Job, on worker: WorkerThread
  ) async throws -> RunEnd {
    begin(claimed.firing)
    defer {
      active.withLock { $0[claimed.firing.slot] = nil }
      cancellations.withLock { $0[claimed.firing.slot] = nil }
    }
    return try await Task(executorPreference: worker) {
      try await self.attempts(
        of: claimed.firing, job: job, on: worker, run: claimed.run, first: claimed.attempt)
    }.value
  }

  /// What is under way, for the watchdog and the probes.
  public var activity: [Activity] {
    active.withLock { $0.values.map(\.activity) }.sorted { $0.firing.slot < $1.firing.slot }
  }

  /// One run under way.
  public struct Activity: Sendable {
    /// What runs.
    public var firing: Firing
    /// The uptime at which the present attempt began.
    public var since: TimeSpan
    /// Whether the run waits for its next attempt.
    public var isBackingOff: Bool

    /// A run under way.
    public init(firing: Firing, since: TimeSpan, isBackingOff: Bool = false) {
      (self.firing, self.since, self.isBackingOff) = (firing, since, isBackingOff)
    }
  }

  /// Shutdown begins: pauses between attempts are cut, attempts go on.
  public func drain() {
    conditions.isDraining = true
    active.withLock { runs in runs.values.forEach { $0.backoff?.cancel() } }
  }

  /// Asks the attempts under way to stop at their next safe point; their slots end `interrupted`.
  public func interrupt() {
    conditions.isDraining = true
    active.withLock { runs in
      for slot in runs.keys {
        runs[slot]?.isStopped = true
        runs[slot]?.cancel?()
        runs[slot]?.backoff?.cancel()
      }
    }
  }
}

extension Runner {
  /// The attempts of a claimed run, and the pauses between them.
  private func attempts(
    of firing: Firing, job: any Job, on worker: WorkerThread, run: Int64, first: Int
  ) async throws -> RunEnd {
    var log = self.log
    log[metadataKey: "job"] = "\(firing.slot.job)"
    log[metadataKey: "slot"] = "\(firing.slot.time)"
    var attempt = first
    var tries = 1
    while true {
      let capture = LogCapture()
      let outcome: Outcome
      if let stale = try staleNeed(of: firing) {
        outcome = .ended(.skipped, stale, nil)
      } else {
        let context = JobContext(
          firing: firing, run: run, attempt: attempt, time: time, store: store,
          log: capture.logger(over: log), conditions: conditions)
        outcome = await self.outcome(of: job, in: context, on: worker)
      }
      switch outcome {
      case .done(let result):
        let due: [Slot]
        do {
          due = try finish(firing, run, attempt, .succeeded, result.caveat, capture, result)
        } catch let fault as Fault where !fault.isTransient {
          log.error("\(fault)")
          try finish(firing, run, attempt, .failed, fault.description, capture)
          return RunEnd(state: .failed, reason: fault.description, run: run, fault: fault)
        }
        log.info("succeeded", metadata: ["attempt": "\(attempt)", "result": "\(result.line)"])
        return RunEnd(
          state: .succeeded, reason: result.caveat, run: run, result: result, due: due)
      case .ended(let state, let reason, let fault):
        try finish(firing, run, attempt, state, reason, capture)
        log.log(level: state == .skipped ? .warning : .error, "\(state): \(reason)")
        return RunEnd(state: state, reason: reason, run: run, fault: fault)
      case .again(let state, let fault):
        guard tries < firing.policy.retry.max else {
          try finish(firing, run, attempt, state, fault.description, capture)
          log.error("\(state): \(fault)", metadata: ["attempt": "\(attempt)"])
          return RunEnd(state: state, reason: fault.description, run: run, fault: fault)
        }
        let pause = firing.pause(after: tries, fault)
        log.warning("attempt \(attempt) failed, the next in \(pause.rounded): \(fault)")
        try store.write(at: time.now) {
          try capture.commit(to: $0, firing.slot, run: run, attempt: attempt)
          try $0.runs.endAttempt(
            run: run, attempt: attempt, outcome: state == .timedOut ? .timedOut : .failed,
            reason: fault.description)
        }
        let isCut = await wait(pause, firing.slot)
        if let reason = cancellation(of: firing.slot) {
          try finish(firing, run, attempt, .failed, reason, nil)
          return RunEnd(state: .failed, reason: reason, run: run)
        }
        if isCut || firing.latestStart.map({ time.now > $0 }) == true {
          let reason =
            isCut
            ? "back-off cut by shutdown: \(fault)" : "\(fault); too late for another attempt"
          let end = isCut ? RunState.deferred : state
          try finish(firing, run, attempt, end, reason, nil)
          return RunEnd(state: end, reason: reason, run: run, fault: fault)
        }
        tries += 1
        attempt = try store.write(at: time.now) {
          try $0.runs.beginAttempt(run: run, holder: holder)
        }
        active.withLock {
          $0[firing.slot]?.activity = Activity(firing: firing, since: time.uptime)
        }
      }
    }
  }

  /// What one attempt came to.
  private enum Outcome {
    case done(JobResult)
    case ended(RunState, String, Fault?)
    case again(RunState, Fault)
  }

  private func begin(_ firing: Firing) {
    active.withLock {
      $0[firing.slot] = Active(activity: Activity(firing: firing, since: time.uptime))
    }
  }

  /// Runs one attempt within its time-out.
  ///
  /// The attempt stays on the worker's thread; the clock that cuts it off runs elsewhere, so that a
  /// job that computes without a pause cannot hold it up.
  private func outcome(
    of job: any Job, in context: JobContext, on worker: WorkerThread
  ) async -> Outcome {
    let slot = context.firing.slot
    let timeout = context.firing.policy.timeout
    // A task of its own, so that it alone is cancelled; tasks do not inherit their executor.
    let work = Task(executorPreference: worker) { try await job.run(context) }
    let clock = Task.detached { [time] in
      do {
        try await time.sleep(for: timeout)
        work.cancel()
        return true
      } catch {
        return false  // the attempt ended first
      }
    }
    active.withLock {
      $0[slot]?.cancel = { work.cancel() }
      if $0[slot]?.isStopped == true { work.cancel() }
    }
    if cancellation(of: slot) != nil { work.cancel() }
    let result = await work.result
    clock.cancel()
    let isTimedOut = await clock.value
    let isStopped = active.withLock { $0[slot]?.isStopped == true }
    switch result {
    case .success(let result):
      return .done(result)
    case .failure(let error):
      if let reason = cancellation(of: slot) { return .ended(.failed, reason, nil) }
      if isStopped { return .ended(.interrupted, "told to stop", nil) }
      if isTimedOut {
        return .again(
          .timedOut,
          Fault(
            "finish", "\(slot)", cause: "it took longer than its time-out of \(timeout)",
            remedy:
              "raise `timeout` in the schedules file, or see `carillon job history \(slot.job)`",
            exit: .no, isTransient: true))
      }
      let fault = Fault(any: error, during: slot)
      return fault.isTransient ? .again(.failed, fault) : .ended(.failed, fault.description, fault)
    }
  }

  /// Records the end of a run, with its log and, when it succeeded, its writes, in one transaction.
  /// Returns the followers that fell due by it. The log is nil when it is in the ledger already.
  @discardableResult
  private func finish(
    _ firing: Firing, _ run: Int64, _ attempt: Int, _ state: RunState, _ reason: String?,
    _ capture: LogCapture?, _ result: JobResult? = nil
  ) throws -> [Slot] {
    try store.write(at: time.now) { transaction in
      if state == .succeeded { try result?.commit?(transaction) }
      try capture?.commit(to: transaction, firing.slot, run: run, attempt: attempt)
      return try transaction.runs.finish(
        run: run, attempt: attempt, state: state, reason: reason, result: result?.line,
        followers: firing.followers)
    }
  }

  /// Which of the firing's needs is not fresh enough, in words; nil when all are.
  private func staleNeed(of firing: Firing) throws -> String? {
    guard !firing.policy.needs.isEmpty else { return nil }
    let now = time.now
    let marks = try store.read { try $0.marks.all() }
    for (job, age) in firing.policy.needs.sorted(by: { $0.key < $1.key }) {
      guard let success = marks.first(where: { $0.job == job })?.lastSuccess else {
        return "needs \(job), which has never succeeded"
      }
      if now - success.ended > age {
        return "needs \(job) within \(age), but it last succeeded at \(success.ended)"
      }
    }
    return nil
  }

  /// Waits out a pause. True when shutdown cut it.
  private func wait(_ pause: TimeSpan, _ slot: Slot) async -> Bool {
    if conditions.isDraining { return true }
    let sleep = Task.detached { [time] in
      do { try await time.sleep(for: pause) } catch { return }  // cut: `isDraining` tells
    }
    active.withLock {
      $0[slot]?.activity.isBackingOff = true
      $0[slot]?.backoff = sleep
    }
    if conditions.isDraining || cancellation(of: slot) != nil { sleep.cancel() }
    await sleep.value
    return conditions.isDraining
  }
}
