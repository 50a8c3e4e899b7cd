/// Texts within addresses and forms (RFC 3986, 2.1).
public enum PercentEncoding {
  /// What may stand in an address as it is, beside RFC 3986's unreserved characters.
  public enum Allowance: Sendable {
    /// Nothing: for a value of a query or of a form.
    case query
    /// `@` and `:`, which have no meaning within a part of a path.
    case path

    func allows(_ byte: UInt8) -> Bool {
      self == .path && (byte == UInt8(ascii: "@") || byte == UInt8(ascii: ":"))
    }
  }

  /// A text with every byte that may not stand as it is written as `%XX`.
  public static func encoded(_ text: String, _ allowance: Allowance = .query) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case _ where allowance.allows(byte): result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return result
  }

  /// The text of a part of an address or of a form; nil where `%` stands before what is no code of a
  /// byte, or the bytes are no text.
  ///
  /// - Parameter isForm: whether `+` stands for a blank, as in queries and forms.
  public static func decoded(_ part: some StringProtocol, isForm: Bool = false) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(part.utf8.count)
    var rest = Array(part.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+") where isForm: bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
        else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
