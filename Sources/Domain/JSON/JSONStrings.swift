// Strings of a JSON text: UTF-8, with escapes.

extension JSONScanner {
  func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
  }

  mutating func string() throws(JSONSyntaxError) -> String {
    let open = index
    index += 1
    let start = index
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      index += 1
    }
    if peek == UInt8(ascii: "\"") {
      let run = UnsafeBufferPointer(rebasing: bytes[start..<index])
      guard let plain = String(validating: run, as: UTF8.self) else {
        throw error("the string is not UTF-8", at: open)
      }
      index += 1
      return plain
    }
    return try escaped(from: start, open: open)
  }

  /// The rest of a string that holds an escape, copied to a buffer of its own.
  private mutating func escaped(from start: Int, open: Int) throws(JSONSyntaxError) -> String {
    var buffer = Array(bytes[start..<index])
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        guard let text = String(validating: buffer, as: UTF8.self) else {
          throw error("the string is not UTF-8", at: open)
        }
        return text
      case UInt8(ascii: "\\"):
        try escape(into: &buffer)
      case 0..<0x20:
        throw error("a control character must be escaped in a string")
      default:
        buffer.append(byte)
        index += 1
      }
    }
    throw error("the string that begins here has no end", at: open)
  }

  private mutating func escape(into buffer: inout [UInt8]) throws(JSONSyntaxError) {
    let start = index
    index += 1
    guard let byte = peek else { throw error("the escape has no end", at: start) }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
    case UInt8(ascii: "b"): buffer.append(8)
    case UInt8(ascii: "f"): buffer.append(12)
    case UInt8(ascii: "n"): buffer.append(10)
    case UInt8(ascii: "r"): buffer.append(13)
    case UInt8(ascii: "t"): buffer.append(9)
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimal())
      if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = UInt32(try hexadecimal())
        guard (0xDC00..<0xE000).contains(low) else {
          throw error("half of a surrogate pair stands alone", at: start)
        }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw error("half of a surrogate pair stands alone", at: start)
      }
      buffer.append(contentsOf: String(Character(scalar)).utf8)
    default:
      throw error("no such escape", at: start)
    }
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      code = code << 4 | UInt16(digit)
      index += 1
    }
    return code
  }
}
