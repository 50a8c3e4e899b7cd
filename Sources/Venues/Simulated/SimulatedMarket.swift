public import Domain

/// A market that does not exist: prices that are a pure function of a seed and the time.
///
/// Any candle of any timeframe can be had at any time without computing those before it, and all
/// timeframes agree: an hour's high is the highest of its minutes', its volume their sum. Every
/// symbol follows a common market path by its own degree and a path of its own.
public struct SimulatedMarket: MarketData {
  /// The name of this source in the configuration.
  public let name: String
  /// The seed.
  public let seed: UInt64
  /// When trading begins; there are no candles before.
  public let begins: Instant

  private let paths: [Symbol: SimulatedListing]
  private let market: PricePath

  /// What the demo trades.
  public static let defaultSymbols: [Symbol] = anchors.map(\.symbol).sorted()
  /// When trading begins by default: 2020-01-01.
  public static let defaultBegin = Instant(seconds: 1_577_836_800)

  /// The market of a seed, with symbols of any name: those of `defaultSymbols` begin near prices
  /// that one knows them by, others near a price drawn from the seed.
  public init(
    seed: UInt64, symbols: [Symbol] = defaultSymbols, begins: Instant = defaultBegin,
    name: String = "simulated"
  ) {
    self.name = name
    self.seed = seed
    self.begins = begins
    market = PricePath(seed: hash(seed, 0), dailyVolatility: 0.022)
    paths = Dictionary(
      symbols.map { ($0, SimulatedListing(symbol: $0, seed: seed)) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The symbols that it was made with.
  public func symbols() async throws -> [Symbol] { paths.keys.sorted() }

  /// The rules of `InstrumentRules.defaults`.
  public func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    try symbols.map { try listing($0).instrument }
  }

  /// Candles computed on the spot; none is ever rejected.
  public func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    try batch(symbol, timeframe, from: from, closedBy: closedBy, limit: limit)
  }

  /// The same at once, since nothing is waited for. - Throws: `Fault` for a symbol that it has not.
  public func batch(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) throws -> CandleBatch {
    let listing = try listing(symbol)
    let start = max(from ?? begins, begins)
    var open = timeframe.open(at: start)
    if open < start { open = open + timeframe.span }
    var candles: [Candle] = []
    let most = min(max(limit, 1), CandleBatch.maximumCandles)
    while candles.count < most, open + timeframe.span <= closedBy {
      candles.append(listing.candle(at: open, timeframe, market: market))
      open = open + timeframe.span
    }
    let isComplete = open + timeframe.span > closedBy
    return CandleBatch(candles: candles, resumeFrom: isComplete ? nil : open)
  }

  /// Nil: it has no clock.
  public func serverTime() async throws -> Instant? { nil }

  private func listing(_ symbol: Symbol) throws -> SimulatedListing {
    guard let listing = paths[symbol] else {
      throw unknownSymbol(symbol, at: "the simulated market", known: paths.keys.sorted())
    }
    return listing
  }

  /// Round prices near which the well-known symbols begin.
  fileprivate static let anchors: [(symbol: Symbol, price: Double)] = {
    let table: [(String, Double)] = [
      ("BTC", 60_000), ("ETH", 3000), ("BNB", 500), ("BCH", 400), ("SOL", 150), ("LTC", 80),
      ("AVAX", 35), ("LINK", 15),
    ]
    return table.compactMap { base, price in
      Symbol(base: base, quote: "USDT").map { ($0, price) }
    }
  }()
}

/// One symbol of the simulated market.
private struct SimulatedListing: Sendable {
  let instrument: Instrument

  /// The price at which its path begins.
  private let anchor: Double
  /// How far it follows the market.
  private let beta: Double
  private let path: PricePath
  private let wickSeed: UInt64
  private let volumeSeed: UInt64
  /// The lots traded in an ordinary minute: 4 to 16 of the base asset.
  private let ordinaryLots: Double
  private let ticksPerOne: Double
  private let lotsPerOne: Double

  init(symbol: Symbol, seed: UInt64) {
    let own = symbol.description.utf8.reduce(hash(seed, 1)) { hash($0, UInt64($1)) }
    instrument = InstrumentRules.defaults(for: symbol)
    let known = SimulatedMarket.anchors.first { $0.symbol == symbol }?.price
    // Unknown ones begin between 20,000 and 2,000,000 ticks, so that a tick is a small move.
    let drawn = exponential(9.9 + 4.6 * uniform(own, 0)) * instrument.tick.double
    anchor = known ?? drawn
    beta = 0.7 + 0.6 * uniform(own, 1)
    path = PricePath(seed: hash(own, 2), dailyVolatility: 0.018 + 0.014 * uniform(own, 3))
    wickSeed = hash(own, 4)
    volumeSeed = hash(own, 5)
    ticksPerOne = (1 / instrument.tick.double).rounded()
    lotsPerOne = (1 / instrument.lot.double).rounded()
    ordinaryLots = 4 * lotsPerOne * (1 + 3 * uniform(own, 6))
  }

  func candle(at open: Instant, _ timeframe: Timeframe, market: PricePath) -> Candle {
    let first = open.milliseconds.flooringQuotient(60_000)
    let last = first + timeframe.span.milliseconds / 60_000
    let common = market.values(first, through: last)
    let values = path.values(first, through: last)
    var high = -Double.infinity
    var low = Double.infinity
    var lots: Int64 = 0
    for n in 0..<(values.count - 1) {
      let minute = UInt64(bitPattern: first + Int64(n))
      let a = values[n] + beta * common[n]
      let b = values[n + 1] + beta * common[n + 1]
      let up = noise(wickSeed, minute &* 2)
      let down = noise(wickSeed, minute &* 2 &+ 1)
      high = max(high, max(a, b) + 0.0003 * up.magnitude)
      low = min(low, min(a, b) - 0.0003 * down.magnitude)
      let activity = 1 + 600 * (b - a).magnitude
      lots += Int64(ordinaryLots * activity * 2 * uniform(volumeSeed, minute))
    }
    let end = values.count - 1
    return Candle(
      time: open, open: price(values[0] + beta * common[0]), high: price(high), low: price(low),
      close: price(values[end] + beta * common[end]), volume: Double(lots) / lotsPerOne)
  }

  /// The price of a path's value, rounded to the tick: a whole number divided by a power of ten,
  /// which is the number nearest to the decimal.
  private func price(_ value: Double) -> Double {
    max((anchor * exponential(value) * ticksPerOne).rounded(), 1) / ticksPerOne
  }
}
