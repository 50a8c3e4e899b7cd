internal import CCrypto

/// SHA-512 (FIPS 180-4), by the system's libcrypto.
public enum SHA512 {
  /// The bytes of a digest.
  public static let byteCount = 64

  /// The digest of bytes that are all there, 64 bytes.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    precondition(
      EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha512(), nil) == 1,
      "libcrypto has no SHA-512, or there is no memory")
    return digest
  }
}
