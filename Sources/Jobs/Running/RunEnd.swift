public import Domain

/// A slot that this process has claimed and must run.
public struct ClaimedRun: Sendable {
  /// The slot.
  public var firing: Firing
  /// The run's id in the ledger.
  public var run: Int64
  /// The number of the attempt that the claim began.
  public var attempt: Int

  /// A claimed slot.
  public init(firing: Firing, run: Int64, attempt: Int) {
    (self.firing, self.run, self.attempt) = (firing, run, attempt)
  }
}

/// How a run ended.
public struct RunEnd: Sendable {
  /// The run's state in the ledger now.
  public var state: RunState
  /// Why, when the state alone does not say so.
  public var reason: String?
  /// The run's id in the ledger, once it has one.
  public var run: Int64?
  /// What the job returned, if it ran and succeeded.
  public var result: JobResult?
  /// What went wrong, if something did.
  public var fault: Fault?
  /// The slots of followers that fell due by it.
  public var due: [Slot] = []

  /// An end of these parts.
  public init(
    state: RunState, reason: String? = nil, run: Int64? = nil, result: JobResult? = nil,
    fault: Fault? = nil, due: [Slot] = []
  ) {
    (self.state, self.reason, self.run) = (state, reason, run)
    (self.result, self.fault, self.due) = (result, fault, due)
  }
}

extension Fault {
  /// Any error as a fault; one that is no fault is a defect of ours.
  init(any error: any Error, during slot: Slot) {
    if let fault = error as? Fault {
      self = fault
    } else {
      self.init("finish", "\(slot)", cause: "\(error)", exit: .internal)
    }
  }
}
