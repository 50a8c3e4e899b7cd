import CLinux
import Disk
import Domain
import Glibc

/// Sees to it that a large file that is written from its beginning goes to the disk meanwhile: what is
/// written is sent on its way at once, and of it no more than two windows are under way.
///
/// It proves nothing, and where the file system has no such thing it does nothing: that the file is on disk,
/// `NewFile.commit` sees to.
struct WriteBehind {
  static let stepBytes: Int64 = 4 << 20
  static let windowBytes: Int64 = 64 << 20

  private var written: Int64 = 0
  private var begun: Int64 = 0
  private var ended: Int64 = 0

  /// Takes note of bytes that were written.
  ///
  /// - Throws: exit 74 when the disk is full or fails.
  mutating func add(_ count: Int, to file: borrowing NewFile) throws(Fault) {
    written += Int64(count)
    guard written - begun >= Self.stepBytes else { return }
    try check(carillon_begin_flush(file.descriptor, begun, written - begun), file)
    begun = written
    guard begun - ended >= 2 * Self.windowBytes else { return }
    try check(carillon_end_flush(file.descriptor, ended, Self.windowBytes), file)
    ended += Self.windowBytes
  }

  private func check(_ result: Int32, _ file: borrowing NewFile) throws(Fault) {
    guard result != 0, ![ENOSYS, EINVAL, ESPIPE].contains(errno) else { return }
    throw FileFault.of("write", file.path, errno)
  }
}
