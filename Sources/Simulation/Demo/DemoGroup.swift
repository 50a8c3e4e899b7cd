public import Domain
public import Venues

/// Series that are traded together in a demo: one quote asset, one timeframe, one account.
public struct DemoGroup: Hashable, Sendable {
  /// The name of the account and the end of the jobs' names: `btc-5m`.
  public var name: String
  /// The quote asset.
  public var quote: String
  /// The length of the candles.
  public var timeframe: Timeframe
  /// The symbols, sorted.
  public var symbols: [Symbol]
  /// When the simulated clock starts: the opening of the first candle.
  public var start: Instant
  /// When it stops: the close of the last candle.
  public var end: Instant

  /// The days from start to end, rounded up.
  public var days: Int {
    Int(((end - start).milliseconds + 86_399_999) / 86_400_000)
  }
}

extension DemoGroup {
  /// The most symbols of a demo: a whole exchange is not a demo.
  public static let maximumSymbols = 60

  private static let timeframes = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "12h", "1d"]
    .compactMap { Timeframe($0) }

  /// The embedded default: the simulated market's symbols, hourly, so many days.
  public static func simulated(days: Int) -> DemoGroup {
    let start = Instant(seconds: 1_767_225_600)  // 2026-01-01
    return DemoGroup(
      name: "usdt-1h", quote: "USDT", timeframe: .hour, symbols: SimulatedMarket.defaultSymbols,
      start: start, end: start + .days(Int64(days)))
  }

  /// The groups of all series that a market has, by start.
  ///
  /// - Parameter days: cuts every group after so many days; nil: its whole span.
  /// - Throws: what the market throws; exit 65 when there is no series, 64 when there are too many.
  public static func discover(
    in market: any MarketData, now: Instant, days: Int?
  ) async throws -> [DemoGroup] {
    let symbols = try await market.symbols()
    guard symbols.count <= maximumSymbols else {
      throw Fault(
        "make a demo of", market.name,
        cause: "it has \(symbols.count) symbols, and a demo takes \(maximumSymbols) at most",
        remedy: "carillon init DIR sets up a real configuration with symbols of your choice",
        exit: .usage)
    }
    var spans: [Key: [(symbol: Symbol, first: Instant, last: Instant)]] = [:]
    for symbol in symbols {
      for timeframe in timeframes {
        guard let (first, last) = try await span(of: symbol, timeframe, in: market, now: now)
        else { continue }
        spans[Key(quote: symbol.quote, timeframe: timeframe), default: []]
          .append((symbol, first, last))
      }
    }
    guard !spans.isEmpty else {
      throw Fault("make a demo of", market.name, cause: "it has no candles", exit: .data)
    }
    return spans.map { key, members in
      let start = members.map(\.first).min() ?? .epoch
      let last = members.map(\.last).max() ?? .epoch
      let whole = last + key.timeframe.span
      return DemoGroup(
        name: "\(key.quote.lowercased())-\(key.timeframe)", quote: key.quote,
        timeframe: key.timeframe, symbols: members.map(\.symbol).sorted(), start: start,
        end: days.map { min(whole, start + .days(Int64($0))) } ?? whole)
    }.sorted { ($0.start, $0.name) < ($1.start, $1.name) }
  }

  private struct Key: Hashable {
    var quote: String
    var timeframe: Timeframe
  }

  /// The opening of a series' first and last candle; nil when it has none.
  private static func span(
    of symbol: Symbol, _ timeframe: Timeframe, in market: any MarketData, now: Instant
  ) async throws -> (Instant, Instant)? {
    var from: Instant? = nil
    var first: Instant?
    var last: Instant?
    repeat {
      let batch: CandleBatch
      do {
        batch = try await market.candles(
          symbol, timeframe, from: from, closedBy: now, limit: CandleBatch.maximumCandles)
      } catch let fault as Fault where fault.exit == .noInput {
        return nil  // candle files: no file of this timeframe
      }
      first = first ?? batch.candles.first?.time
      last = batch.candles.last?.time ?? last
      from = batch.resumeFrom
    } while from != nil
    return first.flatMap { first in last.map { (first, $0) } }
  }
}
