import Domain
import Logging
import Portfolio
import Store
import Venues

/// Takes orders from plan to end, one at a time, each step committed before the next.
struct OrderDesk: Sendable {
  let context: JobContext
  let venue: any Venue
  let account: String
  let instruments: [Instrument]
  let universe: Universe
  let maximumAge: TimeSpan

  /// How the orders of a plan fared.
  struct Outcome {
    /// Why the gate let no order through, if it did not.
    var blocked: String?
  }

  /// A price with the close of its candle.
  struct Quote {
    /// The close, as an exact amount.
    var price: Amount
    /// When the candle closed.
    var time: Instant
  }

  /// The last closed price of each instrument by the slot, fresh ones only unless told otherwise.
  func prices(ofAnyAge: Bool = false) throws -> [Symbol: Quote] {
    try context.store.read { transaction in
      var quotes: [Symbol: Quote] = [:]
      for instrument in instruments {
        let series = universe.series(instrument.symbol)
        guard let record = try transaction.series.find(series),
          let candle = try transaction.candles.last(record, closedBy: context.slot)
        else { continue }
        let close = candle.time + universe.timeframe.span
        guard ofAnyAge || context.slot - close <= maximumAge else { continue }
        do {
          quotes[instrument.symbol] = Quote(price: try Amount(observed: candle.close), time: close)
        } catch {
          throw Fault(
            "price", "\(series)", cause: "the close \(candle.close) is no amount", exit: .data)
        }
      }
      return quotes
    }
  }

  /// Asks the venue what became of every order that may have changed, of this run's plan and of
  /// earlier ones: always the first step. What an earlier slot planned and never sent has expired.
  func reconcile() async throws {
    try context.store.write(at: context.time.now) {
      try $0.orders.expirePlanned(account, before: context.firing.slot, reason: Self.neverSent)
    }
    for order in try working() { _ = try await lookUp(order) }
  }

  private static let neverSent = "never sent: its run ended before"

  /// Takes back what still rests from earlier slots, so that a new plan starts from what is held.
  func cancelEarlierOrders() async throws {
    for order in try working() where order.state == .open {
      guard order.key.slot != context.firing.slot, let instrument = rules(of: order) else {
        continue
      }
      try context.checkpoint()
      try apply(try await venue.cancel(order, on: instrument, at: context.slot), to: order)
    }
  }

  /// Sends what is not sent of a plan, in its order, as far as the gate lets it.
  func work(through plan: Int64) async throws -> Outcome {
    var outcome = Outcome()
    let quotes = try prices(ofAnyAge: true)
    for order in try context.store.read({ try $0.orders.ofPlan(plan).map(\.order) }) {
      guard order.state == .planned || order.state == .intent else { continue }
      try context.checkpoint()
      if let refusal = try gate(order, quotes).refusal {
        let state: OrderState = if case .tooLate = refusal { .expired } else { .rejected }
        try context.store.write(at: context.time.now) {
          try $0.orders.move(order.id, to: state, reason: refusal.description)
        }
        outcome.blocked = outcome.blocked ?? refusal.description
        continue
      }
      try await send(order)
    }
    try context.store.write(at: context.time.now) { try $0.plans.finish(plan) }
    return outcome
  }

  /// Commits the intent, sends, commits the answer.
  private func send(_ order: Order) async throws {
    guard let instrument = rules(of: order) else {
      throw Fault(
        "send", "\(order.id)", cause: "\(order.key.symbol) is not among the job's instruments",
        remedy: "put it back into `symbols` until the order has ended", exit: .configuration)
    }
    if order.state == .planned {
      try context.store.write(at: context.time.now) { try $0.orders.move(order.id, to: .intent) }
    }
    var sent = order
    sent.state = .intent
    try apply(try await venue.place(sent, on: instrument, at: context.slot), to: sent)
  }

  /// Looks an order up; one that the venue does not know was never sent. Of this slot it is an intent
  /// again, of an earlier one it has expired.
  private func lookUp(_ order: Order) async throws -> OrderReport? {
    guard let instrument = rules(of: order) else { return nil }
    let report = try await venue.report(on: order, instrument: instrument, at: context.slot)
    let slot = context.firing.slot
    if let report {
      try apply(report, to: order)
    } else if order.key.slot.job == slot.job, order.key.slot.time < slot.time {
      // Its run ended without it. Left an intent, it would count against targets for ever.
      try context.store.write(at: context.time.now) {
        try $0.orders.move(order.id, to: .expired, reason: Self.neverSent)
      }
    } else if order.state == .unknown {
      try context.store.write(at: context.time.now) { try $0.orders.move(order.id, to: .intent) }
    }
    return report
  }

  /// Records what the venue says of an order: its fills and its state, in one transaction.
  private func apply(_ report: OrderReport, to order: Order) throws {
    try context.store.write(at: context.time.now) { transaction in
      for fill in report.fills { _ = try transaction.fills.insert(fill) }
      if report.state != order.state {
        try transaction.orders.move(
          order.id, to: report.state, venueID: report.venueID, reason: report.reason)
      }
    }
    context.log.info(
      "order \(report.state)",
      metadata: [
        "order": "\(order.id)", "side": "\(order.side)", "quantity": "\(order.quantity)",
        "symbol": "\(order.key.symbol)",
      ])
  }

  /// The last question before an order leaves.
  private func gate(_ order: Order, _ quotes: [Symbol: Quote]) throws -> Gate {
    Gate(
      halt: try context.conditions.halt ?? context.store.read { try $0.halts.current()?.reason },
      clockSuspicion: context.conditions.clockSuspicion, now: context.time.now,
      latestSend: context.firing.latestStart,
      priceTime: quotes[order.key.symbol]?.time ?? .epoch, maximumPriceAge: maximumAge,
      slot: context.slot)
  }

  private func working() throws -> [Order] {
    try context.store.read { try $0.orders.working(account).map(\.order) }
  }

  private func rules(of order: Order) -> Instrument? {
    instruments.first { $0.symbol == order.key.symbol }
  }
}
