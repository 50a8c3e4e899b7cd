import Domain

/// Whether an instrument takes part in a plan, and why not.
enum Standing: Hashable {
  /// It has a score, rules and a fresh price.
  case ranked
  /// It is left as it is, for a reason; `takesPlace` where it belongs to the list, so that it counts
  /// as one of the `top`.
  case held(Hold, takesPlace: Bool)

  /// How an instrument stands.
  static func of(
    _ symbol: Symbol, _ input: RebalancePlan.Input, isMember: Bool,
    doubts: [Symbol: ClientOrderID]
  ) -> Standing {
    if symbol.quote != input.book.quote {
      return .held(
        Hold(.kept, "paid in \(symbol.quote), not \(input.book.quote)"), takesPlace: false)
    }
    if let doubt = doubts[symbol] {
      return .held(Hold(.unable, "in doubt: order \(doubt)"), takesPlace: isMember)
    }
    if let reason = input.barred[symbol] { return .held(Hold(.kept, reason), takesPlace: isMember) }
    guard isMember else {
      return .held(Hold(.kept, "left the list: not traded by this job"), takesPlace: false)
    }
    guard input.instruments[symbol] != nil else {
      return .held(Hold(.blind, "no trading rules known"), takesPlace: true)
    }
    guard let score = input.scores[symbol], score.isFinite else {
      let reason = input.silences[symbol].map { "no score: \($0)" } ?? "no score"
      return .held(Hold(.kept, reason), takesPlace: true)
    }
    if input.rule.weighting.needsReturns,
      Volatility.ofReturns(input.facts.returns[symbol] ?? []) <= 0
    {
      return .held(Hold(.kept, "no returns to size it by"), takesPlace: true)
    }
    guard input.freshPrice(symbol) != nil else {
      let last = input.rates[symbol].map { ", the last is of \($0.time)" } ?? ""
      return .held(Hold(.blind, "no fresh price\(last)"), takesPlace: true)
    }
    return .ranked
  }
}
