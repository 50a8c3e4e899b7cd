import Domain

/// What an order needs to be paid in the worst case.
enum Reservation {
  /// What is to be locked for the rest of an order at its limit, or at the price given for an order
  /// without one.
  static func needs(
    of order: VenueOrder, _ contract: Contract, price: Amount
  ) throws(AmountError) -> [Money] {
    let quantity = order.remaining.amount
    let worth = try price.multiplied(by: quantity, rounding: .up)
    let fee = try feeInWorstCase(of: order, contract, price: price, worth: worth)
    let pair = contract.pair
    switch order.ticket.side {
    case .buy:
      if fee.asset == pair.quote { return [Money(try worth.adding(fee.amount), pair.quote)] }
      let own = Money(worth, pair.quote)
      // What is bought pays a fee in base, unless that is more than it.
      if fee.asset == pair.base {
        return fee.amount <= quantity
          ? [own] : [own, Money(try fee.amount.subtracting(quantity), pair.base)]
      }
      return [own, fee]
    case .sell:
      if fee.asset == pair.base { return [Money(try quantity.adding(fee.amount), pair.base)] }
      let own = Money(quantity, pair.base)
      // What is sold pays a fee in quote, unless that is more than it.
      if fee.asset == pair.quote {
        return fee.amount <= worth
          ? [own] : [own, Money(try fee.amount.subtracting(worth), pair.quote)]
      }
      return [own, fee]
    }
  }

  /// The fee of the rest, by the dearer of both kinds of trade. A fee that may grow while the price
  /// gets better needs one step more, for its rounding; any other is what a plan sizes by, so that a
  /// purchase of all the cash is taken.
  private static func feeInWorstCase(
    of order: VenueOrder, _ contract: Contract, price: Amount, worth: Amount
  ) throws(AmountError) -> Money {
    let schedule = contract.fees
    let quantity = order.remaining.amount
    let part = max(
      try schedule.part(price: price, quantity: quantity, isMaker: true),
      try schedule.part(price: price, quantity: quantity, isMaker: false))
    let total = try schedule.total(
      parts: order.feeParts.adding(part), value: order.value.amount.adding(worth))
    var fee = max(.zero, try total.subtracting(order.feeCharged))
    if case .chance = schedule.basis, fee > .zero { fee = try fee.adding(schedule.step) }
    return try schedule.paid(
      fee, order.ticket.side, contract.pair, price: price, thirdPrice: order.feePrice)
  }
}
