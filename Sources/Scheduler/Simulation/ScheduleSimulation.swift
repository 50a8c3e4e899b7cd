public import Domain

/// What a schedule would do over a stretch of time: the production planner with a ledger in memory,
/// in simulated time. Touches no database, no network and no file.
///
/// The ledger in memory has the rules of the real one, and a test drives the two side by side. A year
/// of hourly slots takes a fraction of a second this way; through the database it would take minutes,
/// for the same states.
///
/// Real time passes evenly from `start` to `end`. The wall clock, which alone decides what is due,
/// agrees with it but for the steps that it is told to make, which wake the loop at once, as a real
/// clock does when it is set. At `end` the service is told to stop: what is due by then and has not
/// ended is finished if it runs, else left `deferred`.
public struct ScheduleSimulation: Sendable {
  /// What is followed. Every job begins at `start`: it catches up nothing from before.
  public var schedule: Schedule
  /// The real time at which the service starts first.
  public var start: Instant
  /// The real time at which it stops for good.
  public var end: Instant
  /// How many jobs may run at once.
  public var workers = 4
  /// The stretches of real time over which the service is stopped, in an orderly way: what runs at
  /// the beginning of one finishes.
  public var downtimes: [Range<Instant>] = []
  /// When the wall clock steps, in real time, and by how much.
  public var clockSteps: [(at: Instant, by: TimeSpan)] = []
  /// Pauses by hand: when each begins, in real time, and until when it holds on the wall clock.
  public var pauses: [(job: JobName, at: Instant, until: Instant)] = []
  /// How the runs go.
  public var runs = SimulatedRuns()

  /// The most slots that are simulated.
  public static let maximumSlots = 2_000_000

  /// A simulation without misfortunes.
  public init(_ schedule: Schedule, from start: Instant, to end: Instant) {
    (self.schedule, self.start, self.end) = (schedule, start, end)
  }

  /// Lives through it.
  ///
  /// - Returns: the ledger at the end.
  /// - Throws: a `Fault` when there would be more than `maximumSlots`.
  public func run() throws(Fault) -> MemoryLedger {
    let count = slotCount(limit: Self.maximumSlots)
    guard count <= Self.maximumSlots else {
      throw Fault(
        "simulate", schedule.file,
        cause: "there are more than \(Self.maximumSlots) slots from \(start) to \(end)",
        remedy: "simulate a shorter time", exit: .usage)
    }
    var world = SimulatedWorld(self)
    world.live()
    return world.ledger
  }

  /// How many slots fall due at most; no more than a little above the limit is counted.
  private func slotCount(limit: Int) -> Int {
    var furthest = TimeSpan.zero
    var offset = TimeSpan.zero
    for step in clockSteps.sorted(by: { $0.at < $1.at }) {
      offset = offset + step.by
      furthest = max(furthest, offset)
    }
    var count = 0
    for job in schedule.jobs {
      guard let cadence = job.cadence else { continue }
      let chain = 1 + schedule.descendants(of: job.name).count
      var slot = cadence.next(after: start)
      while let time = slot, time <= end + furthest, count <= limit {
        count += chain
        slot = cadence.next(after: time)
      }
    }
    return count
  }
}

/// How the runs of a simulation go.
public struct SimulatedRuns: Sendable {
  /// How long the runs of a job take; `standardDuration` where nothing is said. A run that takes
  /// longer than its job's time-out ends `timed-out` by then.
  public var durations: [JobName: TimeSpan] = [:]
  /// The slots whose runs fail.
  public var failingSlots: Set<Slot> = []
  /// The part of a job's runs that fail, from 0 to 1.
  public var failureRates: [JobName: Double] = [:]
  /// Which of them: another seed, other runs.
  public var seed: UInt64 = 1

  /// How long a run takes of which nothing is known.
  public static let standardDuration = TimeSpan.seconds(1)

  /// Runs that all succeed in the standard time.
  public init() {}

  /// How long the run of a firing takes, and how it ends.
  func outcome(of firing: Firing) -> (took: TimeSpan, state: RunState, reason: String?) {
    let took = max(durations[firing.slot.job] ?? Self.standardDuration, .milliseconds(1))
    if took > firing.policy.timeout {
      let timeout = firing.policy.timeout
      return (timeout, .timedOut, "takes \(took), longer than its time-out of \(timeout)")
    }
    return fails(firing.slot) ? (took, .failed, "simulated failure") : (took, .succeeded, nil)
  }

  /// Drawn from seed and slot alone, so that what happens to one slot changes nothing of another.
  private func fails(_ slot: Slot) -> Bool {
    if failingSlots.contains(slot) { return true }
    guard let rate = failureRates[slot.job] else { return false }
    let drawn = StableHash("\(seed) \(slot.job) \(slot.time.milliseconds)").value
    return Double(drawn >> 11) < rate * Double(1 << 53)
  }
}
