/// A cursor over the bytes of a JSON text.
struct JSONScanner {
  let bytes: UnsafeBufferPointer<UInt8>
  private let limits: JSONValue.Limits
  var index = 0
  var depth = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONValue.Limits) {
    (self.bytes, self.limits) = (bytes, limits)
  }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    try check()
    skipSpace()
    let value = try value()
    skipSpace()
    guard index == bytes.count else { throw error("expected the end of the text") }
    return value
  }

  /// Refuses a text that is too long.
  func check() throws(JSONSyntaxError) {
    guard bytes.count <= limits.maximumBytes else {
      throw JSONSyntaxError(
        line: 1, column: 1,
        message: "the text has \(bytes.count) bytes; the most allowed is \(limits.maximumBytes)")
    }
  }

  /// Moves to the value at a path; false when there is none.
  mutating func descend(_ path: ArraySlice<JSONValue.Step>) throws(JSONSyntaxError) -> Bool {
    skipSpace()
    guard let step = path.first else { return true }
    switch step {
    case .key(let wanted):
      guard take(UInt8(ascii: "{")) else { return false }
      skipSpace()
      while peek == UInt8(ascii: "\"") {
        let key = try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw error("expected ':'") }
        if key == wanted { return try descend(path.dropFirst()) }
        skipSpace()
        _ = try value()
        skipSpace()
        guard take(UInt8(ascii: ",")) else { return false }
        skipSpace()
      }
    case .index(let wanted):
      guard take(UInt8(ascii: "[")) else { return false }
      for _ in 0..<max(0, wanted) {
        skipSpace()
        _ = try value()
        skipSpace()
        guard take(UInt8(ascii: ",")) else { return false }
      }
      return try descend(path.dropFirst())
    }
    return false
  }

  /// Line and column, from 1; columns count characters (Unicode scalars).
  func position(at offset: Int) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for byte in bytes[0..<min(offset, bytes.count)] {
      if byte == 10 {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }

  var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  mutating func skipSpace() {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return
      }
    }
  }

  func error(_ message: String, at offset: Int? = nil) -> JSONSyntaxError {
    let (line, column) = position(at: offset ?? index)
    return JSONSyntaxError(line: line, column: column, message: message)
  }

  mutating func value() throws(JSONSyntaxError) -> JSONValue {
    guard let byte = peek else { throw error("expected a value, found the end of the text") }
    switch byte {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N") where limits.allowsNonFinite: return try word("NaN", .number("NaN"))
    case UInt8(ascii: "I") where limits.allowsNonFinite:
      return try word("Infinity", .number("Infinity"))
    case UInt8(ascii: "-"), 48...57: return try number()
    default: throw error("expected a value")
    }
  }

  private mutating func word(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONSyntaxError) -> JSONValue {
    let count = text.utf8CodeUnitCount
    guard index + count <= bytes.count else { throw error("expected a value") }
    for offset in 0..<count where bytes[index + offset] != text.utf8Start[offset] {
      throw error("expected a value")
    }
    index += count
    return value
  }

  /// Whether another level may be entered.
  var hasDepth: Bool { depth < limits.maximumDepth }

  mutating func enter() throws(JSONSyntaxError) {
    guard hasDepth else {
      throw error("nested more than \(limits.maximumDepth) deep")
    }
    depth += 1
    index += 1
    skipSpace()
  }

  private mutating func object() throws(JSONSyntaxError) -> JSONValue {
    try enter()
    defer { depth -= 1 }
    var members: [JSONValue.Member] = []
    var keys: Set<String> = []
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      let start = index
      guard peek == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
      let key = try string()
      guard isNew(key, among: members, &keys) else {
        throw error("the key \"\(key)\" is given twice", at: start)
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error("expected ':' after a key") }
      skipSpace()
      members.append(JSONValue.Member(key, try value()))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw error("expected ',' or '}'") }
      skipSpace()
    }
  }

  /// Few keys are compared one by one, many through a set.
  private func isNew(
    _ key: String, among members: [JSONValue.Member], _ keys: inout Set<String>
  ) -> Bool {
    if members.count < 16 { return !members.contains { $0.key == key } }
    if keys.isEmpty { keys = Set(members.map(\.key)) }
    return keys.insert(key).inserted
  }

  private mutating func array() throws(JSONSyntaxError) -> JSONValue {
    try enter()
    defer { depth -= 1 }
    var elements: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value())
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      guard take(UInt8(ascii: ",")) else { throw error("expected ',' or ']'") }
      skipSpace()
    }
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = index
    if limits.allowsNonFinite, take(UInt8(ascii: "-")), peek == UInt8(ascii: "I") {
      return try word("Infinity", .number("-Infinity"))
    }
    index = start
    try skipNumber()
    return .number(text(start..<index))
  }

  /// Moves past a number.
  mutating func skipNumber() throws(JSONSyntaxError) {
    let start = index
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
      try digits()
    }
    if let byte = peek, (48...57).contains(byte) {
      throw error("a number must not begin with 0", at: start)
    }
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = index
    while let byte = peek, (48...57).contains(byte) { index += 1 }
    guard index > start else { throw error("expected a digit") }
  }
}
