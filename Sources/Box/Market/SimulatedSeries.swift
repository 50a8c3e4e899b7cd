import Domain
import Venues

/// A pair of the simulated market, which has any candle of any time.
struct SimulatedSeries: PriceSeries {
  let market: SimulatedMarket
  let symbol: Symbol
  let minuteVolume: Double

  /// The series of a pair that the market has.
  init(_ symbol: Symbol, of market: SimulatedMarket) {
    (self.market, self.symbol) = (market, symbol)
    let day = Self.candles(
      market, symbol, .day, from: market.begins, before: market.begins + .days(7))
    minuteVolume = day.reduce(0) { $0 + $1.volume } / Double(max(day.count, 1) * 1440)
  }

  var begins: Instant { market.begins }

  var grains: [TimeSpan] { [.days(1), .hours(1), .minutes(5), .minutes(1)] }

  func candles(_ grain: TimeSpan, from: Instant, before: Instant) -> [Candle] {
    guard let timeframe = Timeframe(milliseconds: grain.milliseconds) else {
      preconditionFailure("\(grain) is a grain")
    }
    return Self.candles(market, symbol, timeframe, from: from, before: before)
  }

  private static func candles(
    _ market: SimulatedMarket, _ symbol: Symbol, _ timeframe: Timeframe, from: Instant,
    before: Instant
  ) -> [Candle] {
    var candles: [Candle] = []
    var next: Instant? = from
    while let start = next, start < before {
      do {
        // A candle that opens before the end closes before the end and one span more.
        let batch = try market.batch(
          symbol, timeframe, from: start,
          closedBy: timeframe.open(at: before - .milliseconds(1)) + timeframe.span,
          limit: CandleBatch.maximumCandles)
        candles += batch.candles
        next = batch.resumeFrom
      } catch {
        preconditionFailure("\(symbol) is one of the market's: \(error)")
      }
    }
    return candles
  }
}
