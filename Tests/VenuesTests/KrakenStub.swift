import Domain
import Exchange
import Net
import Synchronization
import Testing
import Venues

/// Answers Kraken's calls by a closure, and remembers them.
final class KrakenStub: HTTPTransport {
  struct Call: Sendable {
    /// `AddOrder`.
    let method: String
    let parameters: [String: String]
  }

  private let answer: @Sendable (Call) -> HTTPOutcome
  private let calls = Mutex<[Call]>([])

  init(_ answer: @escaping @Sendable (Call) -> HTTPOutcome) { self.answer = answer }

  /// The calls that were made, without those for the time.
  var asked: [Call] { calls.withLock { $0.filter { $0.method != "Time" } } }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    switch await outcome(of: request) {
    case .answered(let response): return response
    case .refused(let fault), .notSent(let fault), .unanswered(let fault): throw fault
    }
  }

  func outcome(of request: HTTPRequest) async -> HTTPOutcome {
    let parts = request.url.split(separator: "?", maxSplits: 1)
    let method = parts[0].split(separator: "/").last.map(String.init) ?? ""
    let query =
      request.body.map { String(decoding: $0, as: UTF8.self) }
      ?? (parts.count > 1 ? String(parts[1]) : "")
    var parameters: [String: String] = [:]
    for pair in query.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      parameters[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
    }
    let call = Call(method: method, parameters: parameters)
    calls.withLock { $0.append(call) }
    return answer(call)
  }

  static func ok(_ text: String) -> HTTPOutcome {
    .answered(HTTPResponse(status: 200, body: Array(text.utf8)))
  }

  static func errors(_ texts: String...) -> HTTPOutcome {
    ok("{\"error\":[\(texts.map { "\"\($0)\"" }.joined(separator: ","))]}")
  }
}

/// A desk at Kraken Spot over a stub, and how things are told there.
enum KrakenDesk {
  static let id = ClientOrderID("car-k3v9q2m7x4hd1z")
  static let txid = "OUF4EM-FRGI2-MQMWZD"
  static let trade = "THVRQM-33VKH-UCI7BS"
  /// What the venue's clock shows, always.
  static let venueTime = Instant(rfc3339: "2026-11-28T12:00:00Z")!

  struct Desk {
    let venue: KrakenSpot
    let stub: KrakenStub
    let contract: Contract

    func ticket(
      limit: Amount? = Amount("37500.5")!, _ id: ClientOrderID = KrakenDesk.id
    ) -> OrderTicket {
      OrderTicket(
        id: id, contract: contract.id, side: .buy, quantity: contract.quantity(Amount("1.25")!),
        limit: limit.map(contract.price))
    }

    /// Orders that were sent at an instant of our clock, which is three seconds behind.
    func since(_ ids: [ClientOrderID], secondsAgo: Int64)
      -> [ClientOrderID: ClosedRange<Instant>]
    {
      let sent = KrakenDesk.venueTime - .seconds(3) - .seconds(secondsAgo)
      return Dictionary(ids.map { ($0, sent...sent) }, uniquingKeysWith: { first, _ in first })
    }

    func place() async -> Placement {
      await venue.place(ticket(), on: contract, validUntil: nil)
    }
  }

  /// A desk whose own clock is three seconds behind the venue's. What `answer` does not answer is
  /// answered as by an exchange without orders.
  static func desk(
    _ answer: @escaping @Sendable (KrakenStub.Call) -> HTTPOutcome?
  ) -> Desk {
    let stub = KrakenStub { answer($0) ?? Self.answer(to: $0.method) }
    let key = KrakenKey(id: Secret("public"), secret: Secret("aGlkZGVu"))!
    let venue = KrakenSpot(
      transport: stub, baseURL: "http://127.0.0.1:1", name: "kraken", key: key,
      keeper: MemoryKeyKeeper(), time: StandingTime(venueTime - .seconds(3)),
      fees: .flat(Rate(Amount("0.004")!)))
    return Desk(
      venue: venue, stub: stub,
      contract: venue.contract(
        Instrument(
          symbol: Symbol("BTC-USD")!, tick: Amount("0.1")!, lot: Amount("0.00000001")!,
          minimumNotional: Amount("0.5")!)))
  }

  private static func answer(to method: String) -> HTTPOutcome {
    switch method {
    case "Time": KrakenStub.ok(time)
    case "AddOrder": KrakenStub.ok(placed)
    case "OpenOrders": KrakenStub.ok(orders("open"))
    case "ClosedOrders": KrakenStub.ok(orders("closed"))
    case "QueryOrders": KrakenStub.errors("EOrder:Invalid order")
    case "QueryTrades": KrakenStub.ok(trades)
    case "TradesHistory": KrakenStub.ok("{\"error\":[],\"result\":{\"trades\":{},\"count\":0}}")
    case "AssetPairs": KrakenStub.ok(pairs)
    case "BalanceEx": KrakenStub.ok(balances)
    case "OHLC": KrakenStub.ok(candles)
    default: KrakenStub.errors("EGeneral:Unknown method")
    }
  }

  static let time =
    "{\"error\":[],\"result\":{\"unixtime\":\(venueTime.seconds),\"rfc1123\":\"Sat, 28 Nov 26\"}}"

  static let placed = """
    {"error":[],"result":{"descr":{"order":"buy 1.25000000 XBTUSD @ limit 37500.5"},\
    "txid":["\(txid)"]}}
    """

  /// `OpenOrders` or `ClosedOrders` with these rows.
  static func orders(_ key: String, _ rows: String...) -> String {
    "{\"error\":[],\"result\":{\"\(key)\":{\(rows.joined(separator: ","))}}}"
  }

  /// An order of 1.25 at 37500.5: half of it filled at 37500, for 0.4 %: 23437.5 and 93.75.
  static func order(
    status: String = "open", filled: String = "0.62500000", cost: String = "23437.50000",
    fee: String = "93.75000", price: String = "37500.00000", id: String = id.text,
    trades: String = "\"\(trade)\"", extra: String = ""
  ) -> String {
    """
    "\(txid)":{"refid":null,"userref":null,"cl_ord_id":"\(id)","status":"\(status)",\(extra)\
    "opentm":1764331200.1234,"starttm":0,"expiretm":0,"descr":{"pair":"XBTUSD","type":"buy",\
    "ordertype":"limit","price":"37500.5","price2":"0","leverage":"none",\
    "order":"buy 1.25000000 XBTUSD @ limit 37500.5","close":""},"vol":"1.25000000",\
    "vol_exec":"\(filled)","cost":"\(cost)","fee":"\(fee)","price":"\(price)",\
    "stopprice":"0.00000","limitprice":"0.00000","misc":"","oflags":"fciq","trades":[\(trades)]}
    """
  }

  static let trades = """
    {"error":[],"result":{"\(trade)":{"ordertxid":"\(txid)","postxid":"TKH2SE-M7IF5-CFI7LT",\
    "pair":"XXBTZUSD","time":1764331200.5678,"type":"buy","ordertype":"limit",\
    "price":"37500.00000","cost":"23437.50000","fee":"93.75000","vol":"0.62500000",\
    "margin":"0.00000","leverage":"0","misc":"","trade_id":40274859,"maker":true}}}
    """

  /// The trades as `TradesHistory` tells them.
  static let history = trades.replacing("\"result\":{", with: "\"result\":{\"trades\":{")
    .replacing("\"maker\":true}}}", with: "\"maker\":true}},\"count\":1}}")

  static let pairs = """
    {"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD",\
    "aclass_base":"currency","base":"XXBT","aclass_quote":"currency","quote":"ZUSD",\
    "lot":"unit","cost_decimals":5,"pair_decimals":1,"lot_decimals":8,"lot_multiplier":1,\
    "leverage_buy":[2,3],"leverage_sell":[2,3],"fees":[[0,0.4],[10000,0.35]],\
    "fees_maker":[[0,0.25],[10000,0.2]],"fee_volume_currency":"ZUSD","margin_call":80,\
    "margin_stop":40,"ordermin":"0.00005","costmin":"0.5","tick_size":"0.1",\
    "status":"online"}}}
    """

  static let balances = """
    {"error":[],"result":{"ZUSD":{"balance":"25435.2100","hold_trade":"8249.7600"},\
    "XXBT":{"balance":"1.2435000000","hold_trade":"0.8423000000"},\
    "XBT.F":{"balance":"0.0100000000","hold_trade":"0.0000000000"}}}
    """

  static let candles = """
    {"error":[],"result":{"XXBTZUSD":[\
    [1764324000,"37490.0","37510.0","37480.5","37500.0","37495.1","12.50000000",101],\
    [1764327600,"37500.0","37550.0","37499.0","37520.5","37525.9","9.25000000",88],\
    [1764331200,"37520.5","37530.0","37510.0","37515.0","37520.0","0.10000000",3]],\
    "last":1764327600}}
    """
}
