import Domain

/// What a fill does to a position and to cash: exact, but for the one rounding of quantity times
/// price to 10^-12, whose result is kept with the fill.
struct Holding: Hashable {
  var position: Position
  var cash: [String: Amount]

  /// What a fill came to.
  struct Effect: Hashable {
    /// Quantity times price, in the quote asset.
    var value: Amount
    /// What was earned on the part of the position that it closed, in the quote asset, fees in that
    /// asset included.
    var realised: Amount
  }

  /// Applies a fill of an order of this position's symbol.
  ///
  /// A purchase adds its value, and its fee when paid in the quote asset, to the cost. A sale takes
  /// the sold part of the cost away (average cost). The same holds with both signs turned, should a
  /// position ever be negative; a fill that crosses zero closes first and opens with the rest.
  ///
  /// - Throws: `AmountError` when a sum or product does not fit.
  mutating func apply(_ fill: Fill, side: Side) throws(AmountError) -> Effect {
    let symbol = position.symbol
    let value = try fill.quantity.multiplied(by: fill.price)
    let isBuy = side == .buy
    let fee = fill.fee ?? Fill.Fee(.zero, symbol.quote)
    let quoteFee = fee.asset == symbol.quote ? fee.amount : .zero
    try add(isBuy ? try value.negated() : value, of: symbol.quote)
    // A fee in the base asset comes out of what is held, any other out of cash.
    var change = isBuy ? fill.quantity : try fill.quantity.negated()
    if fee.asset == symbol.base {
      change = try change.subtracting(fee.amount)
    } else {
      try add(try fee.amount.negated(), of: fee.asset)
    }
    // What the change costs: positive for a purchase, negative for a sale, the fee always against us.
    let paid = try (isBuy ? value : try value.negated()).adding(quoteFee)
    let realised = try move(by: change, for: paid)
    return Effect(value: value, realised: realised)
  }

  /// Pays the fee of a trade that was booked without it.
  ///
  /// A fee in the quote asset is a part of what a purchase cost while some of it is held, and of what
  /// a sale earned.
  ///
  /// - Returns: what it takes from what was earned, in the quote asset.
  mutating func pay(_ fee: Fill.Fee, side: Side) throws(AmountError) -> Amount {
    if fee.asset == position.symbol.base {
      position.quantity = try position.quantity.subtracting(fee.amount)
      return .zero
    }
    try add(try fee.amount.negated(), of: fee.asset)
    guard fee.asset == position.symbol.quote else { return .zero }
    if side == .buy, position.quantity != .zero {
      position.cost = try position.cost.adding(fee.amount)
      return .zero
    }
    return fee.amount
  }

  private mutating func add(_ amount: Amount, of asset: String) throws(AmountError) {
    cash[asset] = try (cash[asset] ?? .zero).adding(amount)
  }

  /// Changes the quantity, and the cost with it. Returns what the closed part earned.
  private mutating func move(by change: Amount, for paid: Amount) throws(AmountError) -> Amount {
    let held = position.quantity
    let opens = held == .zero || change == .zero || held.isNegative == change.isNegative
    if opens {
      position.quantity = try held.adding(change)
      position.cost = try position.cost.adding(paid)
      return .zero
    }
    let isCrossing = try change.magnitude() > held.magnitude()
    let closed = isCrossing ? held : try change.negated()
    // The closed part of the cost, and the part of the payment that closed it.
    let cost =
      closed == held
      ? position.cost : try position.cost.multiplied(by: closed).divided(by: held)
    let closing =
      isCrossing
      ? try paid.multiplied(by: try closed.magnitude()).divided(by: try change.magnitude()) : paid
    position.quantity = try held.adding(change)
    position.cost =
      isCrossing ? try paid.subtracting(closing) : try position.cost.subtracting(cost)
    return try closing.negated().subtracting(cost)
  }
}
