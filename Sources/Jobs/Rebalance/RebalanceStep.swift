import Domain
import Store

/// What a rebalance does next, from what is on record of its slot: the decider of its loop.
///
/// Sales go first; purchases are planned anew from the cash that is there once the sales have ended,
/// or the time allowed to them is over; what ended before it was done gets another leg while the
/// deadline lasts.
enum RebalanceStep: Hashable {
  /// Send what is not sent of the plan on record.
  case work
  /// Make a plan for this round.
  case plan(round: Int)
  /// Look again at this time: sales are working, or an order is in doubt.
  case wait(until: Instant)
  /// Nothing more is done in this slot.
  case finish

  /// What is known when the step is chosen.
  struct Facts {
    /// Whether this attempt has not done anything yet.
    var isFirstLook = false
    /// The newest plan of the slot; nil before the first.
    var plan: Plan?
    /// Whether purchases of that plan wait for its sales.
    var waitsForSales = false
    /// The orders of the newest plan.
    var orders: [OrderRecord] = []
    /// When the newest doubt about an order of the account arose; nil while there is none.
    var doubted: Instant?
    /// Whether the account has orders that rest, or may.
    var isResting = false
    /// Whether the venue tells late what became of an order that it took.
    var isToldLate = false
    /// Now, by the wall clock.
    var now: Instant
    /// After this nothing is sent.
    var latestSend: Instant?
    /// How long purchases wait for sales that are not done.
    var salesWithin: TimeSpan
  }

  /// How long a doubt is waited for: that a lost answer is found takes seconds, the proof that an order is
  /// absent a minute.
  static let doubtsWithin = TimeSpan.minutes(2)
  /// The most rounds of one slot.
  static let maximumRounds = 8
  /// How often working sales are looked at.
  static let pollSeconds: Int64 = 5

  /// The next step.
  static func next(_ facts: Facts) -> RebalanceStep {
    guard let plan = facts.plan else { return .plan(round: 0) }
    if plan.state == .open { return .work }
    if let end = facts.latestSend, facts.now > end { return .finish }
    if let doubted = facts.doubted, facts.now < doubted + doubtsWithin {
      return .wait(until: min(doubted + doubtsWithin, facts.now + .seconds(pollSeconds)))
    }
    if facts.orders.contains(where: { $0.order.state == .unknown }) { return .finish }
    // What waited beside a doubt, or was proved to be absent, is sent now.
    if facts.orders.contains(where: { $0.order.state == .planned }) {
      return facts.doubted == nil ? .work : .finish
    }
    guard plan.round + 1 < maximumRounds else { return .finish }
    // A plan without orders takes nothing from a later attempt, which may know more.
    if facts.orders.isEmpty { return facts.isFirstLook ? .plan(round: plan.round + 1) : .finish }
    // An order at the market is done in a moment; where it is told late, the ledger waits for it.
    let isTold = facts.orders.allSatisfy { $0.order.limit != nil || !$0.order.state.isWorking }
    let patience = plan.created + facts.salesWithin
    if facts.isToldLate, !isTold, facts.now < patience {
      return .wait(until: min(patience, facts.now + .seconds(pollSeconds)))
    }
    if facts.waitsForSales {
      let end = plan.created + facts.salesWithin
      if facts.orders.contains(where: { $0.order.state.isWorking }), facts.now < end {
        return .wait(until: min(end, facts.now + .seconds(pollSeconds)))
      }
      return .plan(round: plan.round + 1)
    }
    let isUnfinished = facts.orders.contains {
      $0.order.state.isFinal && $0.filled > .zero && $0.remaining > .zero
    }
    return isUnfinished ? .plan(round: plan.round + 1) : .finish
  }
}
