internal import CCrypto
public import Domain

/// Signatures by Ed25519 (RFC 8032), by the system's libcrypto.
///
/// A key is never changed once made, and libcrypto makes a context of its own for each signature.
public final class Ed25519Key: @unchecked Sendable {
  /// The bytes of a signature.
  public static let byteCount = 64

  private let key: OpaquePointer

  /// Reads a private key as `openssl genpkey -algorithm ed25519` writes it (PKCS #8 in PEM); nil for
  /// anything else, and for a key under a password.
  public init?(pem: String) {
    // The memory is read from until the last call: it must not go when the first one returns.
    let read = Array(pem.utf8).withUnsafeBytes { bytes -> OpaquePointer? in
      guard let memory = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
      defer { BIO_free(memory) }
      // An empty password, so that a key under one is refused and nobody is asked at the terminal.
      var none: [CChar] = [0]
      return none.withUnsafeMutableBufferPointer {
        PEM_read_bio_PrivateKey(memory, nil, nil, UnsafeMutableRawPointer($0.baseAddress))
      }
    }
    guard let read else { return nil }
    guard EVP_PKEY_get_base_id(read) == EVP_PKEY_ED25519 else {
      EVP_PKEY_free(read)
      return nil
    }
    key = read
  }

  /// A private key of its 32 bytes; nil for another number of them.
  public init?(seed: [UInt8]) {
    guard seed.count == 32,
      let made = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
    else { return nil }
    key = made
  }

  /// A new key, of random bytes.
  public static func make() -> Ed25519Key {
    guard let key = Ed25519Key(seed: RandomBytes.make(seedByteCount)) else {
      preconditionFailure("libcrypto has no Ed25519, or there is no memory")
    }
    return key
  }

  deinit { EVP_PKEY_free(key) }

  /// The bytes that a private key is made of.
  static let seedByteCount = 32
  /// What stands before them in PKCS #8: sixteen bytes that name the algorithm (RFC 8410, section 7).
  private static let prefix: [UInt8] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]

  /// The private key as `openssl genpkey -algorithm ed25519` writes it, for a file that nobody else reads.
  public var pem: Secret {
    var seed = [UInt8](repeating: 0, count: Self.seedByteCount)
    var length = seed.count
    precondition(
      EVP_PKEY_get_raw_private_key(key, &seed, &length) == 1 && length == Self.seedByteCount,
      "libcrypto does not tell a private key of Ed25519")
    let body = Base64.text(Self.prefix + seed)
    return Secret("-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n")
  }

  /// What its signatures are checked with, which may be known to all.
  public var verifying: Ed25519VerifyingKey {
    var bytes = [UInt8](repeating: 0, count: Ed25519VerifyingKey.byteCount)
    var length = bytes.count
    precondition(
      EVP_PKEY_get_raw_public_key(key, &bytes, &length) == 1, "libcrypto does not tell a public key"
    )
    guard let key = Ed25519VerifyingKey(bytes) else {
      preconditionFailure("a public key of Ed25519 has 32 bytes")
    }
    return key
  }

  /// The signature of a message, 64 bytes.
  public func signature(of message: [UInt8]) -> [UInt8] {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("there is no memory") }
    defer { EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: Self.byteCount)
    var length = signature.count
    precondition(
      EVP_DigestSignInit(context, nil, nil, nil, key) == 1
        && EVP_DigestSign(context, &signature, &length, message, message.count) == 1
        && length == Self.byteCount, "libcrypto cannot sign with Ed25519")
    return signature
  }
}
