public import Domain

/// What an account would have to trade to come from its holdings to its targets: a value, made from
/// values, that does nothing.
public struct RebalancePlan: Hashable, Sendable {
  /// The equity that the weights refer to, in the quote asset: cash and every position at its price
  /// (at cost where there is no price), working orders counted as done.
  public var equity: Amount
  /// One line for each instrument, by symbol.
  public var lines: [Line]
  /// The orders: sales first, so that they pay for the purchases, each group by symbol.
  public var orders: [Order]

  /// An instrument's way from holding to target.
  public struct Line: Hashable, Sendable {
    /// The instrument.
    public var symbol: Symbol
    /// The model's score, if it gave one.
    public var score: Double?
    /// The price that values the holding, in the quote asset.
    public var price: Amount?
    /// The quantity held, working orders counted as done.
    public var quantity: Amount
    /// The weight of the holding in the equity.
    public var weight: Amount
    /// The weight wanted, and why.
    public var target: Target
    /// What follows.
    public var decision: Decision
  }

  /// What is done about an instrument.
  public enum Decision: Hashable, Sendable {
    /// Buy so much of the base asset.
    case buy(Amount)
    /// Sell so much of the base asset.
    case sell(Amount)
    /// Nothing, for a reason in words.
    case hold(String)
  }
}

extension RebalancePlan {
  /// What a plan is made from.
  public struct Input: Sendable {
    /// The account.
    public var account: String
    /// The rebalance run's job and slot.
    public var slot: Slot
    /// The instruments that this job may trade, with their rules.
    public var instruments: [Instrument]
    /// The last closed price of each instrument that has one that is fresh enough.
    public var prices: [Symbol: Amount]
    /// The scores that the targets came from, for the record.
    public var scores: [Symbol: Double]
    /// The weights wanted; an instrument without one is not touched.
    public var targets: [Symbol: Target]
    /// What is held now.
    public var positions: [Symbol: Position]
    /// Free cash, in the quote asset.
    public var cash: Amount
    /// Orders of this account that may still be filled, with the quantity not yet filled.
    public var working: [(order: Order, open: Amount)]
    /// Drift up to this, in weight, is left alone.
    public var band: Amount
    /// No order is worth less than this, in the quote asset, whatever the venue allows.
    public var minimumNotional: Amount
    /// What trading is assumed to cost.
    public var costs: TradingCosts
    /// How far from the last close limit orders are placed, as a fraction; nil for market orders.
    public var limitOffset: Amount?

    /// The input of these parts.
    public init(
      account: String, slot: Slot, instruments: [Instrument], prices: [Symbol: Amount],
      scores: [Symbol: Double], targets: [Symbol: Target], positions: [Symbol: Position],
      cash: Amount, working: [(order: Order, open: Amount)] = [], band: Amount,
      minimumNotional: Amount, costs: TradingCosts, limitOffset: Amount? = nil
    ) {
      self.account = account
      self.slot = slot
      self.instruments = instruments
      self.prices = prices
      self.scores = scores
      self.targets = targets
      self.positions = positions
      self.cash = cash
      self.working = working
      self.band = band
      self.minimumNotional = minimumNotional
      self.costs = costs
      self.limitOffset = limitOffset
    }
  }

  /// Plans the trades from holdings to targets.
  ///
  /// Quantities are rounded towards zero to the lot, so that no order is larger than wanted; a
  /// target of zero sells the whole holding, but for what is below a lot. When the purchases would
  /// cost more than the cash and the sales bring, all are scaled down by the same factor.
  ///
  /// - Throws: `AmountError` when a product does not fit.
  public init(_ input: Input) throws(AmountError) {
    let holdings = try Holdings(input)
    var lines: [Line] = []
    for instrument in input.instruments.sorted(by: { $0.symbol < $1.symbol }) {
      lines.append(try Self.line(instrument, input, holdings))
    }
    try Self.fitPurchases(&lines, input, holdings)
    equity = holdings.equity
    self.lines = lines
    orders = try Self.orders(lines, input)
  }

  /// What the account holds once its working orders are done.
  private struct Holdings {
    var quantities: [Symbol: Amount] = [:]
    var cash: Amount
    var equity: Amount

    init(_ input: Input) throws(AmountError) {
      cash = input.cash
      for (symbol, position) in input.positions { quantities[symbol] = position.quantity }
      for (order, open) in input.working {
        let symbol = order.key.symbol
        let held = quantities[symbol] ?? .zero
        let price = order.limit ?? input.prices[symbol] ?? .zero
        let tick = input.instruments.first { $0.symbol == symbol }?.tick ?? Amount(units: 1)
        switch order.side {
        case .buy:
          quantities[symbol] = try held.adding(open)
          cash = try cash.subtracting(try input.costs.outlay(open, at: price, tick: tick))
        case .sell:
          quantities[symbol] = try held.subtracting(open)
          cash = try cash.adding(try input.costs.proceeds(open, at: price, tick: tick))
        }
      }
      equity = cash
      for (symbol, quantity) in quantities {
        let value: Amount
        if let price = input.prices[symbol] {
          value = try quantity.multiplied(by: price)
        } else {
          value = input.positions[symbol]?.cost ?? .zero
        }
        equity = try equity.adding(value)
      }
    }
  }

  private static func line(
    _ instrument: Instrument, _ input: Input, _ holdings: Holdings
  ) throws(AmountError) -> Line {
    let symbol = instrument.symbol
    let quantity = holdings.quantities[symbol] ?? .zero
    let target = input.targets[symbol] ?? Target(weight: .zero, reason: .noScore)
    var line = Line(
      symbol: symbol, score: input.scores[symbol], price: input.prices[symbol],
      quantity: quantity, weight: .zero, target: target, decision: .hold("at target"))
    guard input.targets[symbol] != nil else {
      line.decision = .hold("not scored, left alone")
      return line
    }
    guard let price = line.price, price > .zero else {
      line.decision = .hold("no fresh price")
      return line
    }
    guard holdings.equity > .zero else {
      line.decision = .hold("no equity")
      return line
    }
    let value = try quantity.multiplied(by: price)
    line.weight = try value.divided(by: holdings.equity)
    let drift = try target.weight.subtracting(line.weight)
    guard try drift.magnitude() > input.band else {
      line.decision = .hold(drift == .zero ? "at target" : "inside band")
      return line
    }
    let wantedValue = try holdings.equity.multiplied(by: target.weight, rounding: .towardsZero)
    let difference = try wantedValue.subtracting(value)
    let trade =
      target.weight == .zero
      ? try quantity.negated() : try difference.divided(by: price, rounding: .towardsZero)
    line.decision = try decision(for: trade, instrument, price, input)
    return line
  }

  /// The order's quantity, or why there is none.
  private static func decision(
    for trade: Amount, _ instrument: Instrument, _ price: Amount, _ input: Input
  ) throws(AmountError) -> Decision {
    let quantity = try trade.magnitude().rounded(toMultipleOf: instrument.lot, .towardsZero)
    guard quantity > .zero else { return .hold("below one lot") }
    let least = max(instrument.minimumNotional, input.minimumNotional)
    guard try quantity.multiplied(by: price) >= least else {
      return .hold("below minimum notional \(least)")
    }
    return trade.isNegative ? .sell(quantity) : .buy(quantity)
  }

  /// Scales all purchases down by one factor when they cost more than there is.
  private static func fitPurchases(
    _ lines: inout [Line], _ input: Input, _ holdings: Holdings
  ) throws(AmountError) {
    var available = holdings.cash
    var outlay = Amount.zero
    let rules = Dictionary(uniqueKeysWithValues: input.instruments.map { ($0.symbol, $0) })
    for line in lines {
      guard let price = line.price, let tick = rules[line.symbol]?.tick else { continue }
      switch line.decision {
      case .buy(let quantity):
        outlay = try outlay.adding(try input.costs.outlay(quantity, at: price, tick: tick))
        // Of smaller orders each fee is rounded up anew.
        available = try available.subtracting(TradingCosts.feeStep)
      case .sell(let quantity):
        available = try available.adding(
          try input.costs.proceeds(quantity, at: price, tick: tick))
      case .hold: break
      }
    }
    guard outlay > available, outlay > .zero else { return }
    let factor = max(
      .zero, try available.divided(by: outlay, rounding: .towardsZero))
    for index in lines.indices {
      guard case .buy(let quantity) = lines[index].decision, let price = lines[index].price,
        let instrument = rules[lines[index].symbol]
      else { continue }
      let scaled = try quantity.multiplied(by: factor, rounding: .towardsZero)
      lines[index].decision = try decision(for: scaled, instrument, price, input)
      if case .hold = lines[index].decision { lines[index].decision = .hold("not enough cash") }
    }
  }

  private static func orders(_ lines: [Line], _ input: Input) throws(AmountError) -> [Order] {
    let ticks = Dictionary(uniqueKeysWithValues: input.instruments.map { ($0.symbol, $0.tick) })
    var sales: [Order] = []
    var purchases: [Order] = []
    for line in lines {
      let side: Side
      let quantity: Amount
      switch line.decision {
      case .buy(let amount): (side, quantity) = (.buy, amount)
      case .sell(let amount): (side, quantity) = (.sell, amount)
      case .hold: continue
      }
      let key = OrderKey(account: input.account, slot: input.slot, symbol: line.symbol, leg: 0)
      var order = Order(
        id: ClientOrderID(deriving: key), key: key, side: side, quantity: quantity)
      if let offset = input.limitOffset, let price = line.price, let tick = ticks[line.symbol] {
        // A limit is rounded towards the safe side: a purchase never dearer, a sale never cheaper.
        let factor =
          side == .buy
          ? try Amount.one.adding(offset) : try Amount.one.subtracting(offset)
        order.limit = try price.multiplied(by: factor)
          .rounded(toMultipleOf: tick, side == .buy ? .down : .up)
      }
      if side == .buy { purchases.append(order) } else { sales.append(order) }
    }
    return sales + purchases
  }
}
