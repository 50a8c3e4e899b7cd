import Domain

/// Where a write-ahead log has been read to, and what it must go on with: the next frame is of the same
/// salts, and its checksum goes on from this one's.
struct LogPosition: Hashable, Sendable {
  /// The two numbers that all frames of one filling of the log bear, as they stand in the file.
  var salts: UInt64
  /// How many frames were read.
  var frames: Int64
  /// The checksum after them.
  var checksum: LogChecksum
}

/// SQLite's checksum of a write-ahead log: two sums over words of 32 bits, each of which takes the other
/// in. https://sqlite.org/fileformat2.html, "Checksum Algorithm".
struct LogChecksum: Hashable, Sendable {
  var first: UInt32 = 0
  var second: UInt32 = 0

  /// Goes on over bytes, of which there must be a multiple of eight.
  mutating func add(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool) {
    precondition(bytes.count % 8 == 0)
    var (a, b) = (first, second)
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      var x = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      var y = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
      if isBigEndian { (x, y) = (UInt32(bigEndian: x), UInt32(bigEndian: y)) }
      if !isBigEndian { (x, y) = (UInt32(littleEndian: x), UInt32(littleEndian: y)) }
      a = a &+ x &+ b
      b = b &+ y &+ a
    }
    (first, second) = (a, b)
  }
}

/// The first 32 bytes of a write-ahead log. https://sqlite.org/fileformat2.html, "WAL File Format".
struct LogHeader: Hashable, Sendable {
  /// Whether checksums are over words of the one byte order or the other; all else is big-endian.
  var isBigEndian: Bool
  /// The size of a page, in bytes.
  var pageBytes: Int
  /// The two salts, as they stand in the file.
  var salts: UInt64
  /// The checksum after the header, from which that of the frames goes on.
  var checksum: LogChecksum

  static let byteCount = 32
  private static let magic: UInt32 = 0x377F_0682
  private static let version: UInt32 = 3_007_000

  /// Reads a header; nil when it is none, or not whole: a log that was just begun.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.byteCount else { return nil }
    func word(_ index: Int) -> UInt32 {
      UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
    }
    guard word(0) & ~1 == Self.magic, word(1) == Self.version else { return nil }
    let size = Int(word(2))
    guard size >= 512, size <= 65_536, size & (size - 1) == 0 else { return nil }
    (isBigEndian, pageBytes) = (word(0) & 1 == 1, size)
    salts = UInt64(word(4)) << 32 | UInt64(word(5))
    checksum = LogChecksum()
    checksum.add(UnsafeRawBufferPointer(rebasing: bytes[..<24]), isBigEndian: isBigEndian)
    guard checksum.first == word(6), checksum.second == word(7) else { return nil }
  }

  /// The position before the first frame.
  var start: LogPosition { LogPosition(salts: salts, frames: 0, checksum: checksum) }

  /// The size of a frame, in bytes.
  var frameBytes: Int { LogFrame.headerBytes + pageBytes }

  /// Where a frame begins in the file, in bytes.
  func offset(of frame: Int64) -> Int64 {
    Int64(Self.byteCount) + frame * Int64(frameBytes)
  }
}

/// A frame of a write-ahead log: one page as it became by a transaction.
struct LogFrame: Hashable, Sendable {
  /// The number of the page, from 1.
  var page: UInt32
  /// How many pages the database has after the transaction, in its last frame; 0 in the others.
  var pagesAfterCommit: UInt32

  static let headerBytes = 24

  /// Whether it ends a transaction.
  var isCommit: Bool { pagesAfterCommit != 0 }

  /// Reads a frame that goes on from a position, and moves the position behind it; nil, and the position
  /// stays, when it does not: the log ends before it.
  init?(_ bytes: UnsafeRawBufferPointer, after position: inout LogPosition, _ header: LogHeader) {
    guard bytes.count == header.frameBytes else { return nil }
    func word(_ index: Int) -> UInt32 {
      UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
    }
    guard UInt64(word(2)) << 32 | UInt64(word(3)) == position.salts, word(0) > 0 else { return nil }
    var checksum = position.checksum
    checksum.add(
      UnsafeRawBufferPointer(rebasing: bytes[..<8]), isBigEndian: header.isBigEndian)
    checksum.add(
      UnsafeRawBufferPointer(rebasing: bytes[Self.headerBytes...]), isBigEndian: header.isBigEndian)
    guard checksum.first == word(4), checksum.second == word(5) else { return nil }
    (page, pagesAfterCommit) = (word(0), word(1))
    position.frames += 1
    position.checksum = checksum
  }
}
