/// How the runner treats a job's runs: everything of a schedule that is not about when.
public struct JobPolicy: Hashable, Sendable {
  /// What the job does.
  public var kind: JobKind
  /// The longest that one attempt may take.
  public var timeout: TimeSpan
  /// Attempts and pauses after transient faults.
  public var retry: RetryPolicy
  /// How late after its slot an attempt may still start; nil where only a slot of the job's own
  /// cadence could tell (a manual run).
  public var deadline: TimeSpan?
  /// At most one job of a group runs at a time.
  public var group: String?
  /// Jobs whose last success must not be older than a span.
  public var needs: [JobName: TimeSpan]

  /// The time-out of a job that names none.
  public static let defaultTimeout = TimeSpan.minutes(5)

  /// A policy of these parts.
  public init(
    kind: JobKind, timeout: TimeSpan = JobPolicy.defaultTimeout, retry: RetryPolicy = RetryPolicy(),
    deadline: TimeSpan? = nil, group: String? = nil, needs: [JobName: TimeSpan] = [:]
  ) {
    self.kind = kind
    self.timeout = timeout
    self.retry = retry
    self.deadline = deadline
    self.group = group
    self.needs = needs
  }
}

/// How often, and after what pauses, a run is tried again after a transient fault.
public struct RetryPolicy: Hashable, Sendable {
  /// Attempts in all, at least 1. Attempts that took the process down count too, against the
  /// larger of this and `minimumCrashAttempts`.
  public var max: Int
  /// The upper bound of the first pause, doubled for each later one.
  public var firstBackoff: TimeSpan
  /// The upper bound of every pause.
  public var lastBackoff: TimeSpan

  /// Crashed attempts that every run is allowed, so that one `kill -9` never ends a run.
  public static let minimumCrashAttempts = 3

  /// A policy of these bounds.
  public init(
    max: Int = 1, firstBackoff: TimeSpan = .seconds(10), lastBackoff: TimeSpan = .minutes(2)
  ) {
    self.max = max
    self.firstBackoff = firstBackoff
    self.lastBackoff = lastBackoff
  }

  /// The longest pause before attempt `n + 1` after `n` failed attempts (n >= 1): the pause itself
  /// is drawn evenly between zero and this ("full jitter").
  ///
  /// Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
  public func longestPause(after n: Int) -> TimeSpan {
    var pause = firstBackoff
    for _ in 1..<Swift.max(n, 1) where pause < lastBackoff { pause = pause * 2 }
    return min(pause, lastBackoff)
  }

  /// The longest that all attempts and pauses can take, for a time-out of one attempt.
  public func longestTotal(timeout: TimeSpan) -> TimeSpan {
    var total = timeout * Int64(max)
    for n in 1..<Swift.max(max, 1) { total = total + longestPause(after: n) }
    return total
  }
}
