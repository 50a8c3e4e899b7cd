/// What an endpoint of the exchange answers.
struct ExchangeReply: Hashable, Sendable {
  var status: Int
  var headers: [String: String]
  var body: String

  /// An answer in JSON.
  init(_ body: String, status: Int = 200) {
    self.status = status
    self.body = body
    headers = ["Content-Type": "application/json;charset=UTF-8"]
  }

  /// An error in the shape of Binance.
  init(error code: Int, _ message: String, status: Int = 400) {
    self.init("{\"code\":\(code),\"msg\":\"\(message)\"}", status: status)
  }
}

/// The decimal of a number without an exponent: the shortest that reads back as the same number.
func plainDecimal(_ value: Double) -> String {
  let text = value.description
  guard let mark = text.firstIndex(of: "e") else {
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
  let exponent = Int(text[text.index(after: mark)...]) ?? 0
  let sign = text.hasPrefix("-") ? "-" : ""
  let mantissa = text[..<mark].drop { $0 == "-" }
  let whole = mantissa.prefix { $0 != "." }
  let fraction = mantissa.dropFirst(whole.count + 1)
  let digits = fraction == "0" ? String(whole) : String(whole + fraction)
  let point = whole.count + exponent
  if point <= 0 { return "\(sign)0.\(String(repeating: "0", count: -point))\(digits)" }
  if point >= digits.count {
    return "\(sign)\(digits)\(String(repeating: "0", count: point - digits.count))"
  }
  return "\(sign)\(digits.prefix(point)).\(digits.dropFirst(point))"
}
