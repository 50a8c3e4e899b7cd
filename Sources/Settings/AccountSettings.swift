public import Domain
import StrictYAML

/// A portfolio of its own: its cash, what trading costs it on paper, and what no job may exceed.
public struct AccountSettings: Hashable, Sendable {
  /// The asset in which cash is held and equity is counted.
  public var quote: String
  /// Where its orders go.
  public var execution: Execution
  /// The venue that it trades at, by its name in `venues`; nil: that of the job.
  public var venue: String?
  /// The account trades as if it were worth no more than this; nil: all of it.
  public var maximumLiveEquity: Amount?
  /// How many slots it must have planned as a shadow before its first order of real money; nil: the
  /// standard of the place.
  public var shadowSlots: Int?
  /// While a rebalance has orders that rest, the exchange cancels all orders of the account unless it hears
  /// of the rebalance within this span; nil: it does not.
  public var cancelAllAfter: TimeSpan?
  /// The cash that the account starts with; zero at an exchange: all of the quote asset that is free there.
  public var cash: Amount
  /// The fee of a trade on paper, in basis points of its value.
  public var feeBasisPoints: Amount
  /// The asset that pays fees on paper, at the price that its pair with the quote closed at; nil: the quote.
  public var feeAsset: String?
  /// How much worse than the last close a market order fills on paper, in basis points.
  public var slippageBasisPoints: Amount
  /// The most of a candle's volume that orders on paper may be of; nil: any part of one that is not zero.
  public var participation: Amount?
  /// What may be sent at most.
  public var limits: OrderLimits
  /// The zone whose days the limits of a day count.
  public var riskTimezone: Zone
  /// The limits of risk.
  public var risk: RiskSettings
  /// Where the cash stands in the file.
  public var cashPlace: SourceLocation?

  /// What an account may send at most, in its quote asset; nil: no bound. No `with:` of a job raises
  /// them.
  public struct OrderLimits: Hashable, Sendable {
    /// How far a limit may lie from the price, as a fraction of it.
    public var collar: Amount?
    /// The largest value of one order.
    public var order: Amount?
    /// The largest value of all orders of one rebalance.
    public var rebalance: Amount?
    /// The largest value of all orders of one day.
    public var day: Amount?
    /// The most orders of one day.
    public var ordersPerDay: Int?
    /// The most orders of any minute.
    public var ordersPerMinute: Int?
    /// The largest part of the last candle's volume that one order may be.
    public var volumeShare: Amount?

    /// No bounds.
    public init() {}
  }
}

extension AccountSettings {
  /// Reads an account; every mistake goes to the reader's log.
  init(_ reader: MappingReader, resolve: (String) -> String = { $0 }) {
    execution = Self.execution(reader, resolve)
    venue = reader.name("venue")
    quote =
      reader.value("quote", expected: "an asset like USDT", required: true) {
        Symbol(base: "X", quote: $0)?.quote
      } ?? "USDT"
    cash = reader.positive("cash", required: execution == .paper) ?? .zero
    cashPlace = reader.value("cash")?.location
    feeBasisPoints = reader.basisPoints("fee-bps") ?? Amount(10)
    feeAsset = Self.feeAsset(reader, quote: quote, execution)
    slippageBasisPoints = reader.basisPoints("slippage-bps") ?? Amount(5)
    participation = reader.fraction("participation")
    limits = OrderLimits()
    riskTimezone = .utc
    risk = reader.mapping("risk").map { RiskSettings($0) } ?? RiskSettings()
    if let name = reader.value("risk-timezone"), let text = name.text {
      do {
        riskTimezone = try ZoneDatabase.zone(text)
      } catch {
        reader.log.error(at: name, error.cause, mend: error.remedy)
      }
    }
    if let section = reader.mapping("limits") {
      limits.collar = section.fraction("collar")
      limits.order = section.positive("max-order")
      limits.rebalance = section.positive("max-rebalance")
      limits.day = section.positive("max-day")
      limits.ordersPerDay = section.integer("orders-per-day", in: 1...1_000_000)
      limits.ordersPerMinute = section.integer("orders-per-minute", in: 1...100_000)
      limits.volumeShare = section.fraction("volume-share")
      section.finish()
    }
    readCaps(reader)
    reader.finish()
  }
}

extension AccountSettings {
  /// The asset that pays fees, unless that is the quote.
  private static func feeAsset(
    _ reader: MappingReader, quote: String, _ execution: Execution
  ) -> String? {
    guard
      let asset = reader.value(
        "fee-asset", expected: "an asset other than `quote`, like BNB",
        { $0 == quote ? nil : Symbol(base: $0, quote: quote)?.base })
    else { return nil }
    guard execution != .paper else { return asset }
    reader.log.error(
      at: reader.value("fee-asset") ?? reader.node,
      "`fee-asset` is for paper: at an exchange the exchange says what pays its fees",
      mend: "leave it out, and choose it at the exchange")
    return nil
  }
}

extension MappingReader {
  /// An amount above zero.
  func positive(_ key: String, required: Bool = false) -> Amount? {
    let node = value(key, required: required)
    if let node, let text = node.text, text.contains(",") {
      log.error(
        at: node, "`\(key)` must be an amount above zero, written without commas",
        mend: "write `\(text.replacing(",", with: ""))`")
      return nil
    }
    return node.flatMap {
      log.value(
        of: $0, named: key,
        expected: "an amount above zero, of at most 26 digits before the point and 12 behind it"
      ) { text in Amount(text).flatMap { $0 > .zero ? $0 : nil } }
    }
  }

  /// A part of a whole, above zero.
  func fraction(_ key: String) -> Amount? {
    value(key, expected: "a fraction above 0, at most 1") {
      Amount($0).flatMap { $0 > .zero && $0 <= .one ? $0 : nil }
    }
  }

  fileprivate func basisPoints(_ key: String) -> Amount? {
    value(key, expected: "basis points from 0 to 1000 (10 is 0.1 %)") {
      Amount($0).flatMap { !$0.isNegative && $0 <= Amount(1000) ? $0 : nil }
    }
  }
}
