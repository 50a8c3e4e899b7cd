public import Domain

/// What the planner wants done. Actions are performed in the order in which they are given, the
/// ledger's part of each before the next: a claim, then the record of a later slot, never the other
/// way round, so that the mark of a job never passes a slot that has no row.
public enum PlannerAction: Hashable, Sendable {
  /// Claim the slot and run it. Every start is answered by one event: `finished`, or
  /// `couldNotStart`.
  case start(Firing)
  /// Record the state of a slot that is not run: `skipped`, `coalesced`, `missed`, or `deferred`.
  /// Where the ledger has the slot as a debt, that debt ends so; where it has the slot at all,
  /// `deferred` changes nothing.
  case record(Slot, Trigger, RunState, reason: RunReason)
  /// Save since when a job's timing holds, its timing, and until when it is paused. The ledger moves
  /// the slot and the last success itself, and only forward.
  case saveMark(JobMark)
}

/// What the planner is told.
public enum PlannerEvent: Hashable, Sendable {
  /// A run ended: one that the planner started, or one by hand.
  ///
  /// - Parameters:
  ///   - state: Its final state, or the debt that it became.
  ///   - due: The followers that fell due by it, as the ledger recorded them (`deferred`) in the
  ///     same transaction.
  case finished(Slot, RunState, due: [Slot])
  /// A started slot was not claimed. It waits and is offered again, within its deadline.
  case couldNotStart(Slot, because: StartObstacle)
  /// A debt arose while this process runs: the process of a run by hand died.
  case owed(Debt)
  /// A person asks for a slot: it starts as soon as it can, within its deadline, moves no mark, and
  /// nothing follows it.
  case asked(Slot, latestStart: Instant?)
  /// Whether the clock is to be trusted. While it is not, jobs that place orders wait within their
  /// deadlines.
  case clockSuspect(Bool)
}

/// Why a slot could not be claimed.
public enum StartObstacle: Hashable, Sendable {
  /// Another run of the job is under way: one by hand.
  case otherRun
  /// Another process runs a job of its group.
  case groupBusy
  /// The slot has not come: the clock was set back since it fell due. It falls due again in its time.
  case early
  /// All workers are busy.
  case noWorker
  /// The ledger has a final state for the slot already, or gave it one instead of a claim.
  case settled(RunState)
}
