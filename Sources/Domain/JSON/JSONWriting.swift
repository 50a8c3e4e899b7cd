extension JSONValue {
  /// The text of this value, the same for equal values: keys in their order, numbers as they were
  /// written, on one line without spaces, or with two spaces of indentation per level.
  ///
  /// Strings escape the quotation mark, the reverse solidus and control characters, with the short
  /// forms where JSON has one; all else is UTF-8 as it is.
  public func text(indented: Bool = false) -> String {
    var bytes: [UInt8] = []
    write(to: &bytes, indentation: indented ? 0 : nil)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the text of this value; `indentation` is the level, or nil for one line.
  public func write(to bytes: inout [UInt8], indentation: Int? = nil) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .string(let text): Self.write(text, to: &bytes)
    case .array(let elements):
      Self.write(elements, between: "[", "]", to: &bytes, indentation) { element, bytes, level in
        element.write(to: &bytes, indentation: level)
      }
    case .object(let members):
      Self.write(members, between: "{", "}", to: &bytes, indentation) { member, bytes, level in
        Self.write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        if level != nil { bytes.append(UInt8(ascii: " ")) }
        member.value.write(to: &bytes, indentation: level)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], between open: Unicode.Scalar, _ close: Unicode.Scalar,
    to bytes: inout [UInt8], _ indentation: Int?,
    element: (Element, inout [UInt8], Int?) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    let inner = indentation.map { $0 + 1 }
    for (index, value) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      newLine(inner, &bytes)
      element(value, &bytes, inner)
    }
    if !elements.isEmpty { newLine(indentation, &bytes) }
    bytes.append(UInt8(ascii: close))
  }

  private static func newLine(_ level: Int?, _ bytes: inout [UInt8]) {
    guard let level else { return }
    bytes.append(10)
    for _ in 0..<2 * level { bytes.append(UInt8(ascii: " ")) }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 8: bytes += Array("\\b".utf8)
      case 9: bytes += Array("\\t".utf8)
      case 10: bytes += Array("\\n".utf8)
      case 12: bytes += Array("\\f".utf8)
      case 13: bytes += Array("\\r".utf8)
      case 0..<0x20:
        bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
