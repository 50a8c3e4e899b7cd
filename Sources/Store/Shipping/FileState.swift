import Disk
import Domain
import Glibc

/// By which a file is known again: whoever writes to it changes its time.
struct FileState: Hashable {
  var inode: UInt64
  var size: Int64
  var seconds: Int64
  var nanoseconds: Int64

  init(of path: String) throws(Fault) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileFault.of("look at", path, errno) }
    (inode, size) = (UInt64(status.st_ino), Int64(status.st_size))
    (seconds, nanoseconds) = (Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec))
  }

  init?(text: String) {
    let parts = text.split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }
    guard parts.count == 4 else { return nil }
    (inode, size) = (UInt64(bitPattern: parts[0]), parts[1])
    (seconds, nanoseconds) = (parts[2], parts[3])
  }

  var text: String { "\(Int64(bitPattern: inode)) \(size) \(seconds) \(nanoseconds)" }
}
