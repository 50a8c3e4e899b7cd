import Disk
import Domain
import Glibc

/// Reads the write-ahead log of a database as a file. SQLite takes no lock on it, so that it may be
/// opened and closed beside a store, unlike the database itself.
struct LogReader: ~Copyable {
  /// The log's header.
  let header: LogHeader
  private let path: String
  private let descriptor: Int32

  /// Opens the log of a database; nil where there is none, or none was begun.
  init?(of database: String) throws(Fault) {
    path = database + "-wal"
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw FileFault.of("read", path, errno) }
    var bytes = [UInt8](repeating: 0, count: LogHeader.byteCount)
    guard try Self.read(descriptor, into: &bytes, at: 0, path) == bytes.count,
      let header = bytes.withUnsafeBytes({ LogHeader($0) })
    else {
      close(descriptor)
      return nil
    }
    self.header = header
  }

  deinit { close(descriptor) }

  /// Where the last whole transaction ends behind a position.
  struct End {
    /// The position behind it.
    var position: LogPosition
    /// How many pages the database has there; nil where no transaction follows the position.
    var pages: UInt32?
  }

  /// Finds the end of the last whole transaction behind a position.
  ///
  /// - Parameter take: is handed each frame with its page, also those of a transaction that is not
  ///   whole: what follows the end is to be forgotten.
  func end(
    after start: LogPosition, take: (LogFrame, UnsafeRawBufferPointer) -> Void = { _, _ in }
  ) throws(Fault) -> End {
    var position = start
    var end = End(position: start, pages: nil)
    var bytes = [UInt8](repeating: 0, count: header.frameBytes)
    while try Self.read(descriptor, into: &bytes, at: header.offset(of: position.frames), path)
      == bytes.count
    {
      let frame = bytes.withUnsafeBytes { raw -> LogFrame? in
        guard let frame = LogFrame(raw, after: &position, header) else { return nil }
        take(frame, UnsafeRawBufferPointer(rebasing: raw[LogFrame.headerBytes...]))
        return frame
      }
      guard let frame else { break }
      if frame.isCommit { end = End(position: position, pages: frame.pagesAfterCommit) }
    }
    return end
  }

  /// Whether the frame before a position is still the one that was read: its checksum says so.
  func holds(_ position: LogPosition) throws(Fault) -> Bool {
    guard header.salts == position.salts else { return false }
    guard position.frames > 0 else { return header.checksum == position.checksum }
    var bytes = [UInt8](repeating: 0, count: LogFrame.headerBytes)
    let offset = header.offset(of: position.frames - 1)
    guard try Self.read(descriptor, into: &bytes, at: offset, path) == bytes.count else {
      return false
    }
    func word(_ index: Int) -> UInt32 {
      bytes[(4 * index)..<(4 * index + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
    return UInt64(word(2)) << 32 | UInt64(word(3)) == position.salts
      && word(4) == position.checksum.first && word(5) == position.checksum.second
  }

  /// Reads the bytes of frames as they stand in the file.
  ///
  /// - Returns: how many bytes were there.
  func read(frame: Int64, into bytes: inout [UInt8]) throws(Fault) -> Int {
    try Self.read(descriptor, into: &bytes, at: header.offset(of: frame), path)
  }

  private static func read(
    _ descriptor: Int32, into bytes: inout [UInt8], at offset: Int64, _ path: String
  ) throws(Fault) -> Int {
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { raw in
        let rest = UnsafeMutableRawBufferPointer(rebasing: raw[filled...])
        return pread(descriptor, rest.baseAddress, rest.count, Int(offset) + filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileFault.of("read", path, errno) }
      if count == 0 { break }
      filled += count
    }
    return filled
  }
}
