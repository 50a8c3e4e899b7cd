import Domain

/// One endpoint: what it costs, who may ask, what it reads, what it answers.
///
/// Source of paths, weights and parameters: github.com/binance/binance-spot-api-docs, `rest-api.md`.
struct BinanceEndpoint: Sendable {
  /// Who may ask.
  enum Security: Sendable {
    /// Anybody.
    case open
    /// Who has a key.
    case key
    /// Who signs.
    case signed

    /// The parameters that go with it.
    var parameters: [String] {
      self == .signed ? ["timestamp", "recvWindow", "signature"] : []
    }
  }

  typealias Body =
    @Sendable (inout BinanceSkin, BinanceParameters, _ account: String) throws(BinanceRefusal) ->
    WireReply

  /// What it is called where faults are planned.
  let name: String
  let security: Security
  let parameters: [String]
  let weight: @Sendable (BinanceParameters) -> Int
  /// Whether its answers tell the count of orders.
  let isOrder: Bool
  let answer: Body

  init(
    _ name: String, _ security: Security = .open, _ parameters: [String] = [],
    weight: @escaping @Sendable (BinanceParameters) -> Int, isOrder: Bool = false,
    _ answer: @escaping Body
  ) {
    self.name = name
    self.security = security
    self.parameters = parameters
    self.weight = weight
    self.isOrder = isOrder
    self.answer = answer
  }

  init(
    _ name: String, _ security: Security = .open, _ parameters: [String] = [], weight: Int,
    isOrder: Bool = false, _ answer: @escaping Body
  ) {
    self.init(name, security, parameters, weight: { _ in weight }, isOrder: isOrder, answer)
  }

  /// The endpoint of a method and a path; nil where there is none.
  static func at(_ method: String, _ path: String) -> BinanceEndpoint? {
    table["\(method) \(path)"]
  }

  private static let table: [String: BinanceEndpoint] = general.merging(market) { a, _ in a }
    .merging(trading) { a, _ in a }.merging(accounts) { a, _ in a }
    .merging(BinanceElsewhere.endpoints) { a, _ in a }

  private static let general: [String: BinanceEndpoint] = [
    "GET /api/v3/ping": BinanceEndpoint("ping", weight: 1) { (_, _, _) throws(BinanceRefusal) in
      WireReply(.object([]))
    },
    "GET /api/v3/time": BinanceEndpoint("time", weight: 1) {
      (skin, _, _) throws(BinanceRefusal) in skin.time()
    },
    "GET /api/v3/exchangeInfo": BinanceEndpoint(
      "exchangeInfo", .open,
      ["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"], weight: 20
    ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.exchangeInfo(parameters) },
  ]

  private static let ofTickers = ["symbol", "symbols", "type", "symbolStatus"]

  private static let market: [String: BinanceEndpoint] = {
    let klines = BinanceEndpoint(
      "klines", .open, ["symbol", "interval", "startTime", "endTime", "timeZone", "limit"],
      weight: 2
    ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.klines(parameters) }
    return [
      "GET /api/v3/klines": klines, "GET /api/v3/uiKlines": klines,
      "GET /api/v3/depth": BinanceEndpoint(
        "depth", .open, ["symbol", "limit", "symbolStatus"], weight: BinanceSkin.depthWeight
      ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.depth(parameters) },
      "GET /api/v3/trades": BinanceEndpoint("trades", .open, ["symbol", "limit"], weight: 25) {
        (skin, parameters, _) throws(BinanceRefusal) in try skin.trades(parameters)
      },
      "GET /api/v3/historicalTrades": BinanceEndpoint(
        "trades", .open, ["symbol", "limit", "fromId"], weight: 25
      ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.trades(parameters) },
      "GET /api/v3/aggTrades": BinanceEndpoint(
        "aggTrades", .open, ["symbol", "fromId", "startTime", "endTime", "limit"], weight: 4
      ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.aggregateTrades(parameters) },
      "GET /api/v3/avgPrice": BinanceEndpoint("avgPrice", .open, ["symbol"], weight: 2) {
        (skin, parameters, _) throws(BinanceRefusal) in try skin.averagePrice(parameters)
      },
      "GET /api/v3/ticker/24hr": BinanceEndpoint(
        "ticker24h", .open, ofTickers, weight: BinanceSkin.dayTickerWeight
      ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.dayTickers(parameters) },
      "GET /api/v3/ticker/tradingDay": BinanceEndpoint(
        "ticker24h", .open, ofTickers + ["timeZone"], weight: BinanceSkin.windowWeight
      ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.windowTickers(parameters) },
      "GET /api/v3/ticker": BinanceEndpoint(
        "ticker24h", .open, ofTickers + ["windowSize"], weight: BinanceSkin.windowWeight
      ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.windowTickers(parameters) },
      "GET /api/v3/ticker/price": BinanceEndpoint(
        "tickerPrice", .open, ofTickers, weight: { $0.has("symbol") ? 2 : 4 }
      ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.priceTickers(parameters) },
      "GET /api/v3/ticker/bookTicker": BinanceEndpoint(
        "bookTicker", .open, ofTickers, weight: { $0.has("symbol") ? 2 : 4 }
      ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.bookTickers(parameters) },
    ]
  }()

  private static let ofOrders = [
    "symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price",
    "newClientOrderId", "strategyId", "strategyType", "stopPrice", "trailingDelta", "icebergQty",
    "newOrderRespType", "selfTradePreventionMode", "pegPriceType", "pegOffsetValue",
    "pegOffsetType",
  ]

  private static let trading: [String: BinanceEndpoint] = [
    "POST /api/v3/order": BinanceEndpoint("place", .signed, ofOrders, weight: 1, isOrder: true) {
      (skin, parameters, account) throws(BinanceRefusal) in
      try skin.place(parameters, as: account)
    },
    "POST /api/v3/order/test": BinanceEndpoint(
      "test", .signed, ofOrders + ["computeCommissionRates"],
      weight: { $0["computeCommissionRates"] == "true" ? 20 : 1 }
    ) { (skin, parameters, account) throws(BinanceRefusal) in
      try skin.test(parameters, as: account)
    },
    "POST /api/v3/order/cancelReplace": BinanceEndpoint(
      "replace", .signed,
      ofOrders + [
        "cancelReplaceMode", "cancelNewClientOrderId", "cancelOrigClientOrderId", "cancelOrderId",
        "cancelRestrictions", "orderRateLimitExceededMode",
      ], weight: 1, isOrder: true
    ) { (skin, parameters, account) throws(BinanceRefusal) in
      try skin.cancelReplace(parameters, as: account)
    },
    "GET /api/v3/order": BinanceEndpoint(
      "find", .signed, ["symbol", "orderId", "origClientOrderId"], weight: 4
    ) { (skin, parameters, account) throws(BinanceRefusal) in
      try skin.query(parameters, as: account)
    },
    "DELETE /api/v3/order": BinanceEndpoint(
      "cancel", .signed,
      ["symbol", "orderId", "origClientOrderId", "newClientOrderId", "cancelRestrictions"],
      weight: 1
    ) { (skin, parameters, account) throws(BinanceRefusal) in
      try skin.cancel(parameters, as: account)
    },
    "GET /api/v3/openOrders": BinanceEndpoint(
      "openOrders", .signed, ["symbol"], weight: { $0.has("symbol") ? 6 : 80 }
    ) { (skin, parameters, account) throws(BinanceRefusal) in
      try skin.openOrders(parameters, as: account)
    },
    "DELETE /api/v3/openOrders": BinanceEndpoint("cancelAll", .signed, ["symbol"], weight: 1) {
      (skin, parameters, account) throws(BinanceRefusal) in
      try skin.cancelAll(parameters, as: account)
    },
    "GET /api/v3/allOrders": BinanceEndpoint(
      "allOrders", .signed, ["symbol", "orderId", "startTime", "endTime", "limit"], weight: 20
    ) { (skin, parameters, account) throws(BinanceRefusal) in
      try skin.allOrders(parameters, as: account)
    },
  ]

  private static let accounts: [String: BinanceEndpoint] = [
    "GET /api/v3/account": BinanceEndpoint("account", .signed, ["omitZeroBalances"], weight: 20) {
      (skin, parameters, account) throws(BinanceRefusal) in
      try skin.account(parameters, as: account)
    },
    "GET /api/v3/myTrades": BinanceEndpoint(
      "myTrades", .signed, ["symbol", "orderId", "startTime", "endTime", "fromId", "limit"],
      weight: { $0.has("orderId") ? 5 : 20 }
    ) { (skin, parameters, account) throws(BinanceRefusal) in
      try skin.myTrades(parameters, as: account)
    },
    "GET /api/v3/rateLimit/order": BinanceEndpoint("rateLimitOrder", .signed, weight: 40) {
      (skin, _, account) throws(BinanceRefusal) in skin.orderCounts(of: account)
    },
    "GET /api/v3/account/commission": BinanceEndpoint(
      "commission", .signed, ["symbol"], weight: 20
    ) { (skin, parameters, _) throws(BinanceRefusal) in try skin.commission(parameters) },
    "GET /api/v3/myFilters": BinanceEndpoint("myFilters", .signed, ["symbol"], weight: 40) {
      (skin, parameters, _) throws(BinanceRefusal) in try skin.myFilters(parameters)
    },
  ]
}
