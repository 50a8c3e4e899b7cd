public import Domain
public import StrictYAML

/// One job of a schedules file, with every default filled in.
public struct ScheduledJob: Hashable, Sendable {
  /// Its name, unique in the file.
  public var name: JobName
  /// What it does.
  public var kind: JobKind
  /// What makes it due.
  public var timing: Timing
  /// The head of its chain; the job itself when it has a cadence of its own.
  public var head: JobName
  /// How its runs are treated. `policy.deadline` is set only where the file says so: see
  /// `Schedule.latestStart(of:slot:)` for the rule that holds otherwise.
  public var policy: JobPolicy
  /// How late after its slot a run may start.
  public var deadline: DeadlineRule
  /// What becomes of slots that fell due while nothing was running.
  public var catchup: Catchup
  /// What becomes of a slot that falls due while the job runs.
  public var overlap: Overlap
  /// The longest that it can take from a slot to the end of its run: all attempts and pauses, its
  /// own and those of the jobs before it in the chain, along the longest path.
  public var timeAllowed: TimeSpan
  /// How long after the time allowed for a run its missing success makes the job stale.
  public var grace: TimeSpan
  /// The start of each run is moved by a part of this; the slot is not.
  public var jitter: TimeSpan
  /// Whether the file pauses it.
  public var paused: Bool
  /// What follows a run that failed.
  public var onFailure: FailureResponse
  /// Its parameters (`with`), as they stand in the file: their meaning belongs to the kind.
  public var parameters: YAMLNode?
  /// Where its name stands in the file.
  public var location: SourceLocation
  /// Where what makes it due stands in the file.
  public var timingLocation: SourceLocation
  /// A hash of all that decides when it falls due: its cadence with zone and calendar, or those of
  /// the chain before it, and whether it is paused. A change makes it a new job to health and to
  /// catching up.
  public var timingIdentity: String

  /// What makes a job due.
  public enum Timing: Hashable, Sendable {
    /// A cadence of its own: the job is the head of a chain.
    case head(Cadence)
    /// The success of all these jobs at the same slot.
    case after([JobName])
  }

  /// Its own cadence; nil for a job that follows others.
  public var cadence: Cadence? {
    if case .head(let cadence) = timing { cadence } else { nil }
  }

  /// The jobs that it follows; none for the head of a chain.
  public var parents: [JobName] {
    if case .after(let parents) = timing { parents } else { [] }
  }

  /// The part of the jitter that falls to this job: always the same for the same name.
  public var offset: TimeSpan {
    guard jitter > .zero else { return .zero }
    let part = StableHash(name.text).value % UInt64(jitter.milliseconds)
    return .milliseconds(Int64(part))
  }

  /// The grace of a job that names none.
  public static let defaultGrace = TimeSpan.minutes(10)
}

/// What becomes of the slots of a head that fell due while nothing was running.
public enum Catchup: String, CaseIterable, Hashable, Sendable {
  /// The newest runs, the older ones end `coalesced`.
  case latest
  /// All end `missed`. The default of jobs that place orders.
  case none
  /// All run, the oldest first, up to `Planner.maximumCatchupRuns` of them.
  case all
}

/// What becomes of a slot that falls due while the job runs.
public enum Overlap: String, CaseIterable, Hashable, Sendable {
  /// It ends `skipped`.
  case skip
  /// It waits. One at a time: a newer one takes its place, and it ends `coalesced`.
  case queue
}

/// How late after its slot a run may start.
public enum DeadlineRule: Hashable, Sendable {
  /// As long as the file says.
  case explicit(TimeSpan)
  /// Until the next slot of the head of its chain: the default.
  case untilNextSlot
  /// A quarter of the interval to the next slot of the head, at most
  /// `longestForOrders`: the default of jobs that place orders.
  case quarterOfInterval
  /// As late as may be: the default in a chain whose head catches up `all`, where every slot but
  /// the newest is later than its next one.
  case unlimited

  /// The longest default of jobs that place orders.
  public static let longestForOrders = TimeSpan.minutes(15)
}
