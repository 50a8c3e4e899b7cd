import Glibc

/// What tells one state of a file from another without reading it: whoever caches what a file says
/// keeps it for as long as the stamp stays.
public struct FileStamp: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  /// The size in bytes.
  public let size: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// The stamp of a file; nil when there is none.
  ///
  /// - Throws: exit 74 when the file system refuses to tell.
  public init?(path: String) throws(Fault) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { return nil }
      throw Fault(
        "look at", path, cause: String(cString: strerror(code)),
        remedy: "check that the directory is readable by this user", exit: .io)
    }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
