import Domain
import Exchange
import Testing

@testable import Box

/// Expected codes, words and shapes: github.com/binance/binance-spot-api-docs, `rest-api.md` and
/// `errors.md`.
@Suite struct BinanceSkinTests {
  @Test(arguments: [
    // path and query -> status, code and words
    (
      "ping", "x=1",
      "400 -1104 Not all sent parameters were read; read '0' parameter(s) but was sent '1'."
    ),
    (
      "klines", "interval=1m",
      "400 -1102 Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."
    ),
    (
      "klines", "symbol=ETHUSDT",
      "400 -1102 Mandatory parameter 'interval' was not sent, was empty/null, or malformed."
    ),
    ("klines", "symbol=ETHUSDT&interval=7m", "400 -1120 Invalid interval."),
    ("klines", "symbol=XXXUSDT&interval=1m", "400 -1121 Invalid symbol."),
    (
      "klines", "symbol=ethusdt&interval=1m",
      "400 -1100 Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'."
    ),
    (
      "klines", "symbol=ETHUSDT&interval=1m&limit=0",
      "400 -1130 Data sent for parameter 'limit' is not valid."
    ),
    (
      "klines", "symbol=ETHUSDT&interval=1m&limit=",
      "400 -1105 Parameter 'limit' was empty."
    ),
    (
      "klines", "symbol=ETHUSDT&symbol=ETHUSDT&interval=1m",
      "400 -1101 Duplicate values for a parameter detected."
    ),
    (
      "klines", "symbol=ETHUSDT&interval=1m&timeZone=15",
      "400 -1130 Data sent for parameter 'timeZone' is not valid."
    ),
    (
      "exchangeInfo", "symbol=ETHUSDT&symbols=%5B%22ETHUSDT%22%5D",
      "400 -1128 Combination of optional parameters invalid."
    ),
    (
      "exchangeInfo", "symbols=[%22ETHUSDT%22,%22ETHUSDT%22]",
      "400 -1151 Symbol is present multiple times in the list."
    ),
    ("ticker/24hr", "type=HUGE", "400 -1139 Invalid ticker type."),
    (
      "ticker/price", "symbol=ETHUSDT&symbolStatus=HALT",
      "400 -1220 The symbol's status does not match the requested symbolStatus."
    ),
    (
      "aggTrades", "symbol=ETHUSDT&fromId=1&startTime=1",
      "400 -1128 Combination of optional parameters invalid."
    ),
  ])
  func refusesWhatAnybodyMayAskWrongly(_ path: String, _ query: String, _ words: String) throws {
    var world = try BoxWorld()
    #expect(world.get("/api/v3/\(path)", query).error == words)
  }

  @Test(arguments: [
    // the parameters of a new order -> status, code and words
    (
      "side=BUY&type=MARKET&quantity=1",
      "400 -1102 Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."
    ),
    ("symbol=ETHUSDT&side=HOLD&type=MARKET&quantity=1", "400 -1117 Invalid side."),
    ("symbol=ETHUSDT&side=BUY&type=GUESS&quantity=1", "400 -1116 Invalid orderType."),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT&quantity=1&price=99",
      "400 -1102 Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=DAY&quantity=1&price=99",
      "400 -1115 Invalid timeInForce."
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1&price=99",
      "400 -1106 Parameter 'price' sent when not required."
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=MARKET",
      "400 -1102 Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=-1",
      "400 -1100 Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'."
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1e2",
      "400 -1100 Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'."
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.123456789",
      "400 -1111 Parameter 'quantity' has too much precision."
    ),
    ("symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.0001", "400 -1013 Filter failure: LOT_SIZE"),
    (
      "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=2000000",
      "400 -1013 Filter failure: MARKET_LOT_SIZE"
    ),
    ("symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.01", "400 -1013 Filter failure: NOTIONAL"),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=99.001",
      "400 -1013 Filter failure: PRICE_FILTER"
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=501",
      "400 -1013 Filter failure: PERCENT_PRICE_BY_SIDE"
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=11&price=99",
      "400 -2010 Account has insufficient balance for requested action."
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT_MAKER&quantity=1&price=100.01",
      "400 -2010 Order would immediately match and take."
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=a.b",
      "400 -1100 Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'."
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=STOP_LOSS&quantity=1&stopPrice=110",
      "400 -2010 Stop loss orders are not supported for this symbol."
    ),
  ])
  func refusesOrders(_ query: String, _ words: String) throws {
    var world = try BoxWorld()
    #expect(world.signed("POST", "/api/v3/order", query).error == words)
    #expect(world.skin.floor.core.orders.isEmpty)
  }

  @Test func knowsWhoAsks() throws {
    var world = try BoxWorld()
    let path = "/api/v3/account"
    #expect(world.signed("GET", path).status == 200)
    #expect(world.signed("GET", path, key: nil).error == "401 -2014 API-key format invalid.")
    #expect(
      world.signed("GET", path, key: "other").error
        == "401 -2015 Invalid API-key, IP, or permissions for action.")
    #expect(
      world.signed("GET", path, secret: "guess").error
        == "400 -1022 Signature for this request is not valid.")
  }

  @Test(arguments: [
    // milliseconds from the server's time, recvWindow -> code; 0: taken
    (0, "", 0), (999, "", 0), (1000, "", -1021), (-5000, "", 0), (-5001, "", -1021),
    (-60_000, "recvWindow=60000", 0), (-60_001, "recvWindow=60000", -1021),
    (-6000, "recvWindow=6000.5", 0), (0, "recvWindow=60001", -1102),
  ])
  func holdsRequestsToTheirWindow(_ offset: Int64, _ query: String, _ code: Int) throws {
    var world = try BoxWorld()
    let reply = world.signed(
      "GET", "/api/v3/account", query, stamp: world.now + .milliseconds(offset))
    #expect(reply.json["code"]?.int ?? 0 == code)
  }

  @Test(arguments: [
    // speed -> whether a stamp of the machine's clock is taken three hours later by the exchange's
    (60.0, true), (1.0, false),
  ])
  func takesTheMachinesStampsWhereItsClockHasLeftThem(_ speed: Double, _ isTaken: Bool) throws {
    var world = try BoxWorld(speed: speed)
    world.machine = world.now
    world.now = world.now + .hours(3)
    #expect((world.signed("GET", "/api/v3/account", stamp: world.machine).status == 200) == isTaken)
  }

  @Test func countsWeightWarnsAndBans() throws {
    var world = try BoxWorld(weightPerMinute: 40)
    #expect(world.get("/api/v3/exchangeInfo").headers["X-MBX-USED-WEIGHT-1M"] == "20")
    #expect(world.get("/api/v3/exchangeInfo").status == 200)
    // 12:00:30: half a minute is left.
    for _ in 1...BinanceLimits.patience {
      let reply = world.get("/api/v3/ping")
      #expect(reply.status == 429)
      #expect(reply.headers["Retry-After"] == "30")
    }
    let banned = world.get("/api/v3/ping")
    #expect(banned.status == 418)
    #expect(banned.headers["Retry-After"] == "120")
    #expect(banned.text.contains("IP banned until \((world.now + .minutes(2)).milliseconds)."))
    world.now = world.now + .seconds(119)
    #expect(world.get("/api/v3/ping").status == 418)
    world.now = world.now + .seconds(1)
    #expect(world.get("/api/v3/ping").status == 200)
  }

  @Test func anIdIsFreeAgainOnceItsOrderHasEnded() throws {
    var world = try BoxWorld()
    let order =
      "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=99&newClientOrderId=a"
    #expect(world.signed("POST", "/api/v3/order", order).status == 200)
    #expect(
      world.signed("POST", "/api/v3/order", order).error == "400 -2010 Duplicate order sent.")
    let cancelled = world.signed(
      "DELETE", "/api/v3/order", "symbol=ETHUSDT&origClientOrderId=a&newClientOrderId=b"
    ).json
    #expect(cancelled["clientOrderId"]?.string == "b")
    #expect(cancelled["origClientOrderId"]?.string == "a")
    #expect(
      world.signed("DELETE", "/api/v3/order", "symbol=ETHUSDT&origClientOrderId=a").error
        == "400 -2011 Unknown order sent.")
    #expect(world.signed("POST", "/api/v3/order", order).json["orderId"]?.int == 2)
    #expect(
      world.signed("GET", "/api/v3/order", "symbol=ETHUSDT&orderId=2&origClientOrderId=c").error
        == "400 -2039 Client order ID is not correct for this order ID.")
    #expect(
      world.signed("GET", "/api/v3/order", "symbol=ETHUSDT&orderId=3").error
        == "400 -2013 Order does not exist.")
  }

  /// Selling 2 at 110: the price goes from 100 to 120 within the minute from 13:00.
  @Test func aRestingOrderIsFilledWhenThePriceComes() throws {
    var world = try BoxWorld()
    let placed = world.signed(
      "POST", "/api/v3/order",
      "symbol=ETHUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=2&price=110"
    ).json
    #expect(placed["status"]?.string == "NEW")
    #expect(placed["fills"]?.array?.isEmpty == true)
    world.now = BoxWorld.StepSeries.step + .minutes(1)
    let found = world.signed("GET", "/api/v3/order", "symbol=ETHUSDT&orderId=1").json
    #expect(found["status"]?.string == "FILLED")
    #expect(found["cummulativeQuoteQty"]?.string == "220.00000000")
    let trade = try #require(
      world.signed("GET", "/api/v3/myTrades", "symbol=ETHUSDT").json.array?.first)
    #expect(trade["isMaker"]?.bool == true)
    // A thousandth of 220.
    #expect(trade["commission"]?.string == "0.22000000")
    #expect(trade["commissionAsset"]?.string == "USDT")
    let balances = world.signed("GET", "/api/v3/account", "omitZeroBalances=true").json["balances"]
    #expect(balances?.array?.map { $0["free"]?.string } == ["1219.78000000"])
  }

  @Test(arguments: [
    // newOrderRespType -> fields beyond those of ACK
    ("ACK", false, false), ("RESULT", true, false), ("FULL", true, true),
  ])
  func answersAsLongAsAsked(_ type: String, _ hasStatus: Bool, _ hasFills: Bool) throws {
    var world = try BoxWorld()
    let reply = world.signed(
      "POST", "/api/v3/order",
      "symbol=ETHUSDT&side=BUY&type=MARKET&quoteOrderQty=50&newOrderRespType=\(type)")
    #expect((reply.json["status"] != nil) == hasStatus)
    #expect((reply.json["fills"] != nil) == hasFills)
    #expect(reply.headers["X-MBX-ORDER-COUNT-10S"] == "0", "a filled order is not counted")
    // 50 / 100.01 = 0.49995...: 0.499 is the most of whole lots.
    #expect(world.skin.floor.core.orders[1]?.filled.amount == Amount("0.499"))
  }

  @Test(arguments: [
    // mode, price of the new order -> status, both results, orders that are open afterwards
    ("STOP_ON_FAILURE", "95", "a", 200, "SUCCESS", "SUCCESS", [2]),
    ("STOP_ON_FAILURE", "95", "x", 400, "FAILURE", "NOT_ATTEMPTED", [1]),
    ("ALLOW_FAILURE", "5", "x", 400, "FAILURE", "FAILURE", [1]),
    ("ALLOW_FAILURE", "95", "x", 409, "FAILURE", "SUCCESS", [1, 2]),
    ("STOP_ON_FAILURE", "5", "a", 409, "SUCCESS", "FAILURE", []),
  ])
  func replacesOrders(
    _ mode: String, _ price: String, _ id: String, _ status: Int, _ cancel: String, _ new: String,
    _ open: [Int64]
  ) throws {
    var world = try BoxWorld()
    let order = "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1"
    _ = world.signed("POST", "/api/v3/order", order + "&price=90&newClientOrderId=a")
    let reply = world.signed(
      "POST", "/api/v3/order/cancelReplace",
      order + "&price=\(price)&cancelReplaceMode=\(mode)&cancelOrigClientOrderId=\(id)")
    #expect(reply.status == status)
    let told = status == 200 ? reply.json : reply.json["data"] ?? .null
    #expect(told["cancelResult"]?.string == cancel)
    #expect(told["newOrderResult"]?.string == new)
    #expect(world.skin.floor.core.openOrders(of: "main").map(\.number) == open)
  }

  @Test func countsOrdersThatAreNotFilled() throws {
    var world = try BoxWorld()
    var reply = WireReply(.null)
    for _ in 0...BinanceLimits.ordersPerTenSeconds {
      reply = world.signed(
        "POST", "/api/v3/order",
        "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=60")
    }
    #expect(
      reply.error == "429 -1015 Too many new orders; current limit is 100 orders per 10 SECOND.")
    let counts = world.signed("GET", "/api/v3/rateLimit/order").json.array
    #expect(counts?.compactMap { $0["count"]?.int } == [100, 100])
  }
}
