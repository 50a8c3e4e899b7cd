import Calendars
import Domain
import Portfolio
import Settings
import Store
import Venues

/// Keeps the gate's facts while orders go out: what is free, what was sent already, and, at each send,
/// what holds by now.
struct GateKeeper {
  /// The run that sends, or somebody who only asks what the gate would say.
  struct Circumstances {
    var store: Store
    var time: any TimeSource
    var conditions: Conditions
    /// The rebalance run's job and slot.
    var slot: Slot
    /// After this nothing is sent; nil: no such end.
    var latestSend: Instant?
  }

  private let context: Circumstances
  private let parameters: RebalanceParameters
  private let universe: Universe
  private let rates: [Symbol: Mark]
  private let volumes: [Symbol: Amount]
  private let costs: TradingCosts
  private var usage: OrderUsage
  private var lastMinute: [Instant]
  private var freeCash: Amount?
  private var freeQuantity: [Symbol: Amount]
  private var doubt: ClientOrderID?
  /// Why real money waits for its shadow; nil: it does not.
  private let lack: String?
  /// What is quoted; nil on paper, where the last candle is the price.
  private var quotes: [Symbol: MarketQuote]?

  /// A quote is too old to send by after so long.
  static let maximumQuoteAge = TimeSpan.seconds(10)

  /// The gate for the orders of a plan.
  ///
  /// - Parameter book: what the account will hold when they go out; nil: what it holds now.
  init(
    _ context: Circumstances, _ parameters: RebalanceParameters, _ universe: Universe,
    _ rules: [Symbol: Instrument], _ orders: [Order], book: Book? = nil
  ) throws {
    (self.context, self.parameters, self.universe) = (context, parameters, universe)
    costs = try parameters.costs()
    let symbols = Set(orders.map(\.key.symbol))
    let now = context.time.now
    let day = parameters.settings.riskTimezone.startOfDay(now)
    var facts = try context.store.read { transaction in
      let reading = AccountReading(transaction, clock: universe.clock)
      var facts = Facts()
      facts.book = try book ?? reading.book(parameters.account, quote: parameters.settings.quote)
      facts.rates = try reading.rates(
        of: symbols.union(facts.book.working.map(\.order.key.symbol)), at: universe.venue,
        universe.timeframe, by: context.slot.time)
      facts.today = try transaction.orders.sent(parameters.account, since: day)
      facts.slot = try transaction.orders.ofSlot(parameters.account, context.slot)
      facts.lack = try ShadowDuty(parameters.account, parameters.settings, universe)
        .lack(transaction)
      guard parameters.settings.bounds.shareOfVolume != nil else { return facts }
      for symbol in symbols {
        guard let series = try transaction.series.find(universe.series(symbol)),
          let candle = try transaction.candles.last(
            series, closedBy: universe.clock.horizon(at: context.slot.time))
        else { continue }
        facts.volumes[symbol] = try Amount(observed: candle.volume)
      }
      return facts
    }
    lack = facts.lack
    let unsent = Set(orders.map(\.id))
    facts.book.working.removeAll { unsent.contains($0.order.id) }
    rates = facts.rates
    volumes = facts.volumes
    doubt = facts.book.doubts.values.min()
    freeCash = try facts.book.freeCash(
      costs, prices: facts.rates, ticks: rules.mapValues(\.tick))
    freeQuantity = try facts.book.free()
    let prices = facts.rates
    func worth(_ records: [OrderRecord]) throws -> Amount {
      var sum = Amount.zero
      for record in records where record.sent != nil {
        let price = record.order.limit ?? prices[record.order.key.symbol]?.price ?? .zero
        sum = try sum.adding(record.value).adding(
          record.order.state.isWorking ? record.remaining.multiplied(by: price) : .zero)
      }
      return sum
    }
    lastMinute = facts.today.compactMap(\.sent).filter { $0 > now - .minutes(1) }
    usage = OrderUsage(
      turnover: try worth(facts.slot), today: try worth(facts.today),
      ordersToday: facts.today.count)
  }

  private struct Facts {
    var book = Book(account: "", quote: "", cash: [:], positions: [:])
    var rates: [Symbol: Mark] = [:]
    var volumes: [Symbol: Amount] = [:]
    var today: [OrderRecord] = []
    var slot: [OrderRecord] = []
    var lack: String?
  }

  /// Takes what is quoted at the exchange.
  mutating func take(_ quotes: [Symbol: MarketQuote]) {
    self.quotes = (self.quotes ?? [:]).merging(quotes) { _, new in new }
  }

  /// Whether orders are judged by quotes, and that of a symbol is too old, or soon will be.
  func wantsQuote(_ symbol: Symbol) -> Bool {
    guard let quotes else { return false }
    return quotes[symbol].map {
      context.time.now - $0.read > .milliseconds(Self.maximumQuoteAge.milliseconds / 2)
    } ?? true
  }

  /// Takes what is free at the exchange: never more than the ledger has is sold or spent, and never
  /// more than is there.
  mutating func take(_ snapshot: AccountSnapshot) {
    let cash = snapshot.free[parameters.settings.quote] ?? .zero
    freeCash = freeCash.map { min($0, cash) }
    for (symbol, free) in freeQuantity {
      freeQuantity[symbol] = min(free, snapshot.free[symbol.base] ?? .zero)
    }
  }

  /// Why each of some orders of the plan may not be sent; what passes is counted as sent. A halt is looked
  /// for once, since it is looked for again at each send.
  mutating func refusals(of orders: [Order]) throws -> [ClientOrderID: Gate.Refusal] {
    let halts = try halts()
    var refusals: [ClientOrderID: Gate.Refusal] = [:]
    for order in orders {
      if let refusal = try refusal(of: order, beside: halts) { refusals[order.id] = refusal }
    }
    return refusals
  }

  private mutating func refusal(
    of order: Order, beside halts: Halts
  ) throws -> Gate.Refusal? {
    let refusal = try gate(order, beside: halts).refusal(of: order)
    if let refusal {
      // What a shadow would have sent is counted as sent.
      guard case .shadow = refusal else { return refusal }
    }
    let symbol = order.key.symbol
    let price = order.limit ?? self.price(order)?.price ?? .zero
    let value = try order.quantity.multiplied(by: price, rounding: .up)
    usage.turnover = try usage.turnover.adding(value)
    usage.today = try usage.today.adding(value)
    usage.ordersToday += 1
    lastMinute.append(context.time.now)
    switch order.side {
    case .buy: freeCash = try freeCash?.subtracting(value)
    case .sell:
      freeQuantity[symbol] = try (freeQuantity[symbol] ?? .zero).subtracting(order.quantity)
    }
    return refusal
  }

  /// What holds at the send call itself, whatever was found before: halt, clock, deadline, doubt.
  func refusalNow(of order: Order) throws -> Gate.Refusal? {
    var gate = try gate(order, beside: halts())
    gate.bounds = OrderBounds(collar: gate.planned == nil ? nil : gate.bounds.collar)
    gate.usage = OrderUsage()
    return try gate.refusal(of: order)
  }

  /// Notes the answer to an order that was sent.
  mutating func sent(_ order: Order, _ state: OrderState) {
    if state == .unknown { doubt = order.id }
  }

  /// Why orders of each side may not be sent by a halt.
  private struct Halts {
    var buy: String?
    var sell: String?
  }

  /// What a halt forbids now: one that sells everything lets sales pass, or it could not do what it is for.
  private func halts() throws -> Halts {
    let conditions = context.conditions
    if let halt = conditions.halt ?? conditions.storageHalt { return Halts(buy: halt, sell: halt) }
    // One statement: what a halt says is looked for at each send.
    return try context.store.glance { transaction in
      let recorded = try transaction.halts.recorded()
      let reason = (recorded ?? transaction.halts.beside)?.reason
      return Halts(buy: reason, sell: recorded?.level == .flatten ? nil : reason)
    }
  }

  /// The price that an order is judged by.
  private func price(_ order: Order) -> Mark? {
    guard let quotes else { return rates[order.key.symbol] }
    return quotes[order.key.symbol].map { Mark(price: $0.price(order.side), time: $0.read) }
  }

  private func gate(_ order: Order, beside halts: Halts) throws -> Gate {
    let now = context.time.now
    var usage = usage
    usage.ordersLastMinute = lastMinute.count { $0 > now - .minutes(1) }
    usage.volume = volumes[order.key.symbol]
    usage.freeCash = order.side == .buy ? freeCash : nil
    usage.freeQuantity = order.side == .sell ? freeQuantity[order.key.symbol] ?? .zero : nil
    let age = universe.wallAge(parameters.maximumAge, at: now)
    return Gate(
      halt: order.side == .buy ? halts.buy : halts.sell,
      disarmed: parameters.settings.disarmed(
        parameters.account, armed: context.conditions.armed) ?? lack,
      isShadow: parameters.settings.isShadow,
      clockSuspicion: context.conditions.clockSuspicion, now: now,
      latestSend: context.latestSend, price: price(order),
      maximumPriceAge: quotes == nil ? age : Self.maximumQuoteAge,
      planned: quotes == nil
        ? nil : Gate.PlannedPrice(mark: rates[order.key.symbol], maximumAge: age),
      doubt: doubt,
      bounds: parameters.settings.bounds,
      usage: usage)
  }
}
