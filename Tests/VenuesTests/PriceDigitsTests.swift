import Domain
import Testing

@testable import Venues

/// The step of prices that a source's own digits tell.
@Suite struct PriceDigitsTests {
  static func candles(_ prices: [Double]) -> [Candle] {
    prices.enumerated().map { index, price in
      Candle(
        time: Instant(milliseconds: Int64(index) * 3_600_000), open: price, high: price, low: price,
        close: price, volume: 1)
    }
  }

  @Test(
    arguments: [
      // prices -> decimals, counted in the texts
      ([0.0001, 0.000101, 0.00010201, 0.00010303], 8), ([6e-8, 5e-8], 8), ([1.08345, 1.0835], 5),
      ([60_000, 60_000.12, 59_999.5], 2), ([100, 101, 99], 0),
      // With the noise of binary arithmetic in the seventeenth digit.
      ([0.10441057000000001, 0.0027300000000000002, 0.017050000000000003], 8),
      ([0.09946999000000001, 0.1], 8),
      // Adjusted for dividends, on no grid: five significant digits of the lowest.
      ([12.345678901234567, 98.76543210987654], 3), ([0.012345678901234, 0.0234567890123], 6),
    ] as [([Double], Int)])
  func countsDecimals(_ prices: [Double], _ decimals: Int) {
    #expect(PriceDigits.decimals(of: Self.candles(prices)) == decimals)
  }

  @Test func aFewOddPricesDoNotMatter() {
    let cents = (0..<200).map { 10 + Double($0) / 100 }
    #expect(PriceDigits.decimals(of: Self.candles(cents + [10.123456])) == 2)
    #expect(PriceDigits.decimals(of: Self.candles([])) == nil)
  }

  /// A coin at a ten-thousandth of a dollar: five basis points are less than its step were it a cent.
  @Test func aCoinIsTradedInStepsOfItsOwnDigits() throws {
    let rows = (0..<10).map { n in
      let price = "0.0001\(1000 + 7 * n)"
      return "\(1_767_225_600_000 + n * 3_600_000),\(price),\(price),\(price),\(price),1"
    }
    let folder = try CandleFolder([
      "PEPE_USDT_1h.csv": CSVMarketTests.header + rows.joined(separator: "\n") + "\n"
    ])
    let symbol = try #require(Symbol("PEPE-USDT"))
    let rules = try CSVMarket(directory: folder.path).rules(of: [symbol])
    #expect(rules[0].tick == Amount("0.00000001"))
    #expect(rules[0].lot == InstrumentRules.defaults(for: symbol).lot)
    let given = try CSVMarket(
      directory: folder.path,
      rules: [symbol: .init(tick: Amount("0.0000001"), minimumNotional: Amount(10))]
    ).rules(of: [symbol])
    #expect(given[0].tick == Amount("0.0000001"))
    #expect(given[0].minimumNotional == Amount(10))
    #expect(given[0].lot == rules[0].lot)
  }
}
