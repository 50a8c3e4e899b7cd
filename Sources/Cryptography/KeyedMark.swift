internal import CCrypto

/// Short marks of pieces of bytes, by which pieces that are the same are told from pieces that are not: GMAC
/// (NIST SP 800-38D) with AES-128, under a secret key and a nonce that is always the same.
///
/// For who does not know the key, two pieces of n bytes that differ have the same mark with a probability of
/// (n/16 + 2) / 2^128, whatever the pieces: GHASH is a polynomial of that degree in a secret. It costs a fifth
/// of a SHA-256. A fixed nonce makes it no authentication, since who sees marks can find the secret: marks are
/// for who keeps both for himself.
public final class KeyedMark {
  /// The bytes of a key.
  public static let keyByteCount = 16
  /// The bytes of a mark.
  public static let byteCount = 16

  private static let nonce = [UInt8](repeating: 0, count: 12)
  private let context: OpaquePointer

  /// Marks under a key of 16 bytes.
  public init(key: [UInt8]) {
    precondition(key.count == Self.keyByteCount)
    guard let context = EVP_CIPHER_CTX_new(),
      EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nil, key, Self.nonce) == 1
    else { preconditionFailure("libcrypto has no AES-GCM, or there is no memory") }
    self.context = context
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  /// Adds the mark of a piece to a list.
  public func add(_ piece: UnsafeRawBufferPointer, to marks: inout [UInt8]) {
    var length: Int32 = 0
    var none: UInt8 = 0
    withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 1) { mark in
      precondition(
        EVP_EncryptInit_ex(context, nil, nil, nil, Self.nonce) == 1
          && EVP_EncryptUpdate(
            context, nil, &length, piece.bindMemory(to: UInt8.self).baseAddress,
            Int32(piece.count)) == 1
          && EVP_EncryptFinal_ex(context, &none, &length) == 1
          && EVP_CIPHER_CTX_ctrl(
            context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.byteCount), mark.baseAddress) == 1,
        "libcrypto makes no mark")
      marks.append(contentsOf: mark)
    }
  }
}
