internal import CCrypto

/// Authenticated encryption by ChaCha20-Poly1305 (RFC 8439), by the system's libcrypto: one key, many
/// messages, each under a nonce of its own.
final class ChaCha20Poly1305 {
  static let keyByteCount = 32
  static let nonceByteCount = 12
  static let tagByteCount = 16

  private let context: OpaquePointer
  private let isSealing: Bool

  init(key: [UInt8], isSealing: Bool) {
    precondition(key.count == Self.keyByteCount)
    guard let context = EVP_CIPHER_CTX_new(),
      EVP_CipherInit_ex(
        context, EVP_chacha20_poly1305(), nil, key, nil, isSealing ? 1 : 0) == 1
    else { preconditionFailure("libcrypto has no ChaCha20-Poly1305, or there is no memory") }
    (self.context, self.isSealing) = (context, isSealing)
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  /// The message in cipher, with its tag behind it.
  func seal(_ message: UnsafeRawBufferPointer, nonce: [UInt8]) -> [UInt8] {
    precondition(isSealing)
    var sealed = run(message, nonce)
    var tag = [UInt8](repeating: 0, count: Self.tagByteCount)
    var length: Int32 = 0
    var none: UInt8 = 0
    precondition(EVP_CipherFinal_ex(context, &none, &length) == 1 && length == 0)
    precondition(
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1)
    sealed += tag
    return sealed
  }

  /// The message; nil where the tag is not that of key, nonce and message.
  func open(_ sealed: UnsafeRawBufferPointer, nonce: [UInt8]) -> [UInt8]? {
    precondition(!isSealing)
    guard sealed.count >= Self.tagByteCount else { return nil }
    let body = UnsafeRawBufferPointer(rebasing: sealed.dropLast(Self.tagByteCount))
    var tag = Array(sealed.suffix(Self.tagByteCount))
    let message = run(body, nonce)
    var length: Int32 = 0
    var none: UInt8 = 0
    guard
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1,
      EVP_CipherFinal_ex(context, &none, &length) == 1
    else { return nil }
    return message
  }

  private func run(_ bytes: UnsafeRawBufferPointer, _ nonce: [UInt8]) -> [UInt8] {
    precondition(nonce.count == Self.nonceByteCount && bytes.count <= Int(Int32.max))
    precondition(EVP_CipherInit_ex(context, nil, nil, nil, nonce, isSealing ? 1 : 0) == 1)
    var output = [UInt8](repeating: 0, count: bytes.count)
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return output }
    var length: Int32 = 0
    precondition(
      EVP_CipherUpdate(
        context, &output, &length, start.assumingMemoryBound(to: UInt8.self), Int32(bytes.count))
        == 1 && Int(length) == bytes.count, "libcrypto refuses a message")
    return output
  }
}
