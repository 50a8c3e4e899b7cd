public import Domain
public import Logging
public import Store

/// One kind of work, with its parameters: what a run does.
///
/// A data job (fetch, compute, infer) reads and fetches in `run`, and returns its writes as
/// `JobResult.commit`; the runner applies them and the run's final state in one transaction. A world
/// job (rebalance, snapshot) commits each step whole and in order while it runs, so that a restart
/// continues from the last one.
public protocol Job: Sendable {
  /// What it does.
  var kind: JobKind { get }

  /// The account that its orders are booked on; nil for jobs that place none.
  var account: String? { get }

  /// Does the work of one attempt, on a thread of its own, where blocking is allowed.
  ///
  /// - Throws: a `Fault`, transient when another attempt may succeed; `CancellationError` from
  ///   `context.checkpoint()`.
  func run(_ context: JobContext) async throws -> JobResult
}

extension Job {
  /// Most jobs place no orders.
  public var account: String? { nil }
}

/// What a job knows while it runs.
public struct JobContext: Sendable {
  /// The slot, its trigger, policy and deadline.
  public let firing: Firing
  /// The run's id in the ledger.
  public let run: Int64
  /// Which attempt this is, from 1.
  public let attempt: Int
  /// Where time comes from.
  public let time: any TimeSource
  /// The database.
  public let store: Store
  /// The log, each line of which bears job and slot.
  public let log: Logger
  /// What the process says about stopping and the clock.
  public let conditions: Conditions

  /// The slot's time: the job must not look at anything later.
  public var slot: Instant { firing.slot.time }

  /// A safe point: between steps, where stopping loses nothing.
  ///
  /// - Throws: `CancellationError` when the attempt timed out or the process was told to stop now.
  public func checkpoint() throws {
    try Task.checkCancellation()
  }
}

/// What an attempt came to.
public struct JobResult: Sendable {
  /// One line for the ledger and the log: `5 series, 120 new, 0 gaps`.
  public var summary: String
  /// Further lines for a person who runs the job by hand.
  public var details: [String]
  /// Why the job did less than it could, though it succeeded: `abstained: ...`, `blocked: ...`.
  /// Health shows it as a warning.
  public var caveat: String?
  /// How long a model took to score, of a job that asks one: for metrics.
  public var scoring: TimeSpan?
  /// The writes of a data job, committed together with the run's final state.
  public var commit: (@Sendable (WriteTransaction) throws -> Void)?

  /// A result of these parts.
  public init(
    summary: String, details: [String] = [], caveat: String? = nil,
    commit: (@Sendable (WriteTransaction) throws -> Void)? = nil
  ) {
    self.summary = summary
    self.details = details
    self.caveat = caveat
    self.commit = commit
  }
}

extension JobResult {
  /// What the ledger keeps: the caveat before the summary.
  var line: String { caveat.map { "\($0); \(summary)" } ?? summary }
}
