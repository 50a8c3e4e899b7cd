public import Domain
public import Logging
public import Store
import Synchronization

/// Runs one firing from claim to final state: the only place where attempts begin and end.
///
/// The daemon, `carillon job run` and the simulation all call `run`, so a slot is claimed, bounded,
/// tried again and recorded in one way. A run without faults costs two transactions: the claim, and
/// the result with the final state. What to do after each attempt is decided by `RunLife`.
public final class Runner: Sendable {
  let store: Store
  /// In whose name it claims.
  public let holder: HolderID
  let time: any TimeSource
  let conditions: Conditions
  let log: Logger
  let patience: TimeSpan
  let active = Mutex<[Slot: Active]>([:])
  let cancellations = Mutex<[Slot: RunReason]>([:])
  private let isInterrupted = Atomic<Bool>(false)

  struct Active {
    var cancel: (@Sendable () -> Void)?
    var backoff: Task<Void, Never>?
    var activity: Activity
    var isStopped = false
  }

  /// So long a run by hand tries to record what a busy or full database refuses.
  public static let patienceByHand = TimeSpan.minutes(1)

  /// A runner that claims in the name of `holder`, this process's lock.
  ///
  /// - Parameter patience: how long it tries to record what the storage refuses.
  public init(
    store: Store, holder: HolderID, time: any TimeSource, conditions: Conditions, log: Logger,
    patience: TimeSpan = Runner.patienceByHand
  ) {
    self.store = store
    self.holder = holder
    self.time = time
    self.conditions = conditions
    self.log = log
    self.patience = patience
  }

  /// Claims a firing's slot: the insert that only one process wins. Call it on a thread that may
  /// block.
  ///
  /// - Parameter force: adds an attempt to a run that has ended.
  public func claim(_ firing: Firing, force: Bool = false) throws -> Claim {
    try claims([firing], through: store) { _ in force }[0]
  }

  /// Claims slots that fell due together, in one transaction.
  ///
  /// - Parameters:
  ///   - again: of them, the slots that are run again though they have ended.
  ///   - store: the database, as patient as the caller may be; the runner's own if nil.
  /// - Returns: the answer to each, in their order.
  public func claim(
    _ firings: [Firing], again: Set<Slot> = [], through store: Store? = nil
  ) throws -> [Claim] {
    try claims(firings, through: store ?? self.store) { again.contains($0) }
  }

  private func claims(
    _ firings: [Firing], through store: Store, force: (Slot) -> Bool
  ) throws -> [Claim] {
    let (claims, alerts) = try store.write(at: time.now) { transaction in
      var alerts: [RunAlert] = []
      let claims = try firings.map { firing in
        let claim = try transaction.runs.claim(
          firing, holder: holder, force: force(firing.slot))
        if case .crashedTooOften = claim,
          let alert = try FailureWatch.ended(
            firing.slot, .failed, reason: "each attempt took its process down",
            cause: .died,
            response: firing.onFailure, transaction)
        {
          alerts.append(alert)
        }
        return claim
      }
      return (claims, alerts)
    }
    for alert in alerts { alert.tell(log) }
    return claims
  }

  /// Runs a job at a slot that was claimed, and records the end, all on the worker's thread.
  ///
  /// - Throws: a `Fault` of the database, after long patience with one that is busy or full; the run is
  ///   then still `running` in the ledger, and the next start takes it for interrupted.
  public func run(
    _ claimed: ClaimedRun, job: any Job, on worker: WorkerThread
  ) async throws -> RunEnd {
    begin(claimed.firing)
    defer {
      active.withLock { $0[claimed.firing.slot] = nil }
      cancellations.withLock { $0[claimed.firing.slot] = nil }
    }
    return try await withTaskExecutorPreference(worker) {
      try await self.attempts(of: claimed, job: job, on: worker)
    }
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
    /// Whether the run waits for its next attempt, or for the storage to take its end.
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

  /// Asks the attempts under way, and those that are about to begin, to stop at their next safe point;
  /// their slots end `interrupted`.
  public func interrupt() {
    conditions.isDraining = true
    // Before the runs are looked through: one that begins meanwhile sees it.
    isInterrupted.store(true, ordering: .sequentiallyConsistent)
    active.withLock { runs in
      for slot in runs.keys {
        runs[slot]?.isStopped = true
        runs[slot]?.cancel?()
        runs[slot]?.backoff?.cancel()
      }
    }
  }

  /// Whether all runs were told to stop.
  var isTold: Bool { isInterrupted.load(ordering: .sequentiallyConsistent) }

  private func begin(_ firing: Firing) {
    active.withLock {
      $0[firing.slot] = Active(
        activity: Activity(firing: firing, since: time.uptime), isStopped: isTold)
    }
  }
}
