public import Domain

// Every rule that a venue publishes, asked in one place: by a plan before an order is made, and by the
// venue when it comes.
extension Contract {
  /// Why the venue would refuse an order for a rule of this contract; nil when none is against it.
  ///
  /// `reference` is the last price: it values market orders and centres the collar. Without one a
  /// market order's value cannot be judged, which is `.stalePrice`.
  public func check(_ ticket: OrderTicket, reference: Price?) -> Reason? {
    do throws(AmountError) {
      return try reasonAgainst(ticket, reference: reference)
    } catch {
      return .numberTooLarge
    }
  }

  private func reasonAgainst(
    _ ticket: OrderTicket, reference: Price?
  ) throws(AmountError) -> Reason? {
    if ticket.contract != id { return .unknownContract }
    if let reason = stateReason(ticket.side) { return reason }
    if ticket.quantity.asset != pair.base { return .wrongAsset(ticket.quantity.asset, pair.base) }
    if let price = ticket.limit ?? reference, price.symbol != pair {
      return .wrongAsset("\(price.symbol)", "\(pair)")
    }
    if ticket.isPostOnly, ticket.limit == nil || ticket.timeInForce != .untilCancelled {
      return .impossible
    }
    let quantity = ticket.quantity.amount
    if let reason = try quantityReason(quantity, isMarket: ticket.limit == nil) { return reason }
    if let limit = ticket.limit?.amount {
      if let reason = try priceReason(limit, reference: reference?.amount) { return reason }
      return notionalReason(try limit.multiplied(by: quantity), isMarket: false)
    }
    guard let reference else { return .stalePrice(nil) }
    return try notionalReason(
      reference.amount.multiplied(by: quantity), isMarket: true)
  }

  private func stateReason(_ side: Side) -> Reason? {
    switch state {
    case .listed: nil
    case .closing: side == .sell ? nil : .state(state)
    case .halted, .expired, .settled, .absent: .state(state)
    }
  }

  private func quantityReason(
    _ quantity: Amount, isMarket: Bool
  ) throws(AmountError) -> Reason? {
    let lot = quantities.lot(isMarket: isMarket)
    let reason = Reason.lotSize(quantity, lot: lot)
    if quantity <= .zero { return reason }
    if try quantity.rounded(toMultipleOf: lot, .down) != quantity { return reason }
    if let minimum = quantities.minimum, quantity < minimum { return reason }
    if let maximum = quantities.maximum(isMarket: isMarket), quantity > maximum { return reason }
    return nil
  }

  private func priceReason(
    _ limit: Amount, reference: Amount?
  ) throws(AmountError) -> Reason? {
    let reason = Reason.priceFilter(limit, tick: prices.tick(at: limit))
    if limit <= .zero { return reason }
    if try !prices.holds(limit) { return reason }
    if let minimum = prices.minimum, limit < minimum { return reason }
    if let maximum = prices.maximum, limit > maximum { return reason }
    if let collar, let reference, try !collar.admits(limit, reference: reference) {
      return .priceCollar(limit, reference: reference)
    }
    return nil
  }

  private func notionalReason(_ value: Amount, isMarket: Bool) -> Reason? {
    if value < notional.minimum, !isMarket || notional.minimumAppliesToMarket {
      return .notional(value, minimum: notional.minimum)
    }
    if let maximum = notional.maximum, value > maximum,
      !isMarket || notional.maximumAppliesToMarket
    {
      return .notionalAbove(value, maximum: maximum)
    }
    return nil
  }
}

extension Contract {
  /// What becomes of a wish once it is rounded to the rules.
  public enum Admission: Hashable, Sendable {
    /// This may be sent.
    case admitted(quantity: Quantity, limit: Price?)
    /// Nothing may be, for a reason.
    case refused(Reason)
  }

  /// The largest order inside the rules that is no larger than wished: the quantity rounded towards
  /// zero to the lot and cut to the most of an order, the limit rounded to the tick on the safe side (a
  /// purchase never dearer, a sale never cheaper).
  ///
  /// What it admits `check` does not refuse.
  public func admissible(
    _ side: Side, quantity: Quantity, limit: Price? = nil, reference: Price?
  ) -> Admission {
    do throws(AmountError) {
      let isMarket = limit == nil
      let lot = quantities.lot(isMarket: isMarket)
      var amount = quantity.amount
      if let maximum = quantities.maximum(isMarket: isMarket) { amount = min(amount, maximum) }
      amount = try amount.rounded(toMultipleOf: lot, .towardsZero)
      let rounded = try limit.map { (limit) throws(AmountError) -> Price in
        Price(try prices.rounded(limit.amount, side == .buy ? .down : .up), limit.symbol)
      }
      let ticket = OrderTicket(
        id: ClientOrderID(""), contract: id, side: side,
        quantity: Quantity(amount, quantity.asset), limit: rounded)
      if let reason = check(ticket, reference: reference) { return .refused(reason) }
      return .admitted(quantity: ticket.quantity, limit: rounded)
    } catch {
      return .refused(.numberTooLarge)
    }
  }
}
