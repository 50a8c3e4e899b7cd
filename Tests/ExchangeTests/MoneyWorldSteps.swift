import Domain
import Exchange

// What may happen, drawn by the seed.
extension MoneyWorld {
  mutating func step() {
    switch random.below(20) {
    case 0..<7: hour()
    case 7..<14: place()
    case 14, 15: cancel()
    case 16:
      let contract = random.pick(contracts).id
      operate(.setState(contract, random.pick([.halted, .listed, .listed, .closing])))
    case 17:
      let money = Amount(random.below(500) - 200)
      pay(random.pick(Self.names), money, random.pick(["USDT", "A0", "A1"]))
    case 18:
      if random.one(in: 2) { split() } else { changeRules() }
    default:
      restart()
    }
  }

  private mutating func hour() {
    let close = core.now + .hours(1)
    for contract in contracts {
      let before = prices[contract.id] ?? 100
      func moved(_ price: Int) -> Int { max(1, price * (950 + random.below(101)) / 1000) }
      let (first, last) = (moved(before), moved(before))
      let high = max(first, last) * (1000 + random.below(30)) / 1000
      let low = max(1, min(first, last) * (970 + random.below(31)) / 1000)
      prices[contract.id] = last
      func amount(_ cents: Int) -> Amount { Amount(units: Int128(cents) * 10_000_000_000) }
      let volume = random.pick([nil, 0, 3, 50, 100, 1000, 5000])
      // No candle at all, once in a while.
      if random.one(in: 12) { continue }
      tape.append(
        [
          Bar(
            open: core.now, close: close, first: amount(first),
            high: amount(max(high, first, last)),
            low: amount(min(low, first, last)), last: amount(last),
            volume: volume.map { Amount($0) })
        ], to: contract.id)
    }
    book(core.advance(to: close, tape))
  }

  private mutating func place() {
    let contract = random.pick(contracts)
    let known = core.contracts[contract.id] ?? contract
    let cents = prices[contract.id] ?? 100
    let price = cents * (900 + random.below(201)) / 1000
    let isMarket = random.one(in: 3)
    let wish = Amount(units: Int128(random.below(2_000_000)) * 10_000_000)
    var quantity = known.quantity(random.one(in: 3) ? Amount(random.below(15)) : wish)
    var limit: Price? =
      isMarket ? nil : known.price(Amount(units: Int128(price) * 10_000_000_000))
    let side: Side = random.one(in: 2) ? .buy : .sell
    // Mostly what a plan would send; else as it comes, which the exchange has to refuse.
    if !random.one(in: 6),
      case .admitted(let rounded, let at) = known.admissible(
        side, quantity: quantity, limit: limit, reference: core.reference(known.id)?.price)
    {
      (quantity, limit) = (rounded, at)
    }
    nextID += random.one(in: 20) ? 0 : 1
    let ticket = OrderTicket(
      id: ClientOrderID("o\(nextID)"), contract: contract.id, side: side, quantity: quantity,
      limit: limit, timeInForce: random.pick(Self.timesInForce),
      isPostOnly: random.one(in: 8))
    let now = core.now + .minutes(Int64(random.below(3)))
    call(
      .place(ticket, validUntil: random.one(in: 20) ? now - .seconds(1) : nil),
      as: random.pick(Self.names), at: now)
  }

  private static let timesInForce: [OrderTicket.TimeInForce] = [
    .untilCancelled, .untilCancelled, .untilCancelled, .immediateOrCancel, .fillOrKill, .onOpen,
  ]

  private mutating func cancel() {
    guard nextID > 0 else { return }
    call(
      .cancel(ClientOrderID("o\(1 + random.below(nextID))")), as: random.pick(Self.names),
      at: core.now)
  }

  private mutating func call(_ call: Call, as account: String, at: Instant) {
    let before = core
    let answer = core.handle(call, as: account, at: at)
    journal.record(call, answer, as: account, at: at)
    if case .refused = answer {
      // A refusal has changed nothing but the time.
      if before.accounts != core.accounts && at == before.now { find("a refusal moved money") }
      if before.orders.count != core.orders.count { find("a refusal left an order") }
    }
    book(core.takeEvents())
  }

  private mutating func split() {
    let (new, old) = random.pick([(2, 1), (3, 2), (1, 10), (7, 3)])
    operate(.split(asset: random.pick(contracts).pair.base, new: new, old: old))
  }

  private mutating func changeRules() {
    let index = random.below(contracts.count)
    contracts[index].quantities = random.pick([
      QuantityGrid(lot: Amount("0.005")!), QuantityGrid(lot: Amount("0.1")!),
    ])
    contracts[index].notional = NotionalBounds(minimum: Amount(random.below(20)))
    var contract = contracts[index]
    contract.state = core.contracts[contract.id]?.state ?? .listed
    operate(.list(contract))
  }

  /// The exchange is gone and rebuilt from what a ledger would know: totals and open orders.
  private mutating func restart() {
    guard
      core.accounts.values.allSatisfy({ account in
        account.balances.values.allSatisfy { $0.unsettled == .zero }
      })
    else { return }
    var fresh = ExchangeCore(model: core.model, idReuse: core.idReuse, at: core.now)
    let listed = core.contracts.values.sorted { $0.id < $1.id }
    for contract in listed {
      _ = fresh.operate(.list(contract), at: core.now)
      if let bar = tape.bars[contract.id]?.last {
        _ = fresh.operate(.note(contract.id, bar), at: core.now)
      }
    }
    openHoursAgain(&fresh)
    for name in Self.names {
      for (asset, sum) in (sums[name] ?? [:]).sorted(by: { $0.key < $1.key }) where sum > .zero {
        _ = fresh.operate(
          .transfer(account: name, Money(sum, asset), why: "restart"), at: core.now)
      }
    }
    let open = Self.names.flatMap { core.openOrders(of: $0) }.sorted { $0.number < $1.number }
    for order in open {
      let trades = core.trades.filter { $0.order == order.number }
      let restored = RestoredOrder(
        account: order.account, ticket: order.ticket, placed: order.placed,
        matchedThrough: max(order.placed, core.now), filled: order.filled.amount,
        value: order.value.amount, trades: Int64(trades.count))
      if fresh.operate(.restore(restored), at: core.now) != nil { find("an order was lost") }
    }
    _ = fresh.takeEvents()
    let again = Self.names.flatMap { fresh.openOrders(of: $0) }.sorted { $0.number < $1.number }
    if again.map(\.ticket) != open.map(\.ticket) || again.map(\.filled) != open.map(\.filled) {
      find("open orders differ after a restart")
    }
    core = fresh
    checkBooks()
  }

  private mutating func openHoursAgain(_ fresh: inout ExchangeCore) {
    for (calendar, hours) in core.calendars {
      _ = fresh.operate(.setHours(calendar, hours), at: core.now)
    }
  }
}
