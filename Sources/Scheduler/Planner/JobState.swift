import Domain
import HeapModule

/// What the planner keeps of one job.
struct JobState {
  /// As the ledger had it at the start, with what the planner changed since; the ledger moves the
  /// slot itself, when it performs an action.
  var mark: JobMark
  /// The newest slot that was decided on since.
  var newest: Instant?
  /// The next slot of its own cadence.
  var next: Instant?
  /// Slots that are due and not started, oldest first.
  var queue: [DueSlot] = []
  var running: RunningSlot?
  var place = Place.idle
  /// Tells timers of the present cadence from those of one that was replaced.
  var epoch = 0

  init(mark: JobMark) { self.mark = mark }

  /// What the first slot of the queue waits for.
  enum Place: Hashable {
    /// There is none, or the job runs.
    case idle
    /// A worker.
    case ready
    /// Its group.
    case group
    /// The clock to be trusted.
    case clock
    /// Another run of the job to end.
    case parked
    /// The debts of its parents.
    case parents
  }
}

/// A slot that is due and not started.
struct DueSlot {
  var time: Instant
  var trigger: Trigger
  var latestStart: Instant?
  var origin: Origin
  /// Whether it is later than a punctual slot can be, so that `catchup: all` keeps it.
  var isBehind: Bool

  enum Origin {
    /// Its own cadence: the ledger has no row of it.
    case head
    /// The success of its parents: the ledger has it as `deferred`.
    case follower
    /// The ledger owed it an attempt before.
    case debt
  }
}

/// A slot in flight.
struct RunningSlot {
  var due: DueSlot
  var group: String?
  var time: Instant { due.time }
}

/// A place in the queue for a worker or a group: the oldest slot first, then the order of the file.
struct Turn: Comparable {
  var time: Instant
  var index: Int

  static func < (a: Turn, b: Turn) -> Bool { (a.time, a.index) < (b.time, b.index) }
}

/// A group: at most one of its jobs runs.
struct GroupState {
  var holder: Slot?
  /// While another process holds it: when to try again.
  var blockedUntil: Instant?
  var waiters: Heap<Turn> = []

  var isFree: Bool { holder == nil && blockedUntil == nil }
}

/// Something to do at an instant.
struct PlannerTimer: Comparable {
  var at: Instant
  var index: Int
  var purpose: Purpose

  enum Purpose: Equatable {
    /// A pause by hand ends.
    case resume
    /// A slot of a head falls due.
    case slot(epoch: Int)
    /// A waiting slot gets too late.
    case deadline(Instant)
    /// A slot that could not be claimed is offered again.
    case retry
    /// A group that another process held is tried again.
    case group(String)

    var rank: Int {
      switch self {
      case .resume: 0
      case .slot: 1
      case .deadline: 2
      case .retry: 3
      case .group: 4
      }
    }
  }

  static func < (a: PlannerTimer, b: PlannerTimer) -> Bool {
    (a.at, a.purpose.rank, a.index) < (b.at, b.purpose.rank, b.index)
  }
}
