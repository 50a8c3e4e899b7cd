public import Domain

// What the exchange itself does: listings, halts, hours, transfers, splits, payouts.
extension ExchangeCore {
  /// Does what only the exchange does.
  ///
  /// - Returns: why it was not done; nil when it was.
  public mutating func operate(_ operation: Operation, at: Instant) -> Reason? {
    pass(to: at)
    switch operation {
    case .list(let contract):
      let before = contracts[contract.id]?.state
      contracts[contract.id] = contract
      if books[contract.id] == nil { books[contract.id] = Book() }
      if before != contract.state { setState(of: contract.id, to: contract.state) }
      return nil
    case .setState(let id, let state):
      guard contracts[id] != nil else { return .unknownContract }
      setState(of: id, to: state)
      return nil
    case .setHours(let calendar, let hours):
      calendars[calendar] = hours
      return nil
    case .transfer(let account, let money, let why):
      return transfer(money, account, why)
    case .note(let id, let bar):
      guard contracts[id] != nil else { return .unknownContract }
      books[id, default: Book()].reference = Book.Reference(
        price: bar.last, time: bar.close, candle: bar.open, volume: bar.volume)
      return nil
    case .took(let id, let candle, let quantity):
      guard let reference = books[id]?.reference, reference.candle == candle else {
        return .unknownContract
      }
      // Both are parts of one volume, so their sum fits.
      books[id]?.reference?.taken.add(quantity)
      return nil
    case .restore(let order):
      return restore(order)
    case .split(let asset, let new, let old):
      guard new > 0, old > 0 else { return .impossible }
      return split(asset, Amount(new), Amount(old))
    }
  }

  private mutating func transfer(_ money: Money, _ name: String, _ why: String) -> Reason? {
    var account = accounts[name] ?? AccountBook()
    do throws(AccountBook.Shortage) {
      if money.isNegative {
        try account.debit(Money(Amount(units: 0 &- money.amount.units), money.asset))
      } else {
        try account.credit(money)
      }
    } catch {
      switch error {
      case .funds(let reason): return reason
      case .number: return .numberTooLarge
      }
    }
    accounts[name] = account
    emit(
      .posted(Posting(account: name, money: money, cause: .transfer(why), time: now)))
    return nil
  }

  /// Changes a contract's state, and ends the orders that it no longer admits.
  mutating func setState(of id: ContractID, to state: ContractState) {
    contracts[id]?.state = state
    emit(.state(id, state))
    for number in books[id]?.numbers ?? [] {
      guard let order = orders[number] else { continue }
      switch state {
      case .listed, .halted: continue
      case .closing where order.ticket.side == .sell: continue
      case .closing, .expired, .settled, .absent: _ = end(order, .expired, .state(state))
      }
    }
    if case .settled(let payout) = state { pay(payout, for: id) }
  }

  /// Pays every holder of a contract that ended.
  private mutating func pay(_ payout: Amount, for id: ContractID) {
    guard let contract = contracts[id] else { return }
    for (name, var account) in accounts.sorted(by: { $0.key < $1.key }) {
      let held = Money(account.balance(contract.pair.base).free, contract.pair.base)
      guard held.amount > .zero else { continue }
      do throws(AccountBook.Shortage) {
        let paid: Amount
        do throws(AmountError) {
          paid = try held.amount.multiplied(by: payout, rounding: .down)
        } catch {
          throw .number
        }
        try account.debit(held)
        try account.credit(Money(paid, contract.pair.quote))
        post(Money(Amount(units: -held.amount.units), held.asset), name, .payout(id))
        post(Money(paid, contract.pair.quote), name, .payout(id))
        account.close(id, for: paid)
        accounts[name] = account
      } catch {
        // A payout that is no amount pays nothing, and the position stays.
        continue
      }
    }
  }

  private mutating func post(_ money: Money, _ account: String, _ cause: Posting.Cause) {
    emit(.posted(Posting(account: account, money: money, cause: cause, time: now)))
  }

  /// Makes `new` of an asset out of `old`: holdings, resting orders and prices.
  private mutating func split(_ asset: String, _ new: Amount, _ old: Amount) -> Reason? {
    var trial = self
    do throws(AccountBook.Shortage) {
      try trial.splitAll(asset, new, old)
    } catch {
      return .numberTooLarge
    }
    self = trial
    return nil
  }

  private mutating func splitAll(
    _ asset: String, _ new: Amount, _ old: Amount
  ) throws(AccountBook.Shortage) {
    let split = contracts.values.filter { $0.pair.base == asset }.sorted { $0.id < $1.id }
    // Locks are released, holdings changed, and the orders taken up again by the new numbers: also
    // those of other contracts that hold the asset for their fees.
    let resting = books.values.flatMap { $0.numbers }.sorted().compactMap { orders[$0] }
      .filter { order in
        order.ticket.quantity.asset == asset || order.reserved.contains { $0.asset == asset }
      }
    for order in resting {
      guard var account = accounts[order.account] else { continue }
      for money in order.reserved { try account.release(money) }
      accounts[order.account] = account
      orders[order.number]?.reserved = []
    }
    for (name, var account) in accounts.sorted(by: { $0.key < $1.key }) {
      let change = try account.split(asset, new, old)
      for contract in split { try account.scale(contract.id, new, old) }
      accounts[name] = account
      if change != .zero { post(Money(change, asset), name, .split) }
    }
    for contract in split {
      guard let price = books[contract.id]?.reference?.price else { continue }
      let scaled = try checked { () throws(AmountError) in
        try price.multiplied(by: old).divided(by: new)
      }
      books[contract.id]?.reference?.price = scaled
    }
    for order in resting { try takeUpAgain(order.number, asset, new, old) }
  }

  private mutating func takeUpAgain(
    _ number: Int64, _ asset: String, _ new: Amount, _ old: Amount
  ) throws(AccountBook.Shortage) {
    guard let before = orders[number], let contract = contracts[before.ticket.contract] else {
      return
    }
    var order = before
    try checked { () throws(AmountError) in
      if contract.pair.base == asset { try order.split(contract, new, old) }
      if case .third(asset, _) = contract.fees.currency, let price = order.feePrice {
        order.feePrice = try price.multiplied(by: old).divided(by: new)
      }
    }
    let needs = try checked { () throws(AmountError) in
      try Reservation.needs(
        of: order, contract,
        price: order.ticket.limit?.amount ?? books[contract.id]?.reference?.price ?? .zero)
    }
    var account = accounts[order.account] ?? AccountBook()
    var rest = order.ticket
    rest.quantity = order.remaining
    var reason = order.remaining.amount > .zero ? nil : Reason.lotSize(.zero, lot: .zero)
    if reason == nil, contract.state == .listed {
      reason = contract.check(rest, reference: reference(contract.id)?.price)
    }
    do throws(AccountBook.Shortage) {
      for money in needs where reason == nil {
        try account.reserve(money)
        order.reserved.append(money)
      }
    } catch {
      if case .funds(let shortage) = error { reason = shortage } else { throw error }
    }
    if let reason {
      order.reserved = []
      _ = end(order, .expired, reason)
      return
    }
    accounts[order.account] = account
    orders[number] = order
    books[contract.id]?.remove(number)
    books[contract.id]?.insert(order)
    emit(.adjusted(order))
  }

  private func checked<Value>(
    _ body: () throws(AmountError) -> Value
  ) throws(AccountBook.Shortage) -> Value {
    do throws(AmountError) { return try body() } catch { throw .number }
  }
}

extension VenueOrder {
  /// So many times as much at so much less: quantities are rounded down to the lot, a limit to the
  /// tick on the safe side.
  fileprivate mutating func split(
    _ contract: Contract, _ new: Amount, _ old: Amount
  ) throws(AmountError) {
    func scaled(_ amount: Amount) throws(AmountError) -> Amount {
      try amount.multiplied(by: new).divided(by: old, rounding: .down)
    }
    let rest = try scaled(remaining.amount)
      .rounded(toMultipleOf: contract.quantities.lot, .down)
    filled.amount = try scaled(filled.amount)
    ticket.quantity.amount = try filled.amount.adding(rest)
    if let limit = ticket.limit?.amount {
      let price = try limit.multiplied(by: old).divided(by: new)
      ticket.limit?.amount = try contract.prices.rounded(
        price, ticket.side == .buy ? .down : .up)
    }
  }
}

extension AccountBook {
  /// Scales a position's quantity; its cost stays.
  fileprivate mutating func scale(
    _ id: ContractID, _ new: Amount, _ old: Amount
  ) throws(Shortage) {
    guard var position = positions[id] else { return }
    do throws(AmountError) {
      position.quantity = try position.quantity.multiplied(by: new)
        .divided(by: old, rounding: .down)
    } catch {
      throw .number
    }
    positions[id] = position
  }

  /// Closes a position that was paid for.
  fileprivate mutating func close(_ id: ContractID, for paid: Amount) {
    guard let position = positions[id] else { return }
    let earned = Amount(units: paid.units &- position.cost.units)
    positions[id] = Position(
      quantity: .zero, cost: .zero,
      realised: Amount(units: position.realised.units &+ earned.units))
  }
}
