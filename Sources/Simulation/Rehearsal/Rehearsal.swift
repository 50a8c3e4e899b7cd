public import Domain
public import Jobs
public import Logging
public import Scheduler
import Service
public import Store

/// The production daemon in simulated time: the same planner, runner, jobs and ledger, with a clock
/// that jumps from one due time to the next.
///
/// One job runs at a time, in the order in which they fall due, so that a rehearsal with the same
/// schedule, candles and seed gives the same ledger.
public struct Rehearsal {
  private let schedule: Schedule
  private let catalog: JobCatalog
  private let store: Store
  private let time: SimulatedTime
  private let lock: ProcessLock
  private let log: Logger

  /// A rehearsal of a schedule on a database of its own.
  public init(
    schedule: Schedule, catalog: JobCatalog, store: Store, time: SimulatedTime, lock: ProcessLock,
    log: Logger
  ) {
    self.schedule = schedule
    self.catalog = catalog
    self.store = store
    self.time = time
    self.lock = lock
    self.log = log
  }

  /// Runs every slot from now until `end`, the last included.
  ///
  /// - Parameter progress: told the simulated time now and then.
  /// - Returns: how many runs there were.
  /// - Throws: what the daemon throws; a failed job is in the ledger and throws nothing.
  public func run(until end: Instant, progress: (Instant) -> Void = { _ in }) async throws -> Int {
    let conditions = Conditions()
    let runner = Runner(
      store: store, holder: lock.holder, time: time, conditions: conditions, log: log)
    var daemon = try Daemon(
      schedule: schedule, catalog: catalog, store: store, runner: runner, conditions: conditions,
      workers: 1, now: time.now, uptime: time.uptime, log: log)
    let worker = WorkerThread(name: "rehearsal")
    defer { worker.stop() }
    var runs = 0
    while true {
      var claimed = try daemon.turn(now: time.now, uptime: time.uptime)
      while let run = claimed.first {
        guard let job = daemon.job(run.firing.slot.job) else {
          preconditionFailure("a job of the schedule was made when it was read")
        }
        let end = try await runner.run(run, job: job, on: worker)
        runs += 1
        claimed = Array(claimed.dropFirst()) + (try daemon.finished(run, end, now: time.now))
      }
      // In a rehearsal nobody waits for a disk to mend.
      if let storage = conditions.storage { throw storage.fault }
      guard let next = daemon.nextWake, next <= end else { break }
      time.advance(to: max(next, time.now + .milliseconds(1)))
      progress(time.now)
    }
    return runs
  }
}
