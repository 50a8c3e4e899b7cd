import Cryptography
public import Domain

extension ClientOrderID {
  /// The id of an order: `car-` and the first 14 characters of the lower-case base32 (RFC 4648) of
  /// the SHA-256 of `account|job|slot|instrument|leg`, the slot in milliseconds.
  ///
  /// 70 bits of the hash: among a million orders the chance of any two alike is below 10^-9.
  public init(deriving key: OrderKey) {
    let text =
      "\(key.account)|\(key.slot.job)|\(key.slot.time.milliseconds)|\(key.symbol)|\(key.leg)"
    var digits = ""
    var buffer: UInt32 = 0
    var bits = 0
    for byte in SHA256.hash(text.utf8) {
      buffer = buffer << 8 | UInt32(byte)
      bits += 8
      while bits >= 5, digits.utf8.count < Self.digestCharacters {
        bits -= 5
        digits.unicodeScalars.append(Self.alphabet[Int(buffer >> UInt32(bits)) & 31])
      }
      buffer &= 0xff
    }
    self.init("car-" + digits)
  }

  private static let digestCharacters = 14
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".unicodeScalars)
}
