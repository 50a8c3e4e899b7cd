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

  /// The closed candles that open at or after `from` (nil: from the first there is) and close at or
  /// before `closedBy`, in order, at most `limit` of them, with the rows among them that are not
  /// candles set apart.
  ///
  /// `limit` is 1 to `CandleBatch.maximumCandles`. A batch that is not complete says where the next
  /// one starts.
  func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch

  /// The venue's own clock, to measure ours by; nil when it has none.
  func serverTime() async throws -> Instant?
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

  /// A row at a place; the text is cut to `maximumTextBytes`.
  public init(place: String, text: some Sequence<UInt8>, reason: String) {
    self.place = place
    self.text = String(decoding: Array(text.prefix(Self.maximumTextBytes)), as: UTF8.self)
    self.reason = reason
  }
}
