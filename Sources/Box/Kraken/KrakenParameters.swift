import Domain

/// The parameters of one request: of the query for public ones, of a form or of JSON for private ones.
struct KrakenParameters {
  private var values: [String: String] = [:]

  init(_ request: WireRequest) throws(KrakenRefusal) {
    for text in [request.query, request.body.hasPrefix("{") ? "" : request.body] {
      guard let form = FormText(text) else { throw KrakenRefusal("EGeneral:Invalid arguments") }
      for field in form.fields { values[field.name] = field.value }
    }
    guard request.body.hasPrefix("{") else { return }
    do throws(JSONSyntaxError) {
      var limits = JSONValue.Limits()
      limits.maximumDepth = 4
      for member in try JSONValue.parse(Array(request.body.utf8), limits: limits).object ?? [] {
        values[member.key] = Self.text(member.value)
      }
    } catch {
      throw KrakenRefusal("EGeneral:Invalid arguments")
    }
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text), .number(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .array(let elements): elements.compactMap(text).joined(separator: ",")
    case .null, .object: nil
    }
  }

  /// The text of a parameter; nil when it was not sent or is empty.
  subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// The text of a parameter that must be there.
  func text(_ name: String) throws(KrakenRefusal) -> String {
    guard let text = self[name] else { throw .invalid(name) }
    return text
  }

  /// A list divided by commas.
  func list(_ name: String) -> [String] {
    (self[name] ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
  }

  func number(_ name: String) throws(KrakenRefusal) -> Int64? {
    guard let text = self[name] else { return nil }
    guard let value = Int64(text) else { throw .invalid(name) }
    return value
  }

  /// Seconds since 1970, with a fraction where there is one.
  func time(_ name: String) throws(KrakenRefusal) -> Instant? {
    guard let text = self[name] else { return nil }
    guard let amount = Amount(text), let told = Int64("\(amount.units / 1_000_000_000)"),
      let time = Instant(told: told)
    else { throw .invalid(name) }
    return time
  }

  func amount(_ name: String) throws(KrakenRefusal) -> Amount? {
    guard let text = self[name] else { return nil }
    guard text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") }),
      let amount = Amount(text)
    else { throw .invalid(name) }
    return amount
  }

  func flag(_ name: String) -> Bool { ["true", "1", "True"].contains(self[name] ?? "") }
}
