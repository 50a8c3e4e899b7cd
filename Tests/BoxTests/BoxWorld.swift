import Cryptography
import Domain
import Exchange

@testable import Box

/// A box with one pair whose price stands at 100 and rises to 120 at 13:00, and requests to it.
struct BoxWorld {
  struct StepSeries: PriceSeries {
    static let step = Instant(rfc3339: "2026-11-28T13:00:00Z")!
    let begins = Instant(rfc3339: "2026-11-28T00:00:00Z")!
    var grains: [TimeSpan] { [.minutes(1)] }
    var minuteVolume: Double { 10 }

    func candles(_ grain: TimeSpan, from: Instant, before: Instant) -> [Candle] {
      let start = max(from, begins)
      return stride(from: start.milliseconds, to: before.milliseconds, by: 60_000).map {
        let time = Instant(milliseconds: $0)
        let price = time < Self.step ? 100.0 : 120
        let first = time == Self.step ? 100.0 : price
        return Candle(
          time: time, open: first, high: price, low: first, close: price, volume: 10)
      }
    }
  }

  static let opening = Instant(rfc3339: "2026-11-28T12:00:30Z")!
  static let secret = "aGlkZGVuLXNlY3JldA=="

  var skin: BinanceSkin
  var now = opening
  /// The machine's clock, where it is another.
  var machine: Instant?

  init(weightPerMinute: Int? = 6000, speed: Double = 1) throws {
    let instrument = Instrument(
      symbol: Symbol(base: "ETH", quote: "USDT")!, tick: Amount("0.01")!, lot: Amount("0.001")!,
      minimumNotional: Amount(5))
    skin = try BinanceSkin(
      BoxMarket([.init(instrument: instrument, series: StepSeries())]),
      accounts: [
        BoxAccount(
          name: "main", key: "mine", secret: Secret(Self.secret),
          balances: ["USDT": Amount(1000), "ETH": Amount(2)])
      ], clock: BoxClock(started: Self.opening, opening: Self.opening, speed: speed),
      weightPerMinute: weightPerMinute)
  }

  /// What the skin answers to what anybody may ask.
  mutating func get(_ path: String, _ query: String = "") -> WireReply {
    skin.answer(WireRequest("GET", path, query: query), at: now, machine: machine ?? now)
  }

  /// What it answers to a signed request; `stamp` and `key` may be wrong on purpose.
  mutating func signed(
    _ method: String, _ path: String, _ query: String = "", stamp: Instant? = nil,
    key: String? = "mine", secret: String = secret
  ) -> WireReply {
    let request = request(method, path, query, stamp: stamp, key: key, secret: secret)
    return skin.answer(request, at: now, machine: machine ?? now)
  }

  /// A signed request.
  func request(
    _ method: String, _ path: String, _ query: String = "", stamp: Instant? = nil,
    key: String? = "mine", secret: String = secret
  ) -> WireRequest {
    let text = (query.isEmpty ? "" : query + "&") + "timestamp=\((stamp ?? now).milliseconds)"
    let code = HMAC.code(of: Array(text.utf8), key: Array(secret.utf8), .sha256)
    return WireRequest(
      method, path, query: "\(text)&signature=\(Hexadecimal.text(code))",
      headers: key.map { ["x-mbx-apikey": $0] } ?? [:])
  }
}

extension WireReply {
  /// The body as JSON; null where it is none.
  var json: JSONValue {
    do { return try JSONValue.parse(body) } catch { return .null }
  }

  /// Status, code and message of an error.
  var error: String { "\(status) \(json["code"]?.int ?? 0) \(json["msg"]?.string ?? "")" }
}
