import Domain
import Testing
import Venues

/// What every venue must do with orders, whatever is behind it.
enum VenueConformance {
  /// A venue, an instrument of it, and a time at which it is open with a price of about `price`.
  struct Subject {
    let venue: any Venue
    let instrument: Instrument
    let time: Instant
    let price: Amount
  }

  static func check(_ subject: Subject) async throws {
    try await fillsAMarketOrderWhole(subject)
    try await repeatsItselfAfterALostAnswer(subject)
    try await restsAndCancels(subject)
    try await refusesWhatBreaksTheRules(subject)
    try await doesNotKnowWhatWasNeverSent(subject)
  }

  static func order(
    _ subject: Subject, _ id: String, _ side: Side = .buy, quantity: Amount = .one,
    limit: Amount? = nil
  ) throws -> Order {
    let slot = Slot(job: try #require(JobName("rebalance")), time: subject.time)
    return Order(
      id: ClientOrderID("car-\(id)"),
      key: OrderKey(account: "test", slot: slot, symbol: subject.instrument.symbol, leg: 0),
      side: side, quantity: quantity, limit: limit, state: .intent)
  }

  static func fillsAMarketOrderWhole(_ subject: Subject) async throws {
    for side in [Side.buy, .sell] {
      var order = try order(subject, "market-\(side)", side)
      let report = try await subject.venue.place(
        order, on: subject.instrument, at: subject.time)
      #expect(report.state == .filled)
      #expect(report.venueID != nil)
      #expect(try report.fills.reduce(Amount.zero) { try $0.adding($1.quantity) } == .one)
      for fill in report.fills {
        #expect(fill.order == order.id)
        #expect(
          try fill.price.rounded(toMultipleOf: subject.instrument.tick, .down) == fill.price)
        #expect(fill.fee?.amount.isNegative != true)
      }
      #expect(Set(report.fills.map(\.trade)).count == report.fills.count)
      order.venueID = report.venueID
      order.state = report.state
      let looked = try await subject.venue.report(
        on: order, instrument: subject.instrument, at: subject.time)
      #expect(looked == report)
    }
  }

  /// The process died after sending: the order is looked up, and sent only if it is not known.
  static func repeatsItselfAfterALostAnswer(_ subject: Subject) async throws {
    let order = try order(subject, "lost")
    let sent = try await subject.venue.place(order, on: subject.instrument, at: subject.time)
    let later = subject.time + .minutes(1)
    let known = try await subject.venue.report(
      on: order, instrument: subject.instrument, at: later)
    if let known {
      #expect(known == sent)
    } else {
      let again = try await subject.venue.place(order, on: subject.instrument, at: later)
      #expect(again == sent)
    }
  }

  static func restsAndCancels(_ subject: Subject) async throws {
    let far = try subject.price.multiplied(by: #require(Amount("0.5")))
      .rounded(toMultipleOf: subject.instrument.tick, .down)
    var order = try order(subject, "rests", limit: far)
    let placed = try await subject.venue.place(
      order, on: subject.instrument, at: subject.time)
    #expect(placed.state == .open)
    #expect(placed.fills == [])
    order.venueID = placed.venueID
    order.state = .open
    let looked = try await subject.venue.report(
      on: order, instrument: subject.instrument, at: subject.time)
    #expect(looked == placed)
    let cancelled = try await subject.venue.cancel(
      order, on: subject.instrument, at: subject.time)
    #expect(cancelled.state == .cancelled)
    order.state = .cancelled
    let after = try await subject.venue.report(
      on: order, instrument: subject.instrument, at: subject.time)
    #expect(after?.state == .cancelled)
  }

  static func refusesWhatBreaksTheRules(_ subject: Subject) async throws {
    let half = try #require(Amount("0.5"))
    let price = try subject.price.rounded(toMultipleOf: subject.instrument.tick, .down)
    let orders = [
      try order(subject, "zero", quantity: .zero),
      try order(
        subject, "lot", quantity: Amount.one.adding(subject.instrument.lot.multiplied(by: half))),
      try order(subject, "small", quantity: subject.instrument.lot, limit: subject.instrument.tick),
      try order(
        subject, "tick", limit: price.adding(subject.instrument.tick.multiplied(by: half))),
      try order(subject, "negative", limit: price.negated()),
    ]
    for order in orders {
      let report = try await subject.venue.place(
        order, on: subject.instrument, at: subject.time)
      #expect(report.state == .rejected, "\(order.id)")
      #expect(report.reason != nil, "\(order.id)")
      #expect(report.fills == [])
    }
  }

  static func doesNotKnowWhatWasNeverSent(_ subject: Subject) async throws {
    let order = try order(subject, "never")
    let report = try await subject.venue.report(
      on: order, instrument: subject.instrument, at: subject.time)
    #expect(report == nil)
  }
}
