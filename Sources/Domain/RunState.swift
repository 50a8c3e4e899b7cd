/// The state of a run: one of six final states, two debts, or running.
public enum RunState: String, CaseIterable, Sendable, CustomStringConvertible {
  /// An attempt is under way.
  case running
  /// A debt: due, and waiting for a parent's commit to be taken up, a free worker, a free group, or
  /// the next start.
  case deferred
  /// A debt: the process that ran it is gone, or was told to stop before it was done.
  case interrupted
  /// Final: done.
  case succeeded
  /// Final: a permanent fault, or the last attempt's fault.
  case failed
  /// Final: the last attempt exceeded the job's time-out.
  case timedOut = "timed-out"
  /// Final: not run on purpose (overlap, needs, a paused job).
  case skipped
  /// Final: covered by a later slot of the same job.
  case coalesced
  /// Final: too late to run.
  case missed

  /// Whether the state can never change again, but for `--force`.
  public var isFinal: Bool { !isDebt && self != .running }

  /// Whether the next start owes this slot another attempt, deadline permitting.
  public var isDebt: Bool { self == .deferred || self == .interrupted }

  /// The text in the database and on the screen.
  public var description: String { rawValue }
}

/// What made a run due.
public enum Trigger: String, CaseIterable, Sendable, CustomStringConvertible {
  /// The job's own `cron` or `every`.
  case cron
  /// The success of its parents at the same slot.
  case after
  /// A person or a script: `carillon job run`.
  case manual
  /// A slot that fell due while nothing was running.
  case catchup

  /// The text in the database and in metrics.
  public var description: String { rawValue }
}
