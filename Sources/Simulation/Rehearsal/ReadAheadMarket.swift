import Domain
import Synchronization
import Venues

/// A source of recorded candles that is read in large pages, ahead of simulated time, and shown only
/// up to what the caller may see.
///
/// A rehearsal asks for one candle at a time, thousands of times in seconds: an exchange would rightly
/// refuse so many questions.
final class ReadAheadMarket: MarketData {
  private struct Key: Hashable {
    var symbol: Symbol
    var timeframe: Timeframe
  }

  private let market: any MarketData
  private let horizon: Instant
  private let pages = Mutex<[Key: Page]>([:])
  private let rules = Mutex<[Symbol: Instrument]>([:])

  /// Reads `market` as far as `horizon`, the end of the rehearsal.
  init(_ market: any MarketData, horizon: Instant) {
    self.market = market
    self.horizon = horizon
  }

  var name: String { market.name }

  func symbols() async throws -> [Symbol] { try await market.symbols() }

  func symbols(with timeframe: Timeframe) async throws -> [Symbol] {
    try await market.symbols(with: timeframe)
  }

  func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    let known = rules.withLock { rules in symbols.compactMap { rules[$0] } }
    if known.count == symbols.count { return known }
    let asked = try await market.instruments(symbols)
    rules.withLock { rules in asked.forEach { rules[$0.symbol] = $0 } }
    return asked
  }

  func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    let key = Key(symbol: symbol, timeframe: timeframe)
    var page = pages.withLock { $0[key] }
    if page.map({ !$0.covers(from, closedBy, timeframe) }) ?? true {
      let batch = try await market.candles(
        symbol, timeframe, from: from, closedBy: max(horizon, closedBy),
        limit: CandleBatch.maximumCandles)
      let fresh = Page(from: from, batch: batch)
      pages.withLock { $0[key] = fresh }
      page = fresh
    }
    guard let page else { preconditionFailure("a page was just read") }
    return page.slice(from, closedBy, timeframe, limit: limit)
  }

  func serverTime() async throws -> Instant? { try await market.serverTime() }
}

/// A page of recorded candles.
private struct Page {
  var from: Instant?
  var batch: CandleBatch

  /// Whether all candles of a question are in this page.
  func covers(_ asked: Instant?, _ closedBy: Instant, _ timeframe: Timeframe) -> Bool {
    guard (from ?? Instant(milliseconds: .min)) <= (asked ?? Instant(milliseconds: .min)) else {
      return false
    }
    guard let resume = batch.resumeFrom else { return true }
    return closedBy <= resume
  }

  /// The candles of a question, as their source would have answered it.
  func slice(
    _ asked: Instant?, _ closedBy: Instant, _ timeframe: Timeframe, limit: Int
  ) -> CandleBatch {
    let first = lowerBound(asked ?? Instant(milliseconds: .min))
    let end = lowerBound(closedBy - timeframe.span + .milliseconds(1))
    let wanted = batch.candles[first..<max(first, end)]
    let shown = wanted.prefix(limit)
    return CandleBatch(
      candles: Array(shown), rejected: [],
      resumeFrom: shown.count < wanted.count ? shown.last.map { $0.time + timeframe.span } : nil)
  }

  private func lowerBound(_ time: Instant) -> Int {
    var (low, high) = (0, batch.candles.count)
    while low < high {
      let middle = (low + high) / 2
      if batch.candles[middle].time < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
