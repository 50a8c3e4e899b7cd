/// The payload of an age file: chunks of 64 KiB, each under a nonce that counts and tells the last.
struct AgeStream {
  static let chunkByteCount = 64 << 10
  static let sealedByteCount = chunkByteCount + ChaCha20Poly1305.tagByteCount
  static let nonceByteCount = 16

  private let cipher: ChaCha20Poly1305
  /// How many chunks went through.
  private(set) var count: UInt64 = 0

  init(fileKey: [UInt8], nonce: [UInt8], isSealing: Bool) {
    let key = HKDF.sha256(secret: fileKey, salt: nonce, info: "payload")
    cipher = ChaCha20Poly1305(key: key, isSealing: isSealing)
  }

  mutating func seal(_ chunk: UnsafeRawBufferPointer, isLast: Bool) -> [UInt8] {
    cipher.seal(chunk, nonce: nonce(isLast))
  }

  mutating func open(_ chunk: UnsafeRawBufferPointer, isLast: Bool) -> [UInt8]? {
    cipher.open(chunk, nonce: nonce(isLast))
  }

  /// Eleven bytes that count, the highest first, and one that tells the last chunk.
  private mutating func nonce(_ isLast: Bool) -> [UInt8] {
    var nonce = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceByteCount)
    for place in 0..<8 { nonce[3 + place] = UInt8(truncatingIfNeeded: count >> (8 * (7 - place))) }
    nonce[11] = isLast ? 1 : 0
    count += 1
    return nonce
  }
}
