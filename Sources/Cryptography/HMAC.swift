internal import CCrypto

/// Keyed hashes (RFC 2104), by the system's libcrypto.
public enum HMAC {
  /// Which hash is keyed.
  public enum Hash: Sendable {
    /// SHA-256: 32 bytes.
    case sha256
    /// SHA-512: 64 bytes.
    case sha512
  }

  /// The code of a message under a key.
  public static func code(of message: [UInt8], key: [UInt8], _ hash: Hash) -> [UInt8] {
    let (function, count) =
      switch hash {
      case .sha256: (EVP_sha256(), SHA256.byteCount)
      case .sha512: (EVP_sha512(), SHA512.byteCount)
      }
    var code = [UInt8](repeating: 0, count: count)
    var length: UInt32 = 0
    // A key without bytes has no address, which libcrypto takes for "the key of before".
    let isMade = (key.isEmpty ? [0] : key).withUnsafeBufferPointer {
      CCrypto.HMAC(
        function, $0.baseAddress, Int32(key.count), message, message.count, &code, &length)
    }
    precondition(isMade != nil && length == count, "libcrypto has no HMAC, or there is no memory")
    return code
  }
}
