public import Domain
import Exchange
import Venues

/// What is traded in the box: pairs, their rules, and their prices.
public struct BoxMarket: Sendable {
  /// One pair.
  public struct Listing: Sendable {
    /// Its rules.
    public var instrument: Instrument
    /// Its prices.
    public var series: any PriceSeries

    /// The pair.
    public var symbol: Symbol { instrument.symbol }

    /// A pair of these rules and prices.
    public init(instrument: Instrument, series: any PriceSeries) {
      (self.instrument, self.series) = (instrument, series)
    }
  }

  /// The pairs, sorted.
  public let listings: [Listing]

  /// These pairs, with the bounds that venues publish beside what is known of them.
  public init(_ listings: [Listing]) {
    let bounded = listings.map {
      Listing(instrument: Self.bounded($0.instrument), series: $0.series)
    }
    self.listings = bounded.sorted { $0.symbol < $1.symbol }
  }

  /// The pairs of the simulated market.
  public init(seed: UInt64) async throws {
    let market = SimulatedMarket(seed: seed)
    let instruments = try await market.instruments(market.symbols())
    self.init(
      instruments.map { rules in
        Listing(
          instrument: rules, series: SimulatedSeries(rules.symbol, of: market))
      })
  }

  /// The part of a file that is past when the exchange opens, where it opens at the machine's time.
  static let pastShare = (part: Int64(2), of: Int64(3))

  /// The pairs of a folder of candle files, each of its finest file.
  ///
  /// - Parameters:
  ///   - folder: the files, as `CSVMarket` reads them.
  ///   - opening: the time at which the exchange opens. The files' times are moved by whole days (weeks
  ///     where candles are of a week), so that two thirds of each file lie before it.
  ///   - isMoved: whether they are; else the files' times stay, and `opening` is one of theirs.
  /// - Throws: `Fault` when there are none, or one is not a candle file.
  public init(folder: String, opening: Instant, isMoved: Bool) async throws {
    let market = CSVMarket(directory: folder, name: "exchange")
    let available = try market.available()
    var listings: [Listing] = []
    for symbol in Set(available.map(\.series.symbol)).sorted() {
      let own = available.filter { $0.series.symbol == symbol }
      guard let finest = own.min(by: { $0.series.timeframe < $1.series.timeframe }) else {
        continue
      }
      let timeframe = finest.series.timeframe
      var candles: [Candle] = []
      var from: Instant?
      repeat {
        let batch = try await market.candles(
          symbol, timeframe, from: from, closedBy: .latest, limit: CandleBatch.maximumCandles)
        candles += batch.candles
        from = batch.resumeFrom
      } while from != nil
      guard let rules = try market.rules(of: [symbol]).first, !candles.isEmpty else { continue }
      let instrument = Self.bounded(rules)
      listings.append(
        Listing(
          instrument: instrument,
          series: FileSeries(
            candles, timeframe,
            shift: isMoved ? Self.shift(candles, timeframe, opening: opening) : .zero,
            decimals: instrument.tick.decimals)))
    }
    self.init(listings)
  }

  /// By how much a file is moved.
  private static func shift(
    _ candles: [Candle], _ timeframe: Timeframe, opening: Instant
  ) -> TimeSpan {
    let first = candles[0].time
    let end = candles[candles.count - 1].time + timeframe.span
    let cut = first.milliseconds + (end - first).milliseconds * pastShare.part / pastShare.of
    let unit = max(TimeSpan.days(1), timeframe.span).milliseconds
    return TimeSpan(milliseconds: (opening.milliseconds - cut).flooringQuotient(unit) * unit)
  }

  /// Rules with the bounds that venues publish beside them.
  private static func bounded(_ instrument: Instrument) -> Instrument {
    var rules = instrument
    // Venues count in eight places.
    rules.tick = max(rules.tick, FeeSchedule.finestStep)
    rules.lot = max(rules.lot, FeeSchedule.finestStep)
    rules.filters.minimumPrice = rules.tick
    rules.filters.maximumPrice = Amount(1_000_000)
    rules.filters.minimumQuantity = rules.filters.minimumQuantity ?? rules.lot
    rules.filters.maximumQuantity = Amount(9_000_000)
    rules.filters.marketMaximum = Amount(1_000_000)
    rules.filters.maximumNotional = Amount(9_000_000)
    rules.filters.maximumNotionalAppliesToMarket = false
    rules.filters.lowestPriceFactor = Amount("0.2")
    rules.filters.highestPriceFactor = Amount(5)
    rules.filters.maximumOpenOrders = 200
    return rules
  }
}

extension Amount {
  /// How many decimal places a step has: 2 for 0.01.
  var decimals: Int {
    let text = description
    guard let point = text.firstIndex(of: ".") else { return 0 }
    return text.distance(from: point, to: text.endIndex) - 1
  }
}
