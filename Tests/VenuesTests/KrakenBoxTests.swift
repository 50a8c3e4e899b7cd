import Box
import Domain
import Exchange
import Net
import Testing
import Venues

/// Our client for Kraken against the exchange in the box: what a venue and a source of candles must do,
/// over the wire's bytes.
@Suite struct KrakenBoxTests {
  static let opening = Instant(rfc3339: "2026-11-28T12:00:00Z")!
  static let secret = Secret("aGlkZGVu")

  static func instrument(_ name: String) -> Instrument {
    Instrument(
      symbol: Symbol(name)!, tick: Amount("0.01")!, lot: Amount("0.0001")!,
      minimumNotional: Amount(5))
  }

  static func subject(
    _ name: String = "BTC-USD"
  ) throws -> (VenueConformance.Subject, SkinTransport) {
    let time = StandingTime(opening)
    let instrument = instrument(name)
    let account = BoxAccount(
      name: "main", key: "public", secret: secret,
      balances: [
        instrument.symbol.base: Amount(500), instrument.symbol.quote: Amount(50_000),
      ])
    let skin = try KrakenSkin(
      BoxMarket([.init(instrument: instrument, series: LevelSeries())]), accounts: [account],
      clock: BoxClock(started: opening, opening: opening, speed: 1))
    let transport = SkinTransport(skin, time)
    let key = try #require(KrakenKey(id: Secret("public"), secret: secret))
    let venue = KrakenSpot(
      transport: transport, baseURL: "http://box", name: "kraken", key: key,
      keeper: MemoryKeyKeeper(), time: time, fees: .flat(Rate(Amount("0.004")!)))
    let subject = VenueConformance.Subject(
      venue: venue, contract: venue.contract(instrument), price: Amount(100)
    ) { try await time.sleep(for: $0) }
    return (subject, transport)
  }

  /// Pairs of which both, one or none of the assets has an old name with a letter in front.
  @Test(arguments: ["BTC-USD", "ETH-USDT", "SOL-EUR", "DOGE-BTC"])
  func behavesAsAVenueMust(_ name: String) async throws {
    let (subject, _) = try Self.subject(name)
    try await VenueConformance.rehearsesWithoutTaking(subject)
    try await VenueConformance.fillsAMarketOrderInTheEnd(subject)
    try await VenueConformance.tellsEachFillOnce(subject)
    try await VenueConformance.restsAndCancels(subject)
    try await VenueConformance.knowsWhatWasSentAndNothingElse(subject)
  }

  @Test(arguments: [
    // quantity, limit -> what the client hears
    ("0.00005", nil, Reason.other("EOrder:Order minimum not met")),
    (
      "1", "99.999",
      .other("EOrder:Invalid price:XBTUSD price can only be specified up to 2 decimals.")
    ),
    ("0.01", "99", .other("EOrder:Cost minimum not met")),
    ("1000", "99", .other("EOrder:Insufficient funds")),
  ])
  func refusesInKrakensWords(_ quantity: String, _ limit: String?, _ reason: Reason) async throws {
    let (subject, _) = try Self.subject()
    let ticket = subject.ticket(
      "bad", quantity: Amount(quantity)!, limit: limit.map { Amount($0)! })
    let placed = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
    #expect(placed == .refused(reason))
  }

  /// The fee of 0.40 % of 100.01 is taken in dollars, of purchases and of sales.
  @Test(arguments: [(Side.buy, "100.01", "0.40004"), (.sell, "99.99", "0.39996")])
  func feesAreInTheQuoteAsset(_ side: Side, _ price: String, _ fee: String) async throws {
    let (subject, transport) = try Self.subject()
    let ticket = subject.ticket("one", side, quantity: .one)
    _ = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
    let fills = try await subject.venue.fills(ofOrder: ticket.id, on: subject.contract)
    #expect(fills.count == 1)
    #expect(fills.first?.order == ticket.id)
    #expect(fills.first?.price.amount == Amount(price))
    #expect(fills.first?.fee == Money(Amount(fee)!, "USD"))
    #expect(transport.takeJournal().contains { $0.contains("\"kind\":\"trade\"") })
  }

  /// Twenty orders that ended are read in four calls: the open ones, those that ended, and their trades in
  /// one; with what the box counts, that is within a key's fifteen.
  @Test func twentyOrdersAreReadInFewCalls() async throws {
    let (subject, transport) = try Self.subject()
    let tickets = (0..<20).map { subject.ticket("n\($0)", quantity: .one) }
    for ticket in tickets {
      let placed = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
      guard case .accepted = placed else {
        Issue.record("\(placed)")
        return
      }
    }
    let before = transport.asked.count
    for ticket in tickets {
      #expect(try await subject.standing(ticket.id)?.state == .filled)
      #expect(
        try await subject.venue.fills(ofOrder: ticket.id, on: subject.contract).count == 1)
    }
    #expect(
      transport.asked[before...].map { String($0.split(separator: "/").last ?? "") } == [
        "OpenOrders", "ClosedOrders", "QueryTrades", "AssetPairs",
      ])
  }

  /// Ten orders of which nobody knows, beside ten that ended and one that rests: five questions, of which
  /// one counts twice, of the fifteen of a key.
  @Test func tenDoubtsAreDecidedInFewCalls() async throws {
    let (subject, transport) = try Self.subject()
    let done = (0..<10).map { subject.ticket("n\($0)", quantity: .one) }
    let resting = subject.ticket("rests", limit: Amount(50))
    for ticket in done + [resting] {
      _ = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
    }
    // Past the six seconds of a deadline, one of the clock and sixty of the look-up.
    try await subject.pass(.seconds(70))
    let (_, before) = (transport.takeJournal(), transport.asked.count)
    let lost = (0..<10).map { ClientOrderID("car-lost\($0)") }
    let ids = done.map(\.id) + [resting.id] + lost
    try await subject.venue.gather(
      Dictionary(
        ids.map { ($0, Self.opening...Self.opening) }, uniquingKeysWith: { first, _ in first }))
    let found = try await subject.venue.find(ids, on: subject.contract)
    #expect(
      found.values.count { if case .absent = $0 { true } else { false } } == lost.count)
    let methods = transport.methods(since: before)
    #expect(
      methods == ["OpenOrders", "ClosedOrders", "ClosedOrders", "OpenOrders", "TradesHistory"])
  }

  /// Every order of a pair, ended and open, oldest first, though there are two pages of them; those of all
  /// pairs are read once.
  @Test func ordersOfBeforeAreTold() async throws {
    let (subject, transport) = try Self.subject()
    let tickets = (0..<60).map { subject.ticket("n\($0)", quantity: Amount("0.1")!) }
    for ticket in tickets + [subject.ticket("rests", limit: Amount(50))] {
      _ = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
      try await subject.pass(.seconds(1))
    }
    let before = transport.asked.count
    let told = try await subject.venue.orders(of: subject.contract)
    #expect(told.map(\.standing.id) == tickets.map(\.id) + [ClientOrderID("car-rests")])
    #expect(told.map(\.placed) == (0..<61).map { Self.opening + .seconds(Int64($0)) })
    #expect(told.last?.standing.state == .open)
    var other = subject.contract
    other.id = ContractID(venue: "kraken", "ETHUSD")
    #expect(try await subject.venue.orders(of: other).isEmpty)
    let methods = transport.methods(since: before)
    #expect(methods == ["OpenOrders", "ClosedOrders", "ClosedOrders"])
    #expect(subject.venue.spent >= 3)
  }

  /// The key of an account may trade, and withdraw only where the accounts file says so.
  @Test(arguments: [false, true])
  func aKeyTellsWhatItMay(_ mayWithdraw: Bool) async throws {
    let time = StandingTime(Self.opening)
    var account = BoxAccount(
      name: "main", key: "public", secret: Self.secret, balances: ["USD": Amount(1)])
    account.mayWithdraw = mayWithdraw
    let skin = try KrakenSkin(
      BoxMarket([.init(instrument: Self.instrument("BTC-USD"), series: LevelSeries())]),
      accounts: [account],
      clock: BoxClock(started: Self.opening, opening: Self.opening, speed: 1))
    let venue = KrakenSpot(
      transport: SkinTransport(skin, time), baseURL: "http://box", name: "kraken",
      key: try #require(KrakenKey(id: Secret("public"), secret: Self.secret)),
      keeper: MemoryKeyKeeper(), time: time, fees: .flat(Rate(Amount("0.004")!)))
    let permissions = try await venue.permissions()
    #expect(permissions.canTrade == true)
    #expect(permissions.canWithdraw == mayWithdraw)
    #expect(permissions.isBoundToAddresses == false)
  }

  /// The switch cancels what rests a span after it was told last; taken back, or renewed, it does not.
  @Test(
    arguments: [
      // Seconds at which it is told (0: taken back), and whether the order rests at 100 s.
      ([(0, 60)], false), ([(0, 60), (30, 60)], false), ([(0, 60), (50, 60)], true),
      ([(0, 60), (40, 0)], true), ([(0, 120)], true),
    ] as [([(Int64, Int64)], Bool)])
  func theSwitchCancelsWhatRests(_ told: [(Int64, Int64)], _ rests: Bool) async throws {
    let (subject, _) = try Self.subject()
    let ticket = subject.ticket("rests", limit: Amount(50))
    _ = await subject.venue.place(ticket, on: subject.contract, validUntil: nil)
    var passed: Int64 = 0
    for (at, span) in told {
      try await subject.pass(.seconds(at - passed))
      passed = at
      try await subject.venue.cancelAll(after: span == 0 ? nil : .seconds(span))
    }
    try await subject.pass(.seconds(100 - passed))
    #expect(try await subject.venue.openOrders().contains { $0.id == ticket.id } == rests)
    #expect(try await subject.standing(ticket.id)?.state == (rests ? .open : .cancelled))
  }

  /// A second program with the same key counts in larger steps: ours cannot go on, and says so.
  @Test func aNonceThatWasOvertakenIsNoRefusal() async throws {
    let (subject, transport) = try Self.subject()
    let key = try #require(KrakenKey(id: Secret("public"), secret: Self.secret))
    let nonce = "9000000000000000000"
    let body = "nonce=\(nonce)"
    _ = try await transport.send(
      HTTPRequest(
        "http://box/0/private/Balance", method: "POST",
        headers: [
          HTTPField("API-Key", "public"),
          HTTPField(
            "API-Sign", key.signature(of: "/0/private/Balance", nonce: nonce, body: body)),
        ], body: Array(body.utf8)))
    let placed = await subject.venue.place(
      subject.ticket("late"), on: subject.contract, validUntil: nil)
    guard case .unknown(let doubt) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(doubt.cause.contains("EAPI:Invalid nonce"))
    #expect(doubt.validUntil != nil)
  }

  @Test func market() async throws {
    let time = StandingTime(Self.opening)
    let instrument = Self.instrument("BTC-USD")
    let skin = try KrakenSkin(
      BoxMarket([
        .init(instrument: instrument, series: LevelSeries(begins: Self.opening - .hours(1)))
      ]),
      accounts: [],
      clock: BoxClock(started: Self.opening, opening: Self.opening, speed: 1))
    let market = KrakenMarket(transport: SkinTransport(skin, time), baseURL: "http://box/")
    try await MarketDataConformance.check(
      .init(market: market, symbol: instrument.symbol, timeframe: .minute, end: Self.opening))
    let rules = try await market.instruments([instrument.symbol])
    #expect(rules.first?.tick == Amount("0.01"))
    #expect(rules.first?.lot == Amount("0.00000001"))
    #expect(rules.first?.filters.minimumQuantity == Amount("0.0001"))
    #expect(rules.first?.minimumNotional == Amount(5))
    #expect(try await market.serverTime() == Self.opening)
  }

  /// The newest 720 with the one that is not closed: 719 minutes, however far back is asked.
  @Test func olderCandlesCannotBeHad() async throws {
    let time = StandingTime(Self.opening)
    let skin = try KrakenSkin(
      BoxMarket([.init(instrument: Self.instrument("ETH-USD"), series: LevelSeries())]),
      accounts: [], clock: BoxClock(started: Self.opening, opening: Self.opening, speed: 1))
    let market = KrakenMarket(transport: SkinTransport(skin, time), baseURL: "http://box")
    let batch = try await market.candles(
      Symbol("ETH-USD")!, .minute, from: Self.opening - .days(5), closedBy: Self.opening,
      limit: 10_000)
    #expect(batch.candles.count == 719)
    #expect(batch.candles.first?.time == Self.opening - .minutes(719))
    #expect(batch.resumeFrom == nil)
    #expect(market.depth(of: .minute) == .minutes(719))
  }
}
