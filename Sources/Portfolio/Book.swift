public import Domain

/// What an account holds, and what it has under way.
public struct Book: Hashable, Sendable {
  /// An order of which some may still be filled.
  public struct Working: Hashable, Sendable {
    /// The order.
    public var order: Order
    /// What is not filled of it.
    public var open: Amount

    /// A working order of these parts.
    public init(order: Order, open: Amount) { (self.order, self.open) = (order, open) }
  }

  /// The account's name.
  public var account: String
  /// The asset in which the account is valued.
  public var quote: String
  /// Cash by asset.
  public var cash: [String: Amount]
  /// What is held, by instrument.
  public var positions: [Symbol: Position]
  /// The orders that may still be filled, of all jobs.
  public var working: [Working]

  /// A book of these parts.
  public init(
    account: String, quote: String, cash: [String: Amount], positions: [Symbol: Position],
    working: [Working] = []
  ) {
    self.account = account
    self.quote = quote
    self.cash = cash
    self.positions = positions
    self.working = working
  }

  /// How much of each instrument is held once the working orders are done.
  func settled() throws(AmountError) -> [Symbol: Amount] {
    var quantities = positions.mapValues(\.quantity)
    for working in working {
      let symbol = working.order.key.symbol
      let held = quantities[symbol] ?? .zero
      quantities[symbol] =
        working.order.side == .buy
        ? try held.adding(working.open) : try held.subtracting(working.open)
    }
    return quantities
  }

  /// What is held of each instrument and not promised to a working sale.
  ///
  /// - Throws: `AmountError` when a difference does not fit.
  public func free() throws(AmountError) -> [Symbol: Amount] {
    var quantities = positions.mapValues(\.quantity)
    for working in working where working.order.side == .sell {
      let symbol = working.order.key.symbol
      quantities[symbol] = max(
        .zero, try (quantities[symbol] ?? .zero).subtracting(working.open))
    }
    return quantities
  }

  /// The orders of which it is not known what became of them, by instrument.
  public var doubts: [Symbol: ClientOrderID] {
    var doubts: [Symbol: ClientOrderID] = [:]
    for working in working where working.order.state == .unknown {
      doubts[working.order.key.symbol] = working.order.id
    }
    return doubts
  }

  /// The cash in the quote asset that no working purchase may still take; nil when it cannot be told
  /// what one of them may take, since it has neither limit nor price. What working sales may bring is
  /// not counted: it is not there.
  ///
  /// - Throws: `AmountError` when a product does not fit.
  public func freeCash(
    _ costs: TradingCosts, prices: [Symbol: Mark], ticks: [Symbol: Amount]
  ) throws(AmountError) -> Amount? {
    var free = cash[quote] ?? .zero
    for working in working where working.order.side == .buy {
      let symbol = working.order.key.symbol
      guard symbol.quote == quote else { continue }
      guard let price = working.order.limit ?? prices[symbol]?.price else { return nil }
      free = try free.subtracting(
        costs.outlay(
          working.open, at: price, limit: working.order.limit,
          tick: ticks[symbol] ?? Amount(units: 1)))
    }
    return free
  }
}
