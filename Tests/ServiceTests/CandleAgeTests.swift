import Domain
import Scheduler
import Settings
import Store
import Testing

@testable import Service

/// What metrics tell of the age of candles: in the market's time, in which nothing grows older while it
/// is closed.
@Suite struct CandleAgeTests {
  private static let settings = """
    version: 1
    venues: { shares: { kind: csv, path: candles, calendar: XNYS }, coins: { kind: simulated, seed: 1 } }
    accounts: { main: { quote: USD, cash: "1000" } }
    market: { venue: shares, symbols: [SPY-USD], timeframe: 1d, features: { up: roc(1) } }
    """

  /// New York trades from 14:30 to 21:00 UTC; 2026-11-20 is a Friday.
  @Test(arguments: [
    ("2026-11-20T21:00:00Z", 0.0),
    ("2026-11-22T12:00:00Z", 0),
    ("2026-11-23T14:30:00Z", 0),
    // Half of the 390 minutes of Monday's session.
    ("2026-11-23T17:45:00Z", 0.5),
    ("2026-11-23T21:00:00Z", 1),
    ("2026-11-24T21:00:00Z", 2),
    // Thanksgiving.
    ("2026-11-26T18:00:00Z", 3),
  ])
  func sharesGrowOlderWhileTheirMarketIsOpen(time: String, age: Double) throws {
    let now = try #require(Instant(rfc3339: time))
    let figures = try look("shares", .day, opened: "2026-11-20T00:00:00Z", now: now)
    #expect(figures.lastClose == Instant(rfc3339: "2026-11-20T21:00:00Z"))
    #expect(figures.age == age)
  }

  @Test func coinsGrowOlderAlways() throws {
    let now = try #require(Instant(rfc3339: "2026-11-22T15:30:00Z"))
    let figures = try look("coins", .hour, opened: "2026-11-22T12:00:00Z", now: now)
    #expect(figures.lastClose == Instant(rfc3339: "2026-11-22T13:00:00Z"))
    #expect(figures.age == 2.5)
  }

  /// What metrics tell of one series, whose newest candle opened at a time.
  private func look(
    _ venue: String, _ timeframe: Timeframe, opened: String, now: Instant
  ) throws -> MetricsFacts.SeriesFigures {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    defer { #expect(throws: Never.self) { try store.close() } }
    let opened = try #require(Instant(rfc3339: opened))
    try store.write(at: now) { transaction in
      let series = Series(venue: venue, symbol: Symbol("SPY-USD")!, timeframe: timeframe)
      try transaction.series.advance(transaction.series.register(series), watermark: opened)
    }
    let settings = try Settings.read(
      Self.settings, file: folder.path + "/carillon.yaml", environment: [:]
    ).settings
    let facts = try MetricsReading(version: "1.2.0", mode: "paper", settings: settings).look(
      store, survey: folder.survey, vitals: Vitals(now: now, uptime: .zero), now: now)
    return try #require(facts.series.first)
  }
}
