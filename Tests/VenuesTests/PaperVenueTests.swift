import Domain
import Testing
import Venues

@Suite struct PaperVenueTests {
  let symbol = Symbol("ETC-BTC")!
  let start = Instant(rfc3339: "2018-01-10T00:00:00Z")!
  var rules: Instrument { InstrumentRules.defaults(for: symbol) }

  /// Hourly candles from `start` on, of these prices.
  func venue(
    _ rows: [(open: Double, high: Double, low: Double, close: Double)],
    fee: Amount = Amount(10), slippage: Amount = Amount(5)
  ) -> PaperVenue {
    let candles = rows.enumerated().map { index, row in
      Candle(
        time: start + .hours(Int64(index)), open: row.open, high: row.high, low: row.low,
        close: row.close, volume: 1)
    }
    return PaperVenue(
      market: SimulatedMarket(seed: 1, symbols: [symbol]), timeframe: .hour,
      costs: PaperCosts(feeBasisPoints: fee, slippageBasisPoints: slippage)
    ) { _, after, through in
      let closed = candles.filter { $0.time + .hours(1) <= through }
      guard let after else { return closed.suffix(1) }
      return closed.filter { $0.time > after }
    }
  }

  func order(
    _ side: Side, _ quantity: String, limit: String? = nil, minute: Int64 = 61
  ) throws -> Order {
    Order(
      id: ClientOrderID("car-00000000000000"),
      key: OrderKey(
        account: "paper", slot: Slot(job: JobName("rebalance")!, time: start + .minutes(minute)),
        symbol: symbol, leg: 0),
      side: side, quantity: try #require(Amount(quantity)),
      limit: try limit.map { try #require(Amount($0)) }, state: .intent)
  }

  @Test func conforms() async throws {
    let market = SimulatedMarket(seed: 5)
    let symbol = try #require(Symbol("ETH-USDT"))
    let instrument = try await market.instruments([symbol])[0]
    let time = SimulatedMarket.defaultBegin + .days(30) + .minutes(1)
    let candles = try await market.candles(
      symbol, .hour, from: time - .hours(5), closedBy: time, limit: 10
    ).candles
    let venue = PaperVenue(market: market, timeframe: .hour, costs: .standard) {
      _, after, through in
      let closed = candles.filter { $0.time + .hours(1) <= through }
      guard let after else { return closed.suffix(1) }
      return closed.filter { $0.time > after }
    }
    let close = try #require(candles.last?.close)
    try await VenueConformance.check(
      .init(venue: venue, instrument: instrument, time: time, price: Amount(observed: close)))
    #expect(try await venue.balances() == nil)
    #expect(try await venue.openOrders() == nil)
  }

  @Test(
    arguments: [
      // side, close, slippage, quantity, price, fee at 10 basis points
      // 0.00272399 * 1.0005 = 0.002725351995, up to 10^-8; * 12.345 / 1000 = 0.0000336445692
      (Side.buy, 0.00272399, 5, "12.345", "0.00272536", "0.00003365"),
      // 0.00272399 * 0.9995 = 0.002722628005, down; * 12.345 / 1000 = 0.0000336107439
      (.sell, 0.00272399, 5, "12.345", "0.00272262", "0.00003362"),
      // Without slippage the close itself; 0.00272399 * 1 / 1000 = 0.00000272399
      (.buy, 0.00272399, 0, "1", "0.00272399", "0.00000273"),
      // The number after 0.00273 is no other price.
      (.buy, 0.0027300000000000002, 0, "1", "0.00273", "0.00000273"),
      // A close between two ticks is rounded against us.
      (.buy, 0.002720001, 0, "1", "0.00272001", "0.00000273"),
      (.sell, 0.002729999, 0, "1", "0.00272999", "0.00000273"),
    ] as [(Side, Double, Int, String, String, String)])
  func fillsAMarketOrderAtTheLastClose(
    _ side: Side, _ close: Double, _ slippage: Int, _ quantity: String, _ price: String,
    _ fee: String
  ) async throws {
    // The candle of 01:00 is still open at the slot, 01:01; its prices must not matter.
    let venue = venue(
      [(0.0027, 0.0028, 0.0026, close), (9, 9, 9, 9)], slippage: Amount(slippage))
    let order = try order(side, quantity)
    let report = try await venue.place(order, on: rules, at: start + .hours(9))
    let fill = Fill(
      order: order.id, trade: "0", quantity: order.quantity, price: try #require(Amount(price)),
      fee: Fill.Fee(try #require(Amount(fee)), "BTC"), time: start + .minutes(61), candle: start)
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
    let venue = venue((before + later).map { (open: $0.0, high: $0.1, low: $0.2, close: $0.3) })
    var order = try order(side, "1", limit: limit)
    let placed = try await venue.place(order, on: rules, at: order.key.slot.time)
    #expect(placed.state == .open)
    order.venueID = placed.venueID
    order.state = .open
    let report = try await venue.report(on: order, instrument: rules, at: start + .hours(9))
    #expect(report?.state == (price == nil ? .open : .filled))
    #expect(report?.fills.first?.price.description == price)
    #expect(report?.fills.first?.candle == index.map { start + .hours($0) })
    #expect(report?.fills.first?.time == index.map { start + .hours($0 + 1) })
    let cancelled = try await venue.cancel(order, on: rules, at: start + .hours(9))
    #expect(cancelled.state == (price == nil ? .cancelled : .filled))
  }

  @Test func refusesWithoutAClosedCandle() async throws {
    let venue = venue([(1, 1, 1, 1)])
    let report = try await venue.place(
      order(.buy, "1", minute: 59), on: rules, at: start + .hours(9))
    #expect(report.state == .rejected)
    #expect(report.reason == "no ETC-BTC candle is closed by 2018-01-10T00:59:00Z")
  }

  @Test func saysWhenANumberIsTooLarge() async throws {
    // 10^14 * 10^13 is beyond the 1.7 * 10^26 that an amount can hold.
    let fault = await #expect(throws: Fault.self) {
      try await venue([(1e13, 1e13, 1e13, 1e13)]).place(
        order(.buy, "100000000000000"), on: rules, at: start + .hours(2))
    }
    #expect(fault?.exit == .data)
    #expect(fault?.subject == "car-00000000000000")
  }

  @Test func refusesTooSmallAValue() async throws {
    // 0.001 * 0.01 = 0.00001, a tenth of the least that BTC pairs take.
    let report = try await venue([(0.01, 0.01, 0.01, 0.01)], slippage: .zero).place(
      order(.buy, "0.001"), on: rules, at: start + .hours(2))
    #expect(report.state == .rejected)
    #expect(report.reason == "value 0.00001 is below the minimum of 0.0001 BTC")
  }
}
