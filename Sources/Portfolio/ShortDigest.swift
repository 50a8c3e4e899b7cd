import Cryptography

/// A few characters that stand for a text: the first of the lower-case base32 (RFC 4648) of its
/// SHA-256, five bits each.
enum ShortDigest {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".unicodeScalars)

  /// The characters of a text.
  ///
  /// - Parameter count: how many, at most 51.
  static func of(_ text: String, characters count: Int) -> String {
    var digits = ""
    var buffer: UInt32 = 0
    var bits = 0
    for byte in SHA256.hash(text.utf8) {
      buffer = buffer << 8 | UInt32(byte)
      bits += 8
      while bits >= 5, digits.utf8.count < count {
        bits -= 5
        digits.unicodeScalars.append(alphabet[Int(buffer >> UInt32(bits)) & 31])
      }
      buffer &= 0xff
    }
    return digits
  }

  /// Whether a text could be one.
  static func couldBe(_ text: some StringProtocol, characters count: Int) -> Bool {
    text.unicodeScalars.count == count && text.unicodeScalars.allSatisfy(alphabet.contains)
  }
}
