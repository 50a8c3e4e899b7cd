internal import CCrypto

/// MD5 (RFC 1321), for what asks for it by name, such as HTTP's `Content-MD5`. It holds off accidents and
/// no one with intent.
public enum MD5 {
  /// The bytes of a digest.
  public static let byteCount = 16

  /// The digest of bytes that are all there, 16 bytes.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    precondition(
      EVP_Digest(bytes, bytes.count, &digest, nil, EVP_md5(), nil) == 1,
      "libcrypto has no MD5, or there is no memory")
    return digest
  }
}
