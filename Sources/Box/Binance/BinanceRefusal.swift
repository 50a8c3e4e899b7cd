/// An error of Binance that a request ends with: source github.com/binance/binance-spot-api-docs,
/// `errors.md`.
struct BinanceRefusal: Error, Hashable {
  var code: Int
  var message: String
  var status = 400
  /// Seconds to wait before the next request.
  var retryAfter: Int64?

  init(_ code: Int, _ message: String, status: Int = 400, retryAfter: Int64? = nil) {
    self.code = code
    self.message = message
    self.status = status
    self.retryAfter = retryAfter
  }

  static let invalidSymbol = BinanceRefusal(-1121, "Invalid symbol.")
  static let badCombination = BinanceRefusal(-1128, "Combination of optional parameters invalid.")
  static let noSuchOrder = BinanceRefusal(-2013, "Order does not exist.")
  static let unknownOrder = BinanceRefusal(-2011, "Unknown order sent.")
  static let badSignature = BinanceRefusal(-1022, "Signature for this request is not valid.")

  static func missing(_ parameter: String) -> BinanceRefusal {
    BinanceRefusal(
      -1102, "Mandatory parameter '\(parameter)' was not sent, was empty/null, or malformed.")
  }

  static func missing(oneOf a: String, _ b: String) -> BinanceRefusal {
    BinanceRefusal(-1102, "Param '\(a)' or '\(b)' must be sent, but both were empty/null!")
  }

  static func illegal(_ parameter: String, _ range: String) -> BinanceRefusal {
    BinanceRefusal(
      -1100, "Illegal characters found in parameter '\(parameter)'; legal range is '\(range)'.")
  }

  static func invalid(_ parameter: String) -> BinanceRefusal {
    BinanceRefusal(-1130, "Data sent for parameter '\(parameter)' is not valid.")
  }

  static func notRequired(_ parameter: String) -> BinanceRefusal {
    BinanceRefusal(-1106, "Parameter '\(parameter)' sent when not required.")
  }

  static func filter(_ name: String) -> BinanceRefusal {
    BinanceRefusal(-1013, "Filter failure: \(name)")
  }

  /// What the matching engine said.
  static func rejected(_ message: String) -> BinanceRefusal { BinanceRefusal(-2010, message) }
}
