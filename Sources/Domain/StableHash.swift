/// A hash that is the same in every process and on every machine, unlike Swift's `Hasher`: FNV-1a,
/// 64 bits.
///
/// Source: G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, "The FNV Non-Cryptographic Hash
/// Algorithm".
public struct StableHash: Hashable, Sendable {
  /// The hash.
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The hash of nothing; bytes are added.
  public init() {}

  /// The hash of a text.
  public init(_ text: String) {
    for byte in text.utf8 { add(byte) }
  }

  /// Adds bytes to what is hashed.
  public mutating func add(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes { add(byte) }
  }

  private mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  /// 16 hexadecimal digits.
  public var digits: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
