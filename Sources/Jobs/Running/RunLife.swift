import Domain
import Store

/// The life of one run, from its first attempt to its end: a value that is told what an attempt came
/// to, and what happened during a pause, and says what to do next. The runner does it.
struct RunLife {
  /// What an attempt came to.
  enum Outcome: Equatable {
    /// The job returned, with why it did less than it could, if it did.
    case done(caveat: String?)
    /// It was not begun: what it needs is not fresh.
    case refused(String)
    /// The job, or the commit of its writes, threw.
    case failed(Fault)
    /// It was cut off at its time-out.
    case timedOut
    /// It stopped because the process was told to.
    case stopped
  }

  /// What to do.
  enum Step: Equatable {
    /// Record this end. The fault is what the end came from, if it came from one.
    case end(RunState, Reason?, Fault?)
    /// Record that the attempt ended so, and wait.
    case pause(TimeSpan, AttemptOutcome, Fault)
    /// Begin another attempt.
    case attempt
  }

  /// Why a run ends, in words; and its cause, unless it succeeded.
  struct Reason: Equatable {
    var cause: RunCause?
    var words: String

    init(_ cause: RunCause?, _ words: String) { (self.cause, self.words) = (cause, words) }

    init(_ reason: RunReason) { (cause, words) = (reason.cause, reason.words) }
  }

  private let firing: Firing
  /// Attempts that this process made, the present one included.
  private(set) var tries = 1
  /// How the last attempt failed, which tells how the run ends if there is no other.
  private var failure: (state: RunState, fault: Fault)?

  /// A run whose first attempt begins.
  init(_ firing: Firing) { self.firing = firing }

  /// An attempt is over.
  ///
  /// - Parameters:
  ///   - outcome: what it came to.
  ///   - cancellation: why a person wants the run to end, if one does. A job that was done before it
  ///     heard of it is done.
  ///   - draw: draws a pause from a range, in milliseconds.
  mutating func ended(
    _ outcome: Outcome, cancellation: RunReason?, draw: (ClosedRange<Int64>) -> Int64
  ) -> Step {
    switch outcome {
    case .done(let caveat): return .end(.succeeded, caveat.map { Reason(nil, $0) }, nil)
    case .refused(let reason): return .end(.skipped, Reason(.stale, reason), nil)
    case .failed, .timedOut, .stopped: break
    }
    if let cancellation { return .end(.failed, Reason(cancellation), nil) }
    switch outcome {
    case .stopped: return .end(.interrupted, Reason(.stopping, "told to stop"), nil)
    case .timedOut: return again(.timedOut, timeout, draw)
    case .failed(let fault):
      return Self.mayPass(fault)
        ? again(.failed, fault, draw)
        : .end(.failed, Reason(.fault, fault.description), fault)
    case .done, .refused: preconditionFailure("answered above")
    }
  }

  /// A pause is over, or was cut by shutdown or by a person.
  mutating func paused(isDraining: Bool, cancellation: RunReason?, now: Instant) -> Step {
    guard let failure else { preconditionFailure("a pause follows an attempt that failed") }
    if let cancellation { return .end(.failed, Reason(cancellation), nil) }
    if isDraining {
      return .end(
        .deferred, Reason(.stopping, "back-off cut by shutdown: \(failure.fault)"), failure.fault)
    }
    if let latest = firing.latestStart, now > latest {
      return .end(
        failure.state,
        Reason(cause(of: failure.state), "\(failure.fault); too late for another attempt"),
        failure.fault)
    }
    tries += 1
    return .attempt
  }

  /// Whether another attempt may go better: the fault says so itself, or a disk refused, which fills
  /// and empties as others use it.
  static func mayPass(_ fault: Fault) -> Bool {
    fault.isTransient || fault.storage != nil || fault.exit == .io
  }

  private mutating func again(
    _ state: RunState, _ fault: Fault, _ draw: (ClosedRange<Int64>) -> Int64
  ) -> Step {
    guard tries < firing.policy.retry.max else {
      return .end(state, Reason(cause(of: state), fault.description), fault)
    }
    failure = (state, fault)
    return .pause(
      firing.pause(after: tries, fault, draw), state == .timedOut ? .timedOut : .failed, fault)
  }

  private func cause(of state: RunState) -> RunCause { state == .timedOut ? .timeOut : .fault }

  private var timeout: Fault {
    let slot = firing.slot
    return Fault(
      "finish", "\(slot)",
      cause: "it took longer than its time-out of \(firing.policy.timeout)",
      remedy: "raise `timeout` in the schedules file, or see `carillon job history \(slot.job)`",
      exit: .no, isTransient: true)
  }
}
