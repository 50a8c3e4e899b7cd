import Domain
import Exchange

// How Binance tells of an order.
extension BinanceSkin {
  /// The answer to a new order.
  func placed(
    _ order: VenueOrder, _ request: BinanceOrderRequest, _ trades: [Trade]
  ) -> [JSONValue.Member] {
    let time = JSONValue.number(order.placed.milliseconds)
    var members = names(order)
    members.append(.init("clientOrderId", .string(order.ticket.id.text)))
    members.append(.init("transactTime", time))
    guard request.response != .ack else { return members }
    members += amounts(order, request.note)
    members.append(.init("workingTime", time))
    members.append(.init("selfTradePreventionMode", .string("NONE")))
    members += strategy(request.note)
    guard request.response == .full else { return members }
    let fills = trades.map { trade in
      JSONValue.object([
        .init("price", .string(FixedText.text(trade.price.amount))),
        .init("qty", .string(FixedText.text(trade.quantity.amount))),
        .init("commission", .string(FixedText.text(trade.fee.amount))),
        .init("commissionAsset", .string(trade.fee.asset)),
        .init("tradeId", .number(trade.number)),
      ])
    }
    members.append(.init("fills", .array(fills)))
    return members
  }

  /// The answer to a cancel, whose own id is another than the order's.
  func cancelled(_ order: VenueOrder, _ id: String) -> [JSONValue.Member] {
    let note = self.note(of: order)
    var members: [JSONValue.Member] = [
      .init("symbol", .string(order.ticket.contract.text)),
      .init("origClientOrderId", .string(order.ticket.id.text)),
      .init("orderId", .number(order.number)), .init("orderListId", .number(-1)),
      .init("clientOrderId", .string(id)),
      .init("transactTime", .number(order.updated.milliseconds)),
    ]
    members += amounts(order, note)
    members.append(.init("selfTradePreventionMode", .string("NONE")))
    return members + strategy(note)
  }

  /// A row of a look-up.
  func row(_ order: VenueOrder) -> [JSONValue.Member] {
    let note = self.note(of: order)
    let placed = JSONValue.number(order.placed.milliseconds)
    var members = names(order)
    members.append(.init("clientOrderId", .string(order.ticket.id.text)))
    members += amounts(order, note)
    members += [
      .init("stopPrice", .string(FixedText.text(Amount.zero))),
      .init("icebergQty", .string(FixedText.text(Amount.zero))), .init("time", placed),
      .init("updateTime", .number(order.updated.milliseconds)), .init("isWorking", .bool(true)),
      .init("workingTime", placed), .init("selfTradePreventionMode", .string("NONE")),
    ]
    return members + strategy(note)
  }

  private func note(of order: VenueOrder) -> BinanceOrderNote {
    notes[order.number]
      ?? BinanceOrderNote(
        kind: order.ticket.limit == nil ? .market : .limit, timeInForce: "GTC")
  }

  private func names(_ order: VenueOrder) -> [JSONValue.Member] {
    [
      .init("symbol", .string(order.ticket.contract.text)), .init("orderId", .number(order.number)),
      .init("orderListId", .number(-1)),
    ]
  }

  private func amounts(
    _ order: VenueOrder, _ note: BinanceOrderNote
  ) -> [JSONValue.Member] {
    func text(_ amount: Amount) -> JSONValue { .string(FixedText.text(amount)) }
    var members: [JSONValue.Member] = [
      .init("price", text(order.ticket.limit?.amount ?? .zero)),
      .init("origQty", text(order.ticket.quantity.amount)),
      .init("executedQty", text(order.filled.amount)),
      .init("origQuoteOrderQty", text(note.quoteQuantity ?? .zero)),
      .init("cummulativeQuoteQty", text(order.value.amount)),
      .init("status", .string(Self.status(order))), .init("timeInForce", .string(note.timeInForce)),
      .init("type", .string(note.kind.rawValue)),
      .init("side", .string(order.ticket.side == .buy ? "BUY" : "SELL")),
    ]
    if order.state == .expired {
      members.append(.init("expiryReason", .string("INSUFFICIENT_LIQUIDITY")))
    }
    return members
  }

  private func strategy(_ note: BinanceOrderNote) -> [JSONValue.Member] {
    [("strategyId", note.strategyID), ("strategyType", note.strategyType)].compactMap {
      name, value in
      value.map { .init(name, .number($0)) }
    }
  }

  private static func status(_ order: VenueOrder) -> String {
    switch order.state {
    case .open: order.filled.amount > .zero ? "PARTIALLY_FILLED" : "NEW"
    case .filled: "FILLED"
    case .cancelled: "CANCELED"
    case .expired: "EXPIRED"
    }
  }
}
