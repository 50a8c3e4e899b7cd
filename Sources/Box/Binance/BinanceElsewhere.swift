import Domain
import Exchange

/// What clients ask of Binance beside Spot when they start: answered as an account would be that has
/// nothing there.
enum BinanceElsewhere {
  /// Lists that are empty.
  private static let emptyLists = [
    "/sapi/v1/margin/allPairs", "/sapi/v1/margin/isolated/allPairs", "/sapi/v1/margin/allAssets",
    "/sapi/v1/capital/deposit/hisrec", "/sapi/v1/capital/withdraw/history",
    "/sapi/v1/margin/openOrders", "/sapi/v1/asset/assetDetail/list",
    "/fapi/v2/positionRisk", "/fapi/v3/positionRisk", "/fapi/v1/positionRisk",
    "/fapi/v2/balance", "/fapi/v3/balance", "/fapi/v1/openOrders", "/fapi/v1/premiumIndex",
    "/fapi/v1/fundingInfo", "/fapi/v1/leverageBracket", "/fapi/v1/ticker/24hr",
    "/fapi/v1/ticker/bookTicker", "/fapi/v1/ticker/price", "/fapi/v2/ticker/price",
    "/dapi/v1/positionRisk", "/dapi/v1/balance", "/dapi/v1/openOrders", "/dapi/v1/premiumIndex",
    "/dapi/v1/leverageBracket", "/dapi/v2/leverageBracket", "/dapi/v1/ticker/24hr",
    "/dapi/v1/ticker/bookTicker", "/dapi/v1/ticker/price",
  ]

  /// Listings of markets without a contract in them.
  private static let emptyListings = [
    "/fapi/v1/exchangeInfo", "/dapi/v1/exchangeInfo", "/eapi/v1/exchangeInfo",
  ]

  static let endpoints: [String: BinanceEndpoint] = {
    var endpoints: [String: BinanceEndpoint] = [:]
    for path in emptyLists {
      endpoints["GET \(path)"] =
        BinanceEndpoint("elsewhere", .open, weight: 1) {
          (_, _, _) throws(BinanceRefusal) in WireReply(.array([]))
        }.lenient
    }
    for path in emptyListings {
      endpoints["GET \(path)"] =
        BinanceEndpoint("elsewhere", .open, weight: 1) {
          (skin, _, _) throws(BinanceRefusal) in skin.emptyListing()
        }.lenient
    }
    for (path, name) in [("/fapi/v1/ping", "ping"), ("/dapi/v1/ping", "ping")] {
      endpoints["GET \(path)"] = BinanceEndpoint(name, weight: 1) {
        (_, _, _) throws(BinanceRefusal) in WireReply(.object([]))
      }
    }
    for path in ["/fapi/v1/time", "/dapi/v1/time", "/eapi/v1/time", "/sapi/v1/time"] {
      endpoints["GET \(path)"] = BinanceEndpoint("time", weight: 1) {
        (skin, _, _) throws(BinanceRefusal) in skin.time()
      }
    }
    return endpoints.merging(signed) { a, _ in a }
  }()

  /// What an account has beside Spot.
  private static let signed: [String: BinanceEndpoint] = [
    "GET /sapi/v1/capital/config/getall": BinanceEndpoint("coins", .signed, weight: 10) {
      (skin, _, account) throws(BinanceRefusal) in skin.coins(of: account)
    },
    "GET /sapi/v1/asset/tradeFee": BinanceEndpoint("tradeFee", .signed, ["symbol"], weight: 1) {
      (skin, parameters, _) throws(BinanceRefusal) in try skin.tradeFees(parameters)
    },
    "GET /sapi/v1/system/status": BinanceEndpoint("status", weight: 1) {
      (_, _, _) throws(BinanceRefusal) in
      WireReply(.object([.init("status", .number(0)), .init("msg", .string("normal"))]))
    },
    "GET /sapi/v1/account/status": BinanceEndpoint("status", .signed, weight: 1) {
      (_, _, _) throws(BinanceRefusal) in
      WireReply(.object([.init("data", .string("Normal"))]))
    },
    "GET /sapi/v1/account/apiTradingStatus": BinanceEndpoint("status", .signed, weight: 1) {
      (_, _, _) throws(BinanceRefusal) in
      WireReply(.object([.init("data", .object([.init("isLocked", .bool(false))]))]))
    },
    "GET /sapi/v1/account/apiRestrictions": BinanceEndpoint("restrictions", .signed, weight: 1) {
      (skin, _, account) throws(BinanceRefusal) in skin.restrictions(of: account)
    },
    "POST /sapi/v1/asset/get-funding-asset": BinanceEndpoint(
      "elsewhere", .signed, ["asset", "needBtcValuation"], weight: 1
    ) { (_, _, _) throws(BinanceRefusal) in WireReply(.array([])) },
  ]
}

extension BinanceEndpoint {
  /// The same whatever is sent with it: it has nothing to tell anyway.
  var lenient: BinanceEndpoint {
    BinanceEndpoint(
      name, security,
      parameters + [
        "symbol", "pair", "timestamp", "recvWindow", "signature", "coin", "status", "limit",
        "startTime", "endTime", "marginAsset", "isIsolated", "symbols",
      ], weight: weight, isOrder: isOrder, answer)
  }
}

extension BinanceSkin {
  func emptyListing() -> WireReply {
    WireReply(
      .object([
        .init("timezone", .string("UTC")),
        .init("serverTime", .number(floor.core.now.milliseconds)),
        .init("rateLimits", .array([])), .init("exchangeFilters", .array([])),
        .init("assets", .array([])), .init("symbols", .array([])),
        .init("optionContracts", .array([])), .init("optionAssets", .array([])),
        .init("optionSymbols", .array([])),
      ]))
  }

  /// Every asset that is traded, without a network to move it by.
  func coins(of account: String) -> WireReply {
    let assets = Set(
      floor.listed.flatMap { [$0.instrument.symbol.base, $0.instrument.symbol.quote] })
    let book = floor.core.accounts[account]
    return WireReply(
      .array(
        assets.sorted().map { asset in
          let balance = book?.balance(asset)
          return .object([
            .init("coin", .string(asset)), .init("depositAllEnable", .bool(false)),
            .init("free", .string(FixedText.text(balance?.free ?? .zero))),
            .init("freeze", .string("0")), .init("ipoable", .string("0")),
            .init("ipoing", .string("0")), .init("isLegalMoney", .bool(false)),
            .init("locked", .string(FixedText.text(balance?.locked ?? .zero))),
            .init("name", .string(asset)), .init("networkList", .array([])),
            .init("storage", .string("0")), .init("trading", .bool(true)),
            .init("withdrawAllEnable", .bool(false)), .init("withdrawing", .string("0")),
          ])
        }))
  }

  func tradeFees(_ parameters: BinanceParameters) throws(BinanceRefusal) -> WireReply {
    let names = parameters.has("symbol") ? [try parameters.symbol()] : nil
    let rate = JSONValue.string(commissionRate)
    return WireReply(
      .array(
        try listed(names).map {
          .object([
            .init("symbol", .string($0.id.text)), .init("makerCommission", rate),
            .init("takerCommission", rate),
          ])
        }))
  }

  /// What the key may do: read and trade, and never take anything out.
  func restrictions(of account: String) -> WireReply {
    let flags = [
      ("ipRestrict", false), ("enableReading", true),
      ("enableWithdrawals", withdrawing.contains(account)),
      ("enableInternalTransfer", false), ("enableMargin", false), ("enableFutures", false),
      ("permitsUniversalTransfer", false), ("enableVanillaOptions", false),
      ("enableFixApiTrade", false), ("enableFixReadOnly", false),
      ("enableSpotAndMarginTrading", true), ("enablePortfolioMarginTrading", false),
    ]
    return WireReply(
      .object(
        flags.map { .init($0.0, .bool($0.1)) }
          + [.init("createTime", .number(floor.core.now.milliseconds))]))
  }
}
