public import Domain
public import Exchange

/// Trading without an exchange: the exchange core over the candles of the database.
///
/// It remembers nothing between runs. Its state is rebuilt from the ledger: what the account holds and
/// which orders stand open; candles that closed since then are matched with them. What a crash left
/// without an answer is not in the ledger, so it is absent here, and sending it again gives the
/// identical fill.
///
/// It trades at one instant, the run's slot: a scheduled run that starts late trades as if it were in
/// time, and a rehearsal as it would have.
public actor PaperVenue: Venue {
  private static let account = "paper"
  private nonisolated let parts: Parts
  private var core: ExchangeCore?

  /// A venue of these parts.
  public init(_ parts: Parts) { self.parts = parts }

  /// The name of the market.
  public nonisolated var name: String { parts.name }

  /// The contract of an instrument here.
  public nonisolated func contract(_ instrument: Instrument) -> Contract {
    parts.contract(instrument)
  }

  /// What happens is known at once, and only for as long as the venue lives.
  public nonisolated var traits: VenueTraits {
    VenueTraits(
      timesInForce: Set(OrderTicket.TimeInForce.allCases), tellsFillsAtOnce: true,
      lookUpLag: .zero, validityWindow: .zero, cursorOutlivesSession: false)
  }

  /// Takes an order as the exchange core does, beside the last candle closed by the slot.
  public func place(
    _ ticket: OrderTicket, on contract: Contract, validUntil: Instant?
  ) async -> Placement {
    do {
      var core = try rebuilt(with: contract)
      if let coin = parts.feeContract, core.reference(coin.id) == nil {
        throw Fault(
          "price", "fees in \(coin.pair.base)",
          cause: "no candle of \(coin.pair) has closed by \(parts.time)",
          remedy: "fetch \(coin.pair), or leave out `fee-asset` of the account", exit: .data)
      }
      self.core = nil  // One owner alone changes it in its place.
      let answer = core.handle(
        .place(ticket, validUntil: validUntil), as: Self.account, at: parts.time)
      self.core = core
      switch answer {
      case .order(let order): return .accepted(standing(order))
      case .refused(let reason): return .refused(reason)
      case .notFound, .orders, .trades, .account:
        preconditionFailure("a placement is answered with an order or a refusal")
      }
    } catch let fault as Fault {
      return .notSent(fault)
    } catch {
      return .notSent(
        Fault("place", "\(ticket.id)", cause: "\(error)", exit: .internal))
    }
  }

  /// Cancels what no candle closed by the slot has filled.
  public func cancel(_ id: ClientOrderID, on contract: Contract) async -> CancelOutcome {
    do {
      var core = try rebuilt(with: contract)
      self.core = nil
      let answer = core.handle(.cancel(id), as: Self.account, at: parts.time)
      self.core = core
      guard case .order(let order) = answer else { return .refused(.unknownOrder) }
      return .done(standing(order))
    } catch {
      return .unknown(
        Doubt(id: id, since: parts.time, validUntil: parts.time, cause: "\(error)"))
    }
  }

  /// The orders that the ledger says stand open, and those placed since.
  public func find(
    _ ids: [ClientOrderID], on contract: Contract
  ) async throws -> [ClientOrderID: Sighting] {
    let core = try rebuilt(with: contract)
    self.core = core
    var sightings: [ClientOrderID: Sighting] = [:]
    for id in ids {
      sightings[id] =
        core.order(id, of: Self.account).map { .seen(standing($0)) }
        ?? .absent(asOf: parts.time)
    }
    return sightings
  }

  /// The orders that stand open.
  public func openOrders() async throws -> [OrderStanding] {
    let core = try rebuilt()
    self.core = core
    return core.openOrders(of: Self.account).map(standing)
  }

  /// The trades that the ledger did not know when the venue was first used, and those since. The id
  /// of each counts the trades of its order, those that the ledger knows included.
  public func fills(of contract: Contract?, after: FillCursor?) async throws -> FillPage {
    let core = try rebuilt()
    self.core = core
    let after = after.flatMap { Int($0.text) } ?? 0
    let trades = core.trades.dropFirst(after)
      .filter { contract == nil || $0.contract == contract?.id }
    return FillPage(
      fills: trades.map(Self.fill), next: FillCursor("\(core.trades.count)"))
  }

  /// The trades of one order, likewise.
  public func fills(
    ofOrder id: ClientOrderID, on contract: Contract
  ) async throws -> [VenueFill] {
    let core = try rebuilt(with: contract)
    self.core = core
    guard let order = core.order(id, of: Self.account) else { return [] }
    return core.trades.filter { $0.order == order.number }.map(Self.fill)
  }

  private static func fill(_ trade: Trade) -> VenueFill {
    VenueFill(trade, id: "\(trade.index)", venueOrder: venueID(trade.clientID))
  }

  /// What the ledger said the account holds, and what trades made of it since.
  public func account() async throws -> AccountSnapshot {
    let core = try rebuilt()
    self.core = core
    return AccountSnapshot(core.accounts[Self.account] ?? AccountBook(), asOf: parts.time)
  }

  private func standing(_ order: VenueOrder) -> OrderStanding {
    OrderStanding(order, venueID: Self.venueID(order.ticket.id))
  }

  private static func venueID(_ id: ClientOrderID) -> String { "paper-\(id)" }

  /// The exchange, rebuilt when it is first needed, with a contract listed and its last price known.
  private func rebuilt(with contract: Contract? = nil) throws -> ExchangeCore {
    var core = try self.core ?? rebuild()
    guard let contract, core.contracts[contract.id] != contract else { return core }
    _ = core.operate(.list(contract), at: parts.time)
    if let coin = parts.feeContract, core.reference(coin.id) == nil {
      if core.contracts[coin.id] == nil { _ = core.operate(.list(coin), at: parts.time) }
      try note(coin, by: parts.time, in: &core)
      try tellTraded(coin, to: &core)
    }
    if core.reference(contract.id) == nil {
      try note(contract, by: parts.time, in: &core)
      try tellTraded(contract, to: &core)
    }
    return core
  }

  private func rebuild() throws -> ExchangeCore {
    let books = try parts.books()
    let open = books.open.filter { parts.rules[$0.order.key.symbol] != nil }
    let begin = open.map { $0.lastFill ?? $0.order.key.slot.time }.min() ?? parts.time
    var core = ExchangeCore(model: parts.model, at: min(begin, parts.time))
    for (asset, amount) in books.balances.sorted(by: { $0.key < $1.key }) where amount > .zero {
      _ = core.operate(
        .transfer(account: Self.account, Money(amount, asset), why: "ledger"), at: core.now)
    }
    var tape = Tape()
    for symbol in Set(open.map { $0.order.key.symbol }).sorted() {
      guard let instrument = parts.rules[symbol] else { continue }
      let contract = parts.contract(instrument)
      _ = core.operate(.list(contract), at: core.now)
      try note(contract, by: core.now, in: &core)
      let candles = try parts.closedCandles(
        symbol, core.now - parts.timeframe.span, parts.time)
      tape.append(Self.apart(candles.compactMap(bar)), to: contract.id)
    }
    for item in open { try restore(item, into: &core) }
    _ = core.advance(to: parts.time, tape)
    for contract in core.contracts.values.sorted(by: { $0.id < $1.id }) {
      try tellTraded(contract, to: &core)
    }
    return core
  }

  /// Tells the exchange what earlier runs took of the volume of the last candle.
  private func tellTraded(_ contract: Contract, to core: inout ExchangeCore) throws {
    guard parts.model.participation != nil,
      let candle = try parts.closedCandles(contract.pair, nil, parts.time).last
    else { return }
    let quantity = try parts.traded(contract.pair, candle.time)
    _ = core.operate(.took(contract.id, candle: candle.time, quantity), at: core.now)
  }

  /// Bars that do not overlap: of two that end in one session (a stamp of a holiday, and the day
  /// after) the later counts.
  private static func apart(_ bars: [Bar]) -> [Bar] {
    var result: [Bar] = []
    for bar in bars {
      if let last = result.last, last.close > bar.open { result.removeLast() }
      result.append(bar)
    }
    return result
  }

  private func restore(_ item: PaperBooks.OpenOrder, into core: inout ExchangeCore) throws {
    guard let instrument = parts.rules[item.order.key.symbol] else { return }
    let contract = parts.contract(instrument)
    let placed = item.order.key.slot.time
    var restored = RestoredOrder(
      account: Self.account, ticket: OrderTicket(item.order, on: contract), placed: placed,
      matchedThrough: item.lastFill ?? placed, filled: item.filled, value: item.value,
      feeCharged: item.fees, trades: item.fills)
    if let coin = parts.feePair {
      // What is booked tells the fee in that asset; what of it is charged follows from the trades.
      restored.feeCharged = try parts.fees.fee(price: item.value, quantity: .one, isMaker: false)
      restored.feePrice = try parts.closedCandles(coin, nil, placed).last.flatMap(bar)?
        .last
    }
    _ = core.operate(.restore(restored), at: core.now)
  }

  /// Tells the exchange a contract's last price, if there is one.
  private func note(
    _ contract: Contract, by time: Instant, in core: inout ExchangeCore
  ) throws {
    guard let candle = try parts.closedCandles(contract.pair, nil, time).last,
      let bar = bar(candle)
    else { return }
    precondition(bar.close <= time, "\(contract.id): candle \(candle.time) is of the future")
    _ = core.operate(.note(contract.id, bar), at: core.now)
  }

  /// The bar of a candle; nil when its prices are no amounts (less than 10^-12, or beyond 1.7 *
  /// 10^26), so that nothing can be traded at them: the order is refused for want of a price.
  private nonisolated func bar(_ candle: Candle) -> Bar? {
    do throws(AmountError) {
      return try Bar(
        candle, close: parts.close(candle.time), hasVolume: parts.hasVolume)
    } catch {
      return nil
    }
  }
}

extension OrderTicket {
  /// The ticket of an order of the ledger.
  public init(_ order: Order, on contract: Contract) {
    self.init(
      id: order.id, contract: contract.id, side: order.side,
      quantity: contract.quantity(order.quantity), limit: order.limit.map(contract.price))
  }
}
