/// Opens a stream that age encrypted (age-encryption.org/v1), by X25519 identities.
///
/// What it hands on was found unchanged, chunk by chunk; only after `finish` is it known that nothing is
/// missing at the end.
public struct AgeDecryptor {
  private let identities: [AgeIdentity]
  private var fileKey: [UInt8]?
  private var stream: AgeStream?
  private var pending: [UInt8] = []

  /// The opener of files to one of these.
  public init(_ identities: [AgeIdentity]) { self.identities = identities }

  /// Takes bytes, and hands on what is open of them.
  ///
  /// - Throws: `AgeMistake`, and what `take` throws.
  public mutating func open(
    _ bytes: UnsafeRawBufferPointer, _ take: ([UInt8]) throws -> Void
  ) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      // A full chunk waits for more: the last one was sealed in another way.
      if let stream, pending.count == AgeStream.sealedByteCount {
        try take(try opened(stream, isLast: false))
      }
      let wanted = stream == nil ? rest.count : AgeStream.sealedByteCount - pending.count
      let part = rest.prefix(wanted)
      pending.append(contentsOf: part)
      rest = rest.dropFirst(part.count)
      if stream == nil { try begin(take) }
    }
  }

  /// Hands on the last chunk.
  ///
  /// - Throws: `AgeMistake` where the file was cut short, and what `take` throws.
  public mutating func finish(_ take: ([UInt8]) throws -> Void) throws {
    guard let stream else {
      throw pending.isEmpty ? AgeMistake.isNotAge : AgeMistake.isDamaged("it is cut short")
    }
    let isFirst = stream.count == 0
    let last = try opened(stream, isLast: true)
    guard !last.isEmpty || isFirst else { throw AgeMistake.isDamaged("its last chunk is empty") }
    try take(last)
  }

  /// Reads the header and the nonce once they are there; what follows them is gone through again.
  private mutating func begin(_ take: ([UInt8]) throws -> Void) throws {
    guard let length = try AgeHeader.length(in: pending) else { return }
    if fileKey == nil {
      fileKey = try AgeHeader.fileKey(in: Array(pending[..<length]), identities)
    }
    let start = length + AgeStream.nonceByteCount
    guard let fileKey, pending.count >= start else { return }
    stream = AgeStream(
      fileKey: fileKey, nonce: Array(pending[length..<start]), isSealing: false)
    let rest = Array(pending[start...])
    pending.removeAll(keepingCapacity: true)
    try rest.withUnsafeBytes { try open($0, take) }
  }

  private mutating func opened(_ before: AgeStream, isLast: Bool) throws(AgeMistake) -> [UInt8] {
    var after = before
    let message = pending.withUnsafeBytes { after.open($0, isLast: isLast) }
    stream = after
    guard let message else {
      throw .isDamaged(
        "chunk \(before.count + 1) does not open" + (isLast ? ", or the end is missing" : ""))
    }
    pending.removeAll(keepingCapacity: true)
    return message
  }
}
