import Domain

// How resting orders meet the tape.
extension ExchangeCore {
  /// Takes a closed bar: what waited for an opening, then what rests, then the new price.
  mutating func take(_ bar: Bar, of id: ContractID, _ tape: Tape) {
    guard let contract = contracts[id] else { return }
    var session: TradingHours.Session?
    if let calendar = contract.calendar {
      session = calendars[calendar]?.session(meeting: bar.open, until: bar.close)
      // A bar outside of all sessions is none that anybody could have traded in.
      guard session != nil else { return }
    }
    guard contract.state == .listed || contract.state == .closing else { return }
    var taken = Amount.zero
    if !(books[id]?.numbers.isEmpty ?? true) {
      do throws(AmountError) {
        let prints = try tape.prints(of: bar, id)
        if let first = prints.first {
          taken.add(open(contract, bar, first, since: session?.open ?? bar.open))
        }
        for print in prints { taken.add(match(print, contract, bar)) }
      } catch {
        preconditionFailure("\(id): a part of a volume fits")
      }
    }
    books[id, default: Book()].reference = Book.Reference(
      price: bar.last, time: bar.close, candle: bar.open, volume: bar.volume, taken: taken)
  }

  /// Fills what waited for an opening that came after it, as takers at the opening's price, and drops
  /// the rest: an opening is once.
  ///
  /// - Returns: how much was filled.
  private mutating func open(
    _ contract: Contract, _ bar: Bar, _ print: Tape.Print, since opening: Instant
  ) -> Amount {
    var taken = Amount.zero
    for number in books[contract.id]?.openers ?? [] {
      guard let order = orders[number], order.placed <= opening else { continue }
      let (quantity, price) = attempt(order, contract) { (core) throws(AmountError) in
        var quantity = order.remaining.amount
        if let capacity = try core.model.takerCapacity(volume: print.size, taken: taken) {
          let lot = contract.quantities.lot(isMarket: order.ticket.limit == nil)
          quantity = min(quantity, try capacity.rounded(toMultipleOf: lot, .down))
        }
        let price = try core.model.slippage.price(
          order.ticket.side, reference: print.price, quantity: max(quantity, Amount(units: 1)),
          volume: bar.volume, grid: contract.prices)
        return (quantity, price)
      }
      guard var left = orders[number], left.state == .open else { continue }
      if quantity > .zero, price > .zero, left.ticket.admits(price) {
        let before = left.filled.amount
        left = execute(
          left, contract, quantity: quantity, price: price, isMaker: false, candle: bar.open)
        taken.add(Amount(units: left.filled.amount.units - before.units))
      }
      if left.state == .open { _ = end(left, .expired, .openPassed) }
    }
    return taken
  }

  /// Fills the orders that a print reaches, the best first, while it lasts.
  ///
  /// - Returns: how much was filled.
  private mutating func match(
    _ print: Tape.Print, _ contract: Contract, _ bar: Bar
  ) -> Amount {
    var taken = Amount.zero
    for resting in books[contract.id]?.reached(by: print.price) ?? [] {
      guard let order = orders[resting.number], order.isEligible(print, of: bar) else { continue }
      // Who came while the candle was open is asked again at its close, as if it came then.
      let isLate = order.placed > bar.open && !order.ticket.isPostOnly
      let isTouch = !isLate && resting.limit == print.price
      if isTouch, model.isTouchStrict { continue }
      if contract.state == .closing, order.ticket.side == .buy { continue }
      let (quantity, price) = attempt(order, contract) { (core) throws(AmountError) in
        var quantity = order.remaining.amount
        if let capacity = try core.model.makerCapacity(print, isTouch: isTouch) {
          quantity = min(
            quantity,
            try max(.zero, capacity.subtracting(taken))
              .rounded(toMultipleOf: contract.quantities.lot, .down))
        }
        if !isLate {
          return (quantity, try order.restingPrice(resting.limit, print, bar, contract))
        }
        let price = try core.model.slippage.price(
          order.ticket.side, reference: print.price, quantity: max(quantity, Amount(units: 1)),
          volume: bar.volume, grid: contract.prices)
        return (
          quantity,
          order.ticket.side == .buy ? min(price, resting.limit) : max(price, resting.limit)
        )
      }
      guard quantity > .zero, let left = orders[resting.number], left.state == .open else {
        continue
      }
      let filled = execute(
        left, contract, quantity: quantity, price: price, isMaker: !isLate, candle: bar.open)
      taken.add(Amount(units: filled.filled.amount.units - left.filled.amount.units))
    }
    return taken
  }

  /// Quantity and price of a match; a number that does not fit ends the order.
  private mutating func attempt(
    _ order: VenueOrder, _ contract: Contract,
    _ body: (borrowing ExchangeCore) throws(AmountError) -> (Amount, Amount)
  ) -> (quantity: Amount, price: Amount) {
    do throws(AmountError) {
      return try body(self)
    } catch {
      _ = end(order, .expired, .numberTooLarge)
      return (.zero, .zero)
    }
  }
}

extension VenueOrder {
  /// The price of a resting order that a print reaches: its limit; but the open where a candle opens
  /// beyond it, as an opening trades at one price for all, and never a price that the candle did not
  /// have. Both are rounded to the grid against us.
  fileprivate func restingPrice(
    _ limit: Amount, _ print: Tape.Print, _ bar: Bar, _ contract: Contract
  ) throws(AmountError) -> Amount {
    switch ticket.side {
    case .buy:
      let most = print.kind == .open ? print.price : bar.high
      return min(limit, try contract.prices.rounded(most, .up))
    case .sell:
      let least = print.kind == .open ? print.price : bar.low
      return max(limit, try contract.prices.rounded(least, .down))
    }
  }
}

extension OrderTicket {
  /// Whether its limit admits a price.
  fileprivate func admits(_ price: Amount) -> Bool {
    guard let limit = limit?.amount else { return true }
    return side == .buy ? price <= limit : price >= limit
  }
}
