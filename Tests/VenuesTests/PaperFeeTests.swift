import Domain
import Exchange
import Testing
import Venues

/// Fees on paper that are paid in a third asset, at the price of its pair.
@Suite struct PaperFeeTests {
  let symbol = Symbol("ETC-BTC")!
  let coin = Symbol("BNB-BTC")!
  let start = Instant(rfc3339: "2018-01-10T00:00:00Z")!

  private func amount(_ text: String) throws -> Amount { try #require(Amount(text)) }

  /// A venue at so many hours after the start, beside hourly candles of one price each.
  private func venue(
    at hours: Int64, _ prices: [Symbol: [Double]], balances: [String: Amount],
    open: [PaperBooks.OpenOrder] = []
  ) throws -> PaperVenue {
    let start = start
    return PaperVenue(
      PaperVenue.Parts(
        name: "sim", timeframe: .hour, model: FillModel(slippage: .fixed(Rate(.zero))),
        fees: .flat(Rate(try amount("0.001"))), feePair: coin, time: start + .hours(hours),
        rules: [symbol: InstrumentRules.defaults(for: symbol)],
        books: { PaperBooks(balances: balances, open: open) },
        closedCandles: { symbol, after, through in
          let closed = (prices[symbol] ?? []).enumerated().map { index, price in
            Candle(
              time: start + .hours(Int64(index)), open: price, high: price, low: price,
              close: price, volume: 1e6)
          }.filter { $0.time + .hours(1) <= through }
          guard let after else { return closed.suffix(1) }
          return closed.filter { $0.time > after }
        }))
  }

  private func order(_ side: Side, limit: String? = nil, at hours: Int64) throws -> Order {
    Order(
      id: ClientOrderID("car-00000000000000"),
      key: OrderKey(
        account: "paper",
        slot: Slot(job: try #require(JobName("rebalance")), time: start + .hours(hours)),
        symbol: symbol, leg: 0),
      side: side, quantity: Amount(10), limit: try limit.map(amount), state: .intent)
  }

  @Test(
    arguments: [
      // the coin's closes: what 0.001 of 10 * 0.02 = 0.0002 BTC is in it, up to 10^-8
      ([0.01], "0.02"), ([0.03], "0.00666667"), ([0.01, 0.04], "0.02"),
    ] as [([Double], String)])
  func isPaidAtTheNewestClose(_ closes: [Double], _ fee: String) async throws {
    let venue = try venue(
      at: 1, [symbol: [0.02], coin: closes], balances: ["BTC": .one, "BNB": .one])
    let report = try await venue.place(
      try order(.buy, at: 1), on: InstrumentRules.defaults(for: symbol), at: start + .hours(1))
    #expect(report.state == .filled)
    #expect(report.fills.map(\.fee) == [Fill.Fee(try amount(fee), "BNB")])
    let account = try await venue.account()
    #expect(account.free["BTC"] == (try amount("0.8")))
  }

  @Test func whatItCannotPayIsRefused() async throws {
    let venue = try venue(
      at: 1, [symbol: [0.02], coin: [0.01]],
      balances: ["BTC": .one, "BNB": try amount("0.0199")])
    let report = try await venue.place(
      try order(.buy, at: 1), on: InstrumentRules.defaults(for: symbol), at: start + .hours(1))
    #expect(report.state == .rejected)
    #expect(report.reason == "insufficient funds: 0.02 BNB needed, 0.0199 free")
  }

  @Test func withoutAPriceOfItNothingIsSent() async throws {
    let venue = try venue(
      at: 1, [symbol: [0.02]], balances: ["BTC": .one, "BNB": .one])
    let order = try order(.buy, at: 1)
    let fault = await #expect(throws: Fault.self) {
      try await venue.place(
        order, on: InstrumentRules.defaults(for: symbol), at: start + .hours(1))
    }
    #expect(fault?.cause == "no candle of BNB-BTC has closed by 2018-01-10T01:00:00Z")
    // It can be asked about all the same.
    let report = try await venue.report(
      on: order, instrument: InstrumentRules.defaults(for: symbol), at: start + .hours(1))
    #expect(report == nil)
  }

  /// An order of the first hour that the third one fills, by another process: it pays at the price that
  /// the coin had when it came, as it does without a restart.
  @Test func anOrderKeepsThePriceOfItsTime() async throws {
    var standing = try order(.buy, limit: "0.01", at: 1)
    standing.state = .open
    let venue = try venue(
      at: 3, [symbol: [0.02, 0.02, 0.01], coin: [0.02, 0.04, 0.05]],
      balances: ["BTC": .one, "BNB": .one],
      open: [PaperBooks.OpenOrder(order: standing)])
    let report = try #require(
      try await venue.report(
        on: standing, instrument: InstrumentRules.defaults(for: symbol), at: start + .hours(3)))
    #expect(report.state == .filled)
    // 0.001 of 10 * 0.01 = 0.0001 BTC, at 0.02.
    #expect(report.fills.map(\.fee) == [Fill.Fee(try amount("0.005"), "BNB")])
  }
}
