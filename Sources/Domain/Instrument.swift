/// A tradable pair, written `BASE-QUOTE`: `ETH-BTC`, `GOOG-USD`.
public struct Symbol: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What is bought and sold.
  public let base: String
  /// What it is paid with.
  public let quote: String

  /// The pair of two assets, each 1 to 20 upper-case letters and digits (and `.`, for share
  /// classes); nil otherwise.
  public init?(base: some StringProtocol, quote: some StringProtocol) {
    var (base, quote) = (String(base), String(quote))
    guard base.withUTF8({ Self.isAsset($0[...]) }), quote.withUTF8({ Self.isAsset($0[...]) }) else {
      return nil
    }
    (self.base, self.quote) = (base, quote)
  }

  private static func isAsset(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard !text.isEmpty, text.count <= 20 else { return false }
    for byte in text {
      guard (65...90).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: ".") else {
        return false
      }
    }
    return true
  }

  /// Reads `BASE-QUOTE`.
  public init?(_ text: some StringProtocol) {
    var text = String(text)
    let parts = text.withUTF8 { bytes -> (base: String, quote: String)? in
      guard let dash = bytes.firstIndex(of: UInt8(ascii: "-")) else { return nil }
      let (base, quote) = (bytes[..<dash], bytes[(dash + 1)...])
      guard Self.isAsset(base), Self.isAsset(quote) else { return nil }
      return (String(decoding: base, as: UTF8.self), String(decoding: quote, as: UTF8.self))
    }
    guard let parts else { return nil }
    (base, quote) = parts
  }

  /// Orders as text.
  public static func < (a: Symbol, b: Symbol) -> Bool { (a.base, a.quote) < (b.base, b.quote) }

  /// `ETH-BTC`.
  public var description: String { "\(base)-\(quote)" }
}

/// A symbol with its venue's trading rules.
public struct Instrument: Hashable, Sendable {
  /// The pair.
  public var symbol: Symbol
  /// Prices are multiples of this, in the quote asset.
  public var tick: Amount
  /// Quantities are multiples of this, in the base asset.
  public var lot: Amount
  /// The smallest value of an order, price times quantity, in the quote asset.
  public var minimumNotional: Amount
  /// What else the venue publishes.
  public var filters: TradingFilters

  /// An instrument of these rules; tick and lot must be positive.
  public init(
    symbol: Symbol, tick: Amount, lot: Amount, minimumNotional: Amount,
    filters: TradingFilters = TradingFilters()
  ) {
    precondition(tick > .zero && lot > .zero, "\(symbol): tick and lot must be positive")
    self.symbol = symbol
    self.tick = tick
    self.lot = lot
    self.minimumNotional = minimumNotional
    self.filters = filters
  }
}

/// The identity of a series of candles.
public struct Series: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name of the venue in the configuration.
  public var venue: String
  /// The pair.
  public var symbol: Symbol
  /// The length of each candle.
  public var timeframe: Timeframe

  /// The series of a symbol at a venue.
  public init(venue: String, symbol: Symbol, timeframe: Timeframe) {
    (self.venue, self.symbol, self.timeframe) = (venue, symbol, timeframe)
  }

  /// Orders by venue, symbol and timeframe.
  public static func < (a: Series, b: Series) -> Bool {
    (a.venue, a.symbol, a.timeframe) < (b.venue, b.symbol, b.timeframe)
  }

  /// `binance ETH-BTC 5m`.
  public var description: String { "\(venue) \(symbol) \(timeframe)" }
}

/// The side of an order.
public enum Side: String, Sendable, CustomStringConvertible {
  /// Base is received, quote is paid.
  case buy
  /// Base is delivered, quote is received.
  case sell

  /// `buy` or `sell`.
  public var description: String { rawValue }
}
