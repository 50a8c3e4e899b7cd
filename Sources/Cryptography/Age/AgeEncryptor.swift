/// Encrypts a stream to recipients, in the format of age (age-encryption.org/v1): whatever its length,
/// 64 KiB of it are held.
public struct AgeEncryptor {
  private var stream: AgeStream
  private var pending: [UInt8] = []

  /// What stands before all that `seal` gives.
  public let header: [UInt8]

  /// The beginning of a file for these; at least one.
  public init(to recipients: [AgeRecipient]) {
    precondition(!recipients.isEmpty, "a file that nobody opens is worth nothing")
    let key = RandomBytes.make(AgeHeader.fileKeyByteCount)
    let nonce = RandomBytes.make(AgeStream.nonceByteCount)
    stream = AgeStream(fileKey: key, nonce: nonce, isSealing: true)
    header = AgeHeader.bytes(for: recipients, fileKey: key) + nonce
    pending.reserveCapacity(AgeStream.chunkByteCount)
  }

  /// Takes bytes, and hands on what is sealed of them.
  public mutating func seal(
    _ bytes: UnsafeRawBufferPointer, _ take: ([UInt8]) throws -> Void
  ) rethrows {
    var rest = bytes[...]
    while !rest.isEmpty {
      // A full chunk waits for more: the last one is sealed in another way.
      if pending.count == AgeStream.chunkByteCount { try release(isLast: false, take) }
      let part = rest.prefix(AgeStream.chunkByteCount - pending.count)
      pending.append(contentsOf: part)
      rest = rest.dropFirst(part.count)
    }
  }

  /// Hands on the last chunk, without which the file is worth nothing.
  public mutating func finish(_ take: ([UInt8]) throws -> Void) rethrows {
    try release(isLast: true, take)
  }

  private mutating func release(
    isLast: Bool, _ take: ([UInt8]) throws -> Void
  ) rethrows {
    let sealed = pending.withUnsafeBytes { stream.seal($0, isLast: isLast) }
    pending.removeAll(keepingCapacity: true)
    try take(sealed)
  }
}
