public import Domain
public import Net
public import Settings
public import Venues

/// The sources of candles that the settings name, each made once and shared by all jobs, so that a
/// candle file is parsed once and connections are kept.
public struct MarketSources: Sendable {
  private let sources: [String: any MarketData]

  /// The sources of these settings, speaking to exchanges through `transport`, which retries by the
  /// clock of this machine even where the jobs live in simulated time.
  public init(_ settings: Settings, transport: any HTTPTransport, time: any TimeSource) {
    sources = settings.venues.reduce(into: [:]) { sources, entry in
      let (name, venue) = entry
      switch venue.kind {
      case .csv:
        sources[name] = CSVMarket(directory: venue.path ?? settings.folder, name: name)
      case .simulated:
        let market = SimulatedMarket(seed: venue.seed, name: name)
        sources[name] =
          venue.delay > .zero ? SlowMarket(market: market, delay: venue.delay, time: time) : market
      case .binance:
        sources[name] = BinanceMarket(
          transport: RetryingTransport(transport, time: SystemTime()), baseURL: venue.baseURL,
          name: name)
      }
    }
  }

  /// The same sources with each one replaced by what `wrap` makes of it.
  public func wrapped(_ wrap: (any MarketData) -> any MarketData) -> MarketSources {
    MarketSources(sources: sources.mapValues(wrap))
  }

  private init(sources: [String: any MarketData]) { self.sources = sources }

  /// The names, sorted.
  public var names: [String] { sources.keys.sorted() }

  /// The source of a name.
  public func source(named name: String) -> (any MarketData)? { sources[name] }
}

/// A market that takes its time: for rehearsing time-outs, drains and overlaps.
private struct SlowMarket: MarketData {
  let market: any MarketData
  let delay: TimeSpan
  let time: any TimeSource

  var name: String { market.name }

  func symbols() async throws -> [Symbol] { try await market.symbols() }

  func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    try await market.instruments(symbols)
  }

  func symbols(with timeframe: Timeframe) async throws -> [Symbol] {
    try await market.symbols(with: timeframe)
  }

  func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    try await time.sleep(for: delay)
    return try await market.candles(
      symbol, timeframe, from: from, closedBy: closedBy, limit: limit)
  }

  func serverTime() async throws -> Instant? { try await market.serverTime() }
}
