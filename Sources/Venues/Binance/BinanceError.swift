import Domain
import Net

/// An answer of Binance that is not what was asked for.
struct BinanceError: Error {
  static let badSymbol: Int64 = -1121
  static let badInterval: Int64 = -1120
  static let tooManyRequests: Int64 = -1003

  /// The longest error that is read, in bytes; a page of a firewall is longer and no JSON.
  private static let maximumBodyBytes = 16 << 10

  let status: Int
  /// Binance's own code, when the body has one.
  let code: Int64?
  let message: String
  private let place: String
  private let retryAfter: TimeSpan?

  init(_ response: HTTPResponse, to request: HTTPRequest) {
    status = response.status
    place = request.place
    var body: JSONValue?
    do {
      var limits = JSONValue.Limits()
      limits.maximumBytes = Self.maximumBodyBytes
      body = try JSONValue.parse(response.body, limits: limits)
    } catch {
      // A page of a proxy or a firewall: the status has to say it all.
    }
    code = body?["code"]?.int64
    message = body?["msg"]?.string.map { String($0.prefix(200)) } ?? ""
    retryAfter = response.header("Retry-After").flatMap { Int64($0) }
      .flatMap { (0...604_800).contains($0) ? .seconds($0) : nil }
  }

  /// Status, text and code.
  var told: String { "HTTP \(status)\(code.map { ": \(message) (\($0))" } ?? "")" }

  /// What it means for the one who asked, where it certainly had no effect and may be asked again.
  var transientFault: Fault {
    fault(remedy: "it is asked again later", .tryAgain, isTransient: true)
  }

  /// What it means for the one who asked.
  var fault: Fault {
    switch (code, status) {
    case (Self.badSymbol, _):
      return fault(
        remedy: "check the symbols in the configuration: BASE-QUOTE, as in BTC-USDT", .data)
    case (Self.badInterval, _):
      return fault(
        remedy: "use one of \(BinanceInterval.names.joined(separator: ", "))", .configuration)
    case (Self.tooManyRequests, _), (_, 429), (_, 418):
      return fault(
        remedy: "wait, and ask for fewer symbols or less often", .tryAgain, isTransient: true)
    case (-2014, _), (-2015, _), (_, 401):
      return fault(
        remedy: "check the key, the addresses it is bound to and its permissions", .refused)
    case (-1022, _):
      return fault(
        remedy: "check that the secret belongs to the key", .refused)
    case (_, 451):
      return fault(
        remedy: "Binance does not serve this place; for market data alone use "
          + BinanceMarket.defaultBaseURL, .unavailable)
    case (_, 403):
      return fault(
        remedy: "its firewall refuses this machine; ask less often, or from another address",
        .unavailable)
    case (_, 500...):
      return fault(
        remedy: "wait; the fault is on the other side", .unavailable, isTransient: true)
    default:
      return fault(
        remedy: "check that the address is that of a Binance Spot interface", .unavailable)
    }
  }

  private func fault(
    remedy: String, _ exit: ExitCode, isTransient: Bool = false
  ) -> Fault {
    Fault(
      "ask", place, cause: told, remedy: remedy, exit: exit, isTransient: isTransient,
      retryAfter: retryAfter)
  }
}
