import Domain

/// The parameters of one request, and what Binance says when they are wrong.
struct ExchangeQuery {
  /// An error of Binance that a request ends with.
  struct Refusal: Error {
    let reply: ExchangeReply

    init(_ code: Int, _ message: String) { reply = ExchangeReply(error: code, message) }
  }

  /// More than any endpoint reads.
  private static let maximumParameters = 16

  private var values: [String: String] = [:]

  /// Reads a query string, in which only the parameters named may stand.
  init(_ text: String, allowed: [String]) throws(Refusal) {
    for pair in text.split(separator: "&").prefix(Self.maximumParameters + 1) {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(sides[0]), let value = Self.decoded(sides.last ?? "") else {
        throw Refusal(-1100, "Illegal characters found in a parameter.")
      }
      guard values.updateValue(sides.count == 2 ? value : "", forKey: name) == nil else {
        throw Refusal(-1101, "Duplicate values for a parameter detected.")
      }
    }
    let read = values.keys.filter { allowed.contains($0) }.count
    guard read == values.count else {
      throw Refusal(
        -1104,
        "Not all sent parameters were read; read '\(read)' parameter(s) "
          + "but was sent '\(values.count)'.")
    }
  }

  /// The text of a parameter; nil when it was not sent.
  subscript(name: String) -> String? { values[name] }

  /// The text of a parameter that must be there and match `[A-Za-z0-9-_.]{1,20}`.
  func name(_ parameter: String) throws(Refusal) -> String {
    guard let text = values[parameter], !text.isEmpty else {
      throw Refusal(
        -1102,
        "Mandatory parameter '\(parameter)' was not sent, was empty/null, or malformed.")
    }
    guard text.utf8.count <= 20, text.utf8.allSatisfy(Self.isNameByte) else {
      throw Refusal(
        -1100,
        "Illegal characters found in parameter '\(parameter)'; "
          + "legal range is '^[A-Z0-9-_.]{1,20}$'.")
    }
    return text
  }

  /// A whole number that is not negative; nil when it was not sent.
  func number(_ parameter: String) throws(Refusal) -> Int64? {
    guard let text = values[parameter] else { return nil }
    guard (1...18).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let value = Int64(text)
    else {
      throw Refusal(
        -1100,
        "Illegal characters found in parameter '\(parameter)'; legal range is '^[0-9]{1,18}$'.")
    }
    return value
  }

  /// The names in a list such as `["ETHBTC","LTCBTC"]`; nil when it was not sent.
  func list(_ parameter: String) throws(Refusal) -> [String]? {
    guard let text = values[parameter] else { return nil }
    let inner = text.dropFirst().dropLast()
    let names = inner.split(separator: ",", omittingEmptySubsequences: false)
    guard text.first == "[", text.last == "]", text.utf8.count >= 4,
      names.allSatisfy({ name in
        name.utf8.count > 2 && name.first == "\"" && name.last == "\""
          && name.dropFirst().dropLast().utf8.allSatisfy(Self.isNameByte)
      })
    else {
      throw Refusal(
        -1100,
        "Illegal characters found in parameter '\(parameter)'; "
          + "legal range is '^\\\\[(\\\"[A-Z0-9-_.]{1,20}\\\"(,\\\"[A-Z0-9-_.]{1,20}\\\"){0,}){0,1}\\\\]$'."
      )
    }
    return names.map { String($0.dropFirst().dropLast()) }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
  }

  /// Undoes percent-encoding; nil when it is malformed or is not UTF-8.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, digits.first != UInt8(ascii: "+"),
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
