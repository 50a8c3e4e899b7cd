internal import CCrypto

/// The exchange of keys by Curve25519 (RFC 7748), by the system's libcrypto.
enum X25519 {
  /// The bytes of a key, a point and a shared secret.
  static let byteCount = 32

  /// The point that belongs to a private key.
  static func publicKey(of privateKey: [UInt8]) -> [UInt8] {
    guard let key = own(privateKey) else { preconditionFailure("libcrypto has no X25519") }
    defer { EVP_PKEY_free(key) }
    var point = [UInt8](repeating: 0, count: byteCount)
    var length = point.count
    precondition(EVP_PKEY_get_raw_public_key(key, &point, &length) == 1 && length == byteCount)
    return point
  }

  /// What both sides know and nobody else; nil where the other's point gives only zeros, which RFC
  /// 7748, section 6.1, has refused.
  static func sharedSecret(_ privateKey: [UInt8], _ point: [UInt8]) -> [UInt8]? {
    guard let own = own(privateKey) else { preconditionFailure("libcrypto has no X25519") }
    defer { EVP_PKEY_free(own) }
    guard let peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, point, point.count) else {
      return nil
    }
    defer { EVP_PKEY_free(peer) }
    guard let context = EVP_PKEY_CTX_new(own, nil) else {
      preconditionFailure("there is no memory")
    }
    defer { EVP_PKEY_CTX_free(context) }
    var secret = [UInt8](repeating: 0, count: byteCount)
    var length = secret.count
    guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1,
      EVP_PKEY_derive(context, &secret, &length) == 1, length == byteCount,
      secret.contains(where: { $0 != 0 })
    else { return nil }
    return secret
  }

  private static func own(_ bytes: [UInt8]) -> OpaquePointer? {
    EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, bytes, bytes.count)
  }
}
