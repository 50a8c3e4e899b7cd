public import Domain
public import Portfolio
import Settings
public import Store

/// What a rebalance would do now, looked at without a single write.
public struct PlanPreview: Sendable {
  /// The job.
  public var job: JobName
  /// The account.
  public var account: String
  /// The asset that it counts in.
  public var quote: String
  /// The time for which it was planned.
  public var time: Instant
  /// The plan, or why there is none.
  public var outcome: Outcome

  /// What came of planning.
  public enum Outcome: Sendable {
    /// A plan, and what the gate would refuse of it now.
    case planned(PlanProposal, refusals: [ClientOrderID: String])
    /// There is none, for a reason.
    case abstained(String)
  }
}

/// A job that plans before it trades, and shows the plan to whoever asks.
public protocol PlanningJob: Job {
  /// What it would do at a slot.
  ///
  /// - Parameters:
  ///   - slot: the job and the present time.
  ///   - store: the database, which is only read.
  ///   - time: where the time comes from by which the gate is asked.
  ///   - conditions: what would hold: a halt of the process, which accounts are armed.
  func preview(
    _ slot: Slot, in store: Store, time: any TimeSource, conditions: Conditions
  ) async throws -> PlanPreview

  /// The job as it carries out one plan, and no other.
  func holding(to plan: PlanID) -> any Job

  /// The job as it does what the halt in force demands of its account, and no more: it takes back what
  /// works, and sells what is held where the halt goes so far.
  func obeyingHalt() -> any Job
}

extension RebalanceJob: PlanningJob {
  func holding(to plan: PlanID) -> any Job {
    var job = self
    job.expected = plan
    return job
  }

  func obeyingHalt() -> any Job {
    var job = self
    job.isForHalt = true
    return job
  }

  func preview(
    _ slot: Slot, in store: Store, time: any TimeSource, conditions: Conditions
  ) async throws -> PlanPreview {
    // Without scores there is no plan, and no exchange has to be asked for its rules.
    let scoring = try store.read { transaction in
      try PlanReading.scoring(
        transaction, parameters, universe, try members(transaction, at: slot.time).own, slot)
    }
    if case .failure(let reason) = scoring {
      return PlanPreview(
        job: slot.job, account: parameters.account, quote: parameters.settings.quote,
        time: slot.time, outcome: .abstained(reason))
    }
    let market = try await market(store, at: slot.time)
    let reading = PlanReading(
      universe: universe, parameters: parameters, members: market.members,
      leftOut: market.leftOut, rules: market.rules, slot: slot, isAhead: true)
    var preview = PlanPreview(
      job: slot.job, account: parameters.account, quote: parameters.settings.quote,
      time: slot.time, outcome: .abstained(""))
    do {
      switch try store.read({ try reading.outcome($0) }) {
      case .abstained(let reason): preview.outcome = .abstained(reason)
      case .proposal(let proposal):
        var gate = try GateKeeper(
          GateKeeper.Circumstances(
            store: store, time: time, conditions: conditions, slot: slot),
          parameters, universe, market.rules, proposal.plan.orders, book: proposal.input.book)
        var refusals: [ClientOrderID: String] = [:]
        for order in proposal.plan.orders {
          if let refusal = try gate.refusal(of: order) { refusals[order.id] = "\(refusal)" }
        }
        preview.outcome = .planned(proposal, refusals: refusals)
      }
    } catch let error as AmountError {
      throw Fault(
        "plan", "\(slot)", cause: "an amount does not fit (\(error))",
        remedy: "look at the prices and holdings: carillon portfolio", exit: .data)
    }
    return preview
  }
}
