public import Domain
public import Net
public import Settings
import Store
public import Venues

/// The sources of candles that the settings name, each made once and shared by all jobs, so that a
/// candle file is parsed once and connections are kept.
public struct MarketSources: Sendable {
  /// What they are reached by.
  let transport: any HTTPTransport
  private var sources: [String: any MarketData]
  private let budgets: [StoredBudget]
  /// The exchanges that orders can be sent to.
  private let exchanges: [String: ExchangeSite]
  private let keys: VenueKeys

  /// The sources of these settings, speaking to exchanges through `transport`, which retries by the
  /// clock of this machine even where the jobs live in simulated time.
  public init(_ settings: Settings, transport: any HTTPTransport, time: any TimeSource) {
    self.transport = transport
    var budgets: [StoredBudget] = []
    var exchanges: [String: ExchangeSite] = [:]
    let keys = VenueKeys()
    sources = settings.venues.reduce(into: [:]) { sources, entry in
      let (name, venue) = entry
      switch venue.kind {
      case .csv:
        sources[name] = CSVMarket(
          directory: venue.path ?? settings.folder, name: name,
          rules: venue.rules.mapValues {
            .init(tick: $0.tick, lot: $0.lot, minimumNotional: $0.minimumNotional)
          })
      case .simulated:
        let market = SimulatedMarket(seed: venue.seed, name: name)
        sources[name] =
          venue.delay > .zero ? SlowMarket(market: market, delay: venue.delay, time: time) : market
      case .binance:
        let clock = SystemTime()
        let budget = StoredBudget(venue: HTTPAddress.told(venue.baseURL), time: clock)
        budgets.append(budget)
        let bounded = BudgetedTransport(transport, ledger: budget, time: clock)
        sources[name] = BinanceMarket(
          transport: RetryingTransport(bounded, time: clock), baseURL: venue.baseURL, name: name)
        exchanges[name] = ExchangeSite(
          name: name, kind: .binance, address: venue.baseURL, transport: bounded, keys: keys)
      case .kraken:
        let clock = SystemTime()
        let (limit, portion) = Self.krakenBudget(venue.baseURL)
        let budget = StoredBudget(
          venue: HTTPAddress.told(venue.baseURL), time: clock, budget: limit)
        budgets.append(budget)
        let bounded = BudgetedTransport(
          transport, ledger: budget, time: clock, portionWeight: portion)
        sources[name] = KrakenMarket(
          transport: RetryingTransport(bounded, time: clock), baseURL: venue.baseURL, name: name)
        exchanges[name] = ExchangeSite(
          name: name, kind: .kraken, address: venue.baseURL, transport: bounded, keys: keys)
      }
    }
    (self.budgets, self.exchanges, self.keys) = (budgets, exchanges, keys)
  }

  /// Kraken publishes no limit of public calls, and is known to refuse more than about one a second; an
  /// exchange on this machine has none.
  private static func krakenBudget(_ address: String) -> (budget: RateBudget, portion: Int) {
    ExchangePlace(address, .kraken) == .here
      ? (RateBudget(), BudgetedTransport.portionWeight) : (RateBudget(limit: 60), 1)
  }

  /// The same sources with each one replaced by what `wrap` makes of it.
  public func wrapped(_ wrap: (any MarketData) -> any MarketData) -> MarketSources {
    var wrapped = self
    wrapped.sources = sources.mapValues(wrap)
    return wrapped
  }

  /// Keeps what the venues allow, and their bans, in a database from now on, and beside it what is known
  /// of keys.
  func keepBudgets(in store: Store) {
    budgets.forEach { $0.keep(in: store) }
    keys.keep(beside: store.path)
  }

  /// The names, sorted.
  public var names: [String] { sources.keys.sorted() }

  /// The exchange of a name; nil for a source that takes no orders.
  func exchange(named name: String) -> ExchangeSite? { exchanges[name] }

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
