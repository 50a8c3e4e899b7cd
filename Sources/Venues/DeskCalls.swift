public import Domain
public import Exchange

/// What a venue says of one order, in the words of the ledger.
public struct OrderReport: Hashable, Sendable {
  /// Its state: `open`, a final one, or `unknown` when the answer was lost.
  public var state: OrderState
  /// The venue's own id.
  public var venueID: String?
  /// Fills of it that the venue has told: reading the same order again may repeat earlier ones.
  public var fills: [Fill]
  /// Why it is in this state, when the state alone does not say so.
  public var reason: String?

  /// A report of these parts.
  public init(
    state: OrderState, venueID: String? = nil, fills: [Fill] = [], reason: String? = nil
  ) {
    self.state = state
    self.venueID = venueID
    self.fills = fills
    self.reason = reason
  }
}

/// A venue as the order desk speaks with it: orders of the ledger in, states of the ledger out.
extension Venue {
  /// Sends an order.
  ///
  /// - Throws: `Fault` when it certainly did not leave.
  public func place(
    _ order: Order, on instrument: Instrument, at: Instant
  ) async throws -> OrderReport {
    let contract = contract(instrument)
    switch await place(OrderTicket(order, on: contract), on: contract, validUntil: nil) {
    case .accepted(let standing):
      do {
        return try await report(standing, on: instrument)
      } catch {
        // It is there: only what was traded is not known, and a look-up will tell.
        return OrderReport(
          state: .unknown, venueID: standing.venueID,
          reason: "taken by the venue, which did not tell its trades: \(error)")
      }
    case .refused(let reason):
      return OrderReport(state: .rejected, reason: reason.description)
    case .notSent(let fault):
      throw fault
    case .unknown(let doubt):
      return OrderReport(state: .unknown, reason: doubt.cause)
    }
  }

  /// Takes back what is not filled of an order.
  public func cancel(
    _ order: Order, on instrument: Instrument, at: Instant
  ) async throws -> OrderReport {
    switch await cancel(order.id, on: contract(instrument)) {
    case .done(let standing): return try await report(standing, on: instrument)
    case .refused(let reason):
      // A cancel is refused for an order that is not open: what became of it tells the look-up.
      return try await report(on: order, instrument: instrument, at: at)
        ?? OrderReport(state: .unknown, reason: reason.description)
    case .unknown(let doubt): return OrderReport(state: .unknown, reason: doubt.cause)
    }
  }

  /// Looks an order up; nil when the venue does not know it.
  public func report(
    on order: Order, instrument: Instrument, at: Instant
  ) async throws -> OrderReport? {
    let sightings = try await find([order.id], on: contract(instrument))
    guard case .seen(let standing)? = sightings[order.id] else { return nil }
    return try await report(standing, on: instrument)
  }

  private func report(
    _ standing: OrderStanding, on instrument: Instrument
  ) async throws -> OrderReport {
    let fills =
      standing.filled.amount > .zero
      ? try await fills(ofOrder: standing.id, on: contract(instrument)) : []
    return OrderReport(
      state: standing.state.ofLedger, venueID: standing.venueID,
      fills: try fills.map { try $0.ofLedger }, reason: standing.reason?.description)
  }

  /// The trades of one order, picked from all: what a venue does that has no better way.
  public func fills(
    ofOrder id: ClientOrderID, on contract: Contract
  ) async throws -> [VenueFill] {
    try await fills(of: contract, after: nil).fills.filter { $0.order == id }
  }
}

extension VenueOrder.State {
  /// The state of the ledger.
  var ofLedger: OrderState {
    switch self {
    case .open: .open
    case .filled: .filled
    case .cancelled: .cancelled
    case .expired: .expired
    }
  }
}

extension VenueFill {
  /// The fill of the ledger.
  var ofLedger: Fill {
    get throws {
      guard let order else {
        throw Fault("book trade", id, cause: "the venue tells no order of it", exit: .internal)
      }
      return Fill(
        order: order, trade: id, quantity: quantity.amount, price: price.amount,
        fee: fee.map { Fill.Fee($0.amount, $0.asset) }, time: time, candle: candle)
    }
  }
}
