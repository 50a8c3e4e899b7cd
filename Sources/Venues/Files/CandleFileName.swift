public import Domain

/// What the name of a candle file says: `ETH_BTC_5m.csv` is ETH-BTC, `GOOG_1d.csv` is GOOG-USD.
public struct CandleFileName: Hashable, Sendable {
  /// The pair.
  public var symbol: Symbol
  /// The length of each candle.
  public var timeframe: Timeframe

  /// The quote of a file name that does not tell one.
  public static let defaultQuote = "USD"
  /// The header of every candle file.
  public static let header = "time_ms,open,high,low,close,volume"

  /// The name of a file of this series.
  public init(symbol: Symbol, timeframe: Timeframe) {
    (self.symbol, self.timeframe) = (symbol, timeframe)
  }

  /// Reads `BASE_QUOTE_TIMEFRAME.csv` or `SYMBOL_TIMEFRAME.csv`; nil for any other name.
  public init?(_ name: some StringProtocol) {
    guard name.hasSuffix(".csv") else { return nil }
    let parts = name.dropLast(4).split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let last = parts.last,
      let timeframe = Self.timeframe(last),
      let symbol = Symbol(
        base: parts[0], quote: parts.count == 3 ? String(parts[1]) : Self.defaultQuote)
    else { return nil }
    self.init(symbol: symbol, timeframe: timeframe)
  }

  /// A timeframe as files are named: `60m` and `24h` are `1h` and `1d`, and so are `1H` and `1D`; a
  /// large M is a month elsewhere, and no timeframe here.
  private static func timeframe(_ text: some StringProtocol) -> Timeframe? {
    guard let unit = text.last, "HDW".contains(unit) else { return Timeframe(text) }
    return Timeframe("\(text.dropLast())\(unit.lowercased())")
  }

  /// The names under which the series may be found, the full one first.
  public var candidates: [String] {
    let full = "\(symbol.base)_\(symbol.quote)_\(timeframe).csv"
    return symbol.quote == Self.defaultQuote ? [full, "\(symbol.base)_\(timeframe).csv"] : [full]
  }
}
