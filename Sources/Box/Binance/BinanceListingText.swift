import Domain
import Exchange

// What Binance tells of its symbols: `exchangeInfo`, and the filters.
extension BinanceSkin {
  func time() -> WireReply {
    WireReply(.object([.init("serverTime", .number(floor.shownTime.milliseconds))]))
  }

  func exchangeInfo(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    var names = try parameters.symbols()
    if parameters.has("symbol") {
      guard names == nil else { throw .badCombination }
      names = [try parameters.symbol()]
    }
    if names != nil, parameters.has("symbolStatus") || parameters.has("permissions") {
      throw .badCombination
    }
    var rows: [JSONValue] = []
    let hasSets = try parameters.flag("showPermissionSets") ?? true
    for one in try listed(names) where try isAsked(one, parameters) {
      rows.append(row(one, hasSets: hasSets))
    }
    return WireReply(
      .object([
        .init("timezone", .string("UTC")),
        .init("serverTime", .number(floor.core.now.milliseconds)),
        .init("rateLimits", .array(rateLimits)), .init("exchangeFilters", .array([])),
        .init("symbols", .array(rows)),
      ]))
  }

  /// The contracts of these names, or all.
  func listed(_ names: [String]?) throws(BinanceRefusal) -> [TradingFloor.Listed] {
    guard let names else { return floor.listed }
    var found: [TradingFloor.Listed] = []
    for name in names {
      guard let one = floor.contract(name) else { throw .invalidSymbol }
      found.append(one)
    }
    return found
  }

  private func isAsked(
    _ one: TradingFloor.Listed, _ parameters: BinanceParameters
  ) throws(BinanceRefusal) -> Bool {
    if let permissions = parameters["permissions"], !permissions.contains("SPOT") { return false }
    guard let status = parameters["symbolStatus"] else { return true }
    guard ["TRADING", "HALT", "BREAK"].contains(status) else {
      throw BinanceRefusal(-1122, "Invalid symbolStatus.")
    }
    return self.status(of: one) == status
  }

  /// The word for what may be done with a contract.
  func status(of one: TradingFloor.Listed) -> String {
    floor.core.contracts[one.id]?.state == .listed ? "TRADING" : "HALT"
  }

  private var rateLimits: [JSONValue] {
    let limits: [(String, String, Int, Int)] = [
      ("REQUEST_WEIGHT", "MINUTE", 1, self.limits.weightPerMinute ?? Self.weightPerMinute),
      ("ORDERS", "SECOND", 10, BinanceLimits.ordersPerTenSeconds),
      ("ORDERS", "DAY", 1, BinanceLimits.ordersPerDay), ("RAW_REQUESTS", "MINUTE", 5, 61_000),
    ]
    return limits.map { kind, interval, number, limit in
      .object([
        .init("rateLimitType", .string(kind)), .init("interval", .string(interval)),
        .init("intervalNum", .number(number)), .init("limit", .number(limit)),
      ])
    }
  }

  private func row(_ one: TradingFloor.Listed, hasSets: Bool) -> JSONValue {
    let symbol = one.instrument.symbol
    let precisions = [
      "baseAssetPrecision", "quotePrecision", "quoteAssetPrecision", "baseCommissionPrecision",
      "quoteCommissionPrecision",
    ]
    var members: [JSONValue.Member] = [
      .init("symbol", .string(one.id.text)), .init("status", .string(status(of: one))),
      .init("baseAsset", .string(symbol.base)), .init("quoteAsset", .string(symbol.quote)),
    ]
    members += precisions.map { .init($0, .number(8)) }
    members.append(
      .init("orderTypes", .array(["LIMIT", "LIMIT_MAKER", "MARKET"].map { .string($0) })))
    let flags = [
      ("icebergAllowed", false), ("ocoAllowed", false), ("otoAllowed", false),
      ("opoAllowed", false), ("quoteOrderQtyMarketAllowed", true), ("allowTrailingStop", false),
      ("cancelReplaceAllowed", true), ("amendAllowed", false), ("pegInstructionsAllowed", false),
      ("isSpotTradingAllowed", true), ("isMarginTradingAllowed", false),
    ]
    members += flags.map { .init($0.0, .bool($0.1)) }
    members.append(.init("filters", .array(filters(one))))
    members.append(.init("permissions", .array([])))
    members.append(.init("permissionSets", .array(hasSets ? [.array([.string("SPOT")])] : [])))
    members.append(.init("defaultSelfTradePreventionMode", .string("NONE")))
    members.append(.init("allowedSelfTradePreventionModes", .array([.string("NONE")])))
    return .object(members)
  }

  /// The filters that the core and this skin hold orders to.
  private func filters(_ one: TradingFloor.Listed) -> [JSONValue] {
    let rules = one.instrument
    let own = rules.filters
    func amount(_ value: Amount?) -> JSONValue { .string(FixedText.text(value ?? .zero)) }
    func filter(_ type: String, _ members: [(String, JSONValue)]) -> JSONValue {
      .object(
        [.init("filterType", .string(type))] + members.map { JSONValue.Member($0.0, $0.1) })
    }
    let (up, down) = (own.highestPriceFactor ?? .one, own.lowestPriceFactor ?? .one)
    return [
      filter(
        "PRICE_FILTER",
        [
          ("minPrice", amount(own.minimumPrice)), ("maxPrice", amount(own.maximumPrice)),
          ("tickSize", amount(rules.tick)),
        ]),
      filter(
        "LOT_SIZE",
        [
          ("minQty", amount(own.minimumQuantity)), ("maxQty", amount(own.maximumQuantity)),
          ("stepSize", amount(rules.lot)),
        ]),
      filter(
        "MARKET_LOT_SIZE",
        [
          ("minQty", amount(nil)), ("maxQty", amount(own.marketMaximum)),
          ("stepSize", amount(own.marketLot)),
        ]),
      filter(
        "PERCENT_PRICE_BY_SIDE",
        [
          ("bidMultiplierUp", .string("\(up)")), ("bidMultiplierDown", .string("\(down)")),
          ("askMultiplierUp", .string("\(up)")), ("askMultiplierDown", .string("\(down)")),
          ("avgPriceMins", .number(0)),
        ]),
      filter(
        "NOTIONAL",
        [
          ("minNotional", amount(rules.minimumNotional)),
          ("applyMinToMarket", .bool(own.minimumNotionalAppliesToMarket)),
          ("maxNotional", amount(own.maximumNotional)),
          ("applyMaxToMarket", .bool(own.maximumNotionalAppliesToMarket)),
          ("avgPriceMins", .number(0)),
        ]),
      filter("MAX_NUM_ORDERS", [("maxNumOrders", .number(own.maximumOpenOrders ?? 200))]),
    ]
  }

  func myFilters(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    guard let one = floor.contract(try parameters.symbol()) else { throw .invalidSymbol }
    return WireReply(
      .object([
        .init("exchangeFilters", .array([])), .init("symbolFilters", .array(filters(one))),
        .init("assetFilters", .array([])),
      ]))
  }
}
