import Domain

/// One trade and all that it moves, made as a whole or not at all.
struct Execution {
  var order: VenueOrder
  /// What of the account's book it touches.
  var part: AccountBook
  var trade: Trade
  var postings: [Posting]

  /// Executes so much of an order at a price.
  ///
  /// - Throws: the reason for which it cannot be paid.
  init(
    of order: VenueOrder, _ account: AccountBook, _ contract: Contract, quantity: Amount,
    price: Amount, isMaker: Bool, number: Int64, index: Int64, candle: Instant, at now: Instant
  ) throws(AccountBook.Shortage) {
    let bill = try Self.checked { () throws(AmountError) in
      try Bill(order, contract, quantity: quantity, price: price, isMaker: isMaker)
    }
    self.order = order
    var assets = [contract.pair.base, contract.pair.quote] + order.reserved.map(\.asset)
    if case .third(let asset, _) = contract.fees.currency { assets.append(asset) }
    part = account.part(of: assets, contract.id)
    trade = Trade(
      number: number, index: index, order: order.number, clientID: order.ticket.id,
      account: order.account, contract: contract.id, side: order.ticket.side,
      quantity: contract.quantity(quantity), price: contract.price(price), fee: bill.fee,
      isMaker: isMaker, time: now, candle: candle)
    postings = []
    self.order.filled.amount = Amount(units: order.filled.amount.units + quantity.units)
    self.order.value.amount = bill.value
    self.order.feeParts = bill.parts
    self.order.feeCharged = bill.charged
    self.order.updated = now
    self.order.tradeCount = index + 1
    // All that is locked is made free and what remains is locked anew, so that a better price and a
    // smaller fee give back what they spared.
    for money in order.reserved { try part.release(money) }
    self.order.reserved = []
    try move(bill, contract, quantity)
    if self.order.remaining.amount == .zero {
      self.order.state = .filled
    } else if order.ticket.limit != nil || order.ticket.timeInForce == .onOpen {
      try relock(contract, price: price)
    }
  }

  /// Moves what is paid and what is received.
  private mutating func move(
    _ bill: Bill, _ contract: Contract, _ quantity: Amount
  ) throws(AccountBook.Shortage) {
    let base = Money(quantity, contract.pair.base)
    let quote = Money(bill.worth, contract.pair.quote)
    let (paid, received) = order.ticket.side == .buy ? (quote, base) : (base, quote)
    var due: Instant?
    if order.ticket.side == .sell, contract.settlement > .zero {
      due = trade.time + contract.settlement
    }
    try part.debit(paid)
    if bill.fee.asset == received.asset {
      // A fee in what is received is taken off it; where that is too little, off what is there.
      let rest = Amount(units: received.amount.units - bill.fee.amount.units)
      if rest.isNegative {
        do throws(AccountBook.Shortage) {
          try part.debit(Money(Amount(units: -rest.units), received.asset))
        } catch {
          throw .funds(.feeExceedsValue)
        }
      } else {
        try part.credit(Money(rest, received.asset), due: due)
      }
    } else {
      try part.debit(bill.fee)
      try part.credit(received, due: due)
    }
    try part.count(fee: bill.fee)
    post(Money(Amount(units: -paid.amount.units), paid.asset), .trade(trade.number))
    post(received, .trade(trade.number))
    if bill.fee.amount != .zero {
      post(Money(Amount(units: -bill.fee.amount.units), bill.fee.asset), .fee(trade.number))
    }
    try Self.checked { () throws(AmountError) in try book(bill, contract, quantity) }
  }

  private mutating func post(_ money: Money, _ cause: Posting.Cause) {
    postings.append(
      Posting(account: order.account, money: money, cause: cause, time: trade.time))
  }

  /// The position at average cost.
  private mutating func book(
    _ bill: Bill, _ contract: Contract, _ quantity: Amount
  ) throws(AmountError) {
    var position = part.positions[contract.id] ?? AccountBook.Position()
    let quoteFee = bill.fee.asset == contract.pair.quote ? bill.fee.amount : .zero
    let baseFee = bill.fee.asset == contract.pair.base ? bill.fee.amount : .zero
    switch order.ticket.side {
    case .buy:
      position.quantity = try position.quantity.adding(quantity).subtracting(baseFee)
      position.cost = try position.cost.adding(bill.worth).adding(quoteFee)
    case .sell:
      // What was paid in from elsewhere cost nothing here.
      let closed = min(try quantity.adding(baseFee), max(.zero, position.quantity))
      var cost = position.cost
      if closed < position.quantity {
        cost = try position.cost.multiplied(by: closed).divided(by: position.quantity)
      }
      position.quantity = try position.quantity.subtracting(closed)
      position.cost = try position.cost.subtracting(cost)
      position.realised = try position.realised.adding(bill.worth).subtracting(quoteFee)
        .subtracting(cost)
    }
    part.positions[contract.id] = position
  }

  /// Locks what the rest of the order may need.
  private mutating func relock(
    _ contract: Contract, price: Amount
  ) throws(AccountBook.Shortage) {
    let needs = try Self.checked { () throws(AmountError) in
      try Reservation.needs(of: order, contract, price: order.ticket.limit?.amount ?? price)
    }
    for need in needs {
      let money = Money(min(need.amount, part.balance(need.asset).free), need.asset)
      try part.reserve(money)
      order.reserved.append(money)
    }
  }

  private static func checked<Value>(
    _ body: () throws(AmountError) -> Value
  ) throws(AccountBook.Shortage) -> Value {
    do throws(AmountError) { return try body() } catch { throw .number }
  }
}

/// What one trade costs.
private struct Bill {
  /// What the trade is worth, in the quote asset, as a ledger books it.
  var worth: Amount
  /// What the order is worth with it.
  var value: Amount
  /// The parts of the order's fee with it.
  var parts: Amount
  /// What of the fee is charged with it, in the quote asset.
  var charged: Amount
  /// What is charged for it now, in the asset that pays it.
  var fee: Money

  init(
    _ order: VenueOrder, _ contract: Contract, quantity: Amount, price: Amount, isMaker: Bool
  ) throws(AmountError) {
    worth = try price.multiplied(by: quantity)
    value = try order.value.amount.adding(worth)
    parts = try order.feeParts.adding(
      contract.fees.part(price: price, quantity: quantity, isMaker: isMaker))
    charged = max(order.feeCharged, try contract.fees.total(parts: parts, value: value))
    fee = try contract.fees.paid(
      charged.subtracting(order.feeCharged), order.ticket.side, contract.pair, price: price,
      thirdPrice: order.feePrice)
    // A part of the value that is paid in the base asset is that part of the quantity: by way of the
    // price it would be rounded twice.
    if contract.fees.isRoundedWherePaid, fee.asset == contract.pair.base,
      case .value(let maker, let taker) = contract.fees.basis
    {
      fee.amount = try quantity.multiplied(by: (isMaker ? maker : taker).amount, rounding: .up)
        .rounded(toMultipleOf: contract.fees.step, .up)
    }
  }
}

extension FeeSchedule {
  /// A fee in the quote asset as the asset that pays it.
  func paid(
    _ fee: Amount, _ side: Side, _ pair: Symbol, price: Amount, thirdPrice: Amount?
  ) throws(AmountError) -> Money {
    let inQuote = isRoundedWherePaid ? try fee.rounded(toMultipleOf: step, .up) : fee
    switch currency {
    case .quote: return Money(inQuote, pair.quote)
    case .received where side == .sell: return Money(inQuote, pair.quote)
    case .base, .received:
      return Money(
        try fee.divided(by: price, rounding: .up).rounded(toMultipleOf: step, .up), pair.base)
    case .third(let asset, _):
      guard let thirdPrice else { return Money(inQuote, pair.quote) }
      return Money(
        try fee.divided(by: thirdPrice, rounding: .up).rounded(toMultipleOf: step, .up), asset)
    }
  }
}
