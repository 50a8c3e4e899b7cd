import Domain
import Exchange
import Venues

/// A venue that is right and yet not like the paper venue: its fills are told later, its look-ups lag,
/// and its fees are taken from what is received.
actor LaggingVenue: Venue {
  private var core: ExchangeCore
  private var view: ReadView
  private static let account = "a"
  nonisolated let name = "lagging"
  nonisolated let contract: Contract

  nonisolated var traits: VenueTraits {
    VenueTraits(
      idReuse: .never, timesInForce: [.untilCancelled, .immediateOrCancel],
      tellsFillsAtOnce: false, lookUpLag: .seconds(30), validityWindow: .seconds(5))
  }

  init(contract: Contract, price: Amount, at time: Instant) {
    self.contract = contract
    core = ExchangeCore(
      model: FillModel(slippage: .fixed(Rate(Amount("0.0005")!))), idReuse: .never, at: time)
    _ = core.operate(.list(contract), at: time)
    for (asset, amount) in [(contract.pair.base, 200), (contract.pair.quote, 100_000)] {
      _ = core.operate(
        .transfer(account: Self.account, Money(Amount(amount), asset), why: "start"), at: time)
    }
    let bar = Bar(
      open: time - .hours(1), close: time, first: price, high: price, low: price, last: price,
      volume: Amount(1000))
    _ = core.operate(.note(contract.id, bar), at: time)
    view = ReadView(of: core, lag: .seconds(30))
  }

  nonisolated func contract(_ instrument: Instrument) -> Contract { contract }

  func pass(_ span: TimeSpan) {
    _ = core.advance(to: core.now + span, Tape())
    view.note(core)
  }

  func place(
    _ ticket: OrderTicket, on contract: Contract, validUntil: Instant?
  ) async -> Placement {
    switch core.handle(
      .place(ticket, validUntil: validUntil), as: Self.account, at: core.now)
    {
    case .order(let order):
      view.note(core)
      // It says that it took the order, and no more.
      var standing = OrderStanding(order)
      (standing.state, standing.filled) = (.open, .zero(contract.pair.base))
      return .accepted(standing)
    case .refused(let reason): return .refused(reason)
    default: preconditionFailure("no answer to a placement")
    }
  }

  func cancel(_ id: ClientOrderID, on contract: Contract) async -> CancelOutcome {
    let answer = core.handle(.cancel(id), as: Self.account, at: core.now)
    view.note(core)
    guard case .order(let order) = answer else { return .refused(.unknownOrder) }
    return .done(OrderStanding(order))
  }

  func find(
    _ ids: [ClientOrderID], on contract: Contract
  ) async throws -> [ClientOrderID: Sighting] {
    var sightings: [ClientOrderID: Sighting] = [:]
    for id in ids {
      if case .order(let order) = view.answer(.find(id), as: Self.account, at: core.now) {
        sightings[id] = .seen(OrderStanding(order))
      } else {
        sightings[id] = .absent(asOf: view.asOf(core.now))
      }
    }
    return sightings
  }

  func openOrders() async throws -> [OrderStanding] {
    guard case .orders(let orders) = view.answer(.openOrders, as: Self.account, at: core.now)
    else { return [] }
    return orders.map { OrderStanding($0) }
  }

  func fills(of contract: Contract?, after: FillCursor?) async throws -> FillPage {
    let question = Call.trades(after: after.flatMap { Int64($0.text) }, limit: 1000)
    guard case .trades(let trades) = view.answer(question, as: Self.account, at: core.now) else {
      return FillPage(fills: [], next: after)
    }
    return FillPage(
      fills: trades.map { VenueFill($0) },
      next: trades.last.map { FillCursor("\($0.number)") } ?? after)
  }

  func account() async throws -> AccountSnapshot {
    guard case .account(let book) = view.answer(.account, as: Self.account, at: core.now) else {
      preconditionFailure("no answer to a question for the account")
    }
    return AccountSnapshot(book, asOf: view.asOf(core.now))
  }
}
