internal import CCrypto

/// Random bytes for keys, from libcrypto's generator, which the kernel seeds.
public enum RandomBytes {
  /// So many of them.
  public static func make(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    precondition(RAND_bytes(&bytes, Int32(count)) == 1, "libcrypto has no random bytes")
    return bytes
  }
}
