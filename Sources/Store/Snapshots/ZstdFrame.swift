import CZstd
import Cryptography
import Disk
import Domain
import Synchronization

/// A file as one zstd frame with its content size and a checksum.
enum ZstdFrame {
  /// What went in and came out, with hashes in hexadecimal.
  struct Sums: Hashable {
    var size: Int64
    var sha256: String
    var rawSize: Int64
    var rawSHA256: String
  }

  /// A frame's size, in bytes, and hash in hexadecimal.
  struct FrameSum: Hashable {
    var size: Int64
    var sha256: String
  }

  /// zstd's default.
  static let level = 3

  /// So many bytes are on their way to the disk at most, so that no wait for it is long.
  static let bytesPerFlush: Int64 = 64 << 20

  /// Compresses a file.
  ///
  /// - Parameters:
  ///   - source: the path of the file.
  ///   - target: where the frame goes; not committed here.
  ///   - level: how hard it tries, as zstd counts.
  ///   - checkpoint: called before each chunk; what it throws ends the work.
  static func compress(
    _ source: String, to target: borrowing NewFile, level: Int = level,
    checkpoint: () throws -> Void
  ) throws -> Sums {
    let input = try InputFile(source)
    let writer = try ZstdWriter(rawSize: try input.size(), level: level, of: source)
    var chunk = [UInt8](repeating: 0, count: ZSTD_CStreamInSize())
    while true {
      try checkpoint()
      let count = try input.read(into: &chunk)
      if count == 0 { break }
      try chunk.withUnsafeBytes {
        try writer.add(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: target)
      }
    }
    return try writer.finish(target)
  }

  /// Decompresses a frame on a thread of its own, and hands its content over piece by piece on the
  /// caller's.
  ///
  /// - Parameters:
  ///   - path: the path of the frame.
  ///   - limit: how large the content may be, in bytes: a frame can claim to be anything.
  ///   - take: what takes the content; it has the piece as long as it runs.
  /// - Throws: exit 65 when the frame is damaged, cut short, or holds something else besides.
  static func decompress(
    _ path: String, limit: Int64, take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Sums {
    var raw = Tally()
    let frame = try unpack(path, limit: limit) { piece in
      raw.add(piece)
      try take(piece)
    }
    return Sums(
      size: frame.size, sha256: frame.sha256, rawSize: raw.size, rawSHA256: raw.digest)
  }

  /// As `decompress`, for who hashes the content in another way, or not at all: returns the size and hash
  /// of the frame.
  static func unpack(
    _ path: String, limit: Int64, take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> FrameSum {
    let conveyor = Conveyor()
    let end = Unpacking()
    let thread = try PlainThread(isDetached: false) {
      do throws(Fault) {
        end.finish(.success(try unpack(path, limit: limit, onto: conveyor)))
      } catch {
        end.finish(.failure(error))
      }
      conveyor.end()
    }
    do {
      defer {
        conveyor.abandon()
        thread.join()
      }
      while let piece = conveyor.next() {
        try take(piece)
        conveyor.giveBack(piece)
      }
    }
    return try end.result.get()
  }

  /// How an unpacking ended, on its own thread.
  private final class Unpacking: Sendable {
    private let end = Mutex<Result<FrameSum, Fault>?>(nil)

    func finish(_ result: Result<FrameSum, Fault>) {
      end.withLock { $0 = result }
    }

    var result: Result<FrameSum, Fault> {
      end.withLock { end in
        guard let end else { preconditionFailure("the thread has ended, and tells how") }
        return end
      }
    }
  }

  private static func unpack(
    _ path: String, limit: Int64, onto conveyor: Conveyor
  ) throws(Fault) -> FrameSum {
    let input = try InputFile(path)
    guard let context = ZSTD_createDCtx() else { throw memory(path) }
    defer { ZSTD_freeDCtx(context) }
    var frame = Tally()
    var given: Int64 = 0
    var chunk = [UInt8](repeating: 0, count: ZSTD_DStreamInSize())
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
        // Where nobody takes any more, nobody asks for the end either.
        guard let room = conveyor.room() else { return FrameSum(size: frame.size, sha256: "") }
        var written = 0
        chunk.withUnsafeBytes { bytes in
          var source = ZSTD_inBuffer(src: bytes.baseAddress, size: count, pos: position)
          var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
          hint = ZSTD_decompressStream(context, &target, &source)
          (position, written) = (source.pos, target.pos)
        }
        guard ZSTD_isError(hint) == 0 else {
          throw damaged(path, String(cString: ZSTD_getErrorName(hint)))
        }
        isDrained = written < room.count
        given += Int64(written)
        guard given <= limit else {
          throw damaged(path, "it holds more than the \(limit) bytes of its manifest")
        }
        conveyor.send(room, count: written)
        if hint == 0, position == count { break }
      }
    }
    guard hint == 0 else { throw damaged(path, "it is cut short after \(frame.size) bytes") }
    return FrameSum(size: frame.size, sha256: frame.digest)
  }

  private static func damaged(_ path: String, _ cause: String) -> Fault {
    Fault(
      "decompress", path, cause: "the file is damaged: \(cause)",
      remedy: "use another snapshot: carillon snapshot list", exit: .data)
  }

  static func memory(_ path: String) -> Fault {
    Fault("compress", path, cause: "out of memory", exit: .tryAgain, isTransient: true)
  }
}

extension ZstdFrame.Sums {
  init(frame: Tally, raw: Tally) {
    self.init(
      size: frame.size, sha256: frame.digest, rawSize: raw.size, rawSHA256: raw.digest)
  }
}

/// The size and hash of bytes that pass by.
struct Tally {
  var size: Int64 = 0
  private let hash = SHA256()

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    size += Int64(bytes.count)
    hash.update(bytes)
  }

  var digest: String { hash.hexadecimal() }
}
