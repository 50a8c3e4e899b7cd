// Long arrays read one element at a time, so that the memory of an answer is that of its bytes and one
// element, whatever it holds: a number of one digit costs a byte in a text and fourteen as a value.

extension JSONValue {
  /// Hands over the elements of an array one at a time.
  ///
  /// The array is the text itself, or what stands under a path of keys. What stands beside it is
  /// checked for its grammar and not kept.
  ///
  /// - Parameters:
  ///   - path: the keys that lead to the array; empty for the text itself.
  ///   - bytes: the text.
  ///   - maximumElementBytes: the longest element that is read.
  ///   - limits: what the text may hold at most.
  ///   - fields: takes an element that is an array of plain fields straight from its bytes, before a value is
  ///     made of it: true when it was read to its end, which is then all that becomes of it; else it has no
  ///     effect, and `body` takes the element.
  ///   - body: takes each element in order; what it throws ends the reading.
  /// - Returns: whether there is an array at that path.
  /// - Throws: `JSONSyntaxError` for a text that is no JSON or has a longer element.
  public static func forEachElement(
    at path: [String] = [], in bytes: [UInt8], maximumElementBytes: Int,
    limits: Limits = Limits(), fields: ((inout JSONFields) throws -> Bool)? = nil,
    _ body: (JSONValue) throws -> Void
  ) throws -> Bool {
    try bytes.withUnsafeBufferPointer { buffer in
      var scanner = JSONScanner(buffer, limits)
      try scanner.check()
      scanner.skipSpace()
      let isFound = try scanner.elements(
        at: path[...], maximumElementBytes, fields, body)
      scanner.skipSpace()
      guard scanner.index == buffer.count else {
        throw scanner.error("expected the end of the text")
      }
      return isFound
    }
  }
}

extension JSONScanner {
  /// Moves past one value, handing over the elements of the array at a path inside of it.
  fileprivate mutating func elements(
    at path: ArraySlice<String>, _ most: Int, _ fields: ((inout JSONFields) throws -> Bool)?,
    _ body: (JSONValue) throws -> Void
  ) throws -> Bool {
    guard let wanted = path.first else { return try elements(most, fields, body) }
    guard peek == UInt8(ascii: "{") else {
      try skip()
      return false
    }
    try enter()
    defer { depth -= 1 }
    if take(UInt8(ascii: "}")) { return false }
    var isFound = false
    while true {
      guard peek == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
      let start = index
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error("expected ':' after a key") }
      skipSpace()
      if key == wanted {
        guard !isFound else { throw error("the key \"\(key)\" is given twice", at: start) }
        isFound = try elements(at: path.dropFirst(), most, fields, body)
      } else {
        try skip()
      }
      skipSpace()
      if take(UInt8(ascii: "}")) { return isFound }
      guard take(UInt8(ascii: ",")) else { throw error("expected ',' or '}'") }
      skipSpace()
    }
  }

  private mutating func elements(
    _ most: Int, _ fields: ((inout JSONFields) throws -> Bool)?,
    _ body: (JSONValue) throws -> Void
  ) throws -> Bool {
    guard peek == UInt8(ascii: "[") else {
      try skip()
      return false
    }
    try enter()
    defer { depth -= 1 }
    if take(UInt8(ascii: "]")) { return true }
    while true {
      if try !takeFields(most, fields) {
        let start = index
        try skip()
        let end = index
        guard end - start <= most else {
          throw error("an element of \(end - start) bytes; the most allowed is \(most)", at: start)
        }
        index = start
        try body(try value())
      }
      skipSpace()
      if take(UInt8(ascii: "]")) { return true }
      guard take(UInt8(ascii: ",")) else { throw error("expected ',' or ']'") }
      skipSpace()
    }
  }

  /// Moves past an element whose fields are taken from its bytes; false where it stays.
  private mutating func takeFields(
    _ most: Int, _ take: ((inout JSONFields) throws -> Bool)?
  ) throws -> Bool {
    // What is too long, or too deep, is left to who has the words for it.
    guard let take, hasDepth, var fields = JSONFields(bytes, at: index, most: most),
      try take(&fields)
    else { return false }
    precondition(fields.isOver, "an element that was taken was read to its end")
    index = fields.index
    return true
  }

  /// Moves past a value without keeping anything of it.
  fileprivate mutating func skip() throws(JSONSyntaxError) {
    switch peek {
    case UInt8(ascii: "{"):
      try enter()
      defer { depth -= 1 }
      if take(UInt8(ascii: "}")) { return }
      while true {
        guard peek == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
        try skipString()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw error("expected ':' after a key") }
        skipSpace()
        try skip()
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        guard take(UInt8(ascii: ",")) else { throw error("expected ',' or '}'") }
        skipSpace()
      }
    case UInt8(ascii: "["):
      try enter()
      defer { depth -= 1 }
      if take(UInt8(ascii: "]")) { return }
      while true {
        try skip()
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        guard take(UInt8(ascii: ",")) else { throw error("expected ',' or ']'") }
        skipSpace()
      }
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "-"), .some(48...57): try skipNumber()
    default: _ = try value()
    }
  }

  private mutating func skipString() throws(JSONSyntaxError) {
    let open = index
    index += 1
    while let byte = peek {
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return
      case UInt8(ascii: "\\"): index += 1
      case 0..<0x20:
        throw error("a control character must be escaped in a string", at: index - 1)
      default: continue
      }
    }
    throw error("the string that begins here has no end", at: open)
  }
}
