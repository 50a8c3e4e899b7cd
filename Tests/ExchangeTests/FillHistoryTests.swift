import Domain
import Exchange
import Glibc
import Testing

/// The hourly engine beside five-minute candles of the same market: every fill must lie in what the
/// finer candles allow.
@Suite struct FillHistoryTests {
  @Test func everyHourlyFillLiesInWhatFiveMinutesAllow() throws {
    var fills = 0
    for seed in 1...20 {
      fills += try Self.audit(Self.walk(seed: UInt64(seed)), seed: UInt64(seed))
    }
    #expect(fills > 2_000, "\(fills) fills")
  }

  /// Real candles of exchanges, where the shared folder is.
  @Test(
    .enabled(if: Self.shared != nil, "CARILLON_SHARED is not set"),
    arguments: ["ETC_BTC", "ETH_BTC", "LTC_BTC", "XMR_BTC", "ZEC_BTC"])
  func everyFillLiesInWhatTheMarketWas(_ name: String) throws {
    let fine = try Self.read(#require(Self.shared) + "/candles/\(name)_5m.csv")
    #expect(try Self.audit(fine, seed: 1) > 200)
  }

  static let shared = getenv("CARILLON_SHARED").map { String(cString: $0) }
  static let model = FillModel(
    slippage: .fixed(Rate(Amount("0.0005")!)), participation: Rate(Amount("0.1")!),
    queueShare: Rate(Amount("0.5")!))

  /// Places orders of all kinds at any minute, and holds each fill against the finer candles.
  ///
  /// - Returns: how many fills there were.
  private static func audit(_ fine: [Bar], seed: UInt64) throws -> Int {
    let hours = try hourly(fine)
    let first = try #require(hours.first)
    var market = Market(model: model, cash: 1_000_000_000)
    market.core = ExchangeCore(model: model, at: first.open)
    market.contract.prices = PriceGrid(tick: Amount(units: 10_000))
    market.contract.notional = NotionalBounds()
    _ = market.core.operate(.list(market.contract), at: first.open)
    market.pay(1_000_000_000, "USDT")
    market.pay(1_000_000_000, "ETH")
    let tape = Tape(seed: seed, bars: [market.contract.id: hours])
    var random = SeededRandom(seed: seed)
    var count = 0
    for hour in hours {
      count += try check(market.core.advance(to: hour.close, tape), market, fine, hours)
      let minute = hour.close + .minutes(Int64(random.below(60)))
      count += try check(market.core.advance(to: minute, tape), market, fine, hours)
      guard let reference = market.core.reference(market.contract.id) else { continue }
      // Up to three percent to either side, and more than a candle's share at times.
      let offset = Rate(Amount(units: Int128(random.below(60_001) - 30_000) * 1_000_000))
      let limit = try reference.price.moved(by: offset, rounding: .down).amount
        .rounded(toMultipleOf: Amount(units: 10_000), .down)
      let quantity = Amount(units: Int128(1 + random.below(20_000)) * 1_000_000_000)
      let ticket = OrderTicket(
        id: ClientOrderID("o\(minute.milliseconds)"), contract: market.contract.id,
        side: random.one(in: 2) ? .buy : .sell, quantity: market.contract.quantity(quantity),
        limit: random.one(in: 5) ? nil : market.contract.price(limit))
      _ = market.core.handle(
        .place(ticket, validUntil: nil), as: Market.account, at: market.core.now)
      if random.one(in: 4), let old = market.core.openOrders(of: Market.account).first {
        _ = market.core.handle(.cancel(old.ticket.id), as: Market.account, at: market.core.now)
      }
    }
    return count
  }

  private static func check(
    _ events: [Event], _ market: Market, _ fine: [Bar], _ hours: [Bar]
  ) throws -> Int {
    var count = 0
    for case .traded(let trade) in events {
      count += 1
      let order = try #require(market.core.orders[trade.order])
      let price = trade.price.amount
      if let limit = order.ticket.limit?.amount {
        #expect(trade.side == .buy ? price <= limit : price >= limit)
      }
      if !trade.isMaker {
        // The hour's last price is that of its last five minutes, made worse by the slippage at most.
        let hour = try #require(hours.first { $0.open == trade.candle })
        let last = try #require(fine.last { $0.close <= hour.close }).last
        #expect(trade.time - hour.close < .hours(1))
        let worst = try model.slippage.price(
          trade.side, reference: last, quantity: .one, volume: nil, grid: market.contract.prices)
        #expect(price >= min(last, worst) && price <= max(last, worst), "\(trade)")
        continue
      }
      let hour = try #require(hours.first { $0.open == trade.candle })
      // Who rests is filled by hours that began after it came, at a price that somebody had.
      #expect(order.placed <= hour.open)
      let span = fine.filter { $0.open >= hour.open && $0.close <= hour.close }
      let least = try #require(span.map(\.low).min())
      let most = try #require(span.map(\.high).max())
      #expect(price >= least && price <= most, "\(trade) \(order.placed)")
      // And the market came as far as the limit.
      let reached =
        trade.side == .buy ? least <= price : most >= price
      #expect(reached, "\(trade) was not reached")
    }
    return count
  }

  /// Whole hours of twelve five-minute candles.
  private static func hourly(_ fine: [Bar]) throws -> [Bar] {
    let hour = Timeframe.hour
    var result: [Bar] = []
    for part in Dictionary(grouping: fine, by: { hour.open(at: $0.open) })
      .sorted(by: { $0.key < $1.key }) where part.value.count == 12
    {
      var volume = Amount.zero
      for bar in part.value { volume = try volume.adding(bar.volume ?? .zero) }
      result.append(
        Bar(
          open: part.key, close: part.key + .hours(1), first: part.value[0].first,
          high: try #require(part.value.map(\.high).max()),
          low: try #require(part.value.map(\.low).min()), last: part.value[11].last,
          volume: volume))
    }
    return result
  }

  /// A walk of fifteen days with gaps between candles and still ones among them.
  private static func walk(seed: UInt64) -> [Bar] {
    var random = SeededRandom(seed: seed)
    var price = 100_000_000
    return (0..<(15 * 288)).map { index in
      func moved(_ price: Int, _ parts: Int) -> Int {
        price + price / 100_000 * (random.below(2 * parts + 1) - parts)
      }
      let first = moved(price, random.one(in: 20) ? 500 : 20)
      let last = moved(first, 200)
      let high = max(first, last) + price / 100_000 * random.below(100)
      let low = min(first, last) - price / 100_000 * random.below(100)
      price = last
      func amount(_ value: Int) -> Amount { Amount(units: Int128(value) * 1_000_000) }
      let open = Market.start + .minutes(Int64(index) * 5)
      return Bar(
        open: open, close: open + .minutes(5), first: amount(first), high: amount(high),
        low: amount(low), last: amount(last),
        volume: random.one(in: 10) ? .zero : Amount(random.below(100)))
    }
  }

  private static func read(_ path: String) throws -> [Bar] {
    let file = try #require(fopen(path, "r"), "\(path) cannot be read")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return try String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").dropFirst()
      .map { line in
        let fields = try line.split(separator: ",").map { field in try #require(Double(field)) }
        let open = Instant(milliseconds: Int64(fields[0]))
        return try Bar(
          Candle(
            time: open, open: fields[1], high: fields[2], low: fields[3], close: fields[4],
            volume: fields[5]), close: open + .minutes(5))
      }
  }
}
