public import Domain
public import Scheduler
public import Store

/// All that health is decided from, as it was found at one instant.
public struct HealthFacts: Sendable {
  /// When it was looked.
  public var now: Instant
  /// Why the database cannot be read; nil when it can.
  public var databaseFault: Fault?
  /// The process that schedules.
  public var scheduler: SchedulerFacts
  /// While nothing schedules: whether the last that did told of its stop; nil where that is not known.
  public var wasStopped: Bool?
  /// The room on the disk of the database; nil when the system does not tell.
  public var disk: DiskSpace?
  /// What is followed: of a running daemon what it follows, else what the file says. Nil when there
  /// is nothing that can be followed.
  public var schedule: Schedule?
  /// Why there is no schedule.
  public var scheduleTrouble: String?
  /// What the ledger remembers of each job.
  public var marks: [JobMark] = []
  /// The attempts under way whose process lives.
  public var running: [RunUnderWay] = []
  /// The newest run of each job that was tried and has ended.
  public var newest: [JobName: EndedRun] = [:]
  /// The halt of trading in force.
  public var halt: Remark?
  /// What is said of a halt.
  public var whenHalted = HealthCheck.Status.warn
  /// Why the schedules file as it stands cannot be followed.
  public var reloadError: Remark?
  /// The settings file, when it says something else than what was read of it.
  public var settingsChanged: Remark?
  /// Why the settings file could not be read at the next start.
  public var settingsBroken: Remark?
  /// How the shipping of the database's log stands; nil where it is not shipped.
  public var shipping: ShippingState?
  /// The copy that was last brought back from the remote and proved; nil: never.
  public var drilled: Remark?
  /// Why the last drill failed; nil where it succeeded, or there was none.
  public var drillFailed: Remark?
  /// What the service says of a storage that refuses it.
  public var storage: StorageNote?
  /// Why the wall clock is not to be trusted.
  public var clockSuspicion: Remark?
  /// How old the newest candle is, and may be; nil where nobody fetches any.
  public var data: DataAge?
  /// The venues that have shut this address out, by name.
  public var bans: [Ban] = []
  /// The alerts that are not over, the loudest first.
  public var alerts: [AlertRecord] = []
  /// That a person took the wall clock for the truth, against later times seen before.
  public var clockTrust: Remark?

  /// The process that schedules, as others see it.
  public struct SchedulerFacts: Hashable, Sendable {
    /// Whether a process holds the daemon's lock.
    public var isHeld: Bool
    /// Since when it holds it, as far as it says so.
    public var heldSince: Instant?
    /// When the loop last turned; nil when it never did.
    public var lastTurn: Instant?

    /// Facts of these parts.
    public init(isHeld: Bool, heldSince: Instant? = nil, lastTurn: Instant? = nil) {
      (self.isHeld, self.heldSince, self.lastTurn) = (isHeld, heldSince, lastTurn)
    }
  }

  /// A run under way.
  public struct RunUnderWay: Hashable, Sendable {
    /// Its slot.
    public var slot: Slot
    /// When it was claimed.
    public var started: Instant

    /// A run that was claimed then.
    public init(slot: Slot, started: Instant) { (self.slot, self.started) = (slot, started) }
  }

  /// A run that was tried and has ended.
  public struct EndedRun: Hashable, Sendable {
    /// `succeeded`, `failed` or `timed-out`.
    public var state: RunState
    /// Why, or why it did less than it could.
    public var reason: String?
    /// When.
    public var ended: Instant

    /// A run that ended so.
    public init(state: RunState, reason: String? = nil, ended: Instant) {
      (self.state, self.reason, self.ended) = (state, reason, ended)
    }
  }

  /// That a venue lets nothing through.
  public struct Ban: Hashable, Sendable {
    /// The venue.
    public var venue: String
    /// Until when.
    public var until: Instant
    /// What it said.
    public var reason: String

    /// A ban of these parts.
    public init(venue: String, until: Instant, reason: String) {
      (self.venue, self.until, self.reason) = (venue, until, reason)
    }
  }

  /// Something that holds since an instant.
  public struct Remark: Hashable, Sendable {
    /// What.
    public var text: String
    /// Since when.
    public var since: Instant

    /// A remark that holds since then.
    public init(_ text: String, since: Instant) { (self.text, self.since) = (text, since) }
  }

  /// Facts of which nothing is bad, with no jobs.
  public init(now: Instant, scheduler: SchedulerFacts, schedule: Schedule?) {
    (self.now, self.scheduler, self.schedule) = (now, scheduler, schedule)
  }
}
