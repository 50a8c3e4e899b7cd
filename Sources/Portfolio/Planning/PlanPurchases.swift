import Domain

// What concerns all purchases together.
extension PlanDraft {
  /// Puts purchases off while there are sales; else scales all by one factor when they cost more than
  /// the cash above the buffer.
  mutating func fitPurchases() throws(AmountError) {
    if lines.contains(where: { if case .sell = $0.decision { true } else { false } }) {
      for index in lines.indices {
        if case .buy(let quantity) = lines[index].decision {
          lines[index].decision = .later(quantity)
        }
      }
      return
    }
    let purchases = lines.indices.filter {
      if case .buy = lines[$0].decision { true } else { false }
    }
    guard !purchases.isEmpty else { return }
    guard var available = try spendable() else {
      hold(purchases, .unable, "a working purchase has neither limit nor price")
      return
    }
    var outlay = Amount.zero
    for index in purchases {
      guard case .buy(let quantity) = lines[index].decision else { continue }
      outlay = try outlay.adding(self.outlay(quantity, lines[index]))
      // Of smaller orders each fee is rounded up anew.
      if input.costs.fee > .zero { available = try available.subtracting(TradingCosts.feeStep) }
    }
    guard outlay > available else { return }
    guard available > .zero else { return try holdUnfunded(purchases) }
    let factor = try available.divided(by: outlay, rounding: .towardsZero)
    for index in purchases {
      guard case .buy(let quantity) = lines[index].decision, let price = lines[index].price,
        let rules = input.instruments[lines[index].symbol]
      else { continue }
      let scaled = try quantity.multiplied(by: factor, rounding: .towardsZero)
      let decision = try order(.buy, scaled, price, rules, atLeast: input.minimumNotional)
      if case .hold(let hold) = decision {
        self.hold([index], .tooSmall, "not enough cash: \(hold.words)")
        countUnfunded(lines[index])
      } else {
        lines[index].decision = decision
        lines[index].cut = "cut from \(quantity) to the cash above the buffer"
      }
    }
  }

  /// Without cash above the buffer nothing is bought. Where working purchases have reserved it, what
  /// should be done cannot be; else the money is in holdings, none of which is so far above its target
  /// that the band lets it be sold: then there is nothing to do, by the rule's own word.
  private mutating func holdUnfunded(_ purchases: [Int]) throws(AmountError) {
    let buffer = try (valuation.equity ?? .zero)
      .multiplied(by: input.rule.cashBuffer, rounding: .up)
    guard (input.book.cash[input.book.quote] ?? .zero) <= buffer else {
      return hold(purchases, .unable, "the cash above the buffer is reserved by working purchases")
    }
    hold(purchases, .kept, "fully invested: no cash above the buffer")
    for index in purchases { countUnfunded(lines[index]) }
  }

  private mutating func countUnfunded(_ line: RebalancePlan.Line) {
    if line.quantity <= .zero { unfunded += 1 }
  }

  /// The cash that purchases may take: free, and above the buffer.
  private func spendable() throws(AmountError) -> Amount? {
    let ticks = input.instruments.mapValues { $0.tick }
    guard let free = try input.book.freeCash(input.costs, prices: input.rates, ticks: ticks) else {
      return nil
    }
    let equity = valuation.equity ?? .zero
    return try free.subtracting(
      equity.multiplied(by: input.rule.cashBuffer, rounding: .up))
  }

  private func outlay(
    _ quantity: Amount, _ line: RebalancePlan.Line
  ) throws(AmountError) -> Amount {
    guard let price = line.price, let rules = input.instruments[line.symbol] else { return .zero }
    return try input.costs.outlay(
      quantity, at: price, limit: limit(.buy, price, rules), tick: rules.tick)
  }

  private mutating func hold(_ indices: [Int], _ kind: Hold.Kind, _ reason: String) {
    for index in indices { lines[index].decision = .hold(Hold(kind, reason)) }
  }
}
