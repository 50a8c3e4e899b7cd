import Domain
import Portfolio
import Testing

/// An amount of a literal, which a test may trust.
func amount(_ text: String) throws -> Amount { try #require(Amount(text)) }

func symbol(_ text: String) throws -> Symbol { try #require(Symbol(text)) }

/// The slot of every plan here: 2023-11-14T22:13:20Z.
let planSlot = Slot(job: JobName("rebalance")!, time: Instant(seconds: 1_700_000_000))

/// A world to plan in: all instruments are quoted in USD, with a tick of 0.01 and a least notional of
/// 1, and every member has a fresh price.
struct PlanWorld {
  var members: [String] = []
  var prices: [String: String] = [:]
  var scores: [String: Double] = [:]
  var held: [String: String] = [:]
  var cash = "0"
  var lot = "0.001"
  var top = 1
  var weighting = TargetRule.Weighting.equal
  var cap = "1"
  var buffer = "0"
  var band = "0.01"
  var least = "5"
  var fee = "0"
  var slippage = "0"

  /// The input; members without a mention of their own are those with a price.
  func input(_ change: (inout RebalancePlan.Input) throws -> Void = { _ in }) throws
    -> RebalancePlan.Input
  {
    let names = members.isEmpty ? prices.keys.sorted() : members
    var rates: [Symbol: Mark] = [:]
    for (name, price) in prices {
      rates[try symbol(name + "-USD")] = Mark(price: try amount(price), time: planSlot.time)
    }
    var instruments: [Symbol: Instrument] = [:]
    for name in Set(names).union(held.keys) {
      let pair = try symbol(name + "-USD")
      instruments[pair] = Instrument(
        symbol: pair, tick: try amount("0.01"), lot: try amount(lot),
        minimumNotional: try amount("1"))
    }
    var positions: [Symbol: Position] = [:]
    for (name, quantity) in held {
      let pair = try symbol(name + "-USD")
      positions[pair] = Position(symbol: pair, quantity: try amount(quantity), cost: .zero)
    }
    var ranked: [Symbol: Double] = [:]
    for (name, score) in scores { ranked[try symbol(name + "-USD")] = score }
    var input = RebalancePlan.Input(
      slot: planSlot,
      book: Book(
        account: "main", quote: "USD", cash: ["USD": try amount(cash)], positions: positions),
      members: try names.map { try symbol($0 + "-USD") }, instruments: instruments, rates: rates,
      freshSince: planSlot.time - .hours(2), scores: ranked,
      rule: TargetRule(
        top: top, weighting: weighting, maximumWeight: try amount(cap),
        cashBuffer: try amount(buffer), threshold: 0),
      band: try amount(band), minimumNotional: try amount(least),
      costs: TradingCosts(fee: try amount(fee), slippage: try amount(slippage)))
    try change(&input)
    return input
  }

  func plan(_ change: (inout RebalancePlan.Input) throws -> Void = { _ in }) throws
    -> RebalancePlan
  {
    try RebalancePlan(try input(change))
  }
}

extension RebalancePlan {
  /// Its orders in words: `sell 10 Z`.
  var words: [String] { orders.map { "\($0.side) \($0.quantity) \($0.key.symbol.base)" } }

  /// What became of an instrument.
  func decision(_ name: String) throws -> Decision {
    try #require(lines.first { $0.symbol.base == name }).decision
  }

  /// Why nothing is done about an instrument; nil when something is.
  func held(_ name: String) throws -> String? {
    guard case .hold(let hold) = try decision(name) else { return nil }
    return hold.words
  }
}
