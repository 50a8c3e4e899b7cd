import Box
import Domain
import Exchange
import Net
import Testing
import Venues

/// Our client for Binance against the exchange in the box: what a venue must do, over the wire's bytes.
@Suite struct BinanceBoxTests {
  static let opening = Instant(rfc3339: "2026-11-28T12:00:00Z")!

  static func subject() throws -> (VenueConformance.Subject, SkinTransport) {
    let symbol = Symbol(base: "ETH", quote: "USDT")!
    let instrument = Instrument(
      symbol: symbol, tick: Amount("0.01")!, lot: Amount("0.0001")!, minimumNotional: Amount(5))
    let time = StandingTime(opening)
    let account = BoxAccount(
      name: "main", key: "public", secret: Secret("hidden"),
      balances: ["ETH": Amount(500), "USDT": Amount(50_000)])
    let skin = try BinanceSkin(
      BoxMarket([.init(instrument: instrument, series: LevelSeries())]), accounts: [account],
      clock: BoxClock(started: opening, opening: opening, speed: 1))
    let transport = SkinTransport(skin, time)
    let venue = BinanceSpot(
      transport: transport, baseURL: "http://box", name: "binance",
      key: BinanceKey(id: Secret("public"), signing: .hmac(Secret("hidden"))), time: time,
      fees: BinanceSkin.fees)
    let subject = VenueConformance.Subject(
      venue: venue, contract: venue.contract(instrument), price: Amount(100)
    ) { try await time.sleep(for: $0) }
    return (subject, transport)
  }

  @Test func behavesAsAVenueMust() async throws {
    let (subject, _) = try Self.subject()
    try await VenueConformance.fillsAMarketOrderInTheEnd(subject)
    try await VenueConformance.tellsEachFillOnce(subject)
    try await VenueConformance.restsAndCancels(subject)
    try await VenueConformance.knowsWhatWasSentAndNothingElse(subject)
  }

  @Test(arguments: [
    // quantity, limit -> what the client hears
    ("0.00005", nil, "Filter failure: LOT_SIZE (-1013)"),
    ("1", "99.999", "Filter failure: PRICE_FILTER (-1013)"),
    ("0.01", "99", "Filter failure: NOTIONAL (-1013)"),
    ("1", "10", "Filter failure: PERCENT_PRICE_BY_SIDE (-1013)"),
    ("1000", "99", "Account has insufficient balance for requested action. (-2010)"),
  ])
  func refusesInBinancesWords(_ quantity: String, _ limit: String?, _ words: String) async throws {
    let (subject, _) = try Self.subject()
    let ticket = subject.ticket(
      "bad", quantity: Amount(quantity)!, limit: limit.map { Amount($0)! })
    let placed = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
    #expect(placed == .refused(.other(words)))
  }

  /// The answer to an order tells its trades, and they are those of the venue's list: nothing else is asked.
  @Test(arguments: [
    // limit, quantity -> how much trades at once: 100.01 is asked, a tenth of a minute's 1,000 is there
    (nil, "1", "1"), ("100.5", "2", "2"), ("90", "1", "0"), ("101", "450", "450"),
  ])
  func anOrderTellsItsTradesByItself(
    _ limit: String?, _ quantity: String, _ filled: String
  ) async throws {
    let (subject, transport) = try Self.subject()
    _ = try await subject.venue.account()
    let before = transport.asked.count
    let ticket = subject.ticket(
      "buy", quantity: Amount(quantity)!, limit: limit.map { Amount($0)! })
    let placed = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
    guard case .accepted(let standing) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(standing.filled.amount == Amount(filled))
    guard standing.filled.amount > .zero else {
      #expect(transport.methods(since: before) == ["order"])
      return
    }
    let told = try await subject.venue.fills(ofOrder: ticket.id, on: subject.contract)
    #expect(transport.methods(since: before) == ["order"])
    // Handed over once; who asks again is told by the list.
    let asked = try await subject.venue.fills(ofOrder: ticket.id, on: subject.contract)
    #expect(transport.methods(since: before) == ["order", "myTrades"])
    #expect(!told.isEmpty && told == asked)
  }

  @Test func tellsWhatAPurchaseCost() async throws {
    let (subject, transport) = try Self.subject()
    _ = await subject.venue.place(subject.ticket("buy"), on: subject.contract, validUntil: nil)
    let fill = try #require(
      try await subject.venue.fills(of: subject.contract, after: nil).fills.first)
    // 100 and half of two basis points; a thousandth of what was bought.
    #expect(fill.price.amount == Amount("100.01"))
    #expect(fill.fee == Money(Amount("0.001")!, "ETH"))
    let account = try await subject.venue.account()
    #expect(account.free["ETH"] == Amount("500.999"))
    #expect(account.free["USDT"] == Amount("49899.99"))
    let lines = transport.takeJournal()
    #expect(lines.contains { $0.contains("\"kind\":\"trade\"") && $0.contains("car-buy") })
  }
}
