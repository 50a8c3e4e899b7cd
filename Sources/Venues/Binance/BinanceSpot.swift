public import Domain
public import Exchange
public import Net
import Synchronization

/// Binance Spot as a place to trade.
///
/// An order bears a client id, but Binance takes an id again once its order has ended, so the id is no
/// protection against sending twice: what is not known is looked up, and only past the time that a
/// request is valid for (`recvWindow`) and the lag of look-ups does not being seen prove anything.
/// Orders go out on a fresh connection, once; questions are asked again, signed anew each time.
///
/// Source: github.com/binance/binance-spot-api-docs, `rest-api.md`.
public final class BinanceSpot: Venue {
  /// The address of the exchange.
  public static let liveURL = "https://api.binance.com"
  /// The address of its test network.
  public static let testURL = "https://testnet.binance.vision"

  /// The name of the venue in the configuration.
  public let name: String
  let caller: BinanceCaller
  private let fees: FeeSchedule
  let replies: BinanceReplies
  private let state = Mutex(State())

  private struct State {
    /// Orders whose trades may be asked for, as they were last told.
    var known: [ClientOrderID: BinanceOrder] = [:]
    var pairs: [String: Symbol] = [:]
  }

  /// A client of the exchange at an address.
  ///
  /// - Parameters:
  ///   - transport: one that sends a request once, within the venue's budget.
  ///   - fees: what trading costs, for plans; what a trade did cost is told with it.
  public init(
    transport: any HTTPTransport, baseURL: String = liveURL, name: String, key: BinanceKey,
    time: any TimeSource, fees: FeeSchedule
  ) {
    self.name = name
    self.fees = fees
    replies = BinanceReplies(venue: name)
    caller = BinanceCaller(
      transport: transport, baseURL: baseURL, key: key, time: time, replies: replies)
  }

  /// An id is free once its order has ended; trades are asked for by contract; look-ups have been seen
  /// to lag by ten seconds and more.
  public var traits: VenueTraits {
    VenueTraits(
      idLength: 36, idReuse: .onceEnded,
      timesInForce: [.untilCancelled, .immediateOrCancel, .fillOrKill], tellsFillsAtOnce: false,
      tellsAllFills: false, lookUpLag: .seconds(60), validityWindow: BinanceCaller.validity)
  }

  /// The contract of an instrument: Binance writes a pair without a sign in between.
  public func contract(_ instrument: Instrument) -> Contract {
    var contract = Contract(instrument, venue: name, fees: fees)
    contract.id = ContractID(venue: name, instrument.symbol.base + instrument.symbol.quote)
    state.withLock { $0.pairs[contract.id.text] = instrument.symbol }
    return contract
  }

  /// Sends an order, once.
  public func place(
    _ ticket: OrderTicket, on contract: Contract, validUntil: Instant?
  ) async -> Placement {
    guard let parameters = BinanceTicket.parameters(ticket) else {
      return .refused(.impossible)
    }
    do {
      let sent = try await caller.send(
        "POST", "/api/v3/order", parameters, weight: 1, validUntil: validUntil)
      guard let (signed, verdict) = sent else { return .refused(.tooLate) }
      let doubt = { (cause: String) in
        Doubt(id: ticket.id, since: signed.sent, validUntil: signed.validUntil, cause: cause)
      }
      switch verdict {
      case .done(let reply): return await taken(reply, ticket.id, contract, doubt)
      case .duplicate:
        // An order of this id rests: it is the one that was sent before.
        return await stands(
          ticket.id, contract, doubt,
          or: .unknown(doubt("the venue knows the id already, and does not show its order")))
      case .declined(let reason):
        return await stands(ticket.id, contract, doubt, or: .refused(reason))
      case .refused(let reason): return .refused(reason)
      case .noOrder: return .refused(.unknownOrder)
      case .notDone(let fault), .outsideOfWindow(let fault): return .notSent(fault)
      case .unknown(let cause): return .unknown(doubt(cause))
      }
    } catch {
      return .notSent(Self.fault(error, "place", "\(ticket.id)"))
    }
  }

  /// What the answer to an order that the venue took tells of it, and of its trades.
  private func taken(
    _ reply: JSONValue, _ id: ClientOrderID, _ contract: Contract, _ doubt: (String) -> Doubt
  ) async -> Placement {
    var order: BinanceOrder
    do {
      order = try read(reply, contract, id)
    } catch {
      return .unknown(doubt("\(error)"))
    }
    do {
      order.fills = try replies.fills(reply, of: order, on: contract)
    } catch {
      // Which part of it is wrong cannot be told: the venue's own record is asked.
      return await stands(id, contract, doubt, or: .unknown(doubt("\(error)")))
    }
    state.withLock { [order] in $0.known[id] = order }
    return .accepted(order.standing)
  }

  /// How an order stands that the venue did not take, or took with an answer that contradicts itself: where something between has repeated the request, the
  /// answer is that to the second, and the first one stands.
  private func stands(
    _ id: ClientOrderID, _ contract: Contract, _ doubt: (String) -> Doubt, or otherwise: Placement
  ) async -> Placement {
    do {
      guard case .seen(let standing)? = try await find([id], on: contract)[id] else {
        return otherwise
      }
      return .accepted(standing)
    } catch {
      return .unknown(doubt("asked whether it stands: \(error)"))
    }
  }

  /// Takes back what is not filled of an order.
  public func cancel(_ id: ClientOrderID, on contract: Contract) async -> CancelOutcome {
    do {
      let sent = try await caller.send(
        "DELETE", "/api/v3/order",
        [("symbol", contract.id.text), ("origClientOrderId", id.text)], weight: 1)
      guard let (signed, verdict) = sent else { return .refused(.tooLate) }
      let doubt = { (cause: String) in
        Doubt(id: id, since: signed.sent, validUntil: signed.validUntil, cause: cause)
      }
      switch verdict {
      case .done(let reply):
        do {
          return .done(try note(reply, contract, id))
        } catch {
          return .unknown(doubt("\(error)"))
        }
      case .noOrder:
        // Nothing of it is open: what became of it tells the look-up.
        switch try await find([id], on: contract)[id] {
        case .seen(let standing)?:
          return standing.state == .open
            ? .unknown(doubt("the venue shows it open, and does not find it")) : .done(standing)
        case .absent, nil: return .refused(.unknownOrder)
        }
      case .refused(let reason), .declined(let reason): return .refused(reason)
      case .duplicate: return .refused(.duplicate)
      case .notDone(let fault), .outsideOfWindow(let fault): return .unknown(doubt(fault.cause))
      case .unknown(let cause): return .unknown(doubt(cause))
      }
    } catch {
      let fault = Self.fault(error, "cancel", "\(id)")
      return .unknown(
        Doubt(
          id: id, since: caller.now, validUntil: caller.now + BinanceCaller.validity,
          cause: fault.cause))
    }
  }

  /// Looks orders up, one question each. Being absent counts as of the venue's clock when it was asked.
  public func find(
    _ ids: [ClientOrderID], on contract: Contract
  ) async throws -> [ClientOrderID: Sighting] {
    var sightings: [ClientOrderID: Sighting] = [:]
    for id in ids {
      let asked = try await caller.venueTime()
      let reply = try await caller.ask(
        "/api/v3/order", [("symbol", contract.id.text), ("origClientOrderId", id.text)], weight: 4)
      sightings[id] = try reply.map { .seen(try note($0, contract, id)) } ?? .absent(asOf: asked)
    }
    return sightings
  }

  /// Every order that works on the account, of all symbols, ours or not.
  public func openOrders() async throws -> [OrderStanding] {
    guard let rows = try await caller.ask("/api/v3/openOrders", [], weight: 80)?.array else {
      throw replies.defect("the open orders are no list")
    }
    var standings: [OrderStanding] = []
    for row in rows {
      let pair = try await pair(try replies.text(row, "symbol"))
      standings.append(try replies.order(row, pair: pair).standing)
    }
    return standings
  }

  /// Trades of one contract, a thousand at a time; a cursor is the number of the next one.
  ///
  /// - Throws: `Fault` 70 without a contract: Binance cannot be asked for all.
  public func fills(of contract: Contract?, after: FillCursor?) async throws -> FillPage {
    guard let contract else {
      throw Fault(
        "read trades", name, cause: "Binance tells trades of one symbol at a time",
        exit: .internal)
    }
    let from = after.flatMap { Int64($0.text) } ?? 0
    let fills = try await trades(
      [("symbol", contract.id.text), ("fromId", "\(from)"), ("limit", "1000")], weight: 20,
      contract)
    let next = fills.compactMap { Int64($0.id) }.max().map { FillCursor("\($0 + 1)") }
    return FillPage(fills: fills, next: next ?? after)
  }

  /// The trades of one order, which Binance knows by its own number: what the answer to the order told is
  /// handed over once, and asked for from then on.
  public func fills(
    ofOrder id: ClientOrderID, on contract: Contract
  ) async throws -> [VenueFill] {
    var known = state.withLock { state in
      let known = state.known[id]
      state.known[id]?.fills = nil
      return known
    }
    if let told = known?.fills, !told.isEmpty { return told }
    if known == nil {
      _ = try await find([id], on: contract)
      known = state.withLock { $0.known[id] }
    }
    guard let known else { return [] }
    let number = known.standing.venueID
    let fills = try await trades(
      [("symbol", contract.id.text), ("orderId", number), ("limit", "1000")], weight: 5, contract)
    try replies.check(fills, of: known)
    return fills.map { fill in
      var fill = fill
      fill.order = id
      return fill
    }
  }

  /// The balances.
  public func account() async throws -> AccountSnapshot {
    let asked = try await caller.venueTime()
    guard
      let reply = try await caller.ask(
        "/api/v3/account", [("omitZeroBalances", "true")], weight: 20)
    else { throw replies.defect("it knows no account") }
    return try replies.account(reply, asOf: asked)
  }

  /// The weight of its calls.
  public var spent: Int { caller.spent }

  /// The venue's clock beside ours, read anew when the last reading is too old.
  public func clock() async throws -> VenueClock { try await caller.clock() }

  /// How an order stands, and which number it has; its trades are asked for from now on.
  private func note(
    _ reply: JSONValue, _ contract: Contract, _ id: ClientOrderID
  ) throws -> OrderStanding {
    let order = try read(reply, contract, id)
    state.withLock { $0.known[id] = order }
    return order.standing
  }

  /// An order of this id, on this contract.
  private func read(
    _ reply: JSONValue, _ contract: Contract, _ id: ClientOrderID
  ) throws -> BinanceOrder {
    let order = try replies.order(reply, pair: contract.pair, expecting: id)
    guard order.standing.contract == contract.id else {
      throw replies.defect("order \(id) is of \(order.standing.contract), not of \(contract.id)")
    }
    return order
  }

  /// Base and quote of a symbol, which cannot be told from its name.
  private func pair(_ symbol: String) async throws -> Symbol {
    if let known = state.withLock({ $0.pairs[symbol] }) { return known }
    let reply = try await caller.open(
      "/api/v3/exchangeInfo?symbol=\(PercentEncoding.encoded(symbol))", weight: 20,
      maximumBodyBytes: BinanceListing.maximumBytes)
    let row = reply["symbols"]?.array?.first
    guard let row, let listing = try BinanceListing(row, venue: name) else {
      throw replies.defect("it does not tell base and quote of \(symbol)")
    }
    state.withLock { $0.pairs[symbol] = listing.instrument.symbol }
    return listing.instrument.symbol
  }

  private static func fault(_ error: any Error, _ operation: String, _ subject: String) -> Fault {
    (error as? Fault)
      ?? Fault(operation, subject, cause: "the wait was cut short", exit: .unavailable)
  }
}
