import Domain
import Store
import Venues

/// What becomes of an order by what the venue says of it: a value, with a row in a table of tests for
/// each thing that a venue can say.
struct DeskDecision: Hashable {
  /// The state that it passes to.
  var state: OrderState
  /// Why.
  var reason: String?

  /// Why an order of a run that is over has expired.
  static let neverSent = "never sent: its run ended before"

  /// The decision on an order that the venue was asked about, or was sent.
  ///
  /// What the venue knows is as it says. What it does not know is proved to be *absent* only when the
  /// time is over in which it could still appear; until then it is in doubt.
  ///
  /// - Parameters:
  ///   - record: the order as it is on record.
  ///   - report: what the venue says; nil when it does not know the order.
  ///   - slot: the slot of the rebalance that asks; nil: nobody who would send it asks.
  ///   - now: when the venue was asked.
  ///   - absentAfter: how long after it went out an order that the venue does not know is proved to be
  ///     absent; nil where no silence proves it.
  /// - Returns: nil when nothing changes.
  static func of(
    _ record: OrderRecord, _ report: OrderReport?, slot: Slot?, now: Instant, absentAfter: TimeSpan?
  ) -> DeskDecision? {
    let present = record.order.state
    if let report {
      guard report.state != present || report.venueID != record.order.venueID else { return nil }
      // A final state stands, unless its last trade came late.
      if present.isFinal, report.state != present {
        return report.state == .filled ? DeskDecision(state: .filled, reason: report.reason) : nil
      }
      return DeskDecision(state: report.state, reason: report.reason)
    }
    switch present {
    case .planned, .filled, .cancelled, .rejected, .expired: return nil
    case .sent, .open:
      return DeskDecision(state: .unknown, reason: "the venue does not know it any more")
    case .intent, .unknown:
      let since = record.doubted ?? record.updated
      guard let absentAfter, now - since >= absentAfter else {
        return present == .unknown
          ? nil : DeskDecision(state: .unknown, reason: "not found, and it may still appear")
      }
      // Only its own run sends it again; an earlier one is over.
      let own = record.order.key.slot
      guard let slot, own != slot else {
        return DeskDecision(state: .planned, reason: "absent: it may be sent")
      }
      guard own.job == slot.job, own.time < slot.time else { return nil }
      return DeskDecision(state: .expired, reason: Self.neverSent)
    }
  }
}

extension VenueTraits {
  /// How long after it went out an order that the venue does not know is proved to be absent: past the
  /// time in which the request may still act, and the time in which answers lag behind. Nil where the
  /// venue has no such bound: then only a sight of it, or a person, ends the doubt.
  var absentAfter: TimeSpan? { validityWindow.map { $0 + lookUpLag } }
}
