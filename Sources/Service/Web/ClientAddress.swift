public import Domain
import Glibc

/// Addresses of proxies whose word counts: one address, or a range like `10.0.0.0/8`.
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
  static func bytes(of text: String) -> [UInt8]? {
    var short = in_addr()
    if inet_pton(AF_INET, text, &short) == 1 {
      return withUnsafeBytes(of: short) { Array($0) }
    }
    var long = in6_addr()
    guard inet_pton(AF_INET6, text, &long) == 1 else { return nil }
    let bytes = withUnsafeBytes(of: long) { Array($0) }
    return bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) ? Array(bytes[12...]) : bytes
  }
}

/// From where a request came: the other end of its connection, or, where that is a proxy whose word
/// counts, whom the proxy says it came from.
enum ClientAddress {
  /// Of the list that proxies lengthen, so many are looked at.
  static let maximumHops = 16

  /// The address.
  ///
  /// - Parameters:
  ///   - peer: the other end of the connection.
  ///   - forwarded: the values of `X-Forwarded-For`, in their order: each proxy adds behind them whom it
  ///     was asked by.
  ///   - trusted: whose word counts.
  static func of(_ peer: String, forwarded: [String], trusted: [AddressRange]) -> String {
    func isTrusted(_ address: String) -> Bool { trusted.contains { $0.contains(address) } }
    var address = peer
    let hops = forwarded.joined(separator: ",").split(separator: ",").suffix(maximumHops)
    // From the nearest on, as long as who says it may; what is no address ends it.
    for hop in hops.reversed() {
      guard isTrusted(address) else { break }
      let text = hop.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
      guard AddressRange.bytes(of: String(text)) != nil else { break }
      address = String(text)
    }
    return address
  }
}
