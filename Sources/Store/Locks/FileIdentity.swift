import Disk
import Domain
import Glibc

/// A file or a folder, whatever leads to it.
///
/// In a file of its own: where `stat` is named beside CLinux, the others of the module do not find it.
struct FileIdentity: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64

  /// What is at a path, through links.
  ///
  /// - Throws: what the system says when there is nothing, or nothing that may be looked at.
  init(of path: String) throws(Fault) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileFault.of("look at", path, errno) }
    (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }
}
