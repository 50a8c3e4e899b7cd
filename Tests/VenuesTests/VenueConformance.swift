import Domain
import Exchange
import Testing
import Venues

/// What every venue must do with orders, whatever is behind it: fills that come at once or later, fees
/// in any asset, look-ups that lag.
enum VenueConformance {
  /// A venue, a contract that trades at about `price`, an account with at least a hundred units of
  /// its base and the quote to buy a hundred more, and a way to let time pass at the venue.
  struct Subject {
    let venue: any Venue
    let contract: Contract
    let price: Amount
    let pass: @Sendable (TimeSpan) async throws -> Void

    /// Lets everything that lags be told.
    func settle() async throws { try await pass(venue.traits.lookUpLag + .seconds(1)) }

    func ticket(
      _ id: String, _ side: Side = .buy, _ quantity: Amount = .one, limit: Amount? = nil
    ) -> OrderTicket {
      OrderTicket(
        id: ClientOrderID("car-\(id)"), contract: contract.id, side: side,
        quantity: contract.quantity(quantity), limit: limit.map(contract.price))
    }

    func standing(_ id: ClientOrderID) async throws -> OrderStanding? {
      guard case .seen(let standing)? = try await venue.find([id], on: contract)[id] else {
        return nil
      }
      return standing
    }
  }

  static func check(_ subject: Subject) async throws {
    try await fillsAMarketOrderInTheEnd(subject)
    try await tellsEachFillOnce(subject)
    try await restsAndCancels(subject)
    try await refusesWhatBreaksTheRules(subject)
    try await refusesWhatCannotBePaid(subject)
    try await knowsWhatWasSentAndNothingElse(subject)
  }

  /// Filled whole, on the grid, and the account moved by exactly what the fills say.
  static func fillsAMarketOrderInTheEnd(_ subject: Subject) async throws {
    let (venue, contract) = (subject.venue, subject.contract)
    for side in [Side.buy, .sell] {
      try await subject.settle()
      let before = try await venue.account()
      let cursor = try await venue.fills(of: contract, after: nil).next
      let ticket = subject.ticket("market-\(side)", side)
      let placed = await venue.place(ticket, on: contract, validUntil: nil)
      guard case .accepted(let first) = placed else {
        Issue.record("\(placed)")
        continue
      }
      #expect(first.id == ticket.id)
      if venue.traits.tellsFillsAtOnce { #expect(first.state == .filled) }
      try await subject.settle()
      let standing = try await subject.standing(ticket.id)
      #expect(standing?.state == .filled)
      #expect(standing?.filled == ticket.quantity)
      let fills = try await venue.fills(of: contract, after: cursor).fills
        .filter { $0.venueOrder == first.venueID }
      var sums: [String: Amount] = [:]
      func add(_ amount: Amount, _ asset: String) throws {
        sums[asset] = try (sums[asset] ?? .zero).adding(amount)
      }
      for fill in fills {
        let value = try fill.price.value(of: fill.quantity, rounding: .halfEven)
        let (base, quote) = (fill.quantity.amount, value.amount)
        try add(side == .buy ? base : base.negated(), contract.pair.base)
        try add(side == .buy ? quote.negated() : quote, contract.pair.quote)
        let fee = try #require(fill.fee, "a fee is told in the end")
        try add(fee.amount.negated(), fee.asset)
        #expect(try contract.prices.holds(fill.price.amount))
      }
      #expect(Set(fills.map(\.id)).count == fills.count)
      let after = try await venue.account()
      for (asset, change) in sums {
        let total = try (before.free[asset] ?? .zero).adding(change)
        #expect(try after.total(asset) == total, "\(side) \(asset)")
      }
    }
  }

  static func tellsEachFillOnce(_ subject: Subject) async throws {
    let (venue, contract) = (subject.venue, subject.contract)
    let begin = try await venue.fills(of: contract, after: nil).next
    for id in ["once-a", "once-b"] {
      _ = await venue.place(subject.ticket(id), on: contract, validUntil: nil)
    }
    try await subject.settle()
    let page = try await venue.fills(of: contract, after: begin)
    #expect(Set(page.fills.map(\.venueOrder)).count == 2)
    let rest = try await venue.fills(of: contract, after: page.next)
    #expect(rest.fills == [])
    #expect(rest.next == page.next)
    // From the beginning: the same again.
    let all = try await venue.fills(of: contract, after: nil).fills
    #expect(all.suffix(page.fills.count) == page.fills[...])
  }

  /// Says of an order whether it would be taken, and takes none.
  static func rehearsesWithoutTaking(_ subject: Subject) async throws {
    let (venue, contract) = (subject.venue, subject.contract)
    let half = try subject.price.divided(by: Amount(2)).rounded(
      toMultipleOf: contract.prices.tick(at: subject.price), .down)
    let before = try await venue.account()
    let good = subject.ticket("good", limit: half)
    #expect(try await venue.rehearse(good, on: contract) == .passes)
    let bad = subject.ticket("bad", quantity: contract.quantities.lot, limit: half)
    guard case .refused = try await venue.rehearse(bad, on: contract) else {
      Issue.record("an order of the least lot is below the least value")
      return
    }
    try await subject.settle()
    for id in [good.id, bad.id] { #expect(try await subject.standing(id) == nil) }
    #expect(try await venue.openOrders().isEmpty)
    #expect(try await venue.account().free == before.free)
  }

  static func restsAndCancels(_ subject: Subject) async throws {
    let (venue, contract) = (subject.venue, subject.contract)
    let half = try subject.price.divided(by: Amount(2)).rounded(
      toMultipleOf: contract.prices.tick(at: subject.price), .down)
    let ticket = subject.ticket("rests", limit: half)
    try await subject.settle()
    let before = try await venue.account()
    let placed = await venue.place(ticket, on: contract, validUntil: nil)
    guard case .accepted(let standing) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(standing.state == .open)
    try await subject.settle()
    #expect(try await venue.openOrders().contains { $0.id == ticket.id })
    // What it may need is locked, and what is held did not change.
    let during = try await venue.account()
    let quote = contract.pair.quote
    #expect(try during.total(quote) == before.total(quote))
    #expect(during.free[quote] ?? .zero < before.free[quote] ?? .zero)
    let cancelled = await venue.cancel(ticket.id, on: contract)
    guard case .done(let end) = cancelled else {
      Issue.record("\(cancelled)")
      return
    }
    #expect(end.state == .cancelled)
    try await subject.settle()
    #expect(try await subject.standing(ticket.id)?.state == .cancelled)
    #expect(try await !venue.openOrders().contains { $0.id == ticket.id })
    #expect(try await venue.account().free == before.free)
    // Again: it has ended already.
    if case .done(let again) = await venue.cancel(ticket.id, on: contract) {
      #expect(again.state == .cancelled)
    }
  }

  static func refusesWhatBreaksTheRules(_ subject: Subject) async throws {
    let contract = subject.contract
    let (lot, tick) = (contract.quantities.lot, contract.prices.tick(at: subject.price))
    let price = try subject.price.rounded(toMultipleOf: tick, .down)
    let halfLot = try lot.divided(by: Amount(2))
    let tickets = [
      subject.ticket("zero", quantity: .zero),
      subject.ticket("lot", quantity: try Amount.one.adding(halfLot)),
      subject.ticket("small", quantity: lot, limit: tick),
      subject.ticket("tick", limit: try price.adding(tick.divided(by: Amount(2)))),
      subject.ticket("negative", limit: try price.negated()),
    ]
    for ticket in tickets {
      let placed = await subject.venue.place(ticket, on: contract, validUntil: nil)
      guard case .refused(let reason) = placed else {
        Issue.record("\(ticket.id): \(placed)")
        continue
      }
      // The same rule that a plan asks before it sends.
      #expect(contract.check(ticket, reference: contract.price(price)) == reason)
    }
    try await subject.settle()
    for ticket in tickets { #expect(try await subject.standing(ticket.id) == nil) }
  }

  static func refusesWhatCannotBePaid(_ subject: Subject) async throws {
    for (id, side) in [("poor-buy", Side.buy), ("poor-sell", .sell)] {
      let ticket = subject.ticket(id, side, quantity: Amount(1_000_000_000))
      let placed = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
      guard case .refused(.insufficientFunds) = placed else {
        Issue.record("\(side): \(placed)")
        continue
      }
    }
  }

  /// A look-up of what never was tells as of when it is absent, which proves nothing before the lag is
  /// over; of what was sent it tells it once the lag is over.
  static func knowsWhatWasSentAndNothingElse(_ subject: Subject) async throws {
    let (venue, contract) = (subject.venue, subject.contract)
    let never = ClientOrderID("car-never")
    let sent = subject.ticket("sent")
    _ = await venue.place(sent, on: contract, validUntil: nil)
    try await subject.settle()
    let sightings = try await venue.find([never, sent.id], on: contract)
    #expect(Set(sightings.keys) == [never, sent.id])
    guard case .absent(let asOf)? = sightings[never], case .seen? = sightings[sent.id] else {
      Issue.record("\(sightings)")
      return
    }
    let doubt = Doubt(
      id: never, since: asOf - .minutes(10), validUntil: asOf - .minutes(5), cause: "lost")
    #expect(doubt.isDisproved(by: asOf, lag: .minutes(1)))
    #expect(!doubt.isDisproved(by: asOf, lag: .minutes(5)))
    #expect(
      !Doubt(id: never, since: asOf - .days(1), validUntil: nil, cause: "lost")
        .isDisproved(by: asOf, lag: .zero))
  }
}

extension VenueConformance.Subject {
  func ticket(
    _ id: String, _ side: Side = .buy, quantity: Amount, limit: Amount? = nil
  ) -> OrderTicket { ticket(id, side, quantity, limit: limit) }
}

extension AccountSnapshot {
  /// All of an asset.
  func total(_ asset: String) throws -> Amount {
    try (free[asset] ?? .zero).adding(locked[asset] ?? .zero)
      .adding(unsettled[asset] ?? .zero)
  }
}
