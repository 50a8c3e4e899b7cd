import Glibc

/// Addresses of the Internet: one address, or a range like `10.0.0.0/8`.
public struct AddressRange: Hashable, Sendable {
  private let bytes: [UInt8]
  private let bits: Int

  /// A range of a text; nil where it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
    var bits = bytes.count * 8
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]),
        number <= bits
      else { return nil }
      bits = number
    }
    (self.bytes, self.bits) = (bytes, bits)
  }

  /// Whether an address lies in it.
  public func contains(_ address: String) -> Bool {
    guard let other = Self.bytes(of: address), other.count == bytes.count else { return false }
    for index in bytes.indices {
      let rest = bits - index * 8
      guard rest > 0 else { break }
      let mask = rest >= 8 ? UInt8.max : UInt8.max << UInt8(8 - rest)
      guard bytes[index] & mask == other[index] & mask else { return false }
    }
    return true
  }

  /// The 4 or 16 bytes of an address; one of version 4 within version 6 (`::ffff:10.0.0.1`) has 4.
  public static func bytes(of text: String) -> [UInt8]? {
    var short = in_addr()
    if inet_pton(AF_INET, text, &short) == 1 {
      return withUnsafeBytes(of: short) { Array($0) }
    }
    var long = in6_addr()
    guard inet_pton(AF_INET6, text, &long) == 1 else { return nil }
    let bytes = withUnsafeBytes(of: long) { Array($0) }
    return bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
      ? Array(bytes[12...]) : bytes
  }
}
