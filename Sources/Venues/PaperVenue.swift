public import Domain

/// Trading without an exchange: orders are filled from the candles of a market.
///
/// It remembers nothing. What became of an order is computed from the order and the candles alone,
/// so that sending it again after a crash gives the identical fill.
///
/// - A market order is filled whole at its slot's time, at the close of the last candle closed by
///   then, moved by the slippage and rounded to the tick against us.
/// - A limit order rests, and is filled whole by the first candle that opens at or after its slot's
///   time and reaches its limit: at the open when the candle opens beyond it, else at the limit. A
///   candle that was already open when the order was placed is not used, since its extreme may
///   have been before the order.
/// - The fee is a part of the value in the quote asset, rounded up to 10^-8.
public struct PaperVenue: Venue {
  /// Where the paper venue takes candles from: the database, so that each fill names a candle that
  /// is on record.
  ///
  /// It answers with candles of the account's timeframe that opened after `after` and closed at or
  /// before `through`, in order; with `after` nil, with the last one of them alone (or none).
  public typealias ClosedCandles =
    @Sendable (_ symbol: Symbol, _ after: Instant?, _ through: Instant) throws -> [Candle]

  private let market: any MarketData
  private let close: @Sendable (_ open: Instant) -> Instant
  private let closedCandles: ClosedCandles
  private let costs: PaperCosts

  /// A venue over a market's rules and an account's candles.
  ///
  /// - Parameter close: when the candle that opens at a time closes, by the market's calendar; one
  ///   timeframe later unless given.
  public init(
    market: any MarketData, timeframe: Timeframe, costs: PaperCosts,
    close: (@Sendable (_ open: Instant) -> Instant)? = nil,
    closedCandles: @escaping ClosedCandles
  ) {
    self.market = market
    self.close = close ?? { $0 + timeframe.span }
    self.costs = costs
    self.closedCandles = closedCandles
  }

  /// The name of the market.
  public var name: String { market.name }

  /// The market's symbols.
  public func symbols() async throws -> [Symbol] { try await market.symbols() }

  /// The market's rules.
  public func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    try await market.instruments(symbols)
  }

  /// The market's candles.
  public func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    try await market.candles(symbol, timeframe, from: from, closedBy: closedBy, limit: limit)
  }

  /// The market's clock.
  public func serverTime() async throws -> Instant? { try await market.serverTime() }

  /// Fills a market order, and lets a limit order rest, unless it breaks the instrument's rules: then
  /// it is rejected as an exchange would reject it.
  public func place(
    _ order: Order, on instrument: Instrument, at: Instant
  ) async throws -> OrderReport {
    if let reason = try refusal(of: order, on: instrument) {
      return OrderReport(state: .rejected, reason: reason)
    }
    return try outcome(of: order, on: instrument, at: at)
  }

  /// Cancels a limit order that no candle closed by `at` has filled.
  public func cancel(
    _ order: Order, on instrument: Instrument, at: Instant
  ) async throws -> OrderReport {
    let report = try outcome(of: order, on: instrument, at: at)
    return report.state == .open
      ? OrderReport(state: .cancelled, venueID: report.venueID) : report
  }

  /// The venue knows the orders that bear the id it gave them; one that was sent without the answer
  /// being recorded is unknown to it, and sending it again gives the same answer.
  public func report(
    on order: Order, instrument: Instrument, at: Instant
  ) async throws -> OrderReport? {
    guard order.venueID != nil else { return nil }
    if order.state == .cancelled || order.state == .rejected || order.state == .expired {
      return OrderReport(state: order.state, venueID: order.venueID, reason: order.reason)
    }
    return try outcome(of: order, on: instrument, at: at)
  }

  /// Nil: the ledger is the only book.
  public func openOrders() async throws -> [OpenOrder]? { nil }

  /// Nil: the ledger is the account.
  public func balances() async throws -> [String: Amount]? { nil }

  /// Why an exchange would not take the order; nil when it would.
  private func refusal(of order: Order, on instrument: Instrument) throws -> String? {
    try ofOrder(order) { () throws(AmountError) in
      if order.quantity <= .zero { return "quantity \(order.quantity) is not positive" }
      if try order.quantity.rounded(toMultipleOf: instrument.lot, .down) != order.quantity {
        return "quantity \(order.quantity) is not a multiple of the lot \(instrument.lot)"
      }
      guard let limit = order.limit else { return nil }
      if limit <= .zero { return "limit \(limit) is not positive" }
      if try limit.rounded(toMultipleOf: instrument.tick, .down) != limit {
        return "limit \(limit) is not a multiple of the tick \(instrument.tick)"
      }
      return try refusal(ofValue: limit.multiplied(by: order.quantity), on: instrument)
    }
  }

  private func refusal(ofValue value: Amount, on instrument: Instrument) -> String? {
    value >= instrument.minimumNotional
      ? nil
      : "value \(value) is below the minimum of \(instrument.minimumNotional) "
        + instrument.symbol.quote
  }

  private func outcome(
    of order: Order, on instrument: Instrument, at: Instant
  ) throws -> OrderReport {
    guard let limit = order.limit else { return try marketOutcome(of: order, on: instrument) }
    let venueID = "paper-\(order.id)"
    // The candle that opens a millisecond before the slot is the newest that may not be used.
    let placed = order.key.slot.time
    for candle in try closedCandles(order.key.symbol, placed - .milliseconds(1), at) {
      let price = try ofOrder(order) { () throws(AmountError) in
        try costs.limitPrice(order.side, limit: limit, candle: candle, tick: instrument.tick)
      }
      guard let price else { continue }
      let fill = try fill(order, price: price, candle: candle, time: close(candle.time))
      return OrderReport(state: .filled, venueID: venueID, fills: [fill])
    }
    return OrderReport(state: .open, venueID: venueID)
  }

  private func marketOutcome(of order: Order, on instrument: Instrument) throws -> OrderReport {
    let slot = order.key.slot.time
    guard let candle = try closedCandles(order.key.symbol, nil, slot).last else {
      return OrderReport(
        state: .rejected, reason: "no \(order.key.symbol) candle is closed by \(slot)")
    }
    precondition(
      close(candle.time) <= slot, "\(order.id): candle \(candle.time) is of the future")
    let (price, value) = try ofOrder(order) { () throws(AmountError) in
      let price = try costs.marketPrice(order.side, close: candle.close, tick: instrument.tick)
      return (price, try price.multiplied(by: order.quantity))
    }
    if price <= .zero {
      return OrderReport(state: .rejected, reason: "close \(candle.close) is below one tick")
    }
    if let reason = refusal(ofValue: value, on: instrument) {
      return OrderReport(state: .rejected, reason: reason)
    }
    let fill = try fill(order, price: price, candle: candle, time: slot)
    return OrderReport(state: .filled, venueID: "paper-\(order.id)", fills: [fill])
  }

  private func fill(
    _ order: Order, price: Amount, candle: Candle, time: Instant
  ) throws -> Fill {
    let fee = try ofOrder(order) { () throws(AmountError) in
      try costs.fee(price: price, quantity: order.quantity)
    }
    return Fill(
      order: order.id, trade: "0", quantity: order.quantity, price: price,
      fee: Fill.Fee(fee, order.key.symbol.quote), time: time, candle: candle.time)
  }

  private func ofOrder<Value>(
    _ order: Order, _ body: () throws(AmountError) -> Value
  ) throws -> Value {
    do throws(AmountError) {
      return try body()
    } catch {
      throw Fault(
        "fill order", order.id.text,
        cause: "\(order.quantity) \(order.key.symbol.base) at this price is too large a number",
        remedy: "check the order's quantity and the candle's prices", exit: .data)
    }
  }
}
