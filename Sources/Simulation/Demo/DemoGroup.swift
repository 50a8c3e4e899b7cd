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
  /// The most series of a demo: a whole exchange is not a demo.
  public static let maximumSeries = 60

  /// The embedded default: the simulated market's symbols, hourly, so many days.
  public static func simulated(days: Int) -> DemoGroup {
    let start = Instant(seconds: 1_767_225_600)  // 2026-01-01
    return DemoGroup(
      name: "usdt-1h", quote: "USDT", timeframe: .hour, symbols: SimulatedMarket.defaultSymbols,
      start: start, end: start + .days(Int64(days)))
  }

  /// The groups of recorded series, by start.
  ///
  /// - Parameters:
  ///   - series: all that there is.
  ///   - days: cuts every group after so many days; nil: its whole span.
  /// - Throws: exit 65 when there is no series, 64 when there are too many.
  public static func groups(of series: [AvailableSeries], days: Int?) throws(Fault) -> [DemoGroup] {
    guard !series.isEmpty else {
      throw Fault("make a demo", "of recorded candles", cause: "there are none", exit: .data)
    }
    guard series.count <= maximumSeries else {
      throw Fault(
        "make a demo", "of recorded candles",
        cause: "there are \(series.count) series, and a demo takes \(maximumSeries) at most",
        remedy: "put fewer files into the folder, or set up your own: carillon init DIR",
        exit: .usage)
    }
    let groups = Dictionary(grouping: series) {
      Key(quote: $0.series.symbol.quote, timeframe: $0.series.timeframe)
    }
    return groups.map { key, members in
      let start = members.map(\.firstOpen).min() ?? .epoch
      let end = (members.map(\.lastOpen).max() ?? .epoch) + key.timeframe.span
      return DemoGroup(
        name: "\(key.quote.lowercased())-\(key.timeframe)", quote: key.quote,
        timeframe: key.timeframe, symbols: members.map(\.series.symbol).sorted(), start: start,
        end: days.map { min(end, start + .days(Int64($0))) } ?? end)
    }.sorted { ($0.start, $0.name) < ($1.start, $1.name) }
  }

  private struct Key: Hashable {
    var quote: String
    var timeframe: Timeframe
  }
}
