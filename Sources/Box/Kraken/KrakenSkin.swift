public import Domain
import Exchange

/// Kraken Spot: its REST interface over the exchange in the box.
///
/// Source: github.com/krakenfx/api-specs, spot-rest, and docs.kraken.com.
public struct KrakenSkin: WireSkin {
  /// What trading costs in the lowest tier, in the quote asset.
  static let fees = FeeSchedule(.value(maker: maker, taker: taker), paidIn: .quote)
  static let maker = Rate(Amount(units: 2_500_000_000))
  static let taker = Rate(Amount(units: 4_000_000_000))
  /// Orders that may be open in one pair.
  static let mostOpenOrders = 80

  /// The exchange behind it.
  public var floor: TradingFloor
  let names: [String: KrakenNames]
  private let pairs: [String: String]
  private var access: [String: KrakenAccess] = [:]
  /// The accounts whose keys may take money out.
  let withdrawing: Set<String>
  private let clock: BoxClock
  private let hasLimits: Bool
  var notes: [Int64: KrakenOrderNote] = [:]
  var orderNumbers: [String: Int64] = [:]
  var made: Int64 = 0
  /// When all orders of an account are cancelled unless it says otherwise.
  var switches: [String: Instant] = [:]

  /// Kraken over a market. - Throws: `Fault` for an account whose secret is no key.
  public init(
    _ market: BoxMarket, accounts: [BoxAccount], clock: BoxClock, hasLimits: Bool = true
  ) throws(Fault) {
    let listings = market.listings.map { listing in
      var listing = listing
      // Kraken counts quantities in eight places; what elsewhere is a lot is its least order.
      listing.instrument.filters.minimumQuantity = listing.instrument.lot
      listing.instrument.lot = FeeSchedule.finestStep
      return listing
    }
    floor = try TradingFloor(
      venue: "kraken", BoxMarket(listings), fees: Self.fees, opening: clock.opening
    ) { KrakenNames($0).id }
    self.clock = clock
    withdrawing = Set(accounts.filter(\.mayWithdraw).map(\.name))
    self.hasLimits = hasLimits
    var names: [String: KrakenNames] = [:]
    var pairs: [String: String] = [:]
    for one in floor.listed {
      let own = KrakenNames(one.instrument.symbol)
      names[own.id] = own
      for name in [own.id, own.altname, own.wsname] { pairs[name] = own.id }
    }
    (self.names, self.pairs) = (names, pairs)
    access = try floor.open(accounts) { (account) throws(Fault) in try KrakenAccess(account) }
  }

  /// The answer to a request.
  public mutating func answer(
    _ request: WireRequest, at now: Instant, machine: Instant
  ) -> WireReply {
    pass(to: now)
    var account: String?
    var reply: WireReply
    do throws(KrakenRefusal) {
      reply = Self.reply([], try result(request, &account))
    } catch {
      reply = Self.reply([error.message], nil)
      reply.refusal = error.message
    }
    reply.account = account
    return reply
  }

  private mutating func result(
    _ request: WireRequest, _ account: inout String?
  ) throws(KrakenRefusal) -> JSONValue {
    let parts = request.path.split(separator: "/").map(String.init)
    guard parts.count == 3, parts[0] == "0" else { throw .unknownMethod }
    let parameters = try KrakenParameters(request)
    switch (parts[1], request.method) {
    case ("public", "GET"), ("public", "POST"):
      return try publicAnswer(parts[2], parameters)
    case ("private", "POST"):
      let name = try prove(request, parameters, parts[2])
      account = name
      return try privateAnswer(parts[2], parameters, as: name)
    default: throw .unknownMethod
    }
  }

  /// Who asks: key, signature, nonce, and room for the call.
  private mutating func prove(
    _ request: WireRequest, _ parameters: KrakenParameters, _ method: String
  ) throws(KrakenRefusal) -> String {
    guard let key = request.headers["api-key"], var access = self.access[key] else {
      throw KrakenRefusal("EAPI:Invalid key")
    }
    guard let nonce = parameters["nonce"] else { throw KrakenRefusal("EAPI:Invalid nonce") }
    guard let signature = request.headers["api-sign"],
      access.signed(request, nonce: nonce, by: signature)
    else { throw KrakenRefusal("EAPI:Invalid signature") }
    let isNewer = access.accept(nonce: nonce)
    let weight = Self.weights[method] ?? 1
    let hasRoom = !hasLimits || access.count(weight, at: floor.core.now)
    self.access[key] = access
    guard isNewer else { throw KrakenRefusal("EAPI:Invalid nonce") }
    guard hasRoom else { throw KrakenRefusal("EAPI:Rate limit exceeded") }
    return access.account
  }

  private static let weights: [String: Double] = [
    "AddOrder": 0, "CancelOrder": 0, "CancelAll": 1, "TradesHistory": 2, "Ledgers": 2,
    "QueryLedgers": 2,
  ]

  /// The contract of a pair in any of its names.
  func contract(_ name: String) throws(KrakenRefusal) -> TradingFloor.Listed {
    guard let id = pairs[name], let one = floor.contract(id) else { throw .unknownPair }
    return one
  }

  /// Lets time pass, with what is due in it: orders that expire, and switches that were not renewed.
  mutating func pass(to now: Instant) {
    while let due = nextDue(by: now) {
      floor.advance(to: due)
      for (number, note) in notes where note.expiry.map({ $0 <= due }) ?? false {
        end(number, as: "expired")
      }
      for (account, time) in switches where time <= due {
        switches[account] = nil
        for order in floor.core.openOrders(of: account) {
          _ = floor.handle(.cancel(order.ticket.id), as: account)
        }
      }
    }
    floor.advance(to: now)
  }

  private func nextDue(by now: Instant) -> Instant? {
    (notes.values.compactMap(\.expiry) + Array(switches.values)).filter { $0 <= now }.min()
  }

  private mutating func end(_ number: Int64, as status: String) {
    notes[number]?.expiry = nil
    guard let order = floor.core.orders[number], order.state == .open else { return }
    _ = floor.handle(.cancel(order.ticket.id), as: order.account)
    notes[number]?.status = status
  }

  static func reply(_ errors: [String], _ result: JSONValue?) -> WireReply {
    var members: [JSONValue.Member] = [.init("error", .array(errors.map { .string($0) }))]
    if let result { members.append(.init("result", result)) }
    return WireReply(.object(members))
  }

  /// What a request is to those who plan faults.
  public func callClass(of request: WireRequest) -> String {
    let method = request.path.split(separator: "/").last.map(String.init) ?? ""
    let names = [
      "AddOrder": "place", "CancelOrder": "cancel", "CancelAll": "cancelAll",
      "QueryOrders": "find", "OpenOrders": "openOrders", "ClosedOrders": "allOrders",
      "TradesHistory": "myTrades", "Balance": "account", "BalanceEx": "account", "OHLC": "klines",
      "Time": "time", "AssetPairs": "exchangeInfo", "Depth": "depth", "Trades": "trades",
      "Ticker": "ticker24h",
    ]
    return names[method] ?? "other"
  }

  /// The answer that refuses a request before anybody has looked at it.
  public mutating func refusal(_ refusal: WireRefusal, at now: Instant) -> WireReply {
    pass(to: now)
    var reply: WireReply
    switch refusal {
    case .tooMany: reply = Self.reply(["EAPI:Rate limit exceeded"], nil)
    case .banned: reply = Self.reply(["EGeneral:Temporary lockout"], nil)
    case .rejected: reply = Self.reply(["EOrder:Trading agreement required"], nil)
    case .outOfOrder(let status):
      reply = Self.reply(["EService:Unavailable"], nil)
      reply.status = status
    }
    reply.refusal = "fault"
    return reply
  }
}
