/// Names and values as queries and forms carry them: `a=1&b=x%20y`.
struct FormText {
  /// One of them.
  struct Field: Hashable {
    var name: String
    var value: String
  }

  /// All of them in their order.
  let fields: [Field]

  /// More than any call has.
  static let maximumFields = 64

  /// Reads a text; nil where percent-encoding is malformed, what it stands for is no text, or there are
  /// too many fields.
  init?(_ text: String) {
    var fields: [Field] = []
    for pair in text.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard fields.count < Self.maximumFields, let name = Self.decoded(sides[0]),
        let value = Self.decoded(sides.count == 2 ? sides[1] : "")
      else { return nil }
      fields.append(Field(name: name, value: value))
    }
    self.fields = fields
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.first != UInt8(ascii: "+"),
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
