public import Domain
public import Exchange

/// Binance Spot: its REST interface over the exchange in the box.
///
/// Source: github.com/binance/binance-spot-api-docs, `rest-api.md`, `filters.md`, `errors.md` of
/// 2026-07.
public struct BinanceSkin: WireSkin {
  /// The weight of a minute that Binance allows.
  public static let weightPerMinute = 6000
  /// What trading costs: a thousandth of what is received.
  public static let fees = FeeSchedule(
    .value(maker: rate, taker: rate), paidIn: .received, isRoundedWherePaid: true)
  static let rate = Rate(Amount(units: 1_000_000_000))

  /// The exchange behind it.
  public var floor: TradingFloor
  var limits: BinanceLimits
  var notes: [Int64: BinanceOrderNote] = [:]
  let accounts: [String: BinanceAccess]
  /// The accounts whose keys may take money out.
  let withdrawing: Set<String>
  private let clock: BoxClock
  private var tradesSeen = 0
  var cancels: Int64 = 0

  /// Binance over a market.
  ///
  /// - Parameter weightPerMinute: what is allowed; nil: anything.
  /// - Throws: `Fault` when two pairs would have one name, or an account's key is no key.
  public init(
    _ market: BoxMarket, accounts: [BoxAccount], clock: BoxClock,
    weightPerMinute: Int? = weightPerMinute
  ) throws(Fault) {
    floor = try TradingFloor(
      venue: "binance", market, fees: Self.fees, opening: clock.opening
    ) { $0.base + $0.quote }
    limits = BinanceLimits(weightPerMinute: weightPerMinute)
    withdrawing = Set(accounts.filter(\.mayWithdraw).map(\.name))
    self.clock = clock
    self.accounts = try floor.open(accounts) { (account) throws(Fault) in
      try BinanceAccess(account)
    }
  }

  /// The answer to a request.
  public mutating func answer(
    _ request: WireRequest, at now: Instant, machine: Instant
  ) -> WireReply {
    floor.advance(to: now)
    noteTrades()
    guard let endpoint = BinanceEndpoint.at(request.method, request.path) else {
      return Self.notFound(request)
    }
    var reply: WireReply
    var account: String?
    do throws(BinanceRefusal) {
      let parameters = try BinanceParameters(request)
      try count(endpoint.weight(parameters))
      if endpoint.security != .open {
        account = try access(request, parameters, endpoint, now: floor.shownTime, machine: machine)
          .account
      }
      try parameters.check(known: endpoint.parameters + endpoint.security.parameters)
      reply = try endpoint.answer(&self, parameters, account ?? "")
      noteTrades()
      if endpoint.isOrder, let account {
        let count = limits.count(of: account, at: floor.core.now)
        reply.headers["X-MBX-ORDER-COUNT-10S"] = "\(count.inTens)"
        reply.headers["X-MBX-ORDER-COUNT-1D"] = "\(count.inDay)"
      }
    } catch {
      reply = Self.reply(error)
    }
    reply.account = account
    reply.headers["X-MBX-USED-WEIGHT"] = "\(limits.used)"
    reply.headers["X-MBX-USED-WEIGHT-1M"] = "\(limits.used)"
    return reply
  }

  private mutating func count(_ weight: Int) throws(BinanceRefusal) {
    switch limits.take(weight, at: floor.core.now) {
    case .passed: return
    case .tooMuch(let rest): throw tooMuch(rest)
    case .banned(let until): throw banned(until)
    }
  }

  private func tooMuch(_ rest: TimeSpan) -> BinanceRefusal {
    BinanceRefusal(
      -1003,
      "Too much request weight used; current limit is \(limits.weightPerMinute ?? 0) request weight "
        + "per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
      status: 429, retryAfter: clock.machineSeconds(rest))
  }

  private func banned(_ until: Instant) -> BinanceRefusal {
    BinanceRefusal(
      -1003,
      "Way too much request weight used; IP banned until \(until.milliseconds). Please use WebSocket "
        + "Streams for live updates to avoid bans.", status: 418,
      retryAfter: clock.machineSeconds(until - floor.core.now))
  }

  /// Who asks, as far as it is proven.
  private func access(
    _ request: WireRequest, _ parameters: BinanceParameters, _ endpoint: BinanceEndpoint,
    now: Instant, machine: Instant
  ) throws(BinanceRefusal) -> BinanceAccess {
    guard let key = request.headers["x-mbx-apikey"], !key.isEmpty,
      key.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
    else { throw BinanceRefusal(-2014, "API-key format invalid.", status: 401) }
    guard let access = accounts[key] else {
      throw BinanceRefusal(
        -2015, "Invalid API-key, IP, or permissions for action.", status: 401)
    }
    guard endpoint.security == .signed else { return access }
    let stamp = try parameters.number("timestamp")
    guard let stamp else { throw .missing("timestamp") }
    guard let signature = parameters["signature"], !signature.isEmpty else {
      throw .missing("signature")
    }
    try checkTime(stamp, try window(parameters), now: now, machine: machine)
    guard access.signed(parameters.payload, by: signature) else { throw .badSignature }
    return access
  }

  /// For how many milliseconds a request is valid.
  private func window(_ parameters: BinanceParameters) throws(BinanceRefusal) -> Double {
    guard let text = parameters["recvWindow"] else { return 5000 }
    guard let amount = try parameters.decimal("recvWindow", places: 3) else { return 5000 }
    guard amount <= Amount(60_000) else {
      throw BinanceRefusal(
        -1102, "'recvWindow' contains unexpected value. Cannot be greater than 60000.")
    }
    _ = text
    return amount.double
  }

  /// Whether a request is neither of the future nor too old. Spans are the machine's: at sixty times
  /// the speed five seconds are five minutes of the exchange. Where the exchange's clock has left the
  /// machine's, who stamps by the latter is taken as well.
  private func checkTime(
    _ stamp: Int64, _ window: Double, now: Instant, machine: Instant
  ) throws(BinanceRefusal) {
    let milliseconds = Double(
      stamp > Instant.latest.milliseconds ? stamp / 1000 : stamp)
    let scale = max(1, clock.speed)
    let ahead = milliseconds - Double(now.milliseconds)
    if ahead < 1000 * scale, -ahead <= window * scale { return }
    let aheadOfMachine = milliseconds - Double(machine.milliseconds)
    if !clock.isMachines, aheadOfMachine < 1000, -aheadOfMachine <= window { return }
    throw BinanceRefusal(
      -1021,
      ahead >= 1000 * scale
        ? "Timestamp for this request was 1000ms ahead of the server's time."
        : "Timestamp for this request is outside of the recvWindow.")
  }

  /// Takes off the count of unfilled orders those that were filled for the first time.
  private mutating func noteTrades() {
    let trades = floor.core.trades
    for trade in trades[tradesSeen...] where trade.index == 0 {
      limits.add(-1, to: trade.account, at: floor.core.now)
    }
    tradesSeen = trades.count
  }

  static func reply(_ refusal: BinanceRefusal) -> WireReply {
    var reply = WireReply(
      .object([
        .init("code", .number(refusal.code)), .init("msg", .string(refusal.message)),
      ]), status: refusal.status)
    if let seconds = refusal.retryAfter { reply.headers["Retry-After"] = "\(seconds)" }
    reply.refusal = "\(refusal.code)"
    return reply
  }

  private static func notFound(_ request: WireRequest) -> WireReply {
    var reply = WireReply(
      .object([
        .init("code", .number(-1020)),
        .init("msg", .string("This operation is not supported.")),
      ]), status: 404)
    reply.refusal = "404"
    return reply
  }

  /// What a request is to those who plan faults.
  public func callClass(of request: WireRequest) -> String {
    BinanceEndpoint.at(request.method, request.path)?.name ?? "other"
  }

  /// The answer that refuses a request before anybody has looked at it.
  public mutating func refusal(_ refusal: WireRefusal, at now: Instant) -> WireReply {
    floor.advance(to: now)
    switch refusal {
    case .tooMany: return Self.reply(tooMuch(.seconds(1)))
    case .banned: return Self.reply(banned(limits.ban(at: floor.core.now)))
    case .rejected: return Self.reply(.rejected("This action is disabled on this account."))
    case .outOfOrder(let status):
      return Self.reply(
        BinanceRefusal(
          status == 503 ? -1008 : -1000,
          status == 503
            ? "Server is currently overloaded with other requests. Please try again in a few minutes."
            : "An unknown error occurred while processing the request.", status: status))
    }
  }
}
