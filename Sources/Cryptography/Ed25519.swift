internal import CCrypto

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
    let bytes = Array(pem.utf8)
    guard let memory = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return nil }
    defer { BIO_free(memory) }
    // An empty password, so that a key under one is refused and nobody is asked at the terminal.
    var none: [CChar] = [0]
    let read = none.withUnsafeMutableBufferPointer {
      PEM_read_bio_PrivateKey(memory, nil, nil, UnsafeMutableRawPointer($0.baseAddress))
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

  deinit { EVP_PKEY_free(key) }

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
