public import Domain
import Glibc

/// A file that is read from beginning to end.
public struct InputFile: ~Copyable {
  /// Its path.
  public let path: String
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: exit 66 when there is none, 73 or 74 when it cannot be read.
  public init(_ path: String) throws(Fault) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault.of("read", path, errno) }
  }

  deinit { close(descriptor) }

  /// The size in bytes.
  public func size() throws(Fault) -> Int64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFault.of("read", path, errno) }
    return Int64(status.st_size)
  }

  /// When it was last written, in seconds since 1970.
  public func modifiedSeconds() throws(Fault) -> Int64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFault.of("read", path, errno) }
    return Int64(status.st_mtim.tv_sec)
  }

  /// Fills a buffer as far as the file goes.
  ///
  /// - Returns: how many bytes; 0 at the end.
  public func read(into buffer: inout [UInt8]) throws(Fault) -> Int {
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw FileFault.of("read", path, errno) }
    }
  }

  /// Fills a buffer from a place on, as far as the file goes, wherever it was read to.
  ///
  /// - Returns: how many bytes.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(Fault) -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileFault.of("read", path, errno) }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Reads a part of a file.
  ///
  /// - Throws: exit 66 when there is none, 65 when it ends before the part does, 73 or 74 when it cannot
  ///   be read.
  public static func part(
    of path: String, from offset: Int64, count: Int
  ) throws(Fault) -> [UInt8] {
    let file = try InputFile(path)
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try bytes.withUnsafeMutableBytes { room -> Result<Int, Fault> in
      do throws(Fault) { return .success(try file.read(into: room, at: offset)) } catch {
        return .failure(error)
      }
    }.get()
    guard filled == count else {
      throw Fault(
        "read", path, cause: "it ends before byte \(offset + Int64(count))", exit: .data)
    }
    return bytes
  }

  /// Reads a small file whole.
  ///
  /// - Throws: exit 65 when it is larger than `limit` bytes, 66 when there is none, 73 or 74 when it
  ///   cannot be read.
  public static func contents(_ path: String, limit: Int) throws(Fault) -> [UInt8] {
    let file = try InputFile(path)
    var buffer = [UInt8](repeating: 0, count: min(limit, 1 << 16) + 1)
    var bytes: [UInt8] = []
    while true {
      let count = try file.read(into: &buffer)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        throw Fault("read", path, cause: "it is larger than \(limit) bytes", exit: .data)
      }
    }
  }
}
