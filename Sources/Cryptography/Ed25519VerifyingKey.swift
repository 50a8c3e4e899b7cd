internal import CCrypto

/// The public half of an Ed25519 key: it checks signatures and makes none.
public struct Ed25519VerifyingKey: Hashable, Sendable, CustomStringConvertible {
  /// The bytes of a key.
  public static let byteCount = 32
  private static let scheme = "ed25519:"

  /// The key's 32 bytes.
  public let bytes: [UInt8]

  /// A key of its 32 bytes; nil for another number of them.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads `ed25519:` and the bytes in base64; nil for anything else.
  public init?(_ text: String) {
    guard text.hasPrefix(Self.scheme),
      let bytes = Base64.bytes(String(text.dropFirst(Self.scheme.count)))
    else { return nil }
    self.init(bytes)
  }

  /// `ed25519:` and the bytes in base64.
  public var description: String { Self.scheme + Base64.text(bytes) }

  /// Whether a signature is this key's, of just this message.
  public func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard signature.count == Ed25519Key.byteCount,
      let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
    else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("there is no memory") }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}
