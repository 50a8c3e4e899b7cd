/// Keys from a secret (RFC 5869) by HMAC-SHA-256.
enum HKDF {
  /// So many bytes, at most 32: one block of the expansion.
  static func sha256(
    secret: [UInt8], salt: [UInt8], info: String, count: Int = SHA256.byteCount
  ) -> [UInt8] {
    precondition(count <= SHA256.byteCount, "more than one block is asked for")
    let salt = salt.isEmpty ? [UInt8](repeating: 0, count: SHA256.byteCount) : salt
    let key = HMAC.code(of: secret, key: salt, .sha256)
    return Array(HMAC.code(of: Array(info.utf8) + [1], key: key, .sha256).prefix(count))
  }
}
