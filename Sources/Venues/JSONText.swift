/// A JSON value whose numbers keep their text, so that decimals are read as decimals and never pass
/// through another number first.
package indirect enum JSONValue: Hashable, Sendable {
  case object([String: JSONValue])
  case array([JSONValue])
  case string(String)
  case number(String)
  case bool(Bool)
  case null

  /// Reads a whole document.
  ///
  /// - Throws: `JSONDefect` with the byte at which it is wrong.
  package init(_ bytes: [UInt8]) throws(JSONDefect) {
    var reader = JSONReader(bytes)
    self = try reader.document()
  }

  /// The member of an object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  /// The elements of an array.
  package var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The text of a string or a number.
  package var text: String? {
    switch self {
    case .string(let text), .number(let text): text
    default: nil
    }
  }

  /// A whole number.
  package var integer: Int64? {
    guard case .number(let text) = self else { return nil }
    return DecimalText.integer(text.utf8)
  }
}

/// Where a text stops being JSON.
package struct JSONDefect: Error, Hashable {
  /// How many bytes are before it.
  package var byte: Int
  /// What is wrong.
  package var reason: String
}

/// Reads JSON (RFC 8259) from bytes.
private struct JSONReader {
  /// Arrays and objects within each other; what exchanges answer has fewer than ten.
  static let maximumDepth = 32

  private let bytes: [UInt8]
  private var index = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONDefect) -> JSONValue {
    let value = try value()
    skipBlanks()
    guard index == bytes.count else { throw defect("text after the end") }
    return value
  }

  private mutating func value() throws(JSONDefect) -> JSONValue {
    skipBlanks()
    guard let byte = peek else { throw defect("it ends too soon") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { (reader) throws(JSONDefect) in try reader.object() }
    case UInt8(ascii: "["): return try nested { (reader) throws(JSONDefect) in try reader.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), 48...57: return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw defect("no value begins like this")
    }
  }

  private mutating func nested(
    _ body: (inout JSONReader) throws(JSONDefect) -> JSONValue
  ) throws(JSONDefect) -> JSONValue {
    guard depth < Self.maximumDepth else { throw defect("nested too deeply") }
    depth += 1
    index += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONDefect) -> JSONValue {
    var members: [String: JSONValue] = [:]
    skipBlanks()
    if take("}") { return .object(members) }
    repeat {
      skipBlanks()
      guard peek == UInt8(ascii: "\"") else { throw defect("a name is missing") }
      let name = try string()
      skipBlanks()
      guard take(":") else { throw defect("a colon is missing") }
      members[name] = try value()
      skipBlanks()
    } while take(",")
    guard take("}") else { throw defect("a brace is missing") }
    return .object(members)
  }

  private mutating func array() throws(JSONDefect) -> JSONValue {
    var elements: [JSONValue] = []
    skipBlanks()
    if take("]") { return .array(elements) }
    repeat {
      elements.append(try value())
      skipBlanks()
    } while take(",")
    guard take("]") else { throw defect("a bracket is missing") }
    return .array(elements)
  }

  private mutating func number() throws(JSONDefect) -> JSONValue {
    let start = index
    _ = take("-")
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[index - whole] != 48 else { throw defect("no number") }
    if take("."), digits() == 0 { throw defect("no number") }
    if take("e") || take("E") {
      _ = take("+") || take("-")
      if digits() == 0 { throw defect("no number") }
    }
    return .number(String(decoding: bytes[start..<index], as: UTF8.self))
  }

  private mutating func digits() -> Int {
    let start = index
    while let byte = peek, byte >= 48, byte <= 57 { index += 1 }
    return index - start
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONDefect) -> JSONValue {
    guard bytes[index...].starts(with: word.utf8) else {
      throw defect("no value begins like this")
    }
    index += word.utf8.count
    return value
  }

  private mutating func string() throws(JSONDefect) -> String {
    index += 1
    let start = index
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 32 {
      index += 1
    }
    var text = bytes[start..<index]
    if take("\"") { return String(decoding: text, as: UTF8.self) }
    while true {
      guard let byte = peek, byte >= 32 else { throw defect("a string does not end") }
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape()
      default: text.append(byte)
      }
    }
  }

  private mutating func escape() throws(JSONDefect) -> [UInt8] {
    guard let byte = peek else { throw defect("a string does not end") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      if UTF16.isLeadSurrogate(units[0]), take("\\") {
        guard take("u") else { throw defect("half a surrogate pair") }
        units.append(try codeUnit())
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    default: throw defect("no escape looks like this")
    }
  }

  private mutating func codeUnit() throws(JSONDefect) -> UInt16 {
    let digits = bytes[index...].prefix(4)
    guard digits.count == 4, !digits.contains(UInt8(ascii: "+")),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw defect("no code of four hexadecimal digits") }
    index += 4
    return unit
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, byte == 32 || byte == 10 || byte == 13 || byte == 9 { index += 1 }
  }

  private func defect(_ reason: String) -> JSONDefect { JSONDefect(byte: index, reason: reason) }
}
