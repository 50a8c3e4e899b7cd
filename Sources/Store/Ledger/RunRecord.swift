public import Domain
import GRDB

/// A row of the ledger: one slot of one job, and what became of it.
public struct RunRecord: Hashable, Sendable, Identifiable {
  /// The number by which people name the run.
  public var id: Int64
  /// The job and its nominal time.
  public var slot: Slot
  /// Where the run stands.
  public var state: RunState
  /// Why it is in this state, when the state alone does not say so.
  public var reason: String?
  /// What put it into this state, for programs; nil where the state says all, and in rows of before it
  /// was noted whose words do not tell.
  public var cause: RunCause?
  /// What it achieved, in a line or as JSON.
  public var result: String?
  /// What first made it due.
  public var trigger: Trigger
  /// The group that it was last claimed under.
  public var group: String?
  /// The process that runs it; nil unless it is running.
  public var holder: HolderID?
  /// When the row was made.
  public var created: Instant
  /// When it was last claimed; nil when no attempt was made.
  public var started: Instant?
  /// When it last ended; nil while it runs, and for a debt that was never tried.
  public var ended: Instant?
  /// Attempts made.
  public var attempts: Int
  /// When the clock was set back before the slot had come, though it had been tried: it is passed in
  /// its time, and tells nothing of health. Nil for every other run.
  public var ahead: Instant?

  /// How long it took from its last claim to its end; nil when it has not both.
  public var duration: TimeSpan? {
    guard let started, let ended else { return nil }
    return ended - started
  }

  static let columns = """
    run.id, run.job, run.slot, run.state, run.reason, run.cause, run.result, run."trigger",
    run.grp, run.holder, run.created, run.started, run.ended, run.ahead,
    (SELECT count(*) FROM attempt WHERE attempt.run = run.id) AS attempts
    """

  init(row: Row) throws {
    id = row["id"]
    slot = try row.slot()
    state = try row.value("state")
    reason = row["reason"]
    cause = (row["cause"] as String?).flatMap { RunCause(rawValue: $0) }
    result = row["result"]
    trigger = try row.value("trigger")
    group = row["grp"]
    holder = (row["holder"] as String?).flatMap { HolderID($0) }
    created = row.instant("created")
    started = row.instantIfAny("started")
    ended = row.instantIfAny("ended")
    attempts = row["attempts"]
    ahead = row.instantIfAny("ahead")
  }
}

/// How an attempt ended.
public enum AttemptOutcome: String, CaseIterable, Sendable, CustomStringConvertible {
  /// Done.
  case succeeded
  /// It threw a fault.
  case failed
  /// It exceeded the job's time-out.
  case timedOut = "timed-out"
  /// It found that it should not run.
  case skipped
  /// It was told to stop before it was done.
  case interrupted
  /// Its process ended under it.
  case crashed

  /// The text in the database and on the screen.
  public var description: String { rawValue }

  /// How the attempt that is under way ended when its run passes to a state.
  init(endOf state: RunState) {
    switch state {
    case .succeeded: self = .succeeded
    case .timedOut: self = .timedOut
    case .skipped: self = .skipped
    case .deferred, .interrupted: self = .interrupted
    case .failed, .running, .coalesced, .missed: self = .failed
    }
  }
}

/// One try of a run.
public struct AttemptRecord: Hashable, Sendable {
  /// The run.
  public var run: Int64
  /// Which try, from 1.
  public var number: Int
  /// The process that made it.
  public var holder: String
  /// When it started.
  public var started: Instant
  /// When it ended; nil while it is under way.
  public var ended: Instant?
  /// How it ended; nil while it is under way.
  public var outcome: AttemptOutcome?
  /// Why it ended so.
  public var reason: String?

  init(row: Row) throws {
    run = row["run"]
    number = row["n"]
    holder = row["holder"]
    started = row.instant("started")
    ended = row.instantIfAny("ended")
    outcome = (row["outcome"] as String?).flatMap { AttemptOutcome(rawValue: $0) }
    reason = row["reason"]
  }
}

/// The answer to a claim.
public enum Claim: Hashable, Sendable {
  /// The run is ours: this attempt of it has begun.
  case claimed(run: Int64, attempt: Int)
  /// The slot has its final state already; there is nothing to do.
  case already(RunRecord)
  /// The job runs now, at this slot or another.
  case busy(RunRecord)
  /// Another job of the group runs now.
  case groupBusy(RunRecord)
  /// The slot has not come: the clock was set back since it fell due. Nothing is recorded.
  case early
  /// What became of the slot was pruned, or of a newer one: it never fires again. Nothing is recorded.
  case pruned
  /// No attempt may start any more: the slot is recorded as missed.
  case tooLate
  /// Its attempts took their process down too often: the slot is recorded as failed.
  case crashedTooOften
}

/// How many runs of a job ended in a state.
public struct RunTotal: Hashable, Sendable {
  /// The job.
  public var job: JobName
  /// What made the runs due.
  public var trigger: Trigger
  /// The final state.
  public var state: RunState
  /// How many.
  public var runs: Int64
}
