import Domain
import Exchange

// What Binance tells an account of itself.
extension BinanceSkin {
  /// A thousandth, as the account pays.
  var commissionRate: String { FixedText.text(Self.rate.amount) }

  var discount: JSONValue {
    .object([
      .init("enabledForAccount", .bool(false)), .init("enabledForSymbol", .bool(false)),
      .init("discountAsset", .string("BNB")), .init("discount", .string("0.00000000")),
    ])
  }

  func account(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    let omitsZero = try parameters.flag("omitZeroBalances") ?? false
    let book = floor.core.accounts[account] ?? AccountBook()
    var assets = Set(book.balances.keys)
    if !omitsZero {
      assets.formUnion(
        floor.listed.flatMap { [$0.instrument.symbol.base, $0.instrument.symbol.quote] })
    }
    let rows: [JSONValue] = assets.sorted().compactMap { asset in
      let balance = book.balance(asset)
      if omitsZero, balance.free == .zero, balance.locked == .zero { return nil }
      return .object([
        .init("asset", .string(asset)), .init("free", .string(FixedText.text(balance.free))),
        .init("locked", .string(FixedText.text(balance.locked))),
      ])
    }
    let zero = FixedText.text(Amount.zero)
    let newest = floor.core.orders.values.filter { $0.account == account }.map(\.updated).max()
    return WireReply(
      .object([
        .init("makerCommission", .number(10)), .init("takerCommission", .number(10)),
        .init("buyerCommission", .number(0)), .init("sellerCommission", .number(0)),
        .init(
          "commissionRates",
          .object([
            .init("maker", .string(commissionRate)), .init("taker", .string(commissionRate)),
            .init("buyer", .string(zero)), .init("seller", .string(zero)),
          ])), .init("canTrade", .bool(true)), .init("canWithdraw", .bool(false)),
        .init("canDeposit", .bool(false)), .init("brokered", .bool(false)),
        .init("requireSelfTradePrevention", .bool(false)), .init("preventSor", .bool(false)),
        .init("updateTime", .number((newest ?? floor.core.now).milliseconds)),
        .init("accountType", .string("SPOT")), .init("balances", .array(rows)),
        .init("permissions", .array([.string("SPOT")])), .init("uid", .number(uid(of: account))),
      ]))
  }

  private func uid(of account: String) -> Int64 {
    Int64(StableHash(account).value % 900_000_000 + 100_000_000)
  }

  func myTrades(
    _ parameters: BinanceParameters, as account: String
  ) throws(BinanceRefusal) -> WireReply {
    guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
    let limit = try parameters.limit(500, most: 1000)
    let span = try Span(parameters)
    let order = try parameters.number("orderId")
    let from = try parameters.number("fromId")
    guard span.start == nil && span.end == nil || order == nil && from == nil else {
      throw .badCombination
    }
    let all = floor.core.trades.filter { trade in
      trade.account == account && trade.contract == one.id && span.holds(trade.time)
        && trade.number >= from ?? 0 && order.map { $0 == trade.order } ?? true
    }
    let rows = from == nil && span.start == nil ? all.suffix(limit) : all.prefix(limit)
    return WireReply(.array(rows.map { Self.row($0) }))
  }

  private static func row(_ trade: Trade) -> JSONValue {
    var value = trade.price.amount
    do throws(AmountError) {
      value = try trade.price.amount.multiplied(by: trade.quantity.amount)
    } catch {
      preconditionFailure("trade \(trade.id) was booked, so its value is an amount")
    }
    return .object([
      .init("symbol", .string(trade.contract.text)), .init("id", .number(trade.number)),
      .init("orderId", .number(trade.order)), .init("orderListId", .number(-1)),
      .init("price", .string(FixedText.text(trade.price.amount))),
      .init("qty", .string(FixedText.text(trade.quantity.amount))),
      .init("quoteQty", .string(FixedText.text(value))),
      .init("commission", .string(FixedText.text(trade.fee.amount))),
      .init("commissionAsset", .string(trade.fee.asset)),
      .init("time", .number(trade.time.milliseconds)), .init("isBuyer", .bool(trade.side == .buy)),
      .init("isMaker", .bool(trade.isMaker)), .init("isBestMatch", .bool(true)),
    ])
  }

  func orderCounts(of account: String) -> WireReply {
    let count = limits.count(of: account, at: floor.core.now)
    func row(_ interval: String, _ number: Int, _ limit: Int, _ count: Int) -> JSONValue {
      .object([
        .init("rateLimitType", .string("ORDERS")), .init("interval", .string(interval)),
        .init("intervalNum", .number(number)), .init("limit", .number(limit)),
        .init("count", .number(count)),
      ])
    }
    return WireReply(
      .array([
        row("SECOND", 10, BinanceLimits.ordersPerTenSeconds, count.inTens),
        row("DAY", 1, BinanceLimits.ordersPerDay, count.inDay),
      ]))
  }

  func commission(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
    let zero = FixedText.text(Amount.zero)
    func rates(_ rate: String) -> JSONValue {
      .object([
        .init("maker", .string(rate)), .init("taker", .string(rate)),
        .init("buyer", .string(zero)), .init("seller", .string(zero)),
      ])
    }
    return WireReply(
      .object([
        .init("symbol", .string(one.id.text)), .init("standardCommission", rates(commissionRate)),
        .init("specialCommission", rates(zero)), .init("taxCommission", rates(zero)),
        .init("discount", discount),
      ]))
  }
}
