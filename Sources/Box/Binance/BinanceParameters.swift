import Domain

/// The parameters of one request: those of the query before those of the body.
struct BinanceParameters {
  private var values: [String: String] = [:]
  /// What a signature is made of: query and body without the signature itself.
  let payload: String

  /// More parameters than any endpoint has.
  init(_ request: WireRequest) throws(BinanceRefusal) {
    let isForm = !request.body.isEmpty && !request.body.hasPrefix("{")
    payload = Self.unsigned(request.query) + (isForm ? Self.unsigned(request.body) : "")
    // The query wins, so it is laid over the body.
    for text in [isForm ? request.body : "", request.query] {
      guard let form = FormText(text) else {
        throw BinanceRefusal(-1100, "Illegal characters found in a parameter.")
      }
      var seen: Set<String> = []
      for field in form.fields {
        guard seen.insert(field.name).inserted else {
          throw BinanceRefusal(-1101, "Duplicate values for a parameter detected.")
        }
        values[field.name] = field.value
      }
    }
  }

  /// The text with the pair of the signature taken out.
  private static func unsigned(_ text: String) -> String {
    guard text.contains("signature=") else { return text }
    return text.split(separator: "&", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("signature=") }.joined(separator: "&")
  }

  /// Refuses what an endpoint does not read, and what has no value.
  func check(known: [String]) throws(BinanceRefusal) {
    let read = values.keys.filter { known.contains($0) }.count
    guard read == values.count else {
      throw BinanceRefusal(
        -1104,
        "Not all sent parameters were read; read '\(read)' parameter(s) "
          + "but was sent '\(values.count)'.")
    }
    for (name, value) in values.sorted(by: { $0.key < $1.key }) where value.isEmpty {
      throw BinanceRefusal(-1105, "Parameter '\(name)' was empty.")
    }
  }

  /// Those of the parameters that have another name, by it.
  func renamed(_ names: [String: String]) -> BinanceParameters {
    var renamed = self
    renamed.values = [:]
    for (name, other) in names { renamed.values[other] = values[name] }
    return renamed
  }

  /// Whether a parameter was sent.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The text of a parameter; nil when it was not sent.
  subscript(name: String) -> String? { values[name] }

  /// The text of a parameter that must be there.
  func text(_ name: String) throws(BinanceRefusal) -> String {
    guard let text = values[name], !text.isEmpty else { throw .missing(name) }
    return text
  }

  /// A symbol, which must be there.
  func symbol() throws(BinanceRefusal) -> String {
    let text = try text("symbol")
    guard Self.isName(text) else { throw .illegal("symbol", "^[A-Z0-9-_.]{1,20}$") }
    return text
  }

  /// The symbols of a list such as `["ETHBTC","LTCBTC"]`; nil when it was not sent.
  func symbols() throws(BinanceRefusal) -> [String]? {
    guard let text = values["symbols"] else { return nil }
    let names = text.dropFirst().dropLast()
      .split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
    guard text.first == "[", text.last == "]",
      names.allSatisfy({
        $0.utf8.count > 2 && $0.first == "\"" && $0.last == "\""
          && Self.isName(String($0.dropFirst().dropLast()))
      })
    else {
      throw .illegal(
        "symbols",
        "^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$")
    }
    guard Set(names).count == names.count else {
      throw BinanceRefusal(-1151, "Symbol is present multiple times in the list.")
    }
    return names.map { String($0.dropFirst().dropLast()) }
  }

  /// A whole number that is not negative; nil when it was not sent.
  func number(_ name: String) throws(BinanceRefusal) -> Int64? {
    guard let text = values[name] else { return nil }
    guard (1...20).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
      throw .illegal(name, "^[0-9]{1,20}$")
    }
    guard let value = Int64(text) else {
      throw BinanceRefusal(-1108, "Parameter '\(name)' overflowed.")
    }
    return value
  }

  /// A time in milliseconds, or in microseconds, which are told by their size; nil when not sent.
  func time(_ name: String) throws(BinanceRefusal) -> Instant? {
    guard let value = try number(name) else { return nil }
    let milliseconds = value > Instant.latest.milliseconds ? value / 1000 : value
    return Instant(milliseconds: min(milliseconds, Instant.latest.milliseconds))
  }

  /// How many rows: at least one, and no more than `most`.
  func limit(_ standard: Int, most: Int) throws(BinanceRefusal) -> Int {
    guard let value = try number("limit") else { return standard }
    guard value > 0 else { throw .invalid("limit") }
    return Int(min(value, Int64(most)))
  }

  /// A decimal number above zero; nil when it was not sent.
  func decimal(_ name: String, places: Int = 8) throws(BinanceRefusal) -> Amount? {
    guard let text = values[name] else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      parts.allSatisfy({
        (1...20).contains($0.utf8.count) && $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
      })
    else { throw .illegal(name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$") }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard !fraction.dropFirst(places).contains(where: { $0 != "0" }) else {
      throw BinanceRefusal(-1111, "Parameter '\(name)' has too much precision.")
    }
    guard let amount = Amount("\(parts[0]).\(fraction.prefix(places))0") else {
      throw BinanceRefusal(-1108, "Parameter '\(name)' overflowed.")
    }
    return amount
  }

  /// `true` or `false`; nil when it was not sent.
  func flag(_ name: String) throws(BinanceRefusal) -> Bool? {
    guard let text = values[name] else { return nil }
    guard let flag = ["true": true, "false": false][text.lowercased()] else { throw .invalid(name) }
    return flag
  }

  private static func isName(_ text: String) -> Bool {
    (1...20).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57) || "-_.".utf8.contains(byte)
      }
  }
}
