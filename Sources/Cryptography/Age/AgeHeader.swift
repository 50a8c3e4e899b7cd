/// What stands before an age file's payload: for whom it is, and a code that holds it together.
///
/// Source: https://age-encryption.org/v1 (C2SP/age.md).
struct AgeHeader {
  static let version = "age-encryption.org/v1"
  static let fileKeyByteCount = 16
  /// The largest header that is read, in bytes: some hundred recipients.
  static let maximumByteCount = 64 << 10
  private static let columns = 64
  private static let info = "age-encryption.org/v1/X25519"

  /// The header that lets these open a file of a key.
  static func bytes(for recipients: [AgeRecipient], fileKey: [UInt8]) -> [UInt8] {
    var text = version + "\n"
    for recipient in recipients {
      let ephemeral = RandomBytes.make(X25519.byteCount)
      let share = X25519.publicKey(of: ephemeral)
      guard let secret = X25519.sharedSecret(ephemeral, recipient.point) else {
        preconditionFailure("a recipient's point has no secret with it")
      }
      let key = HKDF.sha256(secret: secret, salt: share + recipient.point, info: info)
      let body = fileKey.withUnsafeBytes {
        ChaCha20Poly1305(key: key, isSealing: true).seal($0, nonce: zeros)
      }
      text += "-> X25519 \(unpadded(share))\n\(unpadded(body))\n"
    }
    text += "---"
    let code = mac(Array(text.utf8), fileKey)
    return Array("\(text) \(unpadded(code))\n".utf8)
  }

  /// How many of the bytes are the header; nil where its end has not come yet.
  ///
  /// - Throws: where they cannot be a header's.
  static func length(in bytes: [UInt8]) throws(AgeMistake) -> Int? {
    let start = Array((version + "\n").utf8)
    guard bytes.prefix(start.count).elementsEqual(start.prefix(bytes.count)) else {
      throw .isNotAge
    }
    var lineStart = 0
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      if bytes[lineStart..<index].starts(with: "---".utf8) { return index + 1 }
      lineStart = index + 1
    }
    guard bytes.count <= maximumByteCount else { throw .isDamaged("its header has no end") }
    return nil
  }

  /// The file's key, where one of the identities opens it.
  static func fileKey(
    in header: [UInt8], _ identities: [AgeIdentity]
  ) throws(AgeMistake) -> [UInt8] {
    let lines = header.dropLast().split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).map { String(decoding: $0, as: UTF8.self) }
    guard let last = lines.last, last.hasPrefix("--- "),
      let code = padded(String(last.dropFirst(4))), code.count == SHA256.byteCount
    else { throw .isDamaged("its header has no code") }
    let key = try wrappedKey(Array(lines.dropFirst().dropLast()), identities)
    // The code is over all up to the three dashes, without what follows them.
    let signed = Array(header.dropLast(1 + last.utf8.count - 3))
    guard ConstantTime.areEqual(mac(signed, key), code) else {
      throw .isDamaged("its header was changed (its code differs)")
    }
    return key
  }

  private static func wrappedKey(
    _ lines: [String], _ identities: [AgeIdentity]
  ) throws(AgeMistake) -> [UInt8] {
    var found: [UInt8]?
    var index = 0
    var count = 0
    while index < lines.count {
      guard lines[index].hasPrefix("-> ") else { throw .isDamaged("its header has no recipient") }
      let words = lines[index].dropFirst(3).split(
        separator: " ", omittingEmptySubsequences: false)
      guard words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 32 && $0 < 127 } }) else {
        throw .isDamaged("a recipient in its header is damaged")
      }
      let body = try body(lines, &index)
      count += 1
      guard words[0] == "X25519" else { continue }
      guard words.count == 2, let share = padded(String(words[1])),
        share.count == X25519.byteCount, body.count == fileKeyByteCount + 16
      else { throw .isDamaged("a recipient in its header is damaged") }
      for identity in identities where found == nil {
        found = try unwrap(body, share, identity)
      }
    }
    guard count > 0 else { throw .isDamaged("its header has no recipient") }
    guard let found else { throw .isForOthers }
    return found
  }

  /// The lines after a recipient's first: as long as they can be, but for the last.
  private static func body(_ lines: [String], _ index: inout Int) throws(AgeMistake) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      index += 1
      guard index < lines.count, lines[index].utf8.count <= columns,
        let part = padded(lines[index])
      else { throw .isDamaged("a recipient in its header is damaged") }
      bytes += part
      if lines[index].utf8.count < columns { break }
    }
    index += 1
    return bytes
  }

  private static func unwrap(
    _ body: [UInt8], _ share: [UInt8], _ identity: AgeIdentity
  ) throws(AgeMistake) -> [UInt8]? {
    guard let secret = X25519.sharedSecret(identity.key, share) else {
      throw .isDamaged("a recipient's share in its header is worth nothing")
    }
    let key = HKDF.sha256(secret: secret, salt: share + identity.recipient.point, info: info)
    return body.withUnsafeBytes {
      ChaCha20Poly1305(key: key, isSealing: false).open($0, nonce: zeros)
    }
  }

  private static func mac(_ bytes: [UInt8], _ fileKey: [UInt8]) -> [UInt8] {
    HMAC.code(
      of: bytes, key: HKDF.sha256(secret: fileKey, salt: [], info: "header"), .sha256)
  }

  private static let zeros = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceByteCount)

  /// Base64 without its padding.
  private static func unpadded(_ bytes: [UInt8]) -> String {
    String(Base64.text(bytes).prefix { $0 != "=" })
  }

  private static func padded(_ text: String) -> [UInt8]? {
    guard !text.contains("=") else { return nil }
    return Base64.bytes(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
  }
}

/// Why a file is not opened.
public enum AgeMistake: Error, Hashable, CustomStringConvertible {
  /// It does not begin like an age file of version 1.
  case isNotAge
  /// None of the identities is one that it was encrypted to.
  case isForOthers
  /// It is not as it was written.
  case isDamaged(String)

  /// In words.
  public var description: String {
    switch self {
    case .isNotAge: "it is no age file of version 1"
    case .isForOthers: "it was encrypted to others: none of the identities opens it"
    case .isDamaged(let how): "it is damaged or forged: \(how)"
    }
  }
}
