public import Domain
public import Exchange
public import Net

/// Kraken Spot as a place to trade.
///
/// An order bears a client id, which is unique among open orders alone, so the id is no protection
/// against sending twice: what is not known is looked up, and only past the order's `deadline` and the lag
/// of look-ups does not being seen prove anything. Orders go out once, with a nonce that is used once; a
/// request that something between repeats is refused for its nonce, and then looked up.
///
/// Source: docs.kraken.com; github.com/krakenfx/api-specs, spot-rest.
public final class KrakenSpot: Venue {
  /// The address of the exchange. There is no test network of Kraken Spot.
  public static let liveURL = "https://api.kraken.com"

  /// The name of the venue in the configuration.
  public let name: String
  let caller: KrakenCaller
  private let fees: FeeSchedule
  let replies: KrakenReplies
  private let pairs: KrakenPairs
  private let trades: KrakenTrades
  let lookUp: KrakenLookUp

  /// A client of the exchange at an address.
  ///
  /// - Parameters:
  ///   - transport: one that sends a request once.
  ///   - keeper: keeps nonce and counter of the key for all who use it.
  ///   - fees: what trading costs, for plans; what a trade did cost is told with it.
  public init(
    transport: any HTTPTransport, baseURL: String = liveURL, name: String, key: KrakenKey,
    keeper: any KrakenKeyKeeper, time: any TimeSource, fees: FeeSchedule
  ) {
    self.name = name
    self.fees = fees
    replies = KrakenReplies(venue: name)
    caller = KrakenCaller(
      transport: transport, baseURL: baseURL, key: key, keeper: keeper, time: time,
      replies: replies)
    pairs = KrakenPairs(venue: name, caller: caller)
    trades = KrakenTrades(caller: caller, replies: replies, pairs: pairs)
    lookUp = KrakenLookUp(caller: caller, replies: replies, pairs: pairs, trades: trades)
  }

  /// An id is free once its order has ended; a placement tells nothing of what became of the order;
  /// orders have appeared a minute after a lost answer.
  public var traits: VenueTraits {
    VenueTraits(
      idLength: KrakenTicket.idLength, idReuse: .onceEnded,
      timesInForce: [.untilCancelled, .immediateOrCancel], tellsFillsAtOnce: false,
      answersBlindly: true, lookUpLag: .seconds(60),
      validityWindow: KrakenCaller.validity + KrakenCaller.clockResolution,
      hasDeadManSwitch: true)
  }

  /// The contract of an instrument, by the short name of its pair.
  public func contract(_ instrument: Instrument) -> Contract {
    var contract = Contract(instrument, venue: name, fees: fees)
    contract.id = pairs.contract(instrument.symbol)
    pairs.learn(contract.id.text, instrument.symbol)
    return contract
  }

  /// Sends an order, once.
  public func place(
    _ ticket: OrderTicket, on contract: Contract, validUntil: Instant?
  ) async -> Placement {
    guard let parameters = KrakenTicket.parameters(ticket) else { return .refused(.impossible) }
    do {
      lookUp.forget(ticket.id)
      defer { lookUp.forget(ticket.id) }
      guard let answer = try await caller.place(parameters, validUntil: validUntil) else {
        return .refused(.tooLate)
      }
      let doubt = { (cause: String) in
        Doubt(id: ticket.id, since: answer.sent, validUntil: answer.validUntil, cause: cause)
      }
      switch answer.verdict {
      case .done(let result):
        do {
          let txid = try replies.placed(result)
          let standing = Self.standing(ticket, txid)
          lookUp.placed(standing, at: answer.sent)
          return .accepted(standing)
        } catch {
          return .unknown(doubt("\(error)"))
        }
      case .refused(let reason, _):
        return await stands(ticket, contract, or: .refused(reason), doubt)
      case .noOrder:
        return await stands(
          ticket, contract, or: .refused(.other("EOrder:Invalid order")), doubt)
      case .staleNonce(let fault):
        return await stands(ticket, contract, or: .unknown(doubt(fault.cause)), doubt)
      case .notDone(let fault), .tooLate(let fault): return .notSent(fault)
      case .unknown(let cause): return .unknown(doubt(cause))
      }
    } catch {
      return .notSent(Self.fault(error, "place", "\(ticket.id)"))
    }
  }

  /// How an order stands that was refused: where something between has repeated the request, the answer is
  /// that to the second, and the first one was taken.
  private func stands(
    _ ticket: OrderTicket, _ contract: Contract, or otherwise: Placement,
    _ doubt: (String) -> Doubt
  ) async -> Placement {
    do {
      if case .seen(let standing)? = try await find([ticket.id], on: contract)[ticket.id] {
        return .accepted(standing)
      }
      return otherwise
    } catch {
      return .unknown(doubt("refused, and asked whether it stands: \(error)"))
    }
  }

  private static func standing(_ ticket: OrderTicket, _ txid: String) -> OrderStanding {
    OrderStanding(
      id: ticket.id, venueID: txid, contract: ticket.contract, side: ticket.side,
      quantity: ticket.quantity, filled: Quantity(.zero, ticket.quantity.asset),
      limit: ticket.limit, state: .open)
  }

  /// Takes back what is not filled of an order.
  public func cancel(_ id: ClientOrderID, on contract: Contract) async -> CancelOutcome {
    do {
      let answer = try await caller.send("CancelOrder", [("cl_ord_id", id.text)])
      lookUp.forget()
      let doubt = { (cause: String) in
        Doubt(id: id, since: answer.sent, validUntil: answer.validUntil, cause: cause)
      }
      switch answer.verdict {
      case .done(let result):
        guard let count = result["count"]?.int, count > 0 else {
          return .unknown(doubt("the venue does not say that it cancelled anything"))
        }
        return await cancelled(
          id, contract, absent: .unknown(doubt("cancelled, and not shown")), doubt)
      case .noOrder:
        // Nothing of it is open: what became of it tells the look-up.
        return await cancelled(id, contract, absent: .refused(.unknownOrder), doubt)
      case .refused(let reason, _): return .refused(reason)
      case .notDone(let fault), .tooLate(let fault), .staleNonce(let fault):
        return .unknown(doubt(fault.cause))
      case .unknown(let cause): return .unknown(doubt(cause))
      }
    } catch {
      let fault = Self.fault(error, "cancel", "\(id)")
      return .unknown(
        Doubt(
          id: id, since: caller.now, validUntil: caller.now + KrakenCaller.validity,
          cause: fault.cause))
    }
  }

  private func cancelled(
    _ id: ClientOrderID, _ contract: Contract, absent: CancelOutcome, _ doubt: (String) -> Doubt
  ) async -> CancelOutcome {
    do {
      guard case .seen(let standing)? = try await find([id], on: contract)[id] else {
        return absent
      }
      return standing.state == .open
        ? .unknown(doubt("the venue shows it open still")) : .done(standing)
    } catch {
      return .unknown(doubt("asked what became of it: \(error)"))
    }
  }

  /// Looks many orders up by one look at the account, whatever their number.
  public func gather(_ ids: [ClientOrderID: ClosedRange<Instant>]) async throws {
    try await lookUp.gather(
      ids, proves: KrakenCaller.validity + KrakenCaller.clockResolution + traits.lookUpLag)
  }

  /// Looks orders up: those that are open, those that ended of late, and then each by its id.
  public func find(
    _ ids: [ClientOrderID], on contract: Contract
  ) async throws -> [ClientOrderID: Sighting] {
    var sightings: [ClientOrderID: Sighting] = [:]
    for id in ids {
      let (found, asOf) = try await lookUp.order(id)
      if let found {
        sightings[id] = .seen(try standing(found, contract))
      } else if let placed = lookUp.placed(id, within: traits.lookUpLag) {
        // It was taken, and is not shown yet.
        sightings[id] = .seen(placed)
      } else {
        sightings[id] = .absent(asOf: asOf)
      }
    }
    return sightings
  }

  private func standing(_ order: KrakenOrder, _ contract: Contract) throws -> OrderStanding {
    guard order.standing.contract == contract.id else {
      throw replies.defect(
        "order \(order.standing.id) is of \(order.standing.contract), not of \(contract.id)")
    }
    return order.standing
  }

  /// Every order that works on the account, ours or not.
  public func openOrders() async throws -> [OrderStanding] {
    try await lookUp.openOrders().map(\.standing)
  }

  /// Trades of the account; a cursor is the time and the ids of the last ones.
  public func fills(of contract: Contract?, after: FillCursor?) async throws -> FillPage {
    let cursor = try after.map { try KrakenCursor($0) }
    let all = try await trades.trades(after: cursor?.start)
    let fresh = all.filter { cursor?.isBefore($0) ?? true }
    return FillPage(
      fills: fresh.filter { contract == nil || $0.contract == contract?.id },
      next: KrakenCursor(after: fresh, cursor)?.text ?? after)
  }

  /// The trades of one order.
  public func fills(
    ofOrder id: ClientOrderID, on contract: Contract
  ) async throws -> [VenueFill] {
    guard let order = try await lookUp.order(id).order else { return [] }
    _ = try standing(order, contract)
    return try await lookUp.trades(of: order)
  }

  /// The balances.
  public func account() async throws -> AccountSnapshot {
    let asked = try await caller.venueTime()
    guard let result = try await caller.ask("BalanceEx", []) else {
      throw replies.defect("it knows no account")
    }
    return try replies.account(result, asOf: asked)
  }

  /// What its calls have counted.
  public var spent: Int { caller.spent }

  /// The venue's clock beside ours, read anew when the last reading is too old.
  public func clock() async throws -> VenueClock { try await caller.clock() }

  private static func fault(_ error: any Error, _ operation: String, _ subject: String) -> Fault {
    (error as? Fault)
      ?? Fault(operation, subject, cause: "the wait was cut short", exit: .unavailable)
  }
}
