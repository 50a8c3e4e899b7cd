import Domain
import Portfolio
import Store

/// What a rebalance came to, from what is on record of its slot: a value, so that every outcome has a
/// row in a table of tests. A rebalance that could do nothing of its plan is no success.
struct RebalanceVerdict {
  /// One line for the ledger.
  var summary: String
  /// Why it did less than it could; nil when it did all.
  var caveat: String?
  /// Why it did nothing that it should have; nil otherwise.
  var failure: Failure?

  /// Why nothing was done.
  struct Failure: Hashable {
    /// The reason in words.
    var cause: String
    /// What to do about it.
    var remedy: String
    /// Refused by a halt or a limit, or by the facts.
    var exit: ExitCode
  }

  /// The verdict on a slot.
  ///
  /// - Parameters:
  ///   - orders: the orders of all its rounds.
  ///   - lines: the lines of its newest plan.
  ///   - warnings: what its plans warned of.
  init(orders: [OrderRecord], lines: [PlanLine], warnings: [String] = []) {
    let shadows = orders.filter { ShadowNote(reason: $0.order.reason) != nil }
    let refused = orders.filter {
      $0.order.state == .rejected && $0.filled == .zero
        && ShadowNote(reason: $0.order.reason) == nil
    }
    let doubts = orders.filter { $0.order.state == .unknown }
    let unable = lines.filter { $0.hold == .unable || $0.hold == .blind }
    summary = Self.summary(orders)
    let first = refused.first.map {
      "\($0.order.side) \($0.order.key.symbol): \($0.order.reason ?? "refused")"
    }
    var caveats: [String] = []
    if !refused.isEmpty, let first {
      caveats.append("\(refused.count) of \(orders.count) orders refused (\(first))")
    }
    let rests = orders.filter {
      ($0.order.state == .cancelled || $0.order.state == .expired) && $0.remaining > .zero
    }
    if let rest = rests.first {
      let order = rest.order
      caveats.append(
        "\(rests.count) of \(orders.count) orders ended unfilled or in part (\(order.side) "
          + "\(order.key.symbol): \(rest.filled) of \(order.quantity)"
          + "\(order.reason.map { ", \($0)" } ?? ""))")
    }
    if let doubt = doubts.first {
      caveats.append(
        "\(doubts.count) order\(doubts.count == 1 ? "" : "s") in doubt (\(doubt.order.id))")
    }
    let waiting = orders.count { $0.order.state == .planned }
    if waiting > 0 {
      caveats.append("\(waiting) of \(orders.count) orders were not sent beside a doubt")
    }
    if let line = unable.first {
      caveats.append(
        "\(unable.count) of \(lines.count) instruments could not be traded "
          + "(\(line.symbol): \(line.reason ?? ""))")
    }
    caveat = (caveats + warnings).isEmpty ? nil : (caveats + warnings).joined(separator: "; ")
    let unarmed = refused.filter { $0.order.reason?.hasPrefix("not armed") == true }
    if !orders.isEmpty, unarmed.count == orders.count, let reason = unarmed[0].order.reason {
      // It did all that it may: only the gate refused.
      summary = "blocked: \(reason)"
    } else if !shadows.isEmpty {
      summary = "shadow: \(shadows.count) of \(orders.count) orders would have been sent"
    } else if !orders.isEmpty, refused.count == orders.count, let first {
      let halted = refused.allSatisfy { $0.order.reason?.hasPrefix("halted") == true }
      failure = Failure(
        cause: halted
          ? "blocked: \(refused[0].order.reason ?? "halted")"
          : "every order was refused (\(first))",
        remedy: halted
          ? "carillon resume, once the reason is gone" : "carillon portfolio drift",
        exit: halted ? .refused : .no)
    } else if orders.isEmpty, !lines.isEmpty,
      lines.contains(where: { $0.hold == .unable }) || unable.count == lines.count
    {
      failure = Failure(
        cause: caveats.joined(separator: "; "), remedy: "carillon portfolio drift",
        exit: .no)
    }
  }

  private static func summary(_ orders: [OrderRecord]) -> String {
    guard !orders.isEmpty else { return "nothing to trade" }
    let counts = Dictionary(grouping: orders, by: \.order.state).mapValues(\.count)
    let states = counts.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return "\(orders.count) order\(orders.count == 1 ? "" : "s"): \(states)"
  }
}
