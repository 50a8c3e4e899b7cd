public import Domain

/// Where candles and trading rules come from: candle files, the simulated market, an exchange.
///
/// Every method throws `Fault`; a transient one may succeed when the same call is made again.
public protocol MarketData: Sendable {
  /// The name of this source in the configuration and in `Series`.
  var name: String { get }

  /// Every symbol that can be asked for, sorted.
  func symbols() async throws -> [Symbol]

  /// The trading rules of these symbols, in their order.
  ///
  /// - Throws: a permanent `Fault` that names the nearest known symbol when one is unknown.
  func instruments(_ symbols: [Symbol]) async throws -> [Instrument]

  /// What the venue says of each of these symbols; one that it does not have spoils no other.
  func listings(_ symbols: [Symbol]) async throws -> [Symbol: Listing]

  /// Every symbol that has candles of a timeframe, sorted.
  func symbols(with timeframe: Timeframe) async throws -> [Symbol]

  /// The closed candles that open at or after `from` (nil: from the first there is) and close at or
  /// before `closedBy`, in order, at most `limit` of them, with the rows among them that are not
  /// candles set apart.
  ///
  /// `limit` is 1 to `CandleBatch.maximumCandles`. A batch that is not complete says where the next
  /// one starts.
  func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch

  /// The best prices of these symbols now, as far as the source quotes any.
  ///
  /// - Parameter time: our clock, by which the quotes are dated.
  func quotes(_ symbols: [Symbol], time: any TimeSource) async throws -> [Symbol: MarketQuote]

  /// The venue's own clock, to measure ours by; nil when it has none.
  func serverTime() async throws -> Instant?

  /// How far back from now candles of a timeframe can be had; nil: as far as there are any.
  func depth(of timeframe: Timeframe) -> TimeSpan?
}

extension MarketData {
  /// None: a source of candles alone.
  public func quotes(
    _ symbols: [Symbol], time: any TimeSource
  ) async throws -> [Symbol: MarketQuote] { [:] }

  /// By one question for all, and by one for each where that fails for good.
  public func listings(_ symbols: [Symbol]) async throws -> [Symbol: Listing] {
    do {
      let all = try await instruments(symbols)
      return Dictionary(
        all.map { ($0.symbol, .listed($0)) }, uniquingKeysWith: { first, _ in first })
    } catch let fault as Fault where !fault.isTransient && symbols.count > 1 {
      var listings: [Symbol: Listing] = [:]
      for symbol in symbols {
        listings.merge(try await self.listings([symbol])) { first, _ in first }
      }
      return listings
    } catch let fault as Fault where !fault.isTransient {
      return Dictionary(
        symbols.map { ($0, .absent(fault)) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// As far back as there are any.
  public func depth(of timeframe: Timeframe) -> TimeSpan? { nil }

  /// All symbols: the venue has each timeframe of each.
  public func symbols(with timeframe: Timeframe) async throws -> [Symbol] { try await symbols() }
}

/// A source that says of each symbol whether it is listed: its trading rules follow from that.
public protocol ListingMarket: MarketData {}

extension ListingMarket {
  /// The rules of symbols that are listed, in their order, whether they trade just now or not.
  public func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    let found = try await listings(symbols)
    return try symbols.map { symbol in
      switch found[symbol] {
      case .listed(let instrument), .halted(let instrument, _): return instrument
      case .absent(let fault): throw fault
      case nil: throw unknownSymbol(symbol, at: name, known: [])
      }
    }
  }
}

/// What a venue says of a symbol.
public enum Listing: Hashable, Sendable {
  /// It trades, by these rules.
  case listed(Instrument)
  /// It is listed and does not trade; the venue's word for it.
  case halted(Instrument, status: String)
  /// The venue does not have it: never had, or has no more.
  case absent(Fault)

  /// Its rules; nil where the venue does not have it.
  public var instrument: Instrument? {
    switch self {
    case .listed(let instrument), .halted(let instrument, _): instrument
    case .absent: nil
    }
  }
}

/// What one question for candles brought.
public struct CandleBatch: Hashable, Sendable {
  /// The most candles of one batch.
  public static let maximumCandles = 10_000

  /// Candles without a defect, each later than the one before.
  public var candles: [Candle]
  /// The rows among them that are no candles: to be quarantined and counted.
  public var rejected: [RejectedRow]
  /// The `from` of the next question; nil when there is nothing more up to `closedBy`.
  public var resumeFrom: Instant?

  /// A batch of these parts.
  public init(candles: [Candle], rejected: [RejectedRow] = [], resumeFrom: Instant? = nil) {
    self.candles = candles
    self.rejected = rejected
    self.resumeFrom = resumeFrom
  }
}

/// A row of a source that is not a candle, kept to be shown.
public struct RejectedRow: Hashable, Sendable {
  /// The longest text that is kept of a row, in bytes.
  public static let maximumTextBytes = 200

  /// Where it stands: `ETH_BTC_5m.csv:17`, or `klines ETHBTC 5m row 3`. The same row has the same
  /// place whenever it is read, so that a quarantine can tell that it knows it already.
  public var place: String
  /// The beginning of the row as it came.
  public var text: String
  /// What is wrong with it.
  public var reason: String
  /// From when on the source is asked again to see this row once more; nil where it would not help,
  /// since the row was not asked for.
  public var askFrom: Instant?

  /// A row at a place; the text is cut to `maximumTextBytes`.
  public init(
    place: String, text: some Sequence<UInt8>, reason: String, askFrom: Instant? = nil
  ) {
    self.place = place
    self.text = String(decoding: Array(text.prefix(Self.maximumTextBytes)), as: UTF8.self)
    self.reason = reason
    self.askFrom = askFrom
  }
}
