import Cryptography
import Domain
import Exchange
import Testing

@testable import Box

/// Requests of random paths, parameters and values, half of them near to what is right: whatever comes,
/// the answer is JSON with a status that the venue has, and the money adds up.
@Suite struct WireFuzzTests {
  /// Draws that repeat: a linear congruence of full period (Knuth's MMIX).
  struct Draw {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }

    mutating func one(of texts: [String]) -> String { texts[below(texts.count)] }
  }

  static let values = [
    "ETHUSDT", "ETHUSD", "ETH/USD", "1", "0", "-1", "0.001", "0.5", "100", "100.01", "99.99", "1e9",
    "99999999999999999999", "9223372036854775807", "170141183460469231731", "0.000000000001", "BUY",
    "SELL", "buy", "sell", "MARKET", "LIMIT", "LIMIT_MAKER", "market", "limit", "GTC", "IOC", "FOK",
    "GTD", "1m", "1M", "3d", "1w", "5", "60", "true", "post", "viqc", "[\"ETHUSDT\"]", "[]",
    "%F0%9F",
    "%zz", "a b", "", "2026-11-28T12:01:00Z", "1795953600000", "1795953600", "+60", "all", "FULL",
    "O-1", "ONQUMZ-QRC2A-AAAAAB",
  ]

  /// A text of parameters, in which those that an order needs stand more often than not.
  static func query(_ draw: inout Draw, _ names: [String], _ good: [String]) -> String {
    var fields = draw.below(4) == 0 ? [] : good.filter { _ in draw.below(8) != 0 }
    for _ in 0..<(draw.below(3) == 0 ? draw.below(4) : 0) {
      fields.append("\(draw.one(of: names))=\(draw.one(of: values))")
    }
    return fields.joined(separator: "&")
  }

  static let binancePaths = [
    "GET ping", "GET time", "GET exchangeInfo", "GET klines", "GET uiKlines", "GET depth",
    "GET trades", "GET historicalTrades", "GET aggTrades", "GET avgPrice", "GET ticker/24hr",
    "GET ticker/price", "GET ticker/bookTicker", "GET ticker", "GET ticker/tradingDay",
    "POST order", "POST order", "POST order", "POST order/test", "POST order/cancelReplace",
    "GET order", "DELETE order", "GET openOrders", "DELETE openOrders", "GET allOrders",
    "GET account", "GET myTrades", "GET rateLimit/order", "GET account/commission", "GET myFilters",
    "PUT order", "GET nothing",
  ]
  static let binanceNames = [
    "symbol", "symbols", "interval", "startTime", "endTime", "timeZone", "limit", "fromId", "side",
    "type", "timeInForce", "quantity", "quoteOrderQty", "price", "newClientOrderId", "orderId",
    "origClientOrderId", "newOrderRespType", "recvWindow", "cancelReplaceMode", "cancelOrderId",
    "windowSize", "omitZeroBalances", "permissions", "symbolStatus",
  ]

  @Test(arguments: 1...8) func binanceAnswersWhateverComes(_ seed: UInt64) throws {
    var draw = Draw(state: seed)
    var world = try BoxWorld(weightPerMinute: nil)
    for _ in 0..<500 {
      let path = draw.one(of: Self.binancePaths).split(separator: " ")
      let query = Self.query(
        &draw, Self.binanceNames,
        [
          "symbol=ETHUSDT", "side=\(draw.one(of: ["BUY", "SELL"]))", "type=LIMIT",
          "timeInForce=\(draw.one(of: ["GTC", "IOC", "FOK"]))",
          "quantity=\(draw.one(of: ["0.1", "1", "0.333"]))",
          "price=\(draw.one(of: ["99", "101", "102", "119"]))",
        ])
      let reply =
        path[0] == "GET" && draw.below(2) == 0
        ? world.get("/api/v3/\(path[1])", query)
        : world.signed(String(path[0]), "/api/v3/\(path[1])", query)
      #expect([200, 400, 401, 404, 409, 429].contains(reply.status), "\(path) \(query)")
      #expect(reply.json != .null, "seed \(seed): \(path) \(query) -> \(reply.text)")
      world.now = world.now + .seconds(Int64(draw.below(60)))
    }
    try Self.addsUp(world.skin.floor, start: ["USDT": Amount(1000), "ETH": Amount(2)])
  }

  static let krakenMethods = [
    "public Time", "public Assets", "public AssetPairs", "public Ticker", "public OHLC",
    "public Depth", "public Trades", "public Spread", "private AddOrder", "private AddOrder",
    "private AddOrder", "private CancelOrder", "private CancelAll", "private CancelAllOrdersAfter",
    "private Balance", "private BalanceEx", "private TradeBalance", "private OpenOrders",
    "private ClosedOrders", "private QueryOrders", "private TradesHistory", "private QueryTrades",
    "private TradeVolume", "private GetWebSocketsToken", "private Nothing",
  ]
  static let krakenNames = [
    "pair", "asset", "interval", "since", "count", "type", "ordertype", "volume", "price", "oflags",
    "timeinforce", "expiretm", "deadline", "cl_ord_id", "userref", "validate", "txid", "start",
    "end",
    "ofs", "timeout", "trades", "closetime", "leverage", "starttm",
  ]

  @Test(arguments: 1...8) func krakenAnswersWhateverComes(_ seed: UInt64) throws {
    var draw = Draw(state: seed)
    var world = try KrakenSkinTests.World()
    for _ in 0..<500 {
      let method = draw.one(of: Self.krakenMethods).split(separator: " ").map(String.init)
      let query = Self.query(
        &draw, Self.krakenNames,
        [
          "pair=ETHUSD", "type=\(draw.one(of: ["buy", "sell"]))",
          "ordertype=\(draw.one(of: ["limit", "market"]))",
          "volume=\(draw.one(of: ["0.1", "1", "0.33333333"]))",
          "price=\(draw.one(of: ["99", "101", "102", "119"]))",
        ])
      let reply =
        method[0] == "public" ? world.get(method[1], query) : world.post(method[1], query)
      #expect(reply["error"]?.array != nil, "seed \(seed): \(method) \(query)")
      #expect((reply["result"] == nil) == (reply["error"]?.array?.isEmpty == false))
      world.now = world.now + .seconds(Int64(draw.below(60)))
    }
    try Self.addsUp(world.skin.floor, start: ["USD": Amount(1000), "ETH": Amount(2)])
  }

  /// What an account has is what it began with and what its trades moved.
  static func addsUp(_ floor: TradingFloor, start: [String: Amount]) throws {
    var expected = start
    func add(_ amount: Amount, _ asset: String) throws {
      expected[asset] = try (expected[asset] ?? .zero).adding(amount)
    }
    for trade in floor.core.trades {
      let value = try trade.price.amount.multiplied(by: trade.quantity.amount)
      let isBuy = trade.side == .buy
      try add(
        isBuy ? trade.quantity.amount : trade.quantity.amount.negated(), trade.quantity.asset)
      try add(isBuy ? value.negated() : value, trade.price.symbol.quote)
      try add(trade.fee.amount.negated(), trade.fee.asset)
    }
    #expect(!floor.core.trades.isEmpty)
    for (asset, amount) in expected {
      #expect(try floor.core.accounts["main"]?.balance(asset).total() == amount, "\(asset)")
    }
  }
}
