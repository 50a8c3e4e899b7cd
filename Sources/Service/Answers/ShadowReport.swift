public import Domain
import Jobs
import Portfolio
public import Store

/// What a shadow would have sent, held against the prices that came.
public struct ShadowReport: Sendable {
  /// One order.
  public struct Line: Sendable {
    /// The order, which was not sent.
    public var order: OrderRecord
    /// The price that its plan decided by; nil where it had none.
    public var decided: Amount?
    /// What was quoted for its side when it would have been sent.
    public var quoted: Amount
    /// What it would have filled at by the candles that followed; nil while there are none, and for a
    /// limit that none of them reached.
    public var filled: Amount?
    /// How many candles have closed since.
    public var candles: Int
    /// The close of the first of them.
    public var close: Amount?
    /// How much worse the quote was than the decision's price, as a fraction of it.
    public var slippage: Amount?
    /// How much worse the fill by candles was, as a fraction of the decision's price.
    public var candleSlippage: Amount?
  }

  /// The account.
  public let account: String
  /// How many slots it has planned as a shadow.
  public let slots: Int
  /// Whether a person has waived what is left of its duty.
  public let isWaived: Bool
  /// The orders, newest first.
  public let lines: [Line]

  /// A limit that so many candles did not reach is not filled.
  public static let horizonCandles = 24
  /// So many orders are told of.
  public static let maximumLines = 200

  /// The report on an account; nil where it never was a shadow.
  ///
  /// - Throws: a `Fault` of the database, or `AmountError` when a figure does not fit.
  public init?(_ transaction: ReadTransaction, account: String) throws {
    slots = try ShadowDuty.slots(of: account, transaction)
    guard slots > 0 else { return nil }
    self.account = account
    isWaived = try ShadowDuty.isWaived(account, transaction)
    var lines: [Line] = []
    let records = try transaction.orders.ended(
      account, reason: ShadowNote.prefix, limit: Self.maximumLines)
    for record in records {
      guard let note = ShadowNote(reason: record.order.reason) else { continue }
      lines.append(try Self.line(record, note, transaction))
    }
    self.lines = lines
  }

  private static func line(
    _ record: OrderRecord, _ note: ShadowNote, _ transaction: ReadTransaction
  ) throws -> Line {
    let order = record.order
    let plan = try transaction.plans.find(id: record.plan)
    let decided = try transaction.plans.lines(record.plan)
      .first { $0.symbol == order.key.symbol }?.price
    let detail = try plan.map { try JSONValue.parse(Array($0.detail.utf8)) }
    var line = Line(order: record, decided: decided, quoted: note.price, filled: nil, candles: 0)
    line.slippage = try worse(order.side, note.price, decided)
    guard let venue = detail?["venue"]?.string,
      let timeframe = (detail?["timeframe"]?.string).flatMap({ Timeframe($0) }),
      let series = try transaction.series.find(
        Series(venue: venue, symbol: order.key.symbol, timeframe: timeframe))
    else { return line }
    // Of the candle that was open then some was before: only those that opened since count.
    let candles = try transaction.candles.range(
      series, after: record.updated - .milliseconds(1), limit: horizonCandles)
    line.candles = candles.count
    line.close = try candles.first.map { try Amount(observed: $0.close) }
    line.filled = try ShadowFill.price(order.side, limit: order.limit, candles)
    line.candleSlippage = try line.filled.flatMap { try worse(order.side, $0, decided) }
    return line
  }

  private static func worse(
    _ side: Side, _ price: Amount, _ decided: Amount?
  ) throws(AmountError) -> Amount? {
    guard let decided, decided > .zero else { return nil }
    let worse = side == .buy ? try price.subtracting(decided) : try decided.subtracting(price)
    return try worse.divided(by: decided)
  }

  /// The mean of what is known of the lines; nil where nothing is.
  public func mean(_ figure: (Line) -> Amount?) throws(AmountError) -> Amount? {
    let known = lines.compactMap(figure)
    guard !known.isEmpty else { return nil }
    var sum = Amount.zero
    for one in known { sum = try sum.adding(one) }
    return try sum.divided(by: Amount(known.count))
  }

  /// `24 slots, 96 orders, 3.20 bps worse than planned`.
  public var summary: String {
    get throws(AmountError) {
      let mean = try mean(\.slippage).map { ", \(Self.basisPoints($0)) than planned" } ?? ""
      return "\(slots) slots, \(lines.count) orders\(mean)"
    }
  }

  /// `3.20 bps worse`.
  public static func basisPoints(_ ratio: Amount) -> String {
    Amount(units: abs(ratio.units) * 10_000).formatted(places: 2)
      + (ratio.isNegative ? " bps better" : " bps worse")
  }

  /// The report for machines: amounts are text.
  public var json: JSONValue {
    let orders = lines.map { line in
      let order = line.order.order
      return JSONValue.object([
        .init("slot", .string("\(order.key.slot)")), .init("order", .string(order.id.text)),
        .init("symbol", .string("\(order.key.symbol)")),
        .init("side", .string(order.side.rawValue)), .init("quantity", .amount(order.quantity)),
        .init("limit", .amount(order.limit)), .init("time", .time(line.order.updated)),
        .init("decision_price", .amount(line.decided)), .init("quoted", .amount(line.quoted)),
        .init("slippage", .amount(line.slippage)), .init("candles", .number(line.candles)),
        .init("filled", .amount(line.filled)), .init("close", .amount(line.close)),
        .init("candle_slippage", .amount(line.candleSlippage)),
      ])
    }
    return .object([
      .init("schema", .string("carillon.shadow/1")), .init("account", .string(account)),
      .init("slots", .number(slots)), .init("waived", .bool(isWaived)),
      .init("orders", .array(orders)),
    ])
  }
}

/// What an order would have filled at by candles that opened after it: a value.
public enum ShadowFill {
  /// At the market: the open of the first. With a limit: the open of the first, where that is as good;
  /// else the limit itself, of the first candle that reaches it.
  ///
  /// - Returns: nil where there is no candle, or none reaches the limit.
  public static func price(
    _ side: Side, limit: Amount?, _ candles: [Candle]
  ) throws(AmountError) -> Amount? {
    guard let first = candles.first else { return nil }
    let open = try Amount(observed: first.open)
    guard let limit else { return open }
    if side == .buy ? open <= limit : open >= limit { return open }
    for candle in candles {
      let reached = try Amount(observed: side == .buy ? candle.low : candle.high)
      if side == .buy ? reached <= limit : reached >= limit { return limit }
    }
    return nil
  }
}
