public import Domain
public import Scheduler
public import Store

/// What is known of a slot at an instant: the schedule, and the ledger's rows and marks.
public struct SlotFacts: Sendable {
  /// When it was looked.
  public var now: Instant
  /// The slot.
  public var slot: Slot
  /// What is followed.
  public var schedule: Schedule
  /// Whether a service runs on the database.
  public var isServed: Bool
  /// The rows of the slot's time: of the job, and of those before it in its chain.
  public var rows: [JobName: RunRecord] = [:]
  /// The marks of the same jobs.
  public var marks: [JobName: JobMark] = [:]

  /// What was answered to those who asked for a pause of the job, newest first.
  public var pauses: [AuditRecord] = []

  /// Events of the audit that are looked through.
  private static let recentEvents = 100

  /// Facts of these parts, without rows and marks.
  public init(_ slot: Slot, schedule: Schedule, isServed: Bool, now: Instant) {
    (self.slot, self.schedule, self.isServed, self.now) = (slot, schedule, isServed, now)
  }

  /// Looks into the ledger.
  ///
  /// - Throws: a `Fault` of the database.
  public init(
    _ slot: Slot, schedule: Schedule, isServed: Bool, _ transaction: ReadTransaction, now: Instant
  ) throws {
    self.init(slot, schedule: schedule, isServed: isServed, now: now)
    for job in [slot.job] + schedule.ancestors(of: slot.job).map(\.name) {
      rows[job] = try transaction.runs.run(Slot(job: job, time: slot.time))
      marks[job] = try transaction.marks.mark(of: job)
    }
    pauses = try transaction.audit.latest(
      limit: Self.recentEvents, kind: OperatorRequest.pauseVerb, about: slot.job.text)
  }

  /// Why the first job of a chain that is paused at an instant is, in words; nil when none is.
  func pause(of job: JobName, at time: Instant) -> String? {
    for one in [job] + schedule.ancestors(of: job).map(\.name) {
      if schedule[one]?.paused == true { return "the schedules file pauses \(one)" }
      guard let mark = marks[one], mark.isPaused(at: time), let until = mark.pausedUntil else {
        continue
      }
      return "\(one) is paused "
        + (until == .distantFuture ? "until it is resumed" : "until \(until)")
    }
    return nil
  }
}
