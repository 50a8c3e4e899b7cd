import Calendars
import Domain
import Settings
import Store
import StrictYAML
import Venues

/// The series that a job looks at: the venue, the symbols and the timeframe, from the job's own
/// parameters or the settings' `market`.
struct Universe: Sendable {
  /// The venue's name in the settings.
  var venue: String
  /// Where its candles and rules come from.
  var source: any MarketData
  private let sources: MarketSources
  /// The symbols; nil: all that the venue has.
  var chosen: [Symbol]?
  /// When its candles close.
  var clock: CandleClock

  /// Whether its candles tell what was traded.
  var hasVolume: Bool

  /// The length of the candles.
  var timeframe: Timeframe { clock.timeframe }

  /// How old the newest candle may be unless a job says otherwise.
  var standardMaximumAge: TimeSpan { timeframe.span * 2 }

  /// What an age in the market's time is at an instant by the clock on the wall.
  func wallAge(_ age: TimeSpan, at time: Instant) -> TimeSpan {
    time - clock.earliest(within: age, at: time)
  }

  /// Reads `venue`, `symbols` and `timeframe`; nil when the venue is unknown, which is in the log.
  init?(_ reader: MappingReader, _ settings: Settings, _ sources: MarketSources) {
    let market = settings.market
    let node = reader.value("venue")
    venue = node?.text ?? market.venue
    chosen = reader.contains("symbols") ? reader.symbols("symbols") : market.symbols
    hasVolume = settings.venues[venue]?.volume != VenueSettings.Volume.none
    clock = CandleClock(
      reader.timeframe("timeframe") ?? market.timeframe,
      calendar: settings.calendar(ofVenue: venue))
    guard let source = sources.source(named: venue) else {
      let mend = Spelling.nearest(venue, among: sources.names).map { "did you mean `\($0)`?" }
      reader.log.error(at: node ?? reader.node, "no venue named `\(venue)`", mend: mend)
      return nil
    }
    self.source = source
    self.sources = sources
  }

  /// The exchange that orders can be sent to; nil where there is none behind the candles.
  var exchange: ExchangeSite? { sources.exchange(named: venue) }

  /// Keeps what the venues allow, and their bans, in the run's database: other processes and the next
  /// start share it.
  func keepBudgets(in store: Store) { sources.keepBudgets(in: store) }

  /// What is quoted for symbols now.
  func quotes(
    _ symbols: [Symbol], time: any TimeSource
  ) async throws -> [Symbol: MarketQuote] {
    try await source.quotes(symbols, time: time)
  }

  /// The symbols, sorted: the configured ones, or all that the venue has now in the timeframe. For
  /// fetch alone, which records them; every other job reads the record.
  func resolve() async throws -> [Symbol] {
    if let chosen { return Set(chosen).sorted() }
    return try await source.symbols(with: timeframe).sorted()
  }

  /// The symbols of a slot, sorted: the configured ones, or those that fetch found at it or last
  /// before; where none is on record, those that have candles.
  func symbols(in transaction: ReadTransaction, at slot: Instant) throws -> [Symbol] {
    if let chosen { return Set(chosen).sorted() }
    if let recorded = try transaction.universes.symbols(at: venue, timeframe, slot: slot) {
      return recorded
    }
    return try transaction.series.all(at: venue, timeframe).filter { $0.watermark != nil }
      .map(\.series.symbol).sorted()
  }

  /// The series of a symbol.
  func series(_ symbol: Symbol) -> Series {
    Series(venue: venue, symbol: symbol, timeframe: timeframe)
  }
}
