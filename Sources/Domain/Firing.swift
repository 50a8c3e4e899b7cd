/// A slot that is due, as the planner hands it to the runner: all that an attempt needs to know.
public struct Firing: Hashable, Sendable {
  /// The job and its nominal time.
  public var slot: Slot
  /// What made it due.
  public var trigger: Trigger
  /// How to run it.
  public var policy: JobPolicy
  /// After this instant no attempt may start: the slot ends `missed: too late`. Nil: no limit.
  public var latestStart: Instant?
  /// The jobs that may fall due at this slot when this one succeeds.
  public var followers: [Follower]
  /// What follows when it fails.
  public var onFailure: FailureResponse

  /// A firing of these parts.
  public init(
    slot: Slot, trigger: Trigger, policy: JobPolicy, latestStart: Instant? = nil,
    followers: [Follower] = [], onFailure: FailureResponse = FailureResponse()
  ) {
    self.slot = slot
    self.trigger = trigger
    self.policy = policy
    self.latestStart = latestStart
    self.followers = followers
    self.onFailure = onFailure
  }
}

/// A job that follows others at the same slot.
public struct Follower: Hashable, Sendable {
  /// The job.
  public var job: JobName
  /// All the jobs that must have succeeded at the slot.
  public var parents: [JobName]

  /// A job that follows its parents.
  public init(job: JobName, parents: [JobName]) { (self.job, self.parents) = (job, parents) }
}

/// A slot that is owed another attempt, read from the ledger at start.
public struct Debt: Hashable, Sendable {
  /// The job and its nominal time.
  public var slot: Slot
  /// What first made it due.
  public var trigger: Trigger
  /// `deferred` or `interrupted`.
  public var state: RunState
  /// Why it is owed.
  public var reason: String?
  /// Attempts made so far.
  public var attempts: Int
  /// Attempts that ended with their process.
  public var crashes: Int

  /// A debt of these parts.
  public init(
    slot: Slot, trigger: Trigger, state: RunState, reason: String?, attempts: Int, crashes: Int
  ) {
    self.slot = slot
    self.trigger = trigger
    self.state = state
    self.reason = reason
    self.attempts = attempts
    self.crashes = crashes
  }
}

/// What the ledger remembers of a job across starts.
public struct JobMark: Hashable, Sendable {
  /// The job.
  public var job: JobName
  /// The newest slot that was claimed or ended; no slot at or below it fires anew. Nil: none yet.
  public var slot: Instant?
  /// Since when the present timing holds: first seen, last change of the timing, or last resume.
  public var since: Instant
  /// A hash of all that decides when the job fires; a change moves `since`.
  public var timing: String
  /// Until when the job is paused by hand: nil not paused, `.distantFuture` until resumed.
  public var pausedUntil: Instant?
  /// The newest slot that succeeded, and when it ended.
  public var lastSuccess: (slot: Instant, ended: Instant)? {
    get { successSlot.flatMap { slot in successEnded.map { (slot, $0) } } }
    set { (successSlot, successEnded) = (newValue?.slot, newValue?.ended) }
  }

  private var successSlot: Instant?
  private var successEnded: Instant?

  /// A mark of these parts.
  public init(
    job: JobName, slot: Instant? = nil, since: Instant, timing: String,
    pausedUntil: Instant? = nil, lastSuccess: (slot: Instant, ended: Instant)? = nil
  ) {
    self.job = job
    self.slot = slot
    self.since = since
    self.timing = timing
    self.pausedUntil = pausedUntil
    self.lastSuccess = lastSuccess
  }
}

extension Instant {
  /// Later than every slot: the end of the year 9999.
  public static let distantFuture = Instant(milliseconds: 253_402_300_799_999)
}
