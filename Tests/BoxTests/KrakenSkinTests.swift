import Cryptography
import Domain
import Exchange
import Testing

@testable import Box

/// Expected words and shapes: github.com/krakenfx/api-specs, spot-rest, and docs.kraken.com.
@Suite struct KrakenSkinTests {
  /// A box with ETH/USD at 100, and requests that are signed as Kraken asks for.
  struct World {
    var skin: KrakenSkin
    var now = BoxWorld.opening
    var nonce = 0

    init(hasLimits: Bool = false) throws {
      let instrument = Instrument(
        symbol: Symbol(base: "ETH", quote: "USD")!, tick: Amount("0.01")!, lot: Amount("0.001")!,
        minimumNotional: Amount("0.5")!)
      skin = try KrakenSkin(
        BoxMarket([.init(instrument: instrument, series: BoxWorld.StepSeries())]),
        accounts: [
          BoxAccount(
            name: "main", key: "mine", secret: Secret(BoxWorld.secret),
            balances: ["USD": Amount(1000), "ETH": Amount(2)])
        ], clock: BoxClock(started: BoxWorld.opening, opening: BoxWorld.opening, speed: 1),
        hasLimits: hasLimits)
    }

    mutating func get(_ method: String, _ query: String = "") -> JSONValue {
      skin.answer(WireRequest("GET", "/0/public/\(method)", query: query), at: now, machine: now)
        .json
    }

    mutating func post(_ method: String, _ fields: String = "", nonce told: Int? = nil) -> JSONValue
    {
      nonce += 1
      let number = "\(told ?? nonce)"
      let path = "/0/private/\(method)"
      let body = "nonce=\(number)" + (fields.isEmpty ? "" : "&\(fields)")
      let inner = SHA256.hash(Array((number + body).utf8))
      let code = HMAC.code(
        of: Array(path.utf8) + inner, key: Base64.bytes(BoxWorld.secret) ?? [], .sha512)
      let request = WireRequest(
        "POST", path, headers: ["api-key": "mine", "api-sign": Base64.text(code)], body: body)
      return skin.answer(request, at: now, machine: now).json
    }

    /// The result of an order's look-up.
    mutating func order(_ txid: String) -> JSONValue? {
      post("QueryOrders", "txid=\(txid)")["result"]?[txid]
    }
  }

  /// Kraken's own example, of its page "Authentication".
  @Test func provesTheDocumentedSignature() throws {
    let access = try KrakenAccess(
      BoxAccount(
        name: "example", key: "k",
        secret: Secret(
          "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
        ), balances: [:]))
    let request = WireRequest(
      "POST", "/0/private/AddOrder",
      body: "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25")
    let signature =
      "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
    #expect(access.signed(request, nonce: "1616492376594", by: signature))
    #expect(!access.signed(request, nonce: "1616492376595", by: signature))
  }

  @Test(arguments: [
    ("BTC", "USD", "XXBTZUSD", "XBTUSD", "XBT/USD"),
    ("BTC", "USDT", "XBTUSDT", "XBTUSDT", "XBT/USDT"),
    ("SOL", "USD", "SOLUSD", "SOLUSD", "SOL/USD"), ("ETH", "BTC", "XETHXXBT", "ETHXBT", "ETH/XBT"),
    ("DOGE", "USD", "XXDGZUSD", "XDGUSD", "XDG/USD"),
  ])
  func namesPairs(_ base: String, _ quote: String, _ id: String, _ alt: String, _ ws: String) throws
  {
    let names = KrakenNames(try #require(Symbol(base: base, quote: quote)))
    #expect([names.id, names.altname, names.wsname] == [id, alt, ws])
  }

  @Test(arguments: [
    // the fields of a new order -> the error
    ("pair=NOPE&type=buy&ordertype=market&volume=1", "EQuery:Unknown asset pair"),
    ("pair=ETHUSD&type=hold&ordertype=market&volume=1", "EGeneral:Invalid arguments:type"),
    ("pair=ETHUSD&type=buy&ordertype=guess&volume=1", "EGeneral:Invalid arguments:ordertype"),
    ("pair=ETHUSD&type=buy&ordertype=market", "EGeneral:Invalid arguments:volume"),
    ("pair=ETHUSD&type=buy&ordertype=limit&volume=1", "EGeneral:Invalid arguments:price"),
    ("pair=ETHUSD&type=buy&ordertype=market&volume=0.0009", "EOrder:Order minimum not met"),
    ("pair=ETHUSD&type=buy&ordertype=market&volume=0.004", "EOrder:Cost minimum not met"),
    (
      "pair=ETHUSD&type=buy&ordertype=limit&volume=1&price=99.001",
      "EOrder:Invalid price:ETHUSD price can only be specified up to 2 decimals."
    ),
    ("pair=ETHUSD&type=buy&ordertype=market&volume=11", "EOrder:Insufficient funds"),
    (
      "pair=ETHUSD&type=buy&ordertype=limit&volume=1&price=101&oflags=post",
      "EOrder:Post only order"
    ),
    (
      "pair=ETHUSD&type=sell&ordertype=market&volume=1&oflags=viqc",
      "EGeneral:Invalid arguments:viqc"
    ),
    (
      "pair=ETHUSD&type=buy&ordertype=market&volume=1&oflags=fcib,fciq",
      "EGeneral:Invalid arguments:oflags"
    ),
    (
      "pair=ETHUSD&type=buy&ordertype=market&volume=1&cl_ord_id=0123456789abcdefghi",
      "EGeneral:Invalid arguments:cl_ord_id"
    ),
    (
      "pair=ETHUSD&type=buy&ordertype=market&volume=1&cl_ord_id=a&userref=1",
      "EGeneral:Invalid arguments:cl_ord_id"
    ),
    (
      "pair=ETHUSD&type=buy&ordertype=market&volume=1&deadline=2026-11-28T12:00:29Z",
      "EService:Deadline elapsed"
    ),
  ])
  func refusesOrders(_ fields: String, _ words: String) throws {
    var world = try World()
    let reply = world.post("AddOrder", fields)
    #expect(reply["error"]?.array?.first?.string == words)
    #expect(reply["result"] == nil)
    #expect(world.skin.floor.core.orders.isEmpty)
  }

  @Test func knowsWhoAsks() throws {
    var world = try World()
    #expect(world.post("Balance")["result"]?["ZUSD"]?.string == "1000.0000000000")
    #expect(world.post("Balance", nonce: 1)["error"] == .array([.string("EAPI:Invalid nonce")]))
    let request = WireRequest(
      "POST", "/0/private/Balance", headers: ["api-key": "mine", "api-sign": "AAAA"],
      body: "nonce=9")
    #expect(
      world.skin.answer(request, at: world.now, machine: world.now).refusal
        == "EAPI:Invalid signature")
    var other = request
    other.headers["api-key"] = "nobody's"
    #expect(
      world.skin.answer(other, at: world.now, machine: world.now).refusal == "EAPI:Invalid key")
  }

  /// 0.40 % of 100.01 in dollars: what is bought comes whole.
  @Test func feesArePaidInTheQuoteAsset() throws {
    var world = try World()
    let placed = world.post("AddOrder", "pair=ETHUSD&type=buy&ordertype=market&volume=1")
    #expect(placed["result"]?["descr"]?["order"]?.string == "buy 1.00000000 ETHUSD @ market")
    let txid = try #require(placed["result"]?["txid"]?.array?.first?.string)
    let found = world.order(txid)
    let order = try #require(found)
    #expect(order["status"]?.string == "closed")
    #expect(order["cost"]?.string == "100.0100000000")
    #expect(order["fee"]?.string == "0.4000400000")
    let balances = world.post("BalanceEx")["result"]
    #expect(balances?["XETH"]?["balance"]?.string == "3.0000000000")
    #expect(balances?["ZUSD"]?["balance"]?.string == "899.5899600000")
    let trades = world.post("TradesHistory")["result"]
    #expect(trades?["count"]?.int == 1)
    #expect(trades?["trades"]?.object?.first?.value["ordertxid"]?.string == txid)
  }

  @Test func anOrderIsFoundByEachOfItsNames() throws {
    var world = try World()
    let order = "pair=ETHUSD&type=buy&ordertype=limit&volume=1&price=90"
    _ = world.post("AddOrder", order + "&cl_ord_id=mine-1")
    #expect(
      world.post("AddOrder", order + "&cl_ord_id=mine-1")["error"]?.array?.first?.string
        == "EGeneral:Invalid arguments:cl_ord_id", "it is open")
    _ = world.post("AddOrder", order + "&userref=7")
    #expect(world.post("OpenOrders", "cl_ord_id=mine-1")["result"]?["open"]?.object?.count == 1)
    #expect(world.post("OpenOrders", "userref=7")["result"]?["open"]?.object?.count == 1)
    #expect(world.post("CancelOrder", "cl_ord_id=mine-1")["result"]?["count"]?.int == 1)
    #expect(world.post("CancelOrder", "txid=7")["result"]?["count"]?.int == 1)
    #expect(
      world.post("CancelOrder", "txid=7")["error"] == .array([.string("EOrder:Unknown order")]))
    let closed = world.post("ClosedOrders")["result"]
    #expect(closed?["count"]?.int == 2)
    #expect(
      closed?["closed"]?.object?.map { $0.value["status"]?.string } == ["canceled", "canceled"])
  }

  @Test func anOrderEndsAtItsTimeAndAllEndWhenTheSwitchIsNotRenewed() throws {
    var world = try World()
    let order = "pair=ETHUSD&type=buy&ordertype=limit&volume=1&price=90"
    let placed = world.post("AddOrder", order + "&timeinforce=GTD&expiretm=%2b60")
    let txid = try #require(placed["result"]?["txid"]?.array?.first?.string)
    world.now = world.now + .seconds(59)
    #expect(world.order(txid)?["status"]?.string == "open")
    world.now = world.now + .seconds(1)
    #expect(world.order(txid)?["status"]?.string == "expired")
    #expect(world.post("BalanceEx")["result"]?["ZUSD"]?["hold_trade"]?.string == "0.0000000000")

    _ = world.post("AddOrder", order)
    let armed = world.post("CancelAllOrdersAfter", "timeout=60")["result"]
    #expect(armed?["triggerTime"]?.string == "2026-11-28T12:02:30Z")
    world.now = world.now + .seconds(30)
    #expect(world.post("OpenOrders")["result"]?["open"]?.object?.count == 1)
    world.now = world.now + .seconds(30)
    #expect(world.post("OpenOrders")["result"]?["open"]?.object?.isEmpty == true)
  }

  /// An Intermediate account: twenty, and one every two seconds.
  @Test func countsCalls() throws {
    var world = try World(hasLimits: true)
    for _ in 0..<20 { #expect(world.post("Balance")["error"] == .array([])) }
    #expect(world.post("Balance")["error"] == .array([.string("EAPI:Rate limit exceeded")]))
    #expect(
      world.post("AddOrder", "pair=ETHUSD&type=buy&ordertype=market&volume=1")["error"]
        == .array([]), "orders are not counted")
    world.now = world.now + .seconds(4)
    #expect(world.post("Balance")["error"] == .array([]))
  }

  @Test func tellsTheNewest720CandlesAndNoOlder() throws {
    var world = try World()
    // 12:00:30; prices begin at 00:00: 720 minutes are closed, one is open.
    let all = world.get("OHLC", "pair=ETHUSD&interval=1&since=0")["result"]
    #expect(all?["XETHZUSD"]?.array?.count == 720)
    let newest = all?["XETHZUSD"]?.array?.last?.array?.first?.int64
    #expect(newest == Instant(rfc3339: "2026-11-28T12:00:00Z")!.seconds)
    #expect(all?["last"]?.int64 == newest.map { $0 - 60 })
    let since = world.get("OHLC", "pair=ETHUSD&interval=1&since=\((newest ?? 0) - 60)")["result"]
    #expect(since?["XETHZUSD"]?.array?.count == 1, "since itself is left out")
  }
}
