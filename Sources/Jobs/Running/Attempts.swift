import Domain
import Store
import Synchronization

// The attempts of a claimed run, each within its time-out, and the pauses between them.
extension Runner {
  /// Does what `RunLife` says until the run has its end.
  func attempts(
    of claimed: ClaimedRun, job: any Job, on worker: WorkerThread
  ) async throws -> RunEnd {
    let slot = claimed.firing.slot
    var (life, record) = (RunLife(claimed.firing), RunRecorder(self, claimed))
    while true {
      let capture = LogCapture()
      record.capture = capture
      let context = JobContext(
        firing: claimed.firing, run: claimed.run, attempt: record.attempt, time: time,
        store: store, log: capture.logger(over: record.log), conditions: conditions)
      let (outcome, result) = await attempt(job, context, on: worker)
      var step = life.ended(
        outcome, cancellation: cancellation(of: slot), draw: Firing.draw)
      steps: while true {
        switch step {
        case .end(let state, let reason, let fault):
          do {
            return try await record.end(
              state, reason, fault, state == .succeeded ? result : nil, tries: life.tries)
          } catch let fault as Fault where state == .succeeded && fault.storage == nil {
            // The writes of the job are refused, and not by the disk: nothing of them is kept.
            step = life.ended(
              .failed(fault), cancellation: nil, draw: Firing.draw)
          }
        case .pause(let pause, let outcome, let fault):
          try await record.endAttempt(outcome, fault, pause: pause)
          await wait(pause, slot)
          step = life.paused(
            isDraining: conditions.isDraining, cancellation: cancellation(of: slot), now: time.now)
        case .attempt:
          try await record.beginAttempt()
          break steps
        }
      }
    }
  }

  /// Runs one attempt within its time-out, if what it needs is fresh.
  ///
  /// The attempt stays on the worker's thread; the clock that cuts it off runs elsewhere, so that a
  /// job that computes without a pause cannot hold it up.
  private func attempt(
    _ job: any Job, _ context: JobContext, on worker: WorkerThread
  ) async -> (RunLife.Outcome, JobResult?) {
    let slot = context.firing.slot
    do {
      if let stale = try staleNeed(of: context.firing) { return (.refused(stale), nil) }
    } catch {
      return (.failed(Fault(any: error, during: slot)), nil)
    }
    // A task of its own, so that it alone is cancelled; tasks do not inherit their executor.
    let work = Task(executorPreference: worker) { try await job.run(context) }
    let clock = Task.detached { [time] in
      do {
        try await time.sleep(for: context.firing.policy.timeout)
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
    case .success(let result): return (.done(caveat: result.caveat), result)
    case .failure where isStopped: return (.stopped, nil)
    case .failure where isTimedOut: return (.timedOut, nil)
    case .failure(let error):
      let fault = Fault(any: error, during: slot)
      conditions.storageFailed(fault, uptime: time.uptime)
      return (.failed(fault), nil)
    }
  }

  /// Which of the firing's needs is not fresh enough, in words; nil when all are.
  private func staleNeed(of firing: Firing) throws -> String? {
    guard !firing.policy.needs.isEmpty else { return nil }
    let now = time.now
    for (job, age) in firing.policy.needs.sorted(by: { $0.key < $1.key }) {
      guard let success = try store.read({ try $0.marks.mark(of: job) })?.lastSuccess else {
        return "needs \(job), which has never succeeded"
      }
      if now - success.ended > age {
        return "needs \(job) within \(age), but it last succeeded at \(success.ended)"
      }
    }
    return nil
  }

  /// Waits out a pause, or until shutdown or a person cuts it.
  private func wait(_ pause: TimeSpan, _ slot: Slot) async {
    if conditions.isDraining { return }
    let sleep = Task.detached { [time] in
      do { try await time.sleep(for: pause) } catch { return }  // cut: who asks sees why
    }
    active.withLock {
      $0[slot]?.activity.isBackingOff = true
      $0[slot]?.backoff = sleep
    }
    if conditions.isDraining || cancellation(of: slot) != nil { sleep.cancel() }
    await sleep.value
  }
}
