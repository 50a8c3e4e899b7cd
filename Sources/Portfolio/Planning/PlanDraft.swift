import Domain

/// A plan in the making: each line by itself, then the purchases together.
struct PlanDraft {
  let input: RebalancePlan.Input
  let valuation: Valuation
  private let free: [Symbol: Amount]
  private let doubts: [Symbol: ClientOrderID]
  var lines: [RebalancePlan.Line] = []
  /// First entries that the cash above the buffer does not reach.
  var unfunded = 0

  init(_ input: RebalancePlan.Input, _ valuation: Valuation) throws(AmountError) {
    self.input = input
    self.valuation = valuation
    free = try input.book.free()
    doubts = input.book.doubts
    let quantities = try input.book.settled()
    let members = Set(input.members)
    let symbols = members.union(input.book.positions.keys)
      .union(input.book.working.map(\.order.key.symbol)).sorted()
    var standings: [Symbol: Standing] = [:]
    for symbol in symbols {
      standings[symbol] = Standing.of(
        symbol, input, isMember: members.contains(symbol), doubts: doubts)
    }
    let targets = try Self.targets(standings, input, valuation)
    for symbol in symbols {
      lines.append(
        try line(
          symbol, quantities[symbol] ?? .zero, standings[symbol] ?? .ranked, targets[symbol]))
    }
  }

  /// The weights of the ranked: what is held without being ranked takes its worth, and if it is of
  /// the list its place, away from them.
  private static func targets(
    _ standings: [Symbol: Standing], _ input: RebalancePlan.Input, _ valuation: Valuation
  ) throws(AmountError) -> [Symbol: Target] {
    var scores: [Symbol: Double] = [:]
    var kept = Amount.zero
    var places = input.rule.top
    let values = valuation.byInstrument
    for (symbol, standing) in standings {
      switch standing {
      case .ranked: scores[symbol] = input.scores[symbol]
      case .held(_, let takesPlace):
        let value = values[symbol] ?? .zero
        kept = try kept.adding(value)
        let least = input.instruments[symbol]?.minimumNotional ?? .zero
        if takesPlace, value > .zero, value >= least { places -= 1 }
      }
    }
    var share = try Amount.one.subtracting(input.rule.cashBuffer)
    if let equity = valuation.equity, equity > .zero {
      share = try share.subtracting(kept.divided(by: equity, rounding: .up))
    }
    return try input.rule.weights(
      of: scores, share: max(share, .zero), places: max(places, 0), facts: input.facts)
  }

  private func line(
    _ symbol: Symbol, _ quantity: Amount, _ standing: Standing, _ target: Target?
  ) throws(AmountError) -> RebalancePlan.Line {
    var line = RebalancePlan.Line(
      symbol: symbol, score: input.scores[symbol], price: input.rates[symbol]?.price,
      quantity: quantity, weight: .zero,
      target: target ?? Target(weight: .zero, reason: .noScore), decision: .hold(.atTarget))
    var value = Amount.zero
    if let price = line.price { value = try quantity.multiplied(by: price) }
    if let equity = valuation.equity, equity > .zero {
      line.weight = try value.divided(by: equity)
    }
    if case .flatten(let reason)? = input.restraint, quantity > .zero, doubts[symbol] == nil,
      input.barred[symbol] == nil, let price = line.price, let rules = input.instruments[symbol]
    {
      line.target = Target(weight: .zero, reason: .flattened, note: reason)
      line.decision = try exit(line, price, rules)
      return line
    }
    if case .held(let hold, _) = standing {
      line.target = Target(weight: line.weight, reason: .held)
      line.decision = .hold(hold)
      return line
    }
    guard let price = line.price, let rules = input.instruments[symbol] else { return line }
    line.decision = try decision(line, value, price, rules)
    if case .sell = line.decision, let free = free[symbol], free < line.quantity {
      line.cut = "what is promised to working sales is not sold again"
    }
    return line
  }

  /// What follows for a ranked instrument.
  private func decision(
    _ line: RebalancePlan.Line, _ value: Amount, _ price: Amount, _ rules: Instrument
  ) throws(AmountError) -> RebalancePlan.Decision {
    if line.target.reason.isExit {
      guard line.quantity > .zero else { return .hold(.atTarget) }
      return try exit(line, price, rules)
    }
    guard let equity = valuation.equity else {
      return .hold(
        Hold(.unable, "equity unknown: \(valuation.unknown ?? "no valuation")"))
    }
    guard equity > .zero else { return .hold(Hold(.unable, "no equity")) }
    let drift = try line.target.weight.subtracting(line.weight)
    let isEntry =
      line.target.weight > .zero && (line.quantity <= .zero || value < rules.minimumNotional)
    let distance = try drift.magnitude()
    guard isEntry || distance > input.band else {
      return .hold(drift == .zero ? .atTarget : Hold(.settled, "inside band"))
    }
    let wanted = try equity.multiplied(by: line.target.weight, rounding: .towardsZero)
    let difference = try wanted.subtracting(value)
    let trade = try difference.divided(by: price, rounding: .towardsZero)
    let quantity = try trade.magnitude().rounded(toMultipleOf: rules.lot, .towardsZero)
    let side: Side = trade.isNegative ? .sell : .buy
    if side == .buy, let reason = blocked(isEntry: isEntry) { return .hold(Hold(.unable, reason)) }
    return try order(
      side, side == .sell ? min(quantity, free[line.symbol] ?? .zero) : quantity, price,
      rules, atLeast: input.minimumNotional)
  }

  /// Sells all that is held and free; what the venue would not take is dust, and stays on the books.
  private func exit(
    _ line: RebalancePlan.Line, _ price: Amount, _ rules: Instrument
  ) throws(AmountError) -> RebalancePlan.Decision {
    let decision = try order(
      .sell, min(line.quantity, free[line.symbol] ?? .zero), price, rules, atLeast: .zero)
    if case .hold(let hold) = decision {
      return .hold(Hold(.tooSmall, "dust: \(hold.words)"))
    }
    return decision
  }

  /// An order, or the published rule that it would break at the price that it is to have.
  func order(
    _ side: Side, _ quantity: Amount, _ price: Amount, _ rules: Instrument, atLeast own: Amount
  ) throws(AmountError) -> RebalancePlan.Decision {
    let lots = try quantity.rounded(toMultipleOf: rules.lot, .towardsZero)
    guard lots > .zero else { return .hold(Hold(.tooSmall, "below one lot")) }
    let paid = try input.costs.price(
      side, at: price, limit: limit(side, price, rules), tick: rules.tick)
    let least = max(rules.minimumNotional, own)
    guard paid > .zero else { return .hold(Hold(.tooSmall, "the price is below one tick")) }
    guard try lots.multiplied(by: min(paid, price), rounding: .towardsZero) >= least else {
      return .hold(Hold(.tooSmall, "below minimum notional \(least)"))
    }
    return side == .sell ? .sell(lots) : .buy(lots)
  }

  /// Why nothing may be bought; nil when it may.
  private func blocked(isEntry: Bool) -> String? {
    switch input.restraint {
    case .noPurchases(let reason)?, .flatten(let reason)?: return reason
    case .noEntries(let reason)? where isEntry: return reason
    case .noEntries?, nil: break
    }
    return doubts.values.min().map { "order \($0) is in doubt" }
  }

  /// A limit is rounded towards the safe side: a purchase never dearer, a sale never cheaper.
  func limit(
    _ side: Side, _ price: Amount, _ rules: Instrument
  ) throws(AmountError) -> Amount? {
    guard let offset = input.limitOffset else { return nil }
    let factor =
      side == .buy ? try Amount.one.adding(offset) : try Amount.one.subtracting(offset)
    return try price.multiplied(by: factor)
      .rounded(toMultipleOf: rules.tick, side == .buy ? .down : .up)
  }
}

// What is sent, and what is said of it.
extension PlanDraft {
  /// The orders: sales where there are any, else purchases, by symbol.
  func orders() throws(AmountError) -> [Order] {
    var orders: [Order] = []
    for line in lines {
      let (side, quantity): (Side, Amount)
      switch line.decision {
      case .buy(let amount): (side, quantity) = (.buy, amount)
      case .sell(let amount): (side, quantity) = (.sell, amount)
      case .later, .hold: continue
      }
      let key = OrderKey(
        account: input.book.account, slot: input.slot, symbol: line.symbol,
        leg: input.nextLeg[line.symbol] ?? 0)
      var order = Order(
        id: ClientOrderID(deriving: key), key: key, side: side, quantity: quantity)
      if let price = line.price, let rules = input.instruments[line.symbol] {
        order.limit = try limit(side, price, rules)
      }
      orders.append(order)
    }
    return orders
  }

  /// What a person should know: an equity that cannot be told, an account too small for its targets.
  func warnings() throws(AmountError) -> [String] {
    var warnings: [String] = []
    if let unknown = valuation.unknown {
      warnings.append("equity unknown: \(unknown); nothing is bought, only full exits are sold")
    }
    if unfunded > 0 {
      warnings.append(
        "\(unfunded) chosen instrument\(unfunded == 1 ? " waits" : "s wait") for cash: the account is "
          + "fully invested, and nothing is above its target by more than the band")
    }
    guard let equity = valuation.equity, equity > .zero else { return warnings }
    var (small, needed) = (0, Amount.zero)
    for line in lines where line.target.weight > .zero && !line.target.reason.isHeld {
      guard let price = line.price, let rules = input.instruments[line.symbol] else { continue }
      let least = try max(
        max(rules.minimumNotional, input.minimumNotional), rules.lot.multiplied(by: price))
      let need = try least.divided(by: line.target.weight, rounding: .up)
      if need > equity {
        small += 1
        needed = max(needed, need)
      }
    }
    if small > 0 {
      warnings.append(
        "the account is too small for \(small) target\(small == 1 ? "" : "s"): it has "
          + "\(equity.formatted(places: 2)) \(valuation.quote), and its least orders take "
          + "\(needed.formatted(places: 2))")
    }
    return warnings
  }
}
