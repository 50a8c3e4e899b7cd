import CZstd
import Cryptography
import Disk
import Domain

/// A file as one zstd frame with its content size and a checksum.
enum ZstdFrame {
  /// What went in and came out, with hashes in hexadecimal.
  struct Sums: Hashable {
    var size: Int64
    var sha256: String
    var rawSize: Int64
    var rawSHA256: String
  }

  /// zstd's default: at this level the disk is the bottleneck, and one small core stays free.
  static let level: Int32 = 3

  /// So many bytes are on their way to the disk at most, so that no wait for it is long.
  static let bytesPerFlush: Int64 = 64 << 20

  /// Compresses a file.
  ///
  /// - Parameters:
  ///   - source: the path of the file.
  ///   - target: where the frame goes; not committed here.
  ///   - checkpoint: called before each chunk; what it throws ends the work.
  static func compress(
    _ source: String, to target: borrowing NewFile, checkpoint: () throws -> Void
  ) throws -> Sums {
    let input = try InputFile(source)
    let size = try input.size()
    guard let context = ZSTD_createCCtx() else { throw memory(source) }
    defer { ZSTD_freeCCtx(context) }
    try check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level), source)
    try check(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1), source)
    try check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(size)), source)
    var raw = Tally()
    var frame = Tally()
    var chunk = [UInt8](repeating: 0, count: ZSTD_CStreamInSize())
    var output = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
    var isLast = false
    while !isLast {
      try checkpoint()
      let count = try input.read(into: &chunk)
      isLast = count == 0
      chunk.withUnsafeBytes { raw.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      var isFlushed = false
      var position = 0
      while !isFlushed {
        let (written, remaining) = try chunk.withUnsafeBytes { bytes in
          try output.withUnsafeMutableBytes { room in
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: count, pos: position)
            var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
            let remaining = ZSTD_compressStream2(
              context, &target, &source, isLast ? ZSTD_e_end : ZSTD_e_continue)
            try check(remaining, input.path)
            position = source.pos
            return (target.pos, remaining)
          }
        }
        try output.withUnsafeBytes { bytes in
          let part = UnsafeRawBufferPointer(rebasing: bytes[..<written])
          frame.add(part)
          try target.write(part)
          if frame.hasPassed(every: bytesPerFlush) { try target.flush() }
        }
        isFlushed = isLast ? remaining == 0 : position == count
      }
    }
    return Sums(frame: frame, raw: raw)
  }

  /// Decompresses a frame, and hands its content over piece by piece.
  ///
  /// - Parameters:
  ///   - path: the path of the frame.
  ///   - limit: how large the content may be, in bytes: a frame can claim to be anything.
  ///   - take: what takes the content.
  /// - Throws: exit 65 when the frame is damaged, cut short, or holds something else besides.
  static func decompress(
    _ path: String, limit: Int64, take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Sums {
    let input = try InputFile(path)
    guard let context = ZSTD_createDCtx() else { throw memory(path) }
    defer { ZSTD_freeDCtx(context) }
    var raw = Tally()
    var frame = Tally()
    var chunk = [UInt8](repeating: 0, count: ZSTD_DStreamInSize())
    var output = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
    // What zstd last said it wants next; zero when the frame is at its end. Anything else at the end
    // of the file means that the file was cut: zstd itself does not complain about that.
    var hint = 1
    while true {
      let count = try input.read(into: &chunk)
      if count == 0 { break }
      chunk.withUnsafeBytes { frame.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      var position = 0
      var isDrained = false
      while position < count || !isDrained {
        guard hint != 0 else { throw damaged(path, "something follows its end") }
        let written = try chunk.withUnsafeBytes { bytes in
          try output.withUnsafeMutableBytes { room in
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: count, pos: position)
            var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
            hint = ZSTD_decompressStream(context, &target, &source)
            if ZSTD_isError(hint) != 0 {
              throw damaged(path, String(cString: ZSTD_getErrorName(hint)))
            }
            position = source.pos
            return target.pos
          }
        }
        isDrained = written < output.count
        try output.withUnsafeBytes { bytes in
          let part = UnsafeRawBufferPointer(rebasing: bytes[..<written])
          raw.add(part)
          guard raw.size <= limit else {
            throw damaged(path, "it holds more than the \(limit) bytes of its manifest")
          }
          try take(part)
        }
        if hint == 0, position == count { break }
      }
    }
    guard hint == 0 else { throw damaged(path, "it is cut short after \(frame.size) bytes") }
    return Sums(frame: frame, raw: raw)
  }

  private static func check(_ code: Int, _ path: String) throws(Fault) {
    guard ZSTD_isError(code) != 0 else { return }
    throw Fault(
      "compress", path, cause: String(cString: ZSTD_getErrorName(code)), exit: .internal)
  }

  private static func damaged(_ path: String, _ cause: String) -> Fault {
    Fault(
      "decompress", path, cause: "the file is damaged: \(cause)",
      remedy: "use another snapshot: carillon snapshot list", exit: .data)
  }

  private static func memory(_ path: String) -> Fault {
    Fault("compress", path, cause: "out of memory", exit: .tryAgain, isTransient: true)
  }
}

extension ZstdFrame.Sums {
  fileprivate init(frame: Tally, raw: Tally) {
    self.init(
      size: frame.size, sha256: frame.digest, rawSize: raw.size, rawSHA256: raw.digest)
  }
}

/// The size and hash of bytes that pass by.
private struct Tally {
  var size: Int64 = 0
  private var lastMark: Int64 = 0
  private let hash = SHA256()

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    size += Int64(bytes.count)
    hash.update(bytes)
  }

  /// Whether another so many bytes have passed by since this was last true.
  mutating func hasPassed(every bytes: Int64) -> Bool {
    guard size - lastMark >= bytes else { return false }
    lastMark = size
    return true
  }

  var digest: String { hash.hexadecimal() }
}
