import Cryptography
import Disk
import Domain

/// Files on their way into and out of age's format.
enum AgeFile {
  private static let pieceBytes = 1 << 20
  /// Bytes on their way to the disk at most, so that no wait for it is long.
  private static let bytesPerFlush = 64 << 20

  /// Encrypts a file, and before it what stands before it.
  static func encrypt(
    _ source: String, after preamble: [UInt8] = [], to target: String,
    for recipients: [AgeRecipient], checkpoint: () throws -> Void
  ) throws {
    let input = try InputFile(source)
    var output = try NewFile(target)
    var sealer = AgeEncryptor(to: recipients)
    try output.write(sealer.header)
    try preamble.withUnsafeBytes { try sealer.seal($0) { try output.write($0) } }
    var buffer = [UInt8](repeating: 0, count: pieceBytes)
    var unflushed = 0
    while true {
      try checkpoint()
      let count = try input.read(into: &buffer)
      if count == 0 { break }
      try buffer.withUnsafeBytes { bytes in
        try sealer.seal(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { try output.write($0) }
      }
      unflushed += count
      if unflushed >= bytesPerFlush {
        unflushed = 0
        try output.flush()
      }
    }
    try sealer.finish { try output.write($0) }
    try output.commit()
  }

  /// Encrypts a text.
  static func encrypt(_ text: String, for recipients: [AgeRecipient]) -> [UInt8] {
    encrypt(Array(text.utf8), for: recipients)
  }

  /// Encrypts bytes.
  static func encrypt(_ plain: [UInt8], for recipients: [AgeRecipient]) -> [UInt8] {
    var sealer = AgeEncryptor(to: recipients)
    var bytes = sealer.header
    plain.withUnsafeBytes { sealer.seal($0) { bytes += $0 } }
    sealer.finish { bytes += $0 }
    return bytes
  }

  /// The size of what `encrypt` makes of so many bytes: a header of lines whose lengths are known, a nonce,
  /// and a tag for each chunk of 64 KiB.
  static func size(of count: Int64, for recipients: Int) -> Int64 {
    let version: Int64 = 22
    let recipient: Int64 = 54 + 44
    let code: Int64 = 48
    let nonce: Int64 = 16
    let chunks = max(1, (count + 65_535) / 65_536)
    return version + recipient * Int64(recipients) + code + nonce + count + 16 * chunks
  }
}
