import Domain

// How an order is taken: its rules, its funds, and what of it trades at once.
extension ExchangeCore {
  mutating func place(_ ticket: OrderTicket, as account: String) -> Answer {
    guard let contract = contracts[ticket.contract] else { return .refused(.unknownContract) }
    if let known = order(ticket.id, of: account), known.state == .open || idReuse == .never {
      return .refused(.duplicate)
    }
    let reference = freshReference(contract)
    if let reason = contract.check(ticket, reference: reference.map { contract.price($0.price) }) {
      // Without a price a market order cannot be judged: say how old the newest is.
      if case .stalePrice = reason {
        return .refused(.stalePrice(books[contract.id]?.reference?.time))
      }
      return .refused(reason)
    }
    let isOpen = isOpen(contract, at: now)
    let waits = ticket.timeInForce == .onOpen
    let rests = ticket.limit != nil && ticket.timeInForce == .untilCancelled
    if !isOpen, !waits, !rests { return .refused(.marketClosed) }
    do throws(AccountBook.Shortage) {
      return try take(ticket, contract, account, reference, isOpen: isOpen && !waits)
    } catch {
      switch error {
      case .funds(let reason): return .refused(reason)
      case .number: return .refused(.numberTooLarge)
      }
    }
  }

  /// The last price, unless it is older than the model allows.
  func freshReference(_ contract: Contract) -> Book.Reference? {
    guard let reference = books[contract.id]?.reference else { return nil }
    if let age = model.maximumPriceAge, now - reference.time > age { return nil }
    return reference
  }

  /// Takes an order whose rules hold: locks what it may need, trades what can be traded at once, and
  /// lets the rest stand or drop.
  private mutating func take(
    _ ticket: OrderTicket, _ contract: Contract, _ name: String, _ reference: Book.Reference?,
    isOpen: Bool
  ) throws(AccountBook.Shortage) -> Answer {
    var order = VenueOrder(
      number: 0, account: name, ticket: ticket, contract: contract, placed: now)
    if case .third(_, let pricedBy) = contract.fees.currency {
      guard let price = books[pricedBy]?.reference?.price else {
        return .refused(.stalePrice(nil))
      }
      order.feePrice = price
    }
    let now: Crossing?
    do throws(AmountError) {
      now = isOpen ? try crossing(ticket, contract, reference) : nil
    } catch {
      throw .number
    }
    if let now, now.price <= .zero || now.isBelowOneTick {
      return .refused(.priceFilter(now.price, tick: contract.prices.tick(at: now.price)))
    }
    if now != nil, ticket.isPostOnly { return .refused(.wouldTrade) }
    // What the whole order needs is locked first, so that an order that cannot be paid whole is
    // refused and not filled in part.
    let worst = ticket.limit?.amount ?? now?.price ?? reference?.price ?? .zero
    let needs: [Money]
    do throws(AmountError) {
      needs = try Reservation.needs(of: order, contract, price: worst)
    } catch {
      throw .number
    }
    var part = (accounts[name] ?? AccountBook()).part(of: needs.map(\.asset))
    for money in needs {
      try reserve(money, in: &part, of: order, contract)
      order.reserved.append(money)
    }
    order.number = nextOrder()
    accounts[name, default: AccountBook()].take(back: part)
    orders[order.number] = order
    byClientID[ClientKey(account: name, id: ticket.id)] = order.number
    emit(.accepted(order))
    return .order(tradeAtOnce(order, contract, now))
  }

  private func reserve(
    _ money: Money, in account: inout AccountBook, of order: VenueOrder, _ contract: Contract
  ) throws(AccountBook.Shortage) {
    do throws(AccountBook.Shortage) {
      try account.reserve(money)
    } catch {
      // The second thing that is locked is what the trade itself cannot pay of its fee.
      let isFee = !order.reserved.isEmpty
      let isReceived =
        money.asset == (order.ticket.side == .buy ? contract.pair.base : contract.pair.quote)
      throw isFee && isReceived ? .funds(.feeExceedsValue) : error
    }
  }

  /// What an order could trade at now.
  private struct Crossing {
    var price: Amount
    var quantity: Amount
    var candle: Instant
    var isBelowOneTick: Bool
  }

  /// How much of an order trades at once and at which price; nil when its limit is not reached, or no
  /// price is known.
  private func crossing(
    _ ticket: OrderTicket, _ contract: Contract, _ reference: Book.Reference?
  ) throws(AmountError) -> Crossing? {
    guard let reference else { return nil }
    if let limit = ticket.limit?.amount, !model.isQuoted {
      let isReached =
        ticket.side == .buy ? reference.price <= limit : reference.price >= limit
      guard isReached else { return nil }
    }
    var quantity = ticket.quantity.amount
    if let capacity = try model.takerCapacity(volume: reference.volume, taken: reference.taken) {
      let lot = contract.quantities.lot(isMarket: ticket.limit == nil)
      quantity = min(quantity, try capacity.rounded(toMultipleOf: lot, .down))
    }
    var price = try model.slippage.price(
      ticket.side, reference: reference.price, quantity: max(quantity, contract.quantities.lot),
      volume: reference.volume, grid: contract.prices)
    if let limit = ticket.limit?.amount {
      if model.isQuoted, ticket.side == .buy ? price > limit : price < limit { return nil }
      price = ticket.side == .buy ? min(price, limit) : max(price, limit)
    }
    return Crossing(
      price: price, quantity: quantity, candle: reference.candle,
      isBelowOneTick: reference.price < contract.prices.tick(at: reference.price))
  }

  private mutating func tradeAtOnce(
    _ order: VenueOrder, _ contract: Contract, _ crossing: Crossing?
  ) -> VenueOrder {
    var order = order
    let ticket = order.ticket
    if let crossing, crossing.quantity > .zero,
      ticket.timeInForce != .fillOrKill || crossing.quantity == ticket.quantity.amount
    {
      order = execute(
        order, contract, quantity: crossing.quantity, price: crossing.price, isMaker: false,
        candle: crossing.candle)
      books[contract.id]?.reference?.taken.add(order.filled.amount)
    }
    guard order.state == .open else { return order }
    let stands =
      ticket.timeInForce == .onOpen
      || ticket.limit != nil && ticket.timeInForce == .untilCancelled
    guard stands else { return end(order, .expired, .noLiquidity) }
    books[contract.id, default: Book()].insert(order)
    return order
  }

  /// Executes so much of an order, which ends it when it is filled or cannot be paid.
  mutating func execute(
    _ order: VenueOrder, _ contract: Contract, quantity: Amount, price: Amount, isMaker: Bool,
    candle: Instant
  ) -> VenueOrder {
    let made: Execution
    do throws(AccountBook.Shortage) {
      made = try Execution(
        of: order, accounts[order.account] ?? AccountBook(), contract, quantity: quantity,
        price: price, isMaker: isMaker, number: Int64(trades.count) + 1,
        index: order.tradeCount, candle: candle, at: now)
    } catch {
      switch error {
      case .funds(let reason): return end(order, .expired, reason)
      case .number: return end(order, .expired, .numberTooLarge)
      }
    }
    accounts[order.account, default: AccountBook()].take(back: made.part)
    orders[order.number] = made.order
    trades.append(made.trade)
    emit(.traded(made.trade))
    for posting in made.postings { emit(.posted(posting)) }
    if made.order.state != .open {
      books[contract.id]?.remove(order.number)
      emit(.ended(made.order))
    }
    return made.order
  }

  /// Ends an order: what is locked for it is free again.
  mutating func end(
    _ order: VenueOrder, _ state: VenueOrder.State, _ reason: Reason
  ) -> VenueOrder {
    var order = order
    do throws(AccountBook.Shortage) {
      for money in order.reserved {
        try accounts[order.account, default: AccountBook()].release(money)
      }
    } catch {
      preconditionFailure("order \(order.number): what is locked becomes free, the total stays")
    }
    order.reserved = []
    (order.state, order.reason, order.updated) = (state, reason, now)
    orders[order.number] = order
    books[order.ticket.contract]?.remove(order.number)
    emit(.ended(order))
    return order
  }
}

extension Amount {
  /// Adds what was filled to what was taken; both are parts of a volume, so their sum fits.
  mutating func add(_ other: Amount) { self = Amount(units: units &+ other.units) }
}
