import Domain
import Exchange
import Testing
import Venues

@Suite struct PaperVenueTests {
  let symbol = Symbol("ETC-BTC")!
  let start = Instant(rfc3339: "2018-01-10T00:00:00Z")!
  var rules: Instrument { InstrumentRules.defaults(for: symbol) }
  /// The slot: a minute after the first hour's close.
  var slot: Instant { start + .minutes(61) }

  typealias Row = (open: Double, high: Double, low: Double, close: Double)

  /// Hourly candles from `start` on, of these prices, and a venue at an instant beside them.
  func venue(
    _ rows: [Row], at time: Instant? = nil, fee: String = "0.001", slippage: String = "0.0005",
    participation: Rate? = nil, volume: Double = 1, maximumAge: TimeSpan? = nil,
    books: PaperBooks = PaperBooks(balances: ["BTC": Amount(1000), "ETC": Amount(1000)])
  ) throws -> PaperVenue {
    let candles = rows.enumerated().map { index, row in
      Candle(
        time: start + .hours(Int64(index)), open: row.open, high: row.high, low: row.low,
        close: row.close, volume: volume)
    }
    return PaperVenue(
      PaperVenue.Parts(
        name: "sim", timeframe: .hour,
        model: FillModel(
          slippage: .fixed(Rate(try #require(Amount(slippage)))), participation: participation,
          maximumPriceAge: maximumAge),
        fees: .flat(Rate(try #require(Amount(fee)))), time: time ?? slot, rules: [symbol: rules],
        books: { books },
        closedCandles: { _, after, through in
          let closed = candles.filter { $0.time + .hours(1) <= through }
          guard let after else { return closed.suffix(1) }
          return closed.filter { $0.time > after }
        }))
  }

  func order(
    _ side: Side, _ quantity: String, limit: String? = nil, id: String = "car-00000000000000"
  ) throws -> Order {
    Order(
      id: ClientOrderID(id),
      key: OrderKey(
        account: "paper", slot: Slot(job: JobName("rebalance")!, time: slot), symbol: symbol,
        leg: 0),
      side: side, quantity: try #require(Amount(quantity)),
      limit: try limit.map { try #require(Amount($0)) }, state: .intent)
  }

  @Test func conforms() async throws {
    let rows: [Row] = Array(repeating: (0.02, 0.02, 0.02, 0.02), count: 3)
    let venue = try venue(rows)
    try await VenueConformance.check(
      .init(
        venue: venue, contract: venue.contract(rules), price: #require(Amount("0.02")),
        pass: { _ in }))
  }

  @Test func aLaggingVenueConformsToo() async throws {
    let contract = Contract(
      id: ContractID(venue: "lagging", "ETCBTC"), pair: symbol, prices: PriceGrid(tick: rules.tick),
      quantities: QuantityGrid(lot: rules.lot),
      notional: NotionalBounds(minimum: rules.minimumNotional),
      fees: FeeSchedule(
        .value(maker: .zero, taker: Rate(try #require(Amount("0.001")))), paidIn: .received))
    let price = try #require(Amount("0.02"))
    let venue = LaggingVenue(contract: contract, price: price, at: slot)
    try await VenueConformance.check(
      .init(
        venue: venue, contract: contract, price: price, pass: { span in await venue.pass(span) }))
  }

  @Test(
    arguments: [
      // side, close, slippage, quantity, price, fee at 10 basis points
      // 0.00272399 * 1.0005 = 0.002725351995, up to 10^-8; * 12.345 / 1000 = 0.0000336445692
      (Side.buy, 0.00272399, "0.0005", "12.345", "0.00272536", "0.00003365"),
      // 0.00272399 * 0.9995 = 0.002722628005, down; * 12.345 / 1000 = 0.0000336107439
      (.sell, 0.00272399, "0.0005", "12.345", "0.00272262", "0.00003362"),
      // Without slippage the close itself; 0.00272399 * 1 / 1000 = 0.00000272399
      (.buy, 0.00272399, "0", "1", "0.00272399", "0.00000273"),
      // The number after 0.00273 is no other price.
      (.buy, 0.0027300000000000002, "0", "1", "0.00273", "0.00000273"),
      // A close between two ticks is rounded against us.
      (.buy, 0.002720001, "0", "1", "0.00272001", "0.00000273"),
      (.sell, 0.002729999, "0", "1", "0.00272999", "0.00000273"),
    ] as [(Side, Double, String, String, String, String)])
  func fillsAMarketOrderAtTheLastClose(
    _ side: Side, _ close: Double, _ slippage: String, _ quantity: String, _ price: String,
    _ fee: String
  ) async throws {
    // The candle of 01:00 is still open at the slot, 01:01; its prices must not matter.
    let venue = try venue([(0.0027, 0.0028, 0.0026, close), (9, 9, 9, 9)], slippage: slippage)
    let order = try order(side, quantity)
    let report = try await venue.place(order, on: rules, at: slot)
    let fill = Fill(
      order: order.id, trade: "0", quantity: order.quantity, price: try #require(Amount(price)),
      fee: Fill.Fee(try #require(Amount(fee)), "BTC"), time: slot, candle: start)
    #expect(
      report
        == OrderReport(
          state: .filled, venueID: "paper-car-00000000000000", fills: [fill]))
  }

  @Test(
    arguments: [
      // side, limit, candles after the one closed at the slot, price of the fill, index of its candle
      (Side.buy, "0.1", [(0.2, 0.3, 0.15, 0.2), (0.2, 0.2, 0.11, 0.2)], nil, nil),
      (.buy, "0.1", [(0.2, 0.3, 0.15, 0.2), (0.2, 0.2, 0.1, 0.2)], "0.1", 3),  // touched
      (.buy, "0.1", [(0.2, 0.3, 0.05, 0.2), (0.05, 0.2, 0.05, 0.2)], "0.1", 2),
      (.buy, "0.1", [(0.08, 0.3, 0.05, 0.2)], "0.08", 2),  // a gap: better than the limit
      (.sell, "0.3", [(0.2, 0.29, 0.15, 0.2)], nil, nil),
      (.sell, "0.3", [(0.2, 0.3, 0.15, 0.2)], "0.3", 2),
      (.sell, "0.3", [(0.35, 0.4, 0.15, 0.2)], "0.35", 2),
    ] as [(Side, String, [(Double, Double, Double, Double)], String?, Int64?)])
  func matchesALimitOrderWithLaterCandles(
    _ side: Side, _ limit: String, _ later: [(Double, Double, Double, Double)], _ price: String?,
    _ index: Int64?
  ) async throws {
    // The candle of 01:00 was open when the order was placed at 01:01: its low and high may have
    // been before, and are not used.
    let before = [(0.2, 0.2, 0.2, 0.2), (0.2, 0.9, 0.01, 0.2)]
    let rows = (before + later).map { (open: $0.0, high: $0.1, low: $0.2, close: $0.3) }
    var order = try order(side, "1", limit: limit)
    let placed = try await venue(rows).place(order, on: rules, at: slot)
    #expect(placed.state == .open)
    order.venueID = placed.venueID
    order.state = .open
    // A later run: a venue that knows what the ledger knows.
    let books = PaperBooks(
      balances: ["BTC": Amount(1000), "ETC": Amount(1000)], open: [.init(order: order)])
    let later = try venue(rows, at: start + .hours(9), books: books)
    let report = try await later.report(on: order, instrument: rules, at: start + .hours(9))
    #expect(report?.state == (price == nil ? .open : .filled))
    #expect(report?.fills.first?.price.description == price)
    #expect(report?.fills.first?.candle == index.map { start + .hours($0) })
    #expect(report?.fills.first?.time == index.map { start + .hours($0 + 1) })
    let cancelled = try await later.cancel(order, on: rules, at: start + .hours(9))
    #expect(cancelled.state == (price == nil ? .cancelled : .filled))
  }

  /// An hourly rebalance runs a minute after the close, and cancels at its next slot what rests: with
  /// a limit that the market already meets, waiting for the next whole candle was never to be filled.
  @Test(arguments: [
    // side, limit beside a close of 0.02, the fill: the better of the limit and the slipped close
    (Side.buy, "0.0202", "0.02001"), (.buy, "0.02", "0.02"), (.sell, "0.0198", "0.01999"),
    (.sell, "0.02", "0.02"),
  ])
  func aMarketableLimitFillsAtItsSlot(
    _ side: Side, _ limit: String, _ price: String
  ) async throws {
    let venue = try venue([(0.02, 0.02, 0.02, 0.02)])
    let report = try await venue.place(order(side, "1", limit: limit), on: rules, at: slot)
    #expect(report.state == .filled)
    #expect(report.fills.map(\.price) == [try #require(Amount(price))])
    #expect(report.fills.map(\.time) == [slot])
  }

  @Test func cashIsNeverNegative() async throws {
    let books = PaperBooks(balances: ["BTC": .one])
    let venue = try venue([(0.02, 0.02, 0.02, 0.02)], books: books)
    // 50 at 0.02001 and the fee are more than 1.
    let dear = try await venue.place(order(.buy, "50", id: "car-dear"), on: rules, at: slot)
    #expect(dear.state == .rejected)
    #expect(
      dear.reason == "insufficient funds: 1.0015005 BTC needed, 1 free")
    let first = try await venue.place(order(.buy, "30", id: "car-a"), on: rules, at: slot)
    #expect(first.state == .filled)
    // The first is not in the ledger yet, but the venue knows it.
    let second = try await venue.place(order(.buy, "30", id: "car-b"), on: rules, at: slot)
    #expect(second.state == .rejected)
    let short = try await venue.place(order(.sell, "31", id: "car-c"), on: rules, at: slot)
    #expect(short.state == .rejected)
    #expect(short.reason == "insufficient funds: 31 ETC needed, 30 free")
  }

  @Test func openOrdersHoldTheirFunds() async throws {
    let resting = try order(.buy, "90", limit: "0.01", id: "car-rests")
    let books = PaperBooks(balances: ["BTC": .one], open: [.init(order: resting)])
    let venue = try venue([(0.02, 0.02, 0.02, 0.02)], books: books)
    // 0.9 and a fee of 0.0009 are locked.
    #expect(try await venue.account().locked["BTC"] == Amount("0.9009"))
    let report = try await venue.place(order(.buy, "5", id: "car-a"), on: rules, at: slot)
    #expect(report.state == .rejected)
    #expect(try await venue.openOrders().map(\.id) == [resting.id])
  }

  @Test func goesOnWithWhatTheLedgerKnows() async throws {
    // A tenth of each print of 25: of 20, ten are filled by the candle of 02:00.
    let rows: [Row] = [
      (0.02, 0.02, 0.02, 0.02), (0.02, 0.02, 0.02, 0.02), (0.01, 0.01, 0.01, 0.01),
      (0.01, 0.01, 0.01, 0.01),
    ]
    let tenth = Rate(try #require(Amount("0.1")))
    var resting = try order(.buy, "15", limit: "0.01")
    resting.state = .open
    let three = try venue(
      rows, at: start + .hours(3), participation: tenth, volume: 100,
      books: PaperBooks(balances: ["BTC": .one], open: [.init(order: resting)]))
    let first = try await three.report(on: resting, instrument: rules, at: start + .hours(3))
    #expect(first?.state == .open)
    #expect(first?.fills.map(\.trade) == ["0", "1", "2", "3"])
    let booked = try #require(first?.fills)
    // Booked, and asked again an hour later: only what is new, numbered on.
    let books = PaperBooks(
      balances: ["BTC": try #require(Amount("0.8999")), "ETC": Amount(10)],
      open: [
        .init(
          order: resting, filled: Amount(10), value: try #require(Amount("0.1")),
          fees: try #require(Amount("0.0001")), fills: 4, lastFill: booked.last?.time)
      ])
    let four = try venue(
      rows, at: start + .hours(4), participation: tenth, volume: 100, books: books)
    let second = try await four.report(on: resting, instrument: rules, at: start + .hours(4))
    #expect(second?.state == .filled)
    #expect(second?.fills.map(\.trade) == ["4", "5"])
    // And what was booked is not matched again by the candle that it came from.
    let same = try venue(
      rows, at: start + .hours(3), participation: tenth, volume: 100, books: books)
    #expect(
      try await same.report(on: resting, instrument: rules, at: start + .hours(3))?.fills == [])
  }

  @Test func anAnswerThatWasLostIsGivenAgain() async throws {
    let rows: [Row] = [(0.02, 0.02, 0.02, 0.02)]
    let order = try order(.buy, "7")
    let first = try await venue(rows).place(order, on: rules, at: slot)
    // The process died before it wrote that down.
    let next = try venue(rows)
    #expect(try await next.report(on: order, instrument: rules, at: slot) == nil)
    #expect(try await next.place(order, on: rules, at: slot) == first)
  }

  @Test func refusesWithoutAFreshPrice() async throws {
    let early = try venue([(1, 1, 1, 1)], at: start + .minutes(59))
    let none = try await early.place(order(.buy, "1"), on: rules, at: slot)
    #expect(none.state == .rejected)
    #expect(none.reason == "no price is known")
    let late = try venue([(1, 1, 1, 1)], at: start + .hours(4), maximumAge: .hours(2))
    let old = try await late.place(order(.buy, "1"), on: rules, at: slot)
    #expect(old.reason == "the newest price is of 2018-01-10T01:00:00Z")
    // Below the 10^-12 that an amount can hold there is no price.
    let tiny = try venue([(1e-13, 1e-13, 1e-13, 1e-13)])
    #expect(
      try await tiny.place(order(.buy, "1"), on: rules, at: slot).reason == "no price is known")
  }

  @Test func saysWhenANumberIsTooLarge() async throws {
    // 10^14 * 10^13 is beyond the 1.7 * 10^26 that an amount can hold.
    let report = try await venue([(1e13, 1e13, 1e13, 1e13)]).place(
      order(.buy, "100000000000000"), on: rules, at: slot)
    #expect(report.state == .rejected)
    #expect(report.reason == "price times quantity is too large a number")
  }

  @Test(arguments: [
    // quantity at a close of 0.01 with 5 basis points of slippage; the least is 0.0001. A sale's
    // slipped value of 0.00009995 is below it, but plan and venue judge by the close.
    ("0.009", "value 0.00009 is below the minimum of 0.0001"), ("0.01", nil),
  ])
  func judgesTheLeastValueAsAPlanDoes(_ quantity: String, _ reason: String?) async throws {
    let venue = try venue([(0.01, 0.01, 0.01, 0.01)])
    let order = try order(.sell, quantity)
    let report = try await venue.place(order, on: rules, at: slot)
    #expect(report.reason == reason)
    let contract = venue.contract(rules)
    let planned = contract.check(
      OrderTicket(order, on: contract), reference: contract.price(try #require(Amount("0.01"))))
    #expect(planned?.description == reason)
  }
}
